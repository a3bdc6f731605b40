// The quick reader of events against the careful one, on generated texts: what
// the quick one takes, the careful one reads the same.

#include "src/runtime/event/raw_event.h"

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/event/field_index.h"

namespace tocsin::runtime {
namespace {

const std::vector<std::string> kFields = {
    "a",  "a.b",     "a.b.c", "",      ".",          "n",   "b",   "b.a",
    "ts", "EventID", "Data",  "Image", "ThreatName", "dup", "a.a", "Channel"};

constexpr std::string_view kKeys[] = {
    "a",        "b",           "c",       "a.b",   "b.c",  "a.b.c",
    "",         ".",           "n",       "ts",    "Data", "dup",
    "b.a",      "x",           "EventID", "Event", "a.a",  "Image",
    "a\\u0062", "Threat Name", "winlog",  "System"};

constexpr std::string_view kScalars[] = {"1",
                                         "-0",
                                         "1.50",
                                         "1e400",
                                         "18446744073709551616",
                                         "true",
                                         "false",
                                         "null",
                                         "\"\"",
                                         "\"x\"",
                                         " 7 ",
                                         "\"\\\\a\\n\"",
                                         "\"\\ud800\"",
                                         "\"\\u0041\"",
                                         "\"C:\\W\""};

class Generator {
 public:
  std::string Object(int depth) {
    std::string json = "{";
    const size_t members = Below(5);
    for (size_t i = 0; i < members; ++i) {
      if (i > 0) json += ',';
      json += '"';
      json += Pick(kKeys);
      json += Below(8) == 0 ? "\" :" : "\":";
      json += Value(depth);
    }
    return json + "}";
  }

  // `json` with a byte or two changed.
  std::string Damage(std::string json) {
    constexpr std::string_view kBytes = "{}[]\",:\\ 01.-etu\x01\x7F\xFF\xC3";
    for (size_t i = Below(2); i < 2; ++i) {
      const size_t at = Below(json.size());
      switch (Below(3)) {
        case 0:
          json.erase(at, 1);
          break;
        case 1:
          json.insert(at, 1, kBytes[Below(kBytes.size())]);
          break;
        default:
          json[at] = kBytes[Below(kBytes.size())];
      }
      if (json.empty()) break;
    }
    return json;
  }

 private:
  size_t Below(size_t bound) { return random_() % bound; }

  template <size_t kSize>
  std::string_view Pick(const std::string_view (&from)[kSize]) {
    return from[Below(kSize)];
  }

  std::string Value(int depth) {
    const size_t kind = Below(10);
    if (depth == 0 || kind > 4) return std::string(Pick(kScalars));
    if (kind > 1) return Object(depth - 1);
    std::string json = "[";
    const size_t elements = Below(4);
    for (size_t i = 0; i < elements; ++i) {
      if (i > 0) json += ',';
      json += Value(depth - 1);
    }
    return json + "]";
  }

  std::mt19937 random_{20260115};
};

class RawEventTest : public testing::Test {
 protected:
  // Returns whether the quick reader took `json`.
  bool Agree(const std::string& json) {
    const bool is_read = view_.Load(Event::Json(json)).ok();
    if (raw_.Load(json) != RawEvent::kOk) return false;
    EXPECT_TRUE(is_read) << json;
    for (uint32_t field = 0; is_read && field < kFields.size(); ++field) {
      EXPECT_EQ(FromRaw(field), FromView(kFields[field]))
          << kFields[field] << " in " << json;
    }
    return true;
  }

  std::string FromView(std::string_view field) {
    std::vector<FieldValue> values;
    if (!view_.Find(field, &values)) return "missing";
    std::string text;
    for (const FieldValue& value : values) text += Show(value);
    return text;
  }

  std::string FromRaw(uint32_t field) {
    if (!raw_.Has(field)) return "missing";
    std::string text;
    for (const RawValue* value = raw_.First(field); value != nullptr;
         value = raw_.Next(*value)) {
      text += Show(raw_.Read(*value));
    }
    return text;
  }

  static std::string Show(const FieldValue& value) {
    return std::to_string(static_cast<int>(value.kind())) + ":" +
           std::string(value.text()) + ",";
  }

