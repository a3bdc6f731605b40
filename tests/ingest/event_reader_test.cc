#include "tocsin/event_reader.h"

#include <unistd.h>

#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ingest/reading.h"

namespace tocsin {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// NDJSON.

TEST(EventReaderTest, EachLineIsAnEventWithItsPlace) {
  EXPECT_THAT(Read("{\"n\":1}\n  {\"n\":2}\r\n\n   \n{\"n\":3}"),
              ElementsAre("1:1 {\"n\":1}", "2:3 {\"n\":2}", "5:1 {\"n\":3}"));
}

TEST(EventReaderTest, OffsetsCountBytesBeforeTheEvent) {
  EventReader reader(FromBytes("{\"n\":1}\n {\"n\":2}\n"));
  ASSERT_EQ(reader.Next(), EventReader::kEvent);
  EXPECT_EQ(reader.event().offset, 0);
  ASSERT_EQ(reader.Next(), EventReader::kEvent);
  EXPECT_EQ(reader.event().offset, 9);
  EXPECT_EQ(reader.Next(), EventReader::kEnd);
  EXPECT_EQ(reader.Next(), EventReader::kEnd);
  EXPECT_EQ(reader.stats().events, 2);
  EXPECT_EQ(reader.stats().bytes, 17);
  EXPECT_EQ(reader.source_bytes(), 17);
}

TEST(EventReaderTest, NothingIsNoEventAndNoError) {
  EXPECT_THAT(Read(""), IsEmpty());
  EXPECT_THAT(Read("\n \r\n\t\n"), IsEmpty());
  EXPECT_THAT(Read("\xEF\xBB\xBF"), IsEmpty());
}

TEST(EventReaderTest, AByteOrderMarkIsNoPartOfTheEvent) {
  EXPECT_THAT(Read("\xEF\xBB\xBF{\"n\":1}\n\xEF\xBB\xBF{\"n\":2}"),
              ElementsAre("1:4 {\"n\":1}", "2:4 {\"n\":2}"));
}

TEST(EventReaderTest, Utf16IsOneClearError) {
  EXPECT_THAT(Read(std::string_view("\xFF\xFE{\0\n\0", 6)),
              ElementsAre("1:1 error: input is UTF-16; convert it to UTF-8"));
  EXPECT_THAT(Read(std::string_view("\xFE\xFF\0{", 4)), SizeIs(1));
}

TEST(EventReaderTest, ATruncatedLineCostsOnlyItself) {
  EXPECT_THAT(Read("{\"n\":1}\n{\"n\":2,\"t\":\"no closing\n{\"n\":3}\n"),
              ElementsAre("1:1 {\"n\":1}",
                          "2:1 error: string is not closed on its line",
                          "3:1 {\"n\":3}"));
}

TEST(EventReaderTest, WhereverALineIsCutTheNextLinesAreEvents) {
  const std::string line =
      R"({"n":1,"a":{"b":[1,"x\"y",{"c":null}],"d":true},"e":"f"})";
  for (size_t cut = 1; cut < line.size(); ++cut) {
    const std::string input =
        line.substr(0, cut) + "\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}";
    const Reading reading = ReadFrom(FromBytes(input));
    EXPECT_EQ(reading.stats.events, 3) << input;
    EXPECT_EQ(reading.stats.errors, 1) << input;
  }
}

TEST(EventReaderTest, ACutLastLineIsAnError) {
  EXPECT_THAT(
      Read("{\"n\":1}\n{\"n\":"),
      ElementsAre("1:1 {\"n\":1}", "2:1 error: object or array is not closed"));
}

TEST(EventReaderTest, ACutLineBeforeJustOneLineLosesNothing) {
  EXPECT_THAT(
      Read("{\"n\":1,\"a\":\n{\"n\":2}"),
      ElementsAre("1:1 error: object or array is not closed", "2:1 {\"n\":2}"));
}

TEST(EventReaderTest, SeveralObjectsOnALineAreSeveralEvents) {
  EXPECT_THAT(Read("{\"n\":8} {\"n\":9}\n"),
              ElementsAre("1:1 {\"n\":8}", "1:9 {\"n\":9}"));
}

