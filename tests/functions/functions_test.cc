// Every function of the table does what its example says.

#include "src/functions/function.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "src/base/string_map.h"
#include "src/frontend/expression/check.h"
#include "src/frontend/expression/fold.h"
#include "src/frontend/expression/lexer.h"
#include "src/frontend/expression/parser.h"
#include "src/text/reporter.h"

namespace tocsin::functions {
namespace {

using base::ElementType;

// Lists that examples name.
class Lists : public expression::Scope {
 public:
  Lists() {
    Add("brands", {{"", ElementType::kString}},
        {{"paypal"}, {"example"}, {"Micro\xd1\x95oft"}});
    Add("assets",
        {{"host", ElementType::kNoCase},
         {"owner", ElementType::kString},
         {"level", ElementType::kNumber}},
        {{"web1", "kim", "3"}, {"web1", "lee", "4"}, {"db1", "", "5"}});
    Add("zones",
        {{"net", ElementType::kCidr},
         {"under", ElementType::kDomain},
         {"zone", ElementType::kString}},
        {{"10.0.0.0/8", "example.com", "inside"},
         {"10.1.0.0/16", "example.com", "lab"},
         {"2001:db8::/32", "www.example.com", "six"}});
    Add("indicators", {{"ip", ElementType::kIp}, {"until", ElementType::kTime}},
        {{"192.0.2.7", "2026-06-01T00:00:00Z"},
         {"192.0.2.7", "2027-06-01T00:00:00Z"}},
        1);
  }

  const expression::Macro* FindMacro(std::string_view) const override {
    return nullptr;
  }
  const expression::NamedList* FindList(std::string_view name) const override {
    const auto found = lists_.find(name);
    return found == lists_.end() ? nullptr : &found->second;
  }
  std::string SuggestList(std::string_view) const override { return {}; }
  std::vector<std::string_view> MacroNames() const override { return {}; }
  bool IsStep(std::string_view) const override { return false; }

 private:
  static Value Cell(const std::string& text, ElementType type) {
    if (text.empty()) return {};
    if (type == ElementType::kNumber) return Value::Int(std::stoi(text));
    const Value value = Value::String(text);
    return type == ElementType::kTime ? Value::Time(*base::TimeOf(value))
                                      : value;
  }

  void Add(const std::string& name,
           const std::vector<base::ListRows::Column>& columns,
           const std::vector<std::vector<std::string>>& rows,
           std::optional<size_t> expires = std::nullopt) {
    auto made = std::make_shared<base::ListRows>();
    made->columns = columns;
    made->expires = expires;
    for (const std::vector<std::string>& row : rows) {
      std::vector<Value>& values = made->rows.emplace_back();
      for (size_t i = 0; i < row.size(); ++i) {
        values.push_back(Cell(row[i], columns[i].type));
      }
    }
    expression::NamedList& list = lists_[name];
    list.name = name;
    list.rows = std::move(made);
  }