  FieldIndex index_{kFields};
  RawEvent raw_{&index_};
  EventView view_;
  Generator generate_;
};

TEST_F(RawEventTest, ReadsWellFormedEventsAsTheTreeDoes) {
  int taken = 0;
  for (int i = 0; i < 20'000; ++i) taken += Agree(generate_.Object(i % 5));
  EXPECT_GT(taken, 10'000);
}

// An event and others that differ from it in a few bytes, in values or between
// them: whether they are read by the layout of an earlier one or not, what is
// read is the same.
TEST_F(RawEventTest, ReadsEventsThatAreLaidOutAsOthersAsTheTreeDoes) {
  static constexpr std::string_view kBytes = "\"\\,:{}[] 0-1atn.e";
  std::mt19937 random(20260119);
  int laid_out = 0;
  for (int i = 0; i < 2'000; ++i) {
    const std::string json = generate_.Object(i % 4);
    for (int k = 0; k < 20; ++k) {
      Agree(json);
      std::string other = json;
      for (size_t changes = 1 + random() % 2; changes > 0; --changes) {
        other[random() % other.size()] = kBytes[random() % kBytes.size()];
      }
      if (random() % 4 == 0) {
        other.insert(random() % other.size(), 1,
                     kBytes[random() % kBytes.size()]);
      }
      // Blanks behind quotes, where they change nothing or break a key.
      const size_t quote = other.find('"', random() % other.size());
      if (random() % 4 == 0 && quote != std::string::npos) {
        other.insert(quote + 1, 1, '\n');
        Agree(other);
      }
      if (Agree(other) && raw_.note() != nullptr) ++laid_out;
    }
  }
  EXPECT_GT(laid_out, 1'000);
}

TEST_F(RawEventTest, WhatIsNotedOfALayoutIsThereForItsNextEvent) {
  EXPECT_EQ(raw_.Load(R"({"a": 1, "b": "x"})"), RawEvent::kOk);
  EXPECT_EQ(raw_.note(), nullptr);  // Not known before.
  EXPECT_EQ(raw_.Load(R"({"a": true, "b": "\\"})"), RawEvent::kOk);
  ASSERT_NE(raw_.note(), nullptr);
  EXPECT_EQ(*raw_.note(), nullptr);
  *raw_.note() = &raw_;
  EXPECT_EQ(raw_.Load(R"({"b": 1, "a": "x"})"), RawEvent::kOk);
  EXPECT_EQ(raw_.note(), nullptr);
  EXPECT_EQ(raw_.Load(R"({"a": -2.5e3, "b": ""})"), RawEvent::kOk);
  ASSERT_NE(raw_.note(), nullptr);
  EXPECT_EQ(*raw_.note(), &raw_);
  EXPECT_EQ(raw_.Load(R"({"a": -, "b": ""})"), RawEvent::kOdd);
}

TEST_F(RawEventTest, BlanksBehindValuesAreNoPartOfThem) {
  for (const char* json :
       {"{\"a\" : \"x\"\n, \"b\" : 1 \n}", "{\"a\":\"\" ,\"b\":true\t}",
        "{\"a\":[\"x\" , null ] , \"b\" : {\"c\" : \"y\" } }"}) {
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(Agree(json));
    EXPECT_NE(raw_.note(), nullptr) << json;
  }
  // Other blanks are another layout.
  EXPECT_TRUE(Agree("{\"a\" : \"x\" \n, \"b\" : 1\n}"));
  EXPECT_EQ(raw_.note(), nullptr);
}

// A layout may begin with more than another text has there; nothing before the
// text is read, which a sanitizer would see.
TEST_F(RawEventTest, BlanksOfALayoutAreNotLookedForBeforeAText) {
  const std::string plain =
      R"({"a": "long enough for a block", "b": "x", "c": 1, "n": null})";
  for (const size_t blanks : {1, 31, 200, 5000}) {
    const std::string blank(blanks, ' ');
    std::string inside = plain;
    inside.insert(inside.find(':'), blank);
    for (const std::string& json : {blank + plain, inside, plain}) {
      for (int i = 0; i < 2; ++i) EXPECT_TRUE(Agree(json)) << blanks;
    }
  }
}

// More values than the reader has room for at first.
TEST_F(RawEventTest, LongArraysAreReadByTheirLayoutToo) {
  std::string json = R"({"a":[0)";
  for (int i = 1; i < 300; ++i) json += "," + std::to_string(i);
  json += "]}";
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Agree(json));
  EXPECT_NE(raw_.note(), nullptr);
}

TEST_F(RawEventTest, TakesNoEventThatTheTreeRefuses) {
  int taken = 0;
  for (int i = 0; i < 20'000; ++i) {
    taken += Agree(generate_.Damage(generate_.Object(i % 5)));
  }
  EXPECT_GT(taken, 2'000);
}

}  // namespace
}  // namespace tocsin::runtime