TEST(EventReaderTest, WhatIsNoObjectIsALocatedError) {
  EXPECT_THAT(
      Read("null\n\"just a { string\"\n 17\ntrue\n}\n<13>text {\"n\":1}\n"
           "2026-01-15 {\"n\":1}\n{\"n\":2}\n"),
      ElementsAre("1:1 error: expected a JSON object, found null",
                  "2:1 error: expected a JSON object, found a string",
                  "3:2 error: expected a JSON object, found a number",
                  "4:1 error: expected a JSON object, found a boolean",
                  "5:1 error: expected a JSON object, found `}`",
                  "6:1 error: expected a JSON object, found text",
                  "7:1 error: expected a JSON object, found text",
                  "8:1 {\"n\":2}"));
}

TEST(EventReaderTest, JsonBesideAnEventOnItsLineDoesNotLoseIt) {
  EXPECT_THAT(
      Read("null, {\"n\":1}, 7 {\"n\":2} x\n{\"n\":3}"),
      ElementsAre(
          "1:1 error: expected a JSON object, found null", "1:7 {\"n\":1}",
          "1:14 error: expected a JSON object, found `,`", "1:18 {\"n\":2}",
          "1:26 error: expected a JSON object, found text", "2:1 {\"n\":3}"));
}

TEST(EventReaderTest, MismatchedBracketsCostTheirLine) {
  EXPECT_THAT(
      Read("{\"a\":[1}\n{\"n\":2}\n{\"a\":1]\n{\"n\":3}"),
      ElementsAre("1:1 error: closing bracket does not fit the opening one",
                  "2:1 {\"n\":2}",
                  "3:1 error: closing bracket does not fit the opening one",
                  "4:1 {\"n\":3}"));
}

TEST(EventReaderTest, WhatIsInsideAnObjectIsLeftToTheEngine) {
  EXPECT_THAT(Read("{\"n\":12,\"a\":NaN}\n{\"a\" 1}\n{}"), SizeIs(3));
  const std::string deep = "{\"a\":" + std::string(2000, '[') +
                           std::string(2000, ']') + "}\n{\"n\":2}";
  EXPECT_THAT(Read(deep), SizeIs(2));
}

// Documents over several lines.

TEST(EventReaderTest, PrettyPrintedDocumentsAreEvents) {
  EXPECT_THAT(
      Read("{\n  \"n\": 1,\n  \"a\": [\n    1\n  ]\n}\n{\n  \"n\": 2\n}\n"),
      ElementsAre("1:1 {\n  \"n\": 1,\n  \"a\": [\n    1\n  ]\n}",
                  "7:1 {\n  \"n\": 2\n}"));
}

TEST(EventReaderTest, DocumentsWithoutIndentOrWithBracketsOnTheirOwnLines) {
  EXPECT_THAT(
      Read("{\n\"a\":\n{\n\"b\"\n:\n1\n}\n,\"c\":[\n{\n}\n]\n}\n{\"n\":2}"),
      SizeIs(2));
}

TEST(EventReaderTest, LinesAndDocumentsMayBeMixed) {
  EXPECT_THAT(Read("{\"n\":1}\n{\n  \"n\": 2\n}\n{\"n\":3}"), SizeIs(3));
}

TEST(EventReaderTest, ABrokenDocumentIsSkippedToTheNext) {
  EXPECT_THAT(Read("{\n  \"n\": \"1,\n  \"a\": {\n    \"b\": 2\n  }\n}\n"
                   "{\n  \"n\": 2\n}\n"),
              ElementsAre("1:1 error: string is not closed on its line",
                          "7:1 {\n  \"n\": 2\n}"));
}

TEST(EventReaderTest, ObjectsWithNothingBetweenThemAreRead) {
  EXPECT_THAT(Read("{\"n\":1}{\"n\":2}{\"n\":3}"),
              ElementsAre("1:1 {\"n\":1}", "1:8 {\"n\":2}", "1:15 {\"n\":3}"));
}

// Arrays.

