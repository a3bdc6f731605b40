#include "tocsin/payload.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ingest/reading.h"
#include "tests/ingest/zipped.h"

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::string_view kControl =
    R"({"messageType":"CONTROL_MESSAGE","logGroup":"","logEvents":[{"id":"","timestamp":1,"message":"health"}]})";

std::string Message(std::string_view escaped_text,
                    std::string_view group = "/example/app") {
  return std::string(R"({"messageType":"DATA_MESSAGE","logGroup":")")
      .append(group)
      .append(R"(","logEvents":[{"id":"1","timestamp":2,"message":")")
      .append(escaped_text)
      .append(R"("}]})");
}

std::vector<std::string> Lines(const Payload& payload) {
  std::vector<std::string> lines;
  for (const PayloadItem& item : payload.items()) lines.emplace_back(item.line);
  return lines;
}

std::vector<std::string> LinesOf(std::string_view bytes) {
  const absl::StatusOr<Payload> payload = Payload::Decode(bytes);
  if (!payload.ok()) return {std::string(payload.status().message())};
  return Lines(*payload);
}

TEST(PayloadTest, LinesAreItemsAsTheyAre) {
  EXPECT_THAT(LinesOf("{\"a\":1}\r\n\n <13>text \nlast"),
              ElementsAre("{\"a\":1}", "<13>text", "last"));
  EXPECT_THAT(LinesOf(""), IsEmpty());
}

TEST(PayloadTest, ObjectsWithNothingBetweenThemAreItems) {
  EXPECT_THAT(LinesOf(R"({"a":1}{"b":"}{"} {"c":3})"),
              ElementsAre(R"({"a":1})", R"({"b":"}{"})", R"({"c":3})"));
  EXPECT_THAT(LinesOf(R"({"a":1}{"b")"), ElementsAre(R"({"a":1}{"b")"));
}

TEST(PayloadTest, ALogEventThatIsJsonIsTheEvent) {
  const absl::StatusOr<Payload> payload =
      Payload::Decode(Message(R"({\"user\":\"kim\"})"));
  ASSERT_TRUE(payload.ok());
  ASSERT_EQ(payload->items().size(), 1u);
  EXPECT_EQ(payload->items()[0].event, R"({"user":"kim"})");
  EXPECT_EQ(payload->items()[0].line, R"({"user":"kim"})");
  EXPECT_THAT(payload->log_groups(), ElementsAre("/example/app"));
}

