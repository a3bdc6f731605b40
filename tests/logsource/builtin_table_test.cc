#include "src/logsource/builtin_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "src/base/string_map.h"
#include "tests/logsource/classify_json.h"

namespace tocsin::logsource {
namespace {

using ::testing::Contains;

// What a row says must be in the kind that its example gets.
void ExpectHas(const EventKind& kind, const Sources& sources) {
  EXPECT_TRUE(kind.known);
  for (const std::string_view product : sources.products) {
    if (!product.empty()) {
      EXPECT_THAT(kind.products, Contains(product));
    }
  }
  for (const std::string_view category : sources.categories) {
    if (!category.empty()) {
      EXPECT_THAT(kind.categories, Contains(category));
    }
  }
  for (const std::string_view service : sources.services) {
    if (!service.empty()) {
      EXPECT_THAT(kind.services, Contains(service));
    }
  }
  for (const Rename& rename : sources.renames) {
    const bool found = std::any_of(
        kind.renames.begin(), kind.renames.end(), [&](const FieldRename& r) {
          return r.event_field == rename.event_field &&
                 r.rule_field == rename.rule_field;
        });
    EXPECT_TRUE(found) << rename.event_field;
  }
}

std::string WindowsJson(std::string_view field, std::string_view value,
                        uint32_t id) {
  std::string json = "{\"";
  json.append(field).append("\":\"").append(value).append("\",\"EventID\":");
  return json.append(std::to_string(id)).append("}");
}

TEST(BuiltinTableTest, EachRecognizerKnowsItsExample) {
  for (const Family& family : Families()) {
    for (const Recognizer& row : family.rows) {
      SCOPED_TRACE(row.name);
      ExpectHas(KindOf(row.example), row.sources);
    }
  }
}

TEST(BuiltinTableTest, NamesOfRecognizersAreUnique) {
  std::set<std::string_view> names;
  for (const Family& family : Families()) {
    for (const Recognizer& row : family.rows) {
      EXPECT_TRUE(names.insert(row.name).second) << row.name;
      EXPECT_FALSE(row.when[0].field.empty()) << row.name;
    }
  }
}

TEST(BuiltinTableTest, EachChannelAndProviderNamesItsLog) {
  for (const WindowsLog& log : WindowsLogs()) {
    SCOPED_TRACE(log.name);
    for (const std::string_view channel : log.channels) {
      if (channel.empty()) continue;
      ExpectHas(KindOf(WindowsJson("Channel", channel, 1)), log.sources);
    }
    for (const std::string_view provider : log.providers) {
      if (provider.empty()) continue;
      ExpectHas(KindOf(WindowsJson("Provider_Name", provider, 1)), log.sources);
    }
  }
}

TEST(BuiltinTableTest, NoChannelOrProviderNamesTwoLogs) {
  std::set<std::string_view> names;
  for (const WindowsLog& log : WindowsLogs()) {
    for (const std::string_view channel : log.channels) {
      if (!channel.empty()) {
        EXPECT_TRUE(names.insert(channel).second);
      }
    }
  }
  names.clear();
  for (const WindowsLog& log : WindowsLogs()) {
    for (const std::string_view provider : log.providers) {
      if (!provider.empty()) {
        EXPECT_TRUE(names.insert(provider).second);
      }
    }
  }
}

TEST(BuiltinTableTest, EachEventIdHasItsCategories) {
  for (const WindowsEvent& event : WindowsEvents()) {
    for (const WindowsLog& log : WindowsLogs()) {
      if (log.name != event.log) continue;
      const bool by_channel = !log.channels[0].empty();
      for (uint32_t id = event.first_id; id <= event.last_id; ++id) {
        SCOPED_TRACE(std::string(event.log) + " " + std::to_string(id));
        std::string json =
            WindowsJson(by_channel ? "Channel" : "Provider_Name",
                        by_channel ? log.channels[0] : log.providers[0], id);
        for (const Condition& condition : event.when) {
          if (condition.test != logsource::Test::kEquals) continue;
          json.pop_back();
          json.append(",\"").append(condition.field).append("\":\"");
          json.append(condition.text).append("\"}");
        }
        ExpectHas(KindOf(json), event.sources);
      }
    }
  }
}

TEST(BuiltinTableTest, EachShapeOfWindowsEventsIsSeenThrough) {
  for (const WindowsShape& shape : WindowsShapes()) {
    SCOPED_TRACE(shape.name);
    const EventKind kind = KindOf(shape.example);
    ExpectHas(kind, {.products = {"windows"}, .renames = shape.renames});
    EXPECT_EQ(kind.services.size(), 1u);
  }
}

TEST(BuiltinTableTest, EachGuessNamesTheLogOfItsExample) {
  for (const WindowsGuess& guess : WindowsGuesses()) {
    SCOPED_TRACE(guess.example);
    EXPECT_THAT(KindOf(guess.example).services, Contains(guess.log));
  }
}

TEST(BuiltinTableTest, ExtrasAddToWindowsEvents) {
  for (const Recognizer& row : WindowsExtras()) {
    ExpectHas(KindOf(row.example), row.sources);
  }
}

// A source that is declared only must not be one that content can tell.
TEST(BuiltinTableTest, WhatIsDeclaredOnlyIsInNoRow) {
  for (const DeclaredOnly& declared : DeclaredOnlySources()) {
    const LogSource source{.product = std::string(declared.product),
                           .category = std::string(declared.category),
                           .service = std::string(declared.service)};
    for (const Family& family : Families()) {
      for (const Recognizer& row : family.rows) {
        EXPECT_FALSE(KindOf(row.example).Covers(source)) << row.name;
      }
    }
  }
}

}  // namespace
}  // namespace tocsin::logsource