  base::StringMap<expression::NamedList> lists_;
};

// What a constant expression is; or the first message about it. Unchecked,
// what makes no sense is left to the functions.
std::string ValueOf(std::string_view text, bool checked) {
  const text::Source source("x", std::string(text));
  Diagnostics diagnostics;
  text::Reporter reporter(source, &diagnostics);
  const expression::Tokens tokens = expression::Lex(source);
  expression::TokenStream stream(tokens, &reporter);
  ir::Expression parsed = expression::Parser(&stream).ParseCondition();
  if (!stream.AtEnd()) return "unread: " + std::string(text);
  if (!diagnostics.empty()) return RenderDiagnostic(diagnostics[0]);
  const Lists lists;
  expression::Checker checker(lists, &reporter);
  if (!checked) {
    expression::Fold(&parsed);
  } else if (!checker.CheckValue(&parsed)) {
    return diagnostics.at(0).message;
  }
  if (parsed.kind != ir::Expression::kLiteral) return Print(parsed);
  return PrintValue(parsed.value);
}

std::string ValueOf(std::string_view text) { return ValueOf(text, false); }
std::string Checked(std::string_view text) { return ValueOf(text, true); }

class FunctionTest : public ::testing::TestWithParam<const Function*> {};

TEST_P(FunctionTest, DoesWhatItsExampleSays) {
  const Function& function = *GetParam();
  if (function.needs_event) {  // One at the beginning of 2027.
    Context context;
    context.event_time = 1'798'761'600'000'000'000;
    const Value argument = Value::String("2026-12-31T23:00:00Z");
    const Value result = CallFunction(
        function, {.arguments = {&argument, 1}, .context = &context});
    EXPECT_EQ(PrintValue(result), function.example_result);
  } else {
    EXPECT_EQ(Checked(function.example), function.example_result);
  }
  EXPECT_NE(function.example.find(function.name), std::string_view::npos);
  EXPECT_FALSE(function.description.empty());
  EXPECT_EQ(function.description.back(), '.');
}

std::vector<const Function*> Pointers() {
  std::vector<const Function*> all;
  for (const Function& function : AllFunctions()) all.push_back(&function);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Table, FunctionTest, ::testing::ValuesIn(Pointers()),
                         [](const auto& test) {
                           return std::string(test.param->name);
                         });

TEST(FunctionsTest, NamesAreFoundInAnyLetterCaseAndAreDifferent) {
  EXPECT_EQ(FindFunction("CIDRMATCH")->name, "cidrMatch");
  EXPECT_EQ(FindFunction("nothing"), nullptr);
  for (const Function& function : AllFunctions()) {
    EXPECT_EQ(FindFunction(function.name), &function);
  }
}

TEST(FunctionsTest, ANullArgumentGivesNull) {
  EXPECT_EQ(ValueOf("length(null)"), "null");
  EXPECT_EQ(ValueOf("concat(\"a\", null)"), "null");
}

TEST(FunctionsTest, AnArrayIsLookedAtElementByElement) {
  EXPECT_EQ(ValueOf("length(split(\"a,bcd\", \",\"))"), "[1, 3]");
  EXPECT_EQ(ValueOf("split(\"a,bcd\", \",\") == \"bcd\""), "true");
  EXPECT_EQ(ValueOf("split(\"a,bcd\", \",\") != \"bcd\""), "false");
}

TEST(FunctionsTest, WhatDoesNotFitIsNull) {
  EXPECT_EQ(ValueOf("substring(\"abc\", \"x\")"), "null");
  EXPECT_EQ(ValueOf("cidrMatch(\"x\", \"10.0.0.0/8\")"), "null");
  EXPECT_EQ(ValueOf("number(\"12x\")"), "null");
  EXPECT_EQ(ValueOf("base64Decode(\"a\")"), "null");
}

TEST(FunctionsTest, TextsAreCountedInCharacters) {
  EXPECT_EQ(ValueOf("length(\"\\u{e9}\\u{1f600}\")"), "2");
  EXPECT_EQ(ValueOf("substring(\"\\u{e9}ab\", 1, 2)"), "\"a\"");
  EXPECT_EQ(ValueOf("indexOf(\"\\u{e9}ab\", \"b\")"), "2");
}

TEST(FunctionsTest, BetweenTakesTheFirstOrTheLastMarker) {
  EXPECT_EQ(ValueOf("between(\"a(b)c)d\", \"(\", \")\")"), "\"b\"");
  EXPECT_EQ(ValueOf("between(\"a(b)c)d\", \"(\", \")\", true)"), "\"b)c\"");
  EXPECT_EQ(ValueOf("between(\"abc\", \"x\", \"y\")"), "null");
  EXPECT_EQ(ValueOf("between~(\"aXbYc\", \"x\", \"y\")"), "\"b\"");
}

TEST(FunctionsTest, SubstringCountsFromTheEndAndStaysInside) {
  EXPECT_EQ(ValueOf("substring(\"abc\", -2, 99)"), "\"bc\"");
  EXPECT_EQ(ValueOf("substring(\"abc\", 2, 1)"), "\"\"");
  EXPECT_EQ(ValueOf("substring(\"abc\", null, 1)"), "\"a\"");
}

TEST(FunctionsTest, NumbersKeepAllTheirBits) {
  EXPECT_EQ(ValueOf("9007199254740993 + 0"), "9007199254740993");
  EXPECT_EQ(ValueOf("9223372036854775807 + 1"), "9223372036854775808");
  EXPECT_EQ(ValueOf("18446744073709551615 == \"18446744073709551615\""),
            "true");
  EXPECT_EQ(ValueOf("7 / 2"), "3");
  EXPECT_EQ(ValueOf("7 / 2.0"), "3.5");
  EXPECT_EQ(ValueOf("7 / 0"), "null");
  EXPECT_EQ(ValueOf("-7 % 3"), "-1");
}

TEST(FunctionsTest, TimesAndDurationsCalculate) {
  EXPECT_EQ(ValueOf("2027-01-02 - 2027-01-01"), "1d");
  EXPECT_EQ(ValueOf("2027-01-01 + 90m"), "2027-01-01T01:30:00Z");
  EXPECT_EQ(ValueOf("1h / 15m"), "4");
  EXPECT_EQ(ValueOf("2027-01-02 > \"2027-01-01T23:59:59Z\""), "true");
}

TEST(FunctionsTest, LogicHasThreeValues) {
  EXPECT_EQ(ValueOf("not null"), "null");
  EXPECT_EQ(ValueOf("(length(null) == 1) == null"), "true");
  EXPECT_EQ(ValueOf("null == 1"), "false");
  EXPECT_EQ(ValueOf("null != null"), "false");
  EXPECT_EQ(ValueOf("length(null) > 1 or true"), "true");
  EXPECT_EQ(ValueOf("not \"A\" : \"a\""), "false");
}

TEST(FunctionsTest, WildcardsAreForLikeAndColonOnly) {
  EXPECT_EQ(ValueOf("\"PowerShell.exe\" : \"power*.?xe\""), "true");
  EXPECT_EQ(ValueOf("\"PowerShell.exe\" like \"power*\""), "false");
  EXPECT_EQ(ValueOf("\"PowerShell.exe\" like~ (\"x\", \"power*\")"), "true");
  EXPECT_EQ(ValueOf("\"a.b\" : \"a?c\""), "false");
  EXPECT_EQ(ValueOf("\"abc\" regex \"b\""), "false");
  EXPECT_EQ(ValueOf("\"abc\" regex~ \"A.C\""), "true");
}

TEST(FunctionsTest, DigestsAreThoseOfTheBytes) {
  EXPECT_EQ(ValueOf("md5(\"\")"), "\"d41d8cd98f00b204e9800998ecf8427e\"");
  EXPECT_EQ(ValueOf("sha1(\"\")"),
            "\"da39a3ee5e6b4b0d3255bfef95601890afd80709\"");
  EXPECT_EQ(ValueOf("sha1(\"\\u{e9}\") == sha1(\"e\")"), "false");
  EXPECT_EQ(ValueOf("md5(null)"), "null");
  EXPECT_EQ(ValueOf("md5(5) == md5(\"5\")"), "true");
}

TEST(FunctionsTest, ASkeletonIsTheSameForWhatLooksTheSame) {
  for (const char* like :
       {"paypal", "PAYPAL", "paypa1", "p\\u{430}ypal", "payp\\u{430}I",
        "pay\\u{200d}pal", "\\u{ff50}aypa|", "\\u{1d429}aypal"}) {
    EXPECT_EQ(ValueOf("skeleton(\"" + std::string(like) + "\")"), "\"paypal\"")
        << like;
  }
  EXPECT_EQ(ValueOf("skeleton(\"microsoft\") == skeleton(\"Rnicr0s0ft\")"),
            "true");
  EXPECT_EQ(ValueOf("skeleton(\"\\u{e9}\") == skeleton(\"E\\u{301}\")"),
            "true");
  EXPECT_EQ(ValueOf("skeleton(\"\\u{e9}\") == skeleton(\"e\")"), "false");
  EXPECT_EQ(ValueOf("skeleton(\"\")"), "\"\"");
  EXPECT_EQ(ValueOf("skeleton(null)"), "null");
}

TEST(FunctionsTest, AHomoglyphIsNoElementOfItsList) {
  EXPECT_EQ(Checked("homoglyphOf(\"paypal\", brands)"), "null");
  EXPECT_EQ(Checked("homoglyphOf(\"PayPal\", brands)"), "null");
  EXPECT_EQ(Checked("homoglyphOf(\"paypai\", brands)"), "\"paypal\"");
  EXPECT_EQ(Checked("homoglyphOf(\"microsoft\", brands) != null"), "true");
  EXPECT_EQ(Checked("homoglyphOf(\"paypals\", brands)"), "null");
  EXPECT_EQ(Checked("homoglyphOf(\"\", brands)"), "null");
  EXPECT_EQ(Checked("homoglyphOf(null, brands)"), "null");
  EXPECT_EQ(Checked("homoglyphOf(\"x\", brand)"), "no list is called `brand`");
  EXPECT_EQ(Checked("homoglyphOf(\"x\", \"y\")"), "no list is called `\"y\"`");
}

// All pairs of short words over three letters, against the plain table.
TEST(FunctionsTest, ADistanceIsThatOfThePlainTable) {
  std::vector<std::string> words = {""};
  for (size_t i = 0; words.size() < 130; ++i) {
    for (const char c : {'a', 'b', 'c'}) words.push_back(words[i] + c);
  }
  const auto plain = [](const std::string& a, const std::string& b) {
    std::vector<std::vector<int>> table(a.size() + 1,
                                        std::vector<int>(b.size() + 1));
    for (size_t i = 0; i <= a.size(); ++i) {
      for (size_t j = 0; j <= b.size(); ++j) {
        if (i == 0 || j == 0) {
          table[i][j] = static_cast<int>(i + j);
          continue;
        }
        table[i][j] = std::min({table[i - 1][j] + 1, table[i][j - 1] + 1,
                                table[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      }
    }
    return table.back().back();
  };
  const Function& levenshtein = *FindFunction("levenshtein");
  Context context;
  for (const std::string& a : words) {
    for (const std::string& b : words) {
      for (int most = 0; most < 6; ++most) {
        const Value arguments[] = {Value::String(a), Value::String(b),
                                   Value::Int(most)};
        const Value found = CallFunction(
            levenshtein, {.arguments = arguments, .context = &context});
        ASSERT_EQ(found.int_value, std::min(plain(a, b), most + 1))
            << a << " " << b << " " << most;
      }
    }
  }
}

TEST(FunctionsTest, TheNearestElementIsNoFartherThanAsked) {
  EXPECT_EQ(Checked("similarTo(\"paypal\", brands, 0)"), "\"paypal\"");
  EXPECT_EQ(Checked("similarTo(\"paypal1\", brands, 0)"), "null");
  EXPECT_EQ(Checked("similarTo(\"paypals\", brands, 1)"), "\"paypal\"");
  EXPECT_EQ(Checked("similarTo(\"exapmle\", brands, 2)"), "\"example\"");
  EXPECT_EQ(Checked("similarTo(\"exapmle\", brands, 1)"), "null");
  EXPECT_EQ(Checked("similarTo(\"PAYPAL\", brands, 1)"), "null");
  EXPECT_EQ(Checked("similarTo~(\"PAYPAL\", brands, 1)"), "\"paypal\"");
  EXPECT_EQ(Checked("similarTo(\"x\", brands, -1)"), "null");
  EXPECT_EQ(Checked("similarTo(null, brands, 1)"), "null");
  EXPECT_EQ(Checked("similarTo(\"paypalaaaaaaaaaaaaaaaaa\", brands, 17)"),
            "null");
  EXPECT_EQ(
      Checked("similarTo(\"" + std::string(257, 'a') + "\", brands, 256)"),
      "null");
}

TEST(FunctionsTest, TheFirstRowOfItsKeysIsLookedUp) {
  EXPECT_EQ(Checked("lookup(assets, \"WEB1\", \"level\") + 1"), "4");
  EXPECT_EQ(Checked("lookup(assets, \"web1\", \"lee\", \"level\")"), "4");
  EXPECT_EQ(Checked("lookup(assets, \"web2\", \"owner\")"), "null");
  EXPECT_EQ(Checked("lookup(assets, \"db1\", \"owner\")"), "null");
  EXPECT_EQ(Checked("lookup(assets, null, \"owner\")"), "null");
  EXPECT_EQ(Checked("lookup(assets, split(\"db1,web1\", \",\"), \"level\")"),
            "[5, 3]");
  EXPECT_EQ(Checked("lookup(zones, \"10.1.2.3\", \"zone\")"), "\"lab\"");
  EXPECT_EQ(Checked("lookup(zones, \"10.2.2.3\", \"zone\")"), "\"inside\"");
  EXPECT_EQ(Checked("lookup(zones, \"192.0.2.1\", \"zone\")"), "null");
  EXPECT_EQ(Checked("lookup(zones, \"10.2.0.0/16\", \"zone\")"), "null");
  EXPECT_EQ(Checked("lookup(zones, \"2001:db8::1\", \"A.www.example.com\", "
                    "\"zone\")"),
            "\"six\"");
  EXPECT_EQ(Checked("lookup(zones, \"2001:db8::1\", \"example.com\", "
                    "\"zone\")"),
            "null");
}

TEST(FunctionsTest, ALookupNamesAListAndAColumnOfIt) {
  EXPECT_EQ(Checked("lookup(asset, \"web1\", \"owner\")"),
            "no list is called `asset`");
  EXPECT_EQ(Checked("lookup(assets, \"web1\", \"name\")"),
            "list `assets` has no column `\"name\"`");
  EXPECT_EQ(Checked("lookup(brands, \"paypal\", \"\")"),
            "list `brands` has no column `\"\"`");
  EXPECT_EQ(Checked("lookup(assets, \"a\", \"b\", \"c\", \"d\", \"owner\")"),
            "list `assets` has 3 columns, and here are more keys");
}

TEST(FunctionsTest, ARowHoldsUntilItsEndByEventTime) {
  const std::string call =
      "lookup(indicators, \"::ffff:192.0.2.7\", \"until\")";
  const text::Source source("x", call);
  Diagnostics diagnostics;
  text::Reporter reporter(source, &diagnostics);
  const expression::Tokens tokens = expression::Lex(source);
  expression::TokenStream stream(tokens, &reporter);
  ir::Expression parsed = expression::Parser(&stream).ParseCondition();
  const Lists lists;
  expression::Checker checker(lists, &reporter);
  ASSERT_TRUE(checker.CheckValue(&parsed));
  ASSERT_EQ(parsed.kind, ir::Expression::kCall);  // It depends on the event.
  std::vector<Value> arguments;
  for (const ir::Expression& each : parsed.children) {
    arguments.push_back(each.value);
  }
  const auto at = [&](std::optional<int64_t> time) {
    Context context;
    context.event_time = time;
    return PrintValue(
        CallFunction(*FindFunction("lookup"), {.arguments = arguments,
                                               .context = &context,
                                               .table = parsed.table.get()}));
  };
  const int64_t end = *base::TimeOf(Value::String("2026-06-01T00:00:00Z"));
  EXPECT_EQ(at(end - 1), "2026-06-01T00:00:00Z");
  EXPECT_EQ(at(end), "2027-06-01T00:00:00Z");
  EXPECT_EQ(at(*base::TimeOf(Value::String("2028-01-01T00:00:00Z"))), "null");
  EXPECT_EQ(at(std::nullopt), "null");
}

TEST(FunctionsTest, ZonesAreNamedByRulesAndOffsetsByEvents) {
  EXPECT_EQ(Checked("hour(2027-01-31T23:30:00Z, \"Europe/Berlin\")"), "0");
  EXPECT_EQ(Checked("hour(2027-03-28T00:59:59Z, \"Europe/Berlin\")"), "1");
  EXPECT_EQ(Checked("hour(2027-03-28T01:00:00Z, \"Europe/Berlin\")"), "3");
  EXPECT_EQ(Checked("weekday(2027-03-31T23:00:00Z, \"Asia/Tokyo\")"),
            "\"thursday\"");
  EXPECT_EQ(Checked("date(2027-03-31T01:00:00Z, \"America/New_York\")"),
            "\"2027-03-30\"");
  EXPECT_EQ(Checked("hour(2027-03-31, \"Europe/Berln\")"),
            "`Europe/Berln` is no time zone");
  for (const char* bad : {"", "+2:00", "localtime", "/etc/passwd",
                          "../../etc/passwd", "file:x"}) {
    EXPECT_EQ(Checked("hour(2027-03-31, \"" + std::string(bad) + "\")"),
              "`" + std::string(bad) + "` is no time zone");
  }
  Context context;
  const Value arguments[] = {Value::Time(0), Value::String("Europe/Berlin")};
  const Function& hour = *FindFunction("hour");
  EXPECT_EQ(PrintValue(CallFunction(
                hour, {.arguments = arguments, .context = &context})),
            "null");
  EXPECT_EQ(
      PrintValue(CallFunction(
          hour, {.arguments = arguments, .context = &context, .written = 2})),
      "1");
}

TEST(FunctionsTest, CaseTakesTheFirstThatIsTrue) {
  EXPECT_EQ(ValueOf("case(null, 1, false, 2)"), "null");
  EXPECT_EQ(ValueOf("case(null, 1, false, 2, 3)"), "3");
  EXPECT_EQ(ValueOf("case(true, null, 2)"), "null");
}

TEST(FunctionsTest, ElementsAreTakenSortedAndJoined) {
  const std::string abc = "split(\"c,a,b,a\", \",\")";
  EXPECT_EQ(ValueOf("arraySlice(" + abc + ", -2, -1)"), R"(["b", "a"])");
  EXPECT_EQ(ValueOf("arraySlice(" + abc + ", 3, 9)"), R"("a")");
  EXPECT_EQ(ValueOf("arraySlice(" + abc + ", 7)"), "null");
  EXPECT_EQ(ValueOf("arrayMin(" + abc + ")"), R"("a")");
  EXPECT_EQ(ValueOf("arrayMax(7)"), "7");
  EXPECT_EQ(ValueOf("arraySum(null)"), "null");
  EXPECT_EQ(ValueOf("arrayUnique(" + abc + ")"), R"(["c", "a", "b"])");
  EXPECT_EQ(ValueOf("arrayContainsAll(" + abc + ", null)"), "true");
  EXPECT_EQ(ValueOf("arrayContainsAll(null, \"a\")"), "false");
  EXPECT_EQ(ValueOf("arrayIntersect(" + abc + ", \"x\")"), "null");
}

TEST(FunctionsTest, PlacesInTextsAreReplaced) {
  EXPECT_EQ(ValueOf(R"e(replaceRegex("a.b.c", "\\.", "\\$"))e"), R"("a$b$c")");
  EXPECT_EQ(ValueOf(R"e(replaceRegex("kim lee", "(k)(.*) (l)", "$3$2 $1"))e"),
            R"("lim kee")");
  EXPECT_EQ(ValueOf(R"e(replaceRegex("a", "(", "b"))e"), "null");
  EXPECT_EQ(ValueOf(R"e(replaceRegex("a", "a", "$1"))e"), "null");
  const std::string filler(100, 'x');
  EXPECT_EQ(ValueOf("length(replaceRegex(\"aaa\", \"a\", \"" + filler + "\"))"),
            "102");
  EXPECT_EQ(ValueOf("locate(\"abcabc\", \"c\", 4)"), "6");
  EXPECT_EQ(ValueOf("length(repeat(\"ab\", 1000000))"), "65536");
}

TEST(FunctionsTest, NumbersAndTimesAreConverted) {
  EXPECT_EQ(ValueOf("integer(true)"), "1");
  EXPECT_EQ(ValueOf("integer(\"x\")"), "null");
  EXPECT_EQ(ValueOf("integer(time(\"2026-01-15T00:00:00.5Z\"))"),
            "1768435200500");
  EXPECT_EQ(ValueOf("round(-2.5)"), "-3");
  EXPECT_EQ(ValueOf("round(12345, -2)"), "12300");
  EXPECT_EQ(ValueOf("log(8, 2)"), "3");
  EXPECT_EQ(ValueOf("log(0)"), "null");
  EXPECT_EQ(ValueOf("timeTrunc(1w, 2026-01-15T10:00:00Z)"),
            "2026-01-12T00:00:00Z");
  EXPECT_EQ(ValueOf("timeTrunc(1h, 1969-12-31T23:30:00Z)"),
            "1969-12-31T23:00:00Z");
  EXPECT_EQ(
      ValueOf("timeDiff(\"h\", 2026-01-15T10:00:00Z, 2026-01-15T08:01:00Z)"),
      "-1");
  EXPECT_EQ(ValueOf("address(\"::ffff:192.0.2.1\")"), R"("192.0.2.1")");
  EXPECT_EQ(ValueOf("address(\"example.com\")"), "null");
}

TEST(FunctionsTest, HostileArgumentsCostLittle) {
  const std::string long_text(3000, 'a');
  EXPECT_EQ(ValueOf("levenshtein(\"" + long_text + "\", \"b\")"), "null");
  EXPECT_EQ(ValueOf("search(\"a\", \"(\")"), "null");
  EXPECT_EQ(ValueOf("domain(\"..\")"), "null");
  EXPECT_EQ(ValueOf("registeredDomain(\"co.uk\")"), "null");
  EXPECT_EQ(ValueOf("registeredDomain(\".co.uk\")"), "null");
}

}  // namespace
}  // namespace tocsin::functions
