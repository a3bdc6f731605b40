#include "src/frontend/sigma/lower_item.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "src/base/string_map.h"
#include "src/frontend/sigma/modifier_chain.h"
#include "src/frontend/sigma/placeholder.h"
#include "src/frontend/sigma/regex.h"
#include "src/frontend/sigma/value_pattern.h"

namespace tocsin::sigma {
namespace {

using base::Pattern;
using ir::Expr;
using text::Quoted;

// Most texts that one value may turn into (`windash|base64offset`).
constexpr size_t kMaxExpansion = 1000;

ir::CompareOp CompareOf(const ModifierChain& chain) {
  if (chain.compare_equal) return ir::CompareOp::kEq;
  switch (chain.compare) {
    case ModifierId::kLt:
      return ir::CompareOp::kLt;
    case ModifierId::kLte:
      return ir::CompareOp::kLe;
    case ModifierId::kGt:
      return ir::CompareOp::kGt;
    default:
      return ir::CompareOp::kGe;
  }
}

ir::TimePart PartOf(ModifierId id) {
  switch (id) {
    case ModifierId::kMinute:
      return ir::TimePart::kMinute;
    case ModifierId::kHour:
      return ir::TimePart::kHour;
    case ModifierId::kDay:
      return ir::TimePart::kDay;
    case ModifierId::kWeek:
      return ir::TimePart::kWeek;
    case ModifierId::kMonth:
      return ir::TimePart::kMonth;
    default:
      return ir::TimePart::kYear;
  }
}

// A number that is written as digits only and that no 64-bit integer holds:
// compared as text it stays exact.
bool IsHugeInteger(const base::Number& number, std::string_view text) {
  return number.kind == base::Number::kDouble &&
         text.find_first_not_of("+-0123456789") == std::string_view::npos;
}

// Whether `raw` looks like a path in which `\*` was meant as a separator and a
// wildcard: a drive or folder before it, or a file extension behind it.
bool HasEscapedStarInPath(std::string_view raw) {
  bool in_path = false;
  for (size_t i = 0; i + 1 < raw.size(); ++i) {
    if (raw[i] != '\\') continue;
    const char next = raw[i + 1];
    if (next == '*') {
      const bool after_drive = i > 0 && raw[i - 1] == ':';
      const bool extension = i + 2 < raw.size() && raw[i + 2] == '.';
      if (in_path || after_drive || extension) return true;
    }
    in_path = in_path || absl::ascii_isalpha(static_cast<unsigned char>(next));
    if (next == '\\' || next == '*' || next == '?') ++i;
  }
  return false;
}

std::optional<bool> ReadBool(const Value& value) {
  if (value.kind == Value::kBool) return value.bool_value;
  if (value.kind != Value::kString) return std::nullopt;
  const absl::string_view text = base::ToAbsl(value.text);
  if (absl::EqualsIgnoreCase(text, "yes") ||
      absl::EqualsIgnoreCase(text, "true")) {
    return true;
  }
  if (absl::EqualsIgnoreCase(text, "no") ||
      absl::EqualsIgnoreCase(text, "false")) {
    return false;
  }
  return std::nullopt;
}

// Sets the field of every test below.
void SetField(const std::string& field, Expr* expr) {
  if (expr->kind == Expr::kTest) expr->test.field = field;
  for (Expr& child : expr->children) SetField(field, &child);
}

class ItemLowerer {
 public:
  ItemLowerer(const Item& item, const ModifierChain& chain, Budget* budget,
              text::Reporter* reporter)
      : item_(item), chain_(chain), budget_(budget), reporter_(reporter) {}

  std::optional<Expr> Lower() {
    CheckList();
    std::vector<Expr> tests = chain_.test == ModifierChain::kCidr && !chain_.all
                                  ? LowerNetworks()
                                  : LowerValues();
    if (!good_ || tests.empty()) return std::nullopt;
    Expr expr =
        chain_.all ? Expr::And(std::move(tests)) : Expr::Or(std::move(tests));
    expr = OverFields(std::move(expr));
    if (chain_.neq) expr = Expr::Not(std::move(expr));
    expr.range = item_.range;
    return expr;
  }

 private:
  bool is_keyword() const { return item_.fields.empty(); }

  std::string Subject() const {
    return is_keyword() ? "keywords" : "field " + Quoted(item_.fields.front());
  }

  Expr Fail(std::string_view code, text::Range range, std::string message,
            std::string help = {}) {
    good_ = false;
    reporter_->Error(code, range, std::move(message), std::move(help));
    return Expr::False();
  }

