#include "src/frontend/esql/grok.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <string>
#include <vector>

namespace tocsin::esql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Columns and what they hold, or what is wrong.
std::vector<std::string> Found(const Extraction& extraction,
                               const std::string& text) {
  if (!extraction.problem.empty()) return {"! " + extraction.problem};
  const RE2 regex("(?s)" + extraction.regex);
  std::vector<re2::StringPiece> groups(
      static_cast<size_t>(regex.NumberOfCapturingGroups()) + 1);
  if (!regex.Match(text, 0, text.size(), RE2::UNANCHORED, groups.data(),
                   static_cast<int>(groups.size()))) {
    return {"no"};
  }
  std::vector<std::string> found;
  for (const Extraction::Column& column : extraction.columns) {
    std::string value = column.name + "=";
    for (const int group : column.groups) {
      value += std::string(groups[static_cast<size_t>(group)]);
    }
    found.push_back(value);
  }
  return found;
}

std::vector<std::string> Grok(const char* pattern, const std::string& text) {
  return Found(ReadGrok(pattern), text);
}
std::vector<std::string> Dissect(const char* pattern, const std::string& text) {
  return Found(ReadDissect(pattern), text);
}

TEST(EsqlGrokTest, NamedPatternsAreColumns) {
  EXPECT_THAT(Grok("%{IP:src} -> %{IPORHOST:dst}:%{POSINT:port:int}",
                   "192.0.2.1 -> example.com:443"),
              ElementsAre("src=192.0.2.1", "dst=example.com", "port=443"));
  EXPECT_THAT(Grok("%{TIMESTAMP_ISO8601:t} %{LOGLEVEL:l} %{GREEDYDATA:m}",
                   "2026-01-15T10:20:30Z WARN all is well"),
              ElementsAre("t=2026-01-15T10:20:30Z", "l=WARN", "m=all is well"));
  EXPECT_THAT(
      Grok("%{URIPROTO:p}://%{URIHOST:h}", "see https://a.example.com:1/x"),
      ElementsAre("p=https", "h=a.example.com:1"));
  EXPECT_TRUE(ReadGrok("%{NUMBER:n:int}").columns[0].is_number);
  EXPECT_FALSE(ReadGrok("%{NUMBER:n}").columns[0].is_number);
}

TEST(EsqlGrokTest, NamedGroupsAreColumnsAndOthersHoldNothing) {
  EXPECT_THAT(Grok("(a|b)(?<x.y>c+)(d)?", "zbccd"), ElementsAre("x.y=cc"));
  EXPECT_THAT(Grok("[(](?<x>[^)]+)[)]", "f(1)"), ElementsAre("x=1"));
  EXPECT_THAT(Grok("\\((?<x>\\d+)\\)", "f(12)"), ElementsAre("x=12"));
}

TEST(EsqlGrokTest, LinesEndEverywhere) {
  EXPECT_THAT(Grok("^b=(?<x>.*)$", "a=1\nb=2\nc=3"), ElementsAre("x=2"));
  EXPECT_THAT(Grok("(?im)^B=(?<x>.)", "a=1\nb=2"), ElementsAre("x=2"));
}

TEST(EsqlGrokTest, WhatCannotBeMatchedIsTold) {
  EXPECT_THAT(Grok("%{NOSUCH:x}", ""), ElementsAre(HasSubstr("`NOSUCH`")));
  EXPECT_THAT(Grok("(?=a)b", ""), ElementsAre(HasSubstr("looks ahead")));
  EXPECT_THAT(Grok("(?<!a)b", ""), ElementsAre(HasSubstr("looks behind")));
  EXPECT_THAT(Grok("(a)\\1", ""), ElementsAre(HasSubstr("back-reference")));
  EXPECT_THAT(Grok("%{WORD", ""), ElementsAre(HasSubstr("never closed")));
  EXPECT_THAT(Grok("[a", ""), ElementsAre(HasSubstr("never closed")));
  EXPECT_THAT(Grok("(?<x>a", ""), ElementsAre(HasSubstr("cannot be read")));
}

TEST(EsqlDissectTest, APartReachesUpToWhatStandsBehindIt) {
  EXPECT_THAT(Dissect("%{a} - %{b}", "x - y - z"),
              ElementsAre("a=x", "b=y - z"));
  EXPECT_THAT(Dissect("[%{a}]%{?skip}=%{b};", "[1]k=2;rest"),
              ElementsAre("a=1", "b=2"));
  EXPECT_THAT(Dissect("%{a->} %{b}", "x    y"), ElementsAre("a=x", "b=y"));
  EXPECT_THAT(Dissect("%{+a/2} %{+a/1}", "y x"), ElementsAre("a=xy"));
  EXPECT_THAT(Dissect("%{a}=%{b}", "nothing"), ElementsAre("no"));
}

TEST(EsqlDissectTest, WhatIsNoPatternIsTold) {
  EXPECT_THAT(Dissect("plain", ""), ElementsAre(HasSubstr("no `%{name}`")));
  EXPECT_THAT(Dissect("%{a", ""), ElementsAre(HasSubstr("never closed")));
  EXPECT_THAT(Dissect("%{a}%{b}", ""),
              ElementsAre(HasSubstr("nothing between")));
  EXPECT_THAT(Dissect("%{*k}=%{&k}", ""),
              ElementsAre(HasSubstr("from the text")));
}

}  // namespace
}  // namespace tocsin::esql