TEST(EventReaderTest, ElementsOfAnArrayAreEvents) {
  EXPECT_THAT(
      Read("[{\"n\":10},{\"n\":11}]\n{\"n\":12}"),
      ElementsAre("1:2 {\"n\":10}", "1:11 {\"n\":11}", "2:1 {\"n\":12}"));
  EXPECT_THAT(
      Read("[\n  {\n    \"n\": 1\n  },\n  {\n    \"n\": 2\n  }\n]\n"),
      ElementsAre("2:3 {\n    \"n\": 1\n  }", "5:3 {\n    \"n\": 2\n  }"));
  EXPECT_THAT(Read("[]\n[ ]\n[{\"n\":1}]"), ElementsAre("3:2 {\"n\":1}"));
}

TEST(EventReaderTest, ElementsThatAreNoObjectsAreErrors) {
  EXPECT_THAT(Read("[1,\"{\",null,[{\"n\":0}],{\"n\":1},]"),
              ElementsAre("1:2 error: expected a JSON object, found a number",
                          "1:4 error: expected a JSON object, found a string",
                          "1:8 error: expected a JSON object, found null",
                          "1:13 error: expected a JSON object, found an array",
                          "1:23 {\"n\":1}",
                          "1:31 error: expected a JSON object, found `]`"));
}

TEST(EventReaderTest, AnArrayThatIsNotClosedKeepsItsEvents) {
  EXPECT_THAT(Read("[{\"n\":1},{\"n\":2}"),
              ElementsAre("1:2 {\"n\":1}", "1:10 {\"n\":2}",
                          "1:1 error: array is not closed"));
  EXPECT_THAT(
      Read("[{\"n\":1},{\"n\":2\n{\"n\":3}\n{\"n\":4}"),
      ElementsAre("1:2 {\"n\":1}", "1:10 error: object or array is not closed",
                  "2:1 {\"n\":3}", "3:1 {\"n\":4}"));
  EXPECT_THAT(Read("[{\"n\":1},{\"n\":2},\n{\"n\":3}\n{\"n\":4}"),
              ElementsAre("1:2 {\"n\":1}", "1:10 {\"n\":2}", "2:1 {\"n\":3}",
                          "1:1 error: array is not closed", "3:1 {\"n\":4}"));
}

TEST(EventReaderTest, ABrokenElementCostsOnlyItself) {
  EXPECT_THAT(Read("[\n{\"n\":1},\n{\"n\":\"2},\n{\"n\":3}\n]\n{\"n\":4}"),
              ElementsAre("2:1 {\"n\":1}",
                          "3:1 error: string is not closed on its line",
                          "4:1 {\"n\":3}", "6:1 {\"n\":4}"));
  EXPECT_THAT(Read("[{\n  \"n\": 1\n}, {\n  \"n\": \"2\n}, {\n  \"n\": 3\n}]"),
              ElementsAre("1:2 {\n  \"n\": 1\n}",
                          "3:4 error: string is not closed on its line",
                          "5:4 {\n  \"n\": 3\n}"));
}

TEST(EventReaderTest, AMissingCommaIsAnErrorAndNoLoss) {
  EXPECT_THAT(
      Read("[{\"n\":1} {\"n\":2}]"),
      ElementsAre("1:2 {\"n\":1}", "1:10 error: expected `,` or `]`, found `{`",
                  "1:10 {\"n\":2}"));
}

// Envelopes.

TEST(EventReaderTest, RecordsAreEvents) {
  const Reading reading = ReadFrom(FromBytes(
      "{\"Records\":[{\"n\":1},{\"n\":2}]}\n"
      "{ \"Records\" : [ ] }\n{\"Records\":[{\"n\":3}],\"x\":{\"y\":1}}"));
  EXPECT_THAT(reading.steps, ElementsAre("1:13 {\"n\":1}", "1:21 {\"n\":2}",
                                         "3:13 {\"n\":3}"));
  EXPECT_EQ(reading.stats.skipped, 1);
  EXPECT_EQ(reading.stats.events, 3);
}

TEST(EventReaderTest, PrettyPrintedRecordsAreEvents) {
  EXPECT_THAT(Read("{\n  \"Records\": [\n    {\n      \"n\": 1\n    },\n"
                   "    {\n      \"n\": 2\n    }\n  ]\n}\n{\"n\":3}"),
              SizeIs(3));
}