  Expr FailValue(const Value& value, std::string_view wanted,
                 std::string help = {}) {
    const std::string found = value.kind == Value::kNull ? "null"
                              : value.text.empty()       ? "empty text"
                                                         : Quoted(value.text);
    return Fail("T016", value.range,
                "expected " + std::string(wanted) + ", found " + found,
                std::move(help));
  }

  void CheckList() {
    if (item_.values.empty()) {
      Fail("T020", item_.range, "the list of " + Subject() + " is empty",
           is_keyword() ? "give at least one keyword"
                        : "give at least one value; write `null` for a field "
                          "that is absent");
      return;
    }
    if (chain_.all && item_.values.size() == 1) {
      for (const Modifier& modifier : item_.modifiers) {
        if (modifier.name != "all") continue;
        reporter_->Warning("T044", modifier.range,
                           "`all` has no meaning for a single value",
                           "leave `all` away, or give a list of values");
      }
    }
    if (chain_.test == ModifierChain::kExists && item_.values.size() > 1) {
      Fail("T016", item_.range, "`exists` takes one value, true or false");
    }
    for (const Value& value : item_.values) {
      if (value.kind != Value::kNull || item_.values.size() == 1) continue;
      reporter_->Warning("T041", value.range,
                         "null in a list of values is not portable",
                         "put `null` into a selection of its own and join the "
                         "two with `or`");
      break;
    }
  }

  // The item holds if it holds for one of its fields.
  Expr OverFields(Expr expr) const {
    if (item_.fields.size() < 2) return expr;
    std::vector<Expr> copies;
    for (const std::string& field : item_.fields) {
      copies.push_back(expr);
      SetField(field, &copies.back());
    }
    return Expr::Or(std::move(copies));
  }

  ir::Test NewTest(ir::TestOp op) const {
    ir::Test test;
    test.op = op;
    if (is_keyword()) {
      test.any_field = true;
    } else {
      test.field = item_.fields.front();
    }
    return test;
  }

  std::vector<Expr> LowerValues() {
    std::vector<Expr> tests;
    tests.reserve(item_.values.size());
    for (const Value& written : item_.values) {
      if (!chain_.expand || written.kind != Value::kString) {
        tests.push_back(LowerValue(written));
        continue;
      }
      const std::optional<Value> value = WithoutPlaceholders(written);
      if (value) tests.push_back(LowerValue(*value));
    }
    return tests;
  }

  // The value as it reads without `expand`; nullopt: a placeholder is left.
  std::optional<Value> WithoutPlaceholders(const Value& written) {
    const ValueSyntax syntax = chain_.test == ModifierChain::kRegex
                                   ? ValueSyntax::kRegex
                                   : ValueSyntax::kSigma;
    const std::vector<std::string> names =
        PlaceholderNames(written.text, syntax);
    for (const std::string& name : names) {
      Fail("T019", written.range,
           "placeholder " + Quoted("%" + name + "%") + " is not resolved",
           "load a processing pipeline that gives it values, as with "
           "`value_placeholders`");
    }
    if (!names.empty()) return std::nullopt;
    Value value = written;
    value.text = WithoutExpand(written.text, syntax);
    return value;
  }

  Expr LowerValue(const Value& value) {
    switch (chain_.test) {
      case ModifierChain::kText:
        return LowerText(value);
      case ModifierChain::kRegex:
        return LowerRegex(value);
      case ModifierChain::kCidr:
        return LowerNetwork(value);
      case ModifierChain::kCompare:
        return LowerCompare(value);
      case ModifierChain::kExists:
        return LowerExists(value);
      case ModifierChain::kFieldRef:
        return LowerFieldRef(value);
    }
    return Expr::False();
  }

  Expr LowerText(const Value& value) {
    const bool as_it_is = chain_.steps.empty() && !is_keyword();
    if (value.kind == Value::kNull) return LowerNull(value, as_it_is);
    if (as_it_is && value.kind == Value::kBool) {
      ir::Test test = NewTest(ir::TestOp::kBool);
      test.flag = value.bool_value;
      return Expr::Of(std::move(test), value.range);
    }
    if (as_it_is && value.kind == Value::kNumber &&
        !IsHugeInteger(value.number, value.text)) {
      ir::Test test = NewTest(ir::TestOp::kCompare);
      test.number = value.number;
      return Expr::Of(std::move(test), value.range);
    }
    Pattern pattern = value.kind == Value::kString ? ParseValue(value.text)
                                                   : LiteralPattern(value.text);
    pattern.cased = chain_.cased;
    if (value.kind == Value::kString) WarnOfPath(value);
    return LowerPatterns(value, std::move(pattern));
  }

  Expr LowerNull(const Value& value, bool as_it_is) {
    if (is_keyword()) {
      return FailValue(value, "a keyword",
                       "a keyword is text that the event holds");
    }
    if (!as_it_is) {
      return FailValue(value, "text for " + Quoted(item_.modifiers[0].name),
                       "write `null` without a modifier");
    }
    return Expr::Of(NewTest(ir::TestOp::kNull), value.range);
  }

