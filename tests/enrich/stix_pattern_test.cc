#include "src/enrich/stix_pattern.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tocsin::enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(StixPatternTest, ValuesJoinedByOrAreRead) {
  EXPECT_THAT(StixPatternValues("[ipv4-addr:value = '192.0.2.1']"),
              ElementsAre("192.0.2.1"));
  EXPECT_THAT(StixPatternValues(
                  "[ipv4-addr:value='a' OR ipv6-addr:value ISSUBSET 'b'] OR "
                  "[ file:hashes.'SHA-256' = 'c' ] OR [file:hashes.MD5='d']"),
              ElementsAre("a", "b", "c", "d"));
}

TEST(StixPatternTest, ATextMayHoldQuotesAndBrackets) {
  EXPECT_THAT(StixPatternValues(R"([url:value = 'a\'b] OR [\\'])"),
              ElementsAre(R"(a'b] OR [\)"));
}

TEST(StixPatternTest, WhatSaysMoreIsNone) {
  for (const char* pattern :
       {"", "[", "[]", "[url:value = 'a'",
        "[url:value = 'a' AND url:value='b']",
        "[url:value = 'a'] FOLLOWEDBY [url:value='b']", "[url:value != 'a']",
        "[process:name = 'a']", "[url:value = 'a' OR ]", "[url:value = 'a\\",
        "[url:value = 'a'] OR", "[file:hashes. = 'a']", "[url:value LIKE 'a']",
        "url:value = 'a'"}) {
    EXPECT_THAT(StixPatternValues(pattern), IsEmpty()) << pattern;
  }
}

}  // namespace
}  // namespace tocsin::enrich