TEST(PayloadTest, ALogEventOfTextIsTheEventAroundIt) {
  const absl::StatusOr<Payload> payload =
      Payload::Decode(Message(R"(two\nlines {)"));
  ASSERT_TRUE(payload.ok());
  ASSERT_EQ(payload->items().size(), 1u);
  EXPECT_EQ(payload->items()[0].line, "two lines {");
  EXPECT_EQ(payload->items()[0].event,
            R"({"id":"1","timestamp":2,"message":"two\nlines {"})");
}

TEST(PayloadTest, MembersOfGzipAreOneContent) {
  const std::string bytes = Zipped(Message("a", "/a")) + Zipped(kControl) +
                            Zipped(Message("b", "/b"));
  const absl::StatusOr<Payload> payload = Payload::Decode(bytes);
  ASSERT_TRUE(payload.ok()) << payload.status();
  EXPECT_THAT(Lines(*payload), ElementsAre("a", "b"));
  EXPECT_EQ(payload->control_messages(), 1);
  EXPECT_THAT(payload->log_groups(), ElementsAre("/a", "/b"));
}

TEST(PayloadTest, RecordsOfCloudTrailAreItems) {
  EXPECT_THAT(LinesOf("{\"Records\": [\n {\"a\":\n1}, {\"b\":2}]}\n"),
              ElementsAre("{\"a\": 1}", "{\"b\":2}"));
  EXPECT_THAT(LinesOf(R"({"Records":[5]})"), ElementsAre(R"({"Records":[5]})"));
}

TEST(PayloadTest, LinesThatSpeakOfMessagesAreLines) {
  EXPECT_THAT(LinesOf("{\"messageType\":\"x\"\n{\"a\":1}"),
              ElementsAre("{\"messageType\":\"x\"", "{\"a\":1}"));
}

TEST(PayloadTest, WhatIsDamagedOrCutIsAnError) {
  const std::string good = Zipped(Message("text"));
  EXPECT_EQ(Payload::Decode(good.substr(0, good.size() - 12)).status().code(),
            absl::StatusCode::kDataLoss);
  std::string damaged = good;
  damaged.replace(15, 10, 10, '\xff');
  EXPECT_EQ(Payload::Decode(damaged).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(Payload::Decode(good + "text").status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(
      Payload::Decode(
          R"({"messageType":"DATA_MESSAGE","logGroup":"g","logEvents":5})")
          .status()
          .code(),
      absl::StatusCode::kDataLoss);
}

TEST(PayloadTest, ABombIsAnErrorAndTakesNoMoreThanItMay) {
  const std::string bomb = Zipped(std::string(size_t{8} << 20, 'x'));
  EXPECT_LT(bomb.size(), size_t{1} << 16);
  const absl::Status status =
      Payload::Decode(bomb, {.max_bytes = size_t{1} << 20}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Payload::Decode(bomb, {.max_bytes = size_t{8} << 20}).ok());
}

TEST(PayloadTest, DeepNestingIsALine) {
  const std::string deep = std::string(100'000, '[');
  EXPECT_THAT(LinesOf(deep), ElementsAre(deep));
  const std::string message =
      R"({"messageType":"DATA_MESSAGE","logEvents":)" + deep;
  EXPECT_THAT(LinesOf(message), ElementsAre(message));
}

TEST(PayloadTest, Base64IsTakenStrictly) {
  const absl::StatusOr<Payload> payload = Payload::FromBase64(Base64("ab\ncd"));
  ASSERT_TRUE(payload.ok());
  EXPECT_THAT(Lines(*payload), ElementsAre("ab", "cd"));
  for (const char* bad : {"%%%%", "YWI", "YW=I", "YWI=YWI=", "====", "Y==="}) {
    EXPECT_EQ(Payload::FromBase64(bad).status().code(),
              absl::StatusCode::kInvalidArgument)
        << bad;
  }
}

TEST(PayloadTest, ViewsLiveWhenItIsMoved) {
  absl::StatusOr<Payload> payload = Payload::Decode("a");
  ASSERT_TRUE(payload.ok());
  const Payload moved = *std::move(payload);
  EXPECT_THAT(Lines(moved), ElementsAre("a"));
}

// Files that hold such records.

std::string Record(std::string_view data) {
  return std::string(R"({"recordId":"r","data":")")
      .append(Base64(data))
      .append(R"("})");
}

TEST(EnvelopeTest, RecordsOfAFirehoseBatchAreOpened) {
  const std::string batch =
      R"({"invocationId":"i","deliveryStreamArn":"arn","records":[)" +
      Record(Zipped(Message(R"({\"n\":1})")) + Zipped(kControl)) + ",\n" +
      Record("{\"n\":2}\n{\"n\":3}") + "," +
      R"({"recordId":"bad","data":"%"},{"recordId":"none"},)" + Record("") +
      "]}\n{\"n\":4}";
  const Reading reading = ReadFrom(FromBytes(batch));
  ASSERT_EQ(reading.steps.size(), 6u);
  EXPECT_THAT(reading.steps[0], EndsWith(R"( {"n":1})"));
  EXPECT_THAT(reading.steps[1], StartsWith("2:1 {\"n\":2}"));
  EXPECT_THAT(reading.steps[2], StartsWith("2:1 {\"n\":3}"));
  EXPECT_THAT(reading.steps[3],
              HasSubstr("error: record cannot be read: it is not base64"));
  EXPECT_THAT(reading.steps[4], HasSubstr("error: record has no data"));
  EXPECT_EQ(reading.steps[5], R"(3:1 {"n":4})");
  EXPECT_EQ(reading.stats.skipped, 1);
}

TEST(EnvelopeTest, ABatchThatFirehosePostsIsOpened) {
  EXPECT_THAT(Read(R"({"requestId":"r","timestamp":1,"records":[{"data":")" +
                   Base64(R"({"n":1})") + R"("}]})"),
              ElementsAre(EndsWith(R"( {"n":1})")));
}

TEST(EnvelopeTest, RecordsOfKinesisAreOpened) {
  EXPECT_THAT(
      Read(R"({"Records":[{"kinesis":{"sequenceNumber":"1","data":")" +
           Base64(R"({"n":1})") +
           R"("},"eventSource":"aws:kinesis"},{"kinesis":{"data":"%"}}]})"),
      ElementsAre(EndsWith(R"( {"n":1})"),
                  HasSubstr("error: record cannot be read")));
}

TEST(EnvelopeTest, WhatASubscriptionHandsToAFunctionIsOpened) {
  EXPECT_THAT(Read(R"({"awslogs":{"data":")" +
                   Base64(Zipped(Message(R"({\"n\":1})"))) + R"("}})"),
              ElementsAre(EndsWith(R"( {"n":1})")));
}

TEST(EnvelopeTest, EscapedBase64IsRead) {
  EXPECT_THAT(Read(R"({"awslogs":{"data":"\u0065yJuIjoxfQ=\u003d"}})"),
              ElementsAre(EndsWith(R"( {"n":1})")));
}

TEST(EnvelopeTest, OtherObjectsOfSuchNamesAreEvents) {
  for (const char* event :
       {R"({"requestId":"r","records":[1]})", R"({"awslogs":"x"})",
        R"({"kinesis":{"data":5}})", R"({"invocationId":1,"n":2})",
        R"({"requestId":"r","timestamp":1,"records":[{"n":1}]})"}) {
    EXPECT_THAT(Read(event), ElementsAre(EndsWith(event))) << event;
  }
}

}  // namespace
}  // namespace tocsin