  void WarnOfPath(const Value& value) {
    if (!HasEscapedStarInPath(value.text)) return;
    reporter_->Warning("T043", value.range,
                       "`\\*` is a plain star here, not a separator and a "
                       "wildcard",
                       "write `\\\\*` for a backslash and a wildcard");
  }

  // Takes the pattern through positions and encodings, in their order.
  Expr LowerPatterns(const Value& value, Pattern pattern) {
    std::vector<Pattern> patterns;
    patterns.push_back(std::move(pattern));
    for (const ModifierId step : chain_.steps) {
      if (!Apply(step, value, &patterns)) return Expr::False();
    }
    const bool anywhere = is_keyword() && !chain_.contains &&
                          !chain_.starts_with && !chain_.ends_with;
    const auto lower = [&](Pattern* each) {
      if (anywhere) {
        AllowAnyBefore(each);
        AllowAnyAfter(each);
      }
      WarnOfEverything(value, *each);
      ir::Test test = NewTest(ir::TestOp::kPattern);
      test.pattern = std::move(*each);
      return Expr::Of(std::move(test), value.range);
    };
    if (patterns.size() == 1) return lower(&patterns.front());
    std::vector<Expr> tests;
    tests.reserve(patterns.size());
    for (Pattern& each : patterns) tests.push_back(lower(&each));
    return Expr::Or(std::move(tests));
  }

  void WarnOfEverything(const Value& value, const Pattern& pattern) {
    // A lone `*` is a known way to say "the field is there". Keywords are left
    // to the lints of all formats.
    const bool meant = is_keyword() || chain_.steps.empty();
    if (meant || !MatchesEverything(pattern)) return;
    reporter_->Warning("T045", value.range, "this value is found in every text",
                       "use `exists: true` to ask whether the field is there");
  }

  bool Apply(ModifierId step, const Value& value,
             std::vector<Pattern>* patterns) {
    switch (step) {
      case ModifierId::kContains:
        for (Pattern& pattern : *patterns) {
          AllowAnyBefore(&pattern);
          AllowAnyAfter(&pattern);
        }
        return true;
      case ModifierId::kStartsWith:
        for (Pattern& pattern : *patterns) AllowAnyAfter(&pattern);
        return true;
      case ModifierId::kEndsWith:
        for (Pattern& pattern : *patterns) AllowAnyBefore(&pattern);
        return true;
      case ModifierId::kWinDash:
        for (Pattern& pattern : *patterns) pattern = VaryDashes(pattern);
        return true;
      case ModifierId::kUtf16Le:
        return ApplyUtf16(Utf16::kLittleEndian, value, patterns);
      case ModifierId::kUtf16Be:
        return ApplyUtf16(Utf16::kBigEndian, value, patterns);
      case ModifierId::kUtf16:
        return ApplyUtf16(Utf16::kWithByteOrderMark, value, patterns);
      default:
        return ApplyBase64(step == ModifierId::kBase64Offset, value, patterns);
    }
  }

  // Writes out the choices that `windash` left, as encodings must see them.
  bool WriteOutChoices(const Value& value, std::vector<Pattern>* patterns) {
    std::vector<Pattern> all;
    for (const Pattern& pattern : *patterns) {
      std::optional<std::vector<Pattern>> expanded =
          ExpandChoices(pattern, kMaxExpansion);
      if (!expanded || all.size() + expanded->size() > kMaxExpansion) {
        Fail("T028", value.range,
             "`windash` before an encoding turns this value into more than " +
                 std::to_string(kMaxExpansion) + " texts",
             "split the value so that each part holds fewer options");
        return false;
      }
      std::move(expanded->begin(), expanded->end(), std::back_inserter(all));
    }
    *patterns = std::move(all);
    return true;
  }

  bool ApplyUtf16(Utf16 form, const Value& value,
                  std::vector<Pattern>* patterns) {
    if (!WriteOutChoices(value, patterns)) return false;
    for (Pattern& pattern : *patterns) pattern = EncodeUtf16(pattern, form);
    return true;
  }

  bool ApplyBase64(bool offsets, const Value& value,
                   std::vector<Pattern>* patterns) {
    if (!WriteOutChoices(value, patterns)) return false;
    std::vector<Pattern> encoded;
    for (const Pattern& pattern : *patterns) {
      const std::optional<std::string> text = LiteralText(pattern);
      if (!text) {
        Fail("T028", value.range, "a value with wildcards has no base64 form",
             "escape `*` and `?` with a backslash, and put `contains` behind "
             "the encoding");
        return false;
      }
      const std::vector<std::string> forms =
          offsets ? EncodeBase64Offsets(*text)
                  : std::vector<std::string>{EncodeBase64(*text)};
      for (const std::string& form : forms) {
        if (form.empty()) {
          Fail("T028", value.range,
               "the value is too short to be found in base64",
               "give at least two characters");
          return false;
        }
        encoded.push_back(LiteralPattern(form));
        encoded.back().cased = pattern.cased;
      }
    }
    *patterns = std::move(encoded);
    return true;
  }