TEST(EventReaderTest, AFieldNamedRecordsIsNoEnvelope) {
  EXPECT_THAT(
      Read("{\"Records\":7}\n{\"Records\":[1]}\n{\"a\":1,\"Records\":[{}]}"),
      SizeIs(3));
}

TEST(EventReaderTest, DigestsAndControlMessagesAreSkippedAndCounted) {
  const Reading reading = ReadFrom(FromBytes(
      R"({"awsAccountId":"111122223333","digestStartTime":"a",
          "digestS3Object":"b","digestSignatureAlgorithm":"c","logFiles":[]}
         {"messageType":"CONTROL_MESSAGE","logGroup":"","logEvents":[
          {"id":"","timestamp":1,"message":"checking"}]}
         {"messageType":"DATA_MESSAGE","logGroup":"g","logEvents":[ ]}
         {"awsAccountId":"111122223333","n":1})"));
  EXPECT_EQ(reading.stats.skipped, 3);
  EXPECT_THAT(reading.steps, SizeIs(1));
}

TEST(EventReaderTest, CloudWatchMessagesThatAreJsonAreTheEvents) {
  EXPECT_THAT(
      Read(
          "{\"messageType\":\"DATA_MESSAGE\",\"logGroup\":\"g\",\"logEvents\":["
          "{\"id\":\"1\",\"message\":\" "
          "{\\\"n\\\":1,\\\"s\\\":\\\"\\\\u0041\\\"} \"},\n"
          "{\"id\":\"2\",\"message\":\"plain\"},"
          "{\"id\":\"3\",\"message\":\"{\\\"cut\\\":\"}]}{\"n\":4}"),
      ElementsAre("1:59 {\"n\":1,\"s\":\"\\u0041\"}",
                  "2:1 {\"id\":\"2\",\"message\":\"plain\"}",
                  "2:30 {\"id\":\"3\",\"message\":\"{\\\"cut\\\":\"}",
                  "2:64 {\"n\":4}"));
}

TEST(EventReaderTest, OtherObjectsWithLogEventsAreEvents) {
  EXPECT_THAT(
      Read("{\"messageType\":\"x\",\"logGroup\":\"g\",\"logEvents\":[{}]}"
           "{\"owner\":\"kim\"}{\"logEvents\":[{}]}"),
      SizeIs(3));
}

// Limits.

TEST(EventReaderTest, ALongEventIsOneErrorAndTheNextLineIsRead) {
  EventReaderOptions options;
  options.max_event_bytes = 1024;
  const std::string fits = "{\"a\":\"" + std::string(1024 - 8, 'x') + "\"}";
  const std::string over = "{\"a\":\"" + std::string(1024 - 7, 'x') + "\"}";
  ASSERT_EQ(fits.size(), 1024u);
  EXPECT_THAT(
      Read(fits + "\n" + over + "\n{\"n\":3}\n", options),
      ElementsAre("1:1 " + fits, "2:1 error: event is longer than 1024 bytes",
                  "3:1 {\"n\":3}"));
}