  Expr LowerRegex(const Value& value) {
    if (value.kind == Value::kNull) {
      return FailValue(value, "a regular expression");
    }
    const RegexOptions options = {.ignore_case = chain_.ignore_case,
                                  .multi_line = chain_.multi_line,
                                  .dot_all = chain_.dot_all,
                                  .at_start = chain_.starts_with,
                                  .at_end = chain_.ends_with};
    std::optional<std::string> regex =
        CheckRegex(value, options, budget_, reporter_);
    if (!regex) {
      good_ = false;
      return Expr::False();
    }
    ir::Test test = NewTest(ir::TestOp::kRegex);
    test.regex = *std::move(regex);
    return Expr::Of(std::move(test), value.range);
  }

  std::optional<base::IpNetwork> ReadNetwork(const Value& value) {
    std::optional<base::IpNetwork> network;
    if (value.kind == Value::kString)
      network = base::ParseIpNetwork(value.text);
    if (!network) {
      Fail("T017", value.range,
           "expected a network such as `192.0.2.0/24` or `2001:db8::/32`, "
           "found " +
               (value.kind == Value::kNull ? "null" : Quoted(value.text)));
    }
    return network;
  }

  Expr LowerNetwork(const Value& value) {
    const std::optional<base::IpNetwork> network = ReadNetwork(value);
    if (!network) return Expr::False();
    ir::Test test = NewTest(ir::TestOp::kCidr);
    test.networks.push_back(*network);
    return Expr::Of(std::move(test), value.range);
  }

  // All networks of a list make one test.
  std::vector<Expr> LowerNetworks() {
    ir::Test test = NewTest(ir::TestOp::kCidr);
    for (const Value& written : item_.values) {
      std::optional<Value> value = written;
      if (chain_.expand && written.kind == Value::kString) {
        value = WithoutPlaceholders(written);
      }
      if (!value) continue;
      const std::optional<base::IpNetwork> network = ReadNetwork(*value);
      if (network) test.networks.push_back(*network);
    }
    if (test.networks.empty()) return {};
    std::vector<Expr> tests;
    tests.push_back(Expr::Of(std::move(test), item_.values.front().range));
    return tests;
  }

  Expr LowerCompare(const Value& value) {
    std::optional<base::Number> number;
    if (value.kind == Value::kNumber) number = value.number;
    if (value.kind == Value::kString) number = base::ParseNumber(value.text);
    if (!number) return FailValue(value, "a number");
    ir::Test test = NewTest(chain_.time_part ? ir::TestOp::kTimePart
                                             : ir::TestOp::kCompare);
    test.compare = CompareOf(chain_);
    if (chain_.time_part) test.part = PartOf(*chain_.time_part);
    test.number = *std::move(number);
    return Expr::Of(std::move(test), value.range);
  }

  Expr LowerExists(const Value& value) {
    const std::optional<bool> flag = ReadBool(value);
    if (!flag) return FailValue(value, "`true` or `false`");
    ir::Test test = NewTest(ir::TestOp::kExists);
    test.flag = *flag;
    return Expr::Of(std::move(test), value.range);
  }

  Expr LowerFieldRef(const Value& value) {
    if (value.kind == Value::kNull || value.text.empty()) {
      return FailValue(value, "the name of a field");
    }
    ir::Test test = NewTest(ir::TestOp::kFieldRef);
    test.other_field = value.text;
    test.cased = chain_.cased;
    if (chain_.contains) test.relation = ir::FieldRelation::kContains;
    if (chain_.starts_with) test.relation = ir::FieldRelation::kStartsWith;
    if (chain_.ends_with) test.relation = ir::FieldRelation::kEndsWith;
    return Expr::Of(std::move(test), value.range);
  }

  const Item& item_;
  const ModifierChain& chain_;
  Budget* budget_;
  text::Reporter* reporter_;
  bool good_ = true;
};

}  // namespace

std::optional<Expr> LowerItem(const Item& item, Budget* budget,
                              text::Reporter* reporter) {
  const std::optional<ModifierChain> chain = ReadModifiers(item, reporter);
  if (!chain) return std::nullopt;
  return ItemLowerer(item, *chain, budget, reporter).Lower();
}

}  // namespace tocsin::sigma