TEST(EventReaderTest, ALongCutLineEndsAtItsLineBreak) {
  EventReaderOptions options;
  options.max_event_bytes = 1024;
  for (const char* tail : {"", "\"", "\",\"b\":", "\",\"b\":[1,2"}) {
    const std::string line = "{\"a\":\"" + std::string(300'000, 'x') + tail;
    EXPECT_THAT(Read(line + "\n{\"n\":2}\n{\"n\":3}", options),
                ElementsAre("1:1 error: event is longer than 1024 bytes",
                            "2:1 {\"n\":2}", "3:1 {\"n\":3}"));
  }
}

TEST(EventReaderTest, ALongDocumentIsSkippedToItsEnd) {
  EventReaderOptions options;
  options.max_event_bytes = 1024;
  std::string document = "{\n  \"a\": [\n";
  for (int i = 0; i < 20'000; ++i) document += "    {\"b\": 1},\n";
  document += "    {}\n  ]\n}\n";
  EXPECT_THAT(Read(document + "{\n  \"n\": 2\n}", options),
              ElementsAre("1:1 error: event is longer than 1024 bytes",
                          "20006:1 {\n  \"n\": 2\n}"));
}

// Hands out one line of `size` bytes without holding it.
class EndlessLine : public ByteSource {
 public:
  EndlessLine(std::string_view head, char fill, int64_t size,
              std::string_view tail)
      : head_(head), fill_(fill), left_(size), tail_(tail) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t capacity) override {
    if (head_.empty() && left_ > 0) {
      const auto count =
          static_cast<size_t>(std::min(left_, static_cast<int64_t>(capacity)));
      most_ = std::max(most_, capacity);
      std::fill_n(buffer, count, fill_);
      left_ -= static_cast<int64_t>(count);
      return count;
    }
    std::string_view& rest = head_.empty() ? tail_ : head_;
    const size_t count = std::min(capacity, rest.size());
    std::copy_n(rest.data(), count, buffer);
    rest.remove_prefix(count);
    return count;
  }

  // The longest read that was asked for tells how large the buffer grew.
  size_t most_asked() const { return most_; }

 private:
  std::string_view head_;
  char fill_;
  int64_t left_;
  std::string_view tail_;
  size_t most_ = 0;
};

TEST(EventReaderTest, AnEndlessLineTakesConstantMemory) {
  constexpr int64_t kSize = int64_t{64} << 20;
  EventReaderOptions options;
  options.max_event_bytes = size_t{1} << 20;
  struct Case {
    std::string_view head;
    char fill;
    std::string_view tail;
  };
  for (const Case& c :
       {Case{"{\"a\":\"", 'x', "\"}\n{\"n\":2}"},
        Case{"{\"a\":", '[', "\n{\"n\":2}"}, Case{"[", '1', "\n{\"n\":2}"},
        Case{"text", 'x', "\n{\"n\":2}"}, Case{"\"", 'x', "\n{\"n\":2}"}}) {
    auto source = std::make_unique<EndlessLine>(c.head, c.fill, kSize, c.tail);
    EndlessLine* const watched = source.get();
    EventReader reader(std::move(source), options);
    ASSERT_EQ(reader.Next(), EventReader::kError) << c.head;
    EXPECT_LT(watched->most_asked(), size_t{8} << 20);
    while (reader.Next() == EventReader::kError) continue;
    EXPECT_EQ(reader.event().json, "{\"n\":2}") << c.head;
    EXPECT_EQ(reader.event().line, 2);
    EXPECT_LE(reader.stats().errors, 2);
  }
}

TEST(EventReaderTest, AnArrayLongerThanTheLimitIsReadThrough) {
  EventReaderOptions options;
  options.max_event_bytes = 1024;
  std::string input = "{\"Records\":[{\"n\":0}";
  for (int i = 1; i < 100'000; ++i)
    input += ",{\"n\":" + std::to_string(i) + "}";
  input += "]}";
  const Reading reading = ReadFrom(FromBytes(input), options);
  EXPECT_EQ(reading.stats.events, 100'000);
  EXPECT_EQ(reading.stats.errors, 0);
}

TEST(EventReaderTest, LinesMadeToBeReadAgainAndAgainAreNot) {
  std::string input;
  for (int i = 0; i < 200'000; ++i) input += "{\"a\":\n";
  const Reading reading = ReadFrom(FromBytes(input));
  EXPECT_EQ(reading.stats.events, 0);
  EXPECT_GE(reading.stats.errors, 1);
}

TEST(EventReaderTest, EverySeamOfTheInputGivesTheSame) {
  const std::string input =
      "\xEF\xBB\xBF{\"n\":1,\"s\":\"a\\\"}\"}\r\n{\"n\":2,\"t\":\"cut\n[{\"n\":"
      "3},"
      "{\"n\":4}]\n{\"Records\":[\n{\"n\":5}]}{\n \"n\": 6\n}\nnull "
      "x\n{\"n\":7,"
      "\"a\":\n{\"n\":8}\n{\"messageType\":\"DATA_MESSAGE\",\"logGroup\":\"g\","
      "\"logEvents\":[{\"message\":\"{\\\"n\\\":9}\"}]}\n<x>\n{\"n\":10}";
  const std::vector<std::string> whole = Read(input);
  EXPECT_THAT(whole, SizeIs(12));
  for (size_t step = 1; step < 40; ++step) {
    EXPECT_EQ(ReadFrom(std::make_unique<SlowSource>(input, step)).steps, whole)
        << step;
  }
}

// Hands out one piece a read, and counts the reads.
class PieceSource : public ByteSource {
 public:
  PieceSource(std::vector<std::string_view> pieces, int* reads)
      : pieces_(std::move(pieces)), reads_(reads) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t) override {
    const auto next = static_cast<size_t>((*reads_)++);
    if (next >= pieces_.size()) return 0;
    return pieces_[next].copy(buffer, pieces_[next].size());
  }

 private:
  std::vector<std::string_view> pieces_;
  int* reads_;
};

TEST(EventReaderTest, AnEventIsHandedOutBeforeMoreIsReadFromALiveSource) {
  int reads = 0;
  EventReader reader(std::make_unique<PieceSource>(
      std::vector<std::string_view>{"{\"n\":1}\n", "{\"n\":2}\n"}, &reads));
  ASSERT_EQ(reader.Next(), EventReader::kEvent);
  EXPECT_EQ(reads, 1);
  ASSERT_EQ(reader.Next(), EventReader::kEvent);
  EXPECT_EQ(reads, 2);
}

// The other formats.

TEST(EventReaderTest, NdjsonEndsWhateverIsOpenAtTheLineBreak) {
  EventReaderOptions options;
  options.format = InputFormat::kNdjson;
  EXPECT_THAT(Read("{\"n\":1,\n\"a\":1}\n[{\"n\":2},\n{\"n\":3}\n[{\"n\":4}]\n",
                   options),
              ElementsAre("1:1 error: object or array is not closed",
                          "2:1 error: expected a JSON object, found a string",
                          "3:2 {\"n\":2}", "3:1 error: array is not closed",
                          "4:1 {\"n\":3}", "5:2 {\"n\":4}"));
}

TEST(EventReaderTest, LinesOfTextBecomeMessages) {
  EventReaderOptions options;
  options.format = InputFormat::kLines;
  EXPECT_THAT(
      Read("\xEF\xBB\xBF"
           "a \"b\" \\ \t\x01\r\n\n{\"n\":1}\nlast \xFF",
           options),
      ElementsAre("1:1 {\"message\":\"a \\\"b\\\" \\\\ \\u0009\\u0001\"}",
                  "3:1 {\"message\":\"{\\\"n\\\":1}\"}",
                  "4:1 {\"message\":\"last \xFF\"}"));
}

TEST(EventReaderTest, ALongLineOfTextIsOneError) {
  EventReaderOptions options;
  options.format = InputFormat::kLines;
  options.max_event_bytes = 1024;
  EXPECT_THAT(
      Read(std::string(1024, 'x') + "\n" + std::string(500'000, 'y') + "\nnext",
           options),
      ElementsAre(HasSubstr("xxx"), "2:1 error: line is longer than 1024 bytes",
                  "3:1 {\"message\":\"next\"}"));
}

// Sources.

TEST(OpenFileTest, WhatCannotBeReadSaysWhy) {
  EXPECT_EQ(OpenFile("/no/such/file").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(OpenFile(TOCSIN_SOURCE_DIR).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(FromDescriptorTest, ADescriptorIsReadAndLeftOpen) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "{\"n\":1}", 7), 7);
  close(ends[1]);
  EXPECT_THAT(ReadFrom(FromDescriptor(ends[0])).steps,
              ElementsAre("1:1 {\"n\":1}"));
  EXPECT_EQ(close(ends[0]), 0);
}

class FailingSource : public ByteSource {
 public:
  absl::StatusOr<size_t> Read(char* buffer, size_t) override {
    if (is_done_) return absl::UnavailableError("the disk is gone");
    is_done_ = true;
    std::string_view("{\"n\":1}\n{\"n\":2}").copy(buffer, 15);
    return 15;
  }

 private:
  bool is_done_ = false;
};

TEST(EventReaderTest, AnErrorOfTheSourceIsTheLastStep) {
  EXPECT_THAT(ReadFrom(std::make_unique<FailingSource>()).steps,
              ElementsAre("1:1 {\"n\":1}", "2:1 {\"n\":2}",
                          "2:8 error: the disk is gone"));
}

}  // namespace
}  // namespace tocsin
