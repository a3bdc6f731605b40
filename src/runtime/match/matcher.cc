#include "src/runtime/match/matcher.h"

#include <re2/re2.h>

#include <algorithm>
#include <compare>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "src/base/ip_network.h"
#include "src/base/json_writer.h"
#include "src/base/number.h"
#include "src/base/regex.h"
#include "src/base/time_parse.h"
#include "src/functions/function.h"
#include "src/functions/logic.h"
#include "src/runtime/expression/evaluator.h"
#include "src/runtime/match/counted_run.h"
#include "src/runtime/match/event_values.h"
#include "src/runtime/match/pattern_match.h"
#include "src/runtime/match/text_choice.h"

namespace tocsin::runtime {
namespace {

using program::FieldRelation;
using program::Node;
using program::NodeId;
using program::Test;
using program::TestId;
using program::TestOp;

// Kleene's logic: `and` is the least, `or` the greatest of its parts. kUnknown
// only comes up with require_fields.
enum class Truth : uint8_t { kFalse = 0, kUnknown = 1, kTrue = 2 };

Truth Not(Truth truth) {
  return static_cast<Truth>(2 - static_cast<int>(truth));
}

Truth FromBool(bool value) { return value ? Truth::kTrue : Truth::kFalse; }

bool Stands(std::partial_ordering order, program::CompareOp op) {
  switch (op) {
    case program::CompareOp::kEq:
      return order == std::partial_ordering::equivalent;
    case program::CompareOp::kLt:
      return order == std::partial_ordering::less;
    case program::CompareOp::kLe:
      return order == std::partial_ordering::less ||
             order == std::partial_ordering::equivalent;
    case program::CompareOp::kGt:
      return order == std::partial_ordering::greater;
    case program::CompareOp::kGe:
      return order == std::partial_ordering::greater ||
             order == std::partial_ordering::equivalent;
  }
  return false;
}

// The shortest decimal of a rule's number: "4688" for 4688.0.
std::string DecimalOf(const base::Number& number) {
  if (number.kind == base::Number::kInt) {
    return std::to_string(number.int_value);
  }
  if (number.kind == base::Number::kUint) {
    return std::to_string(static_cast<uint64_t>(number.int_value));
  }
  std::string text;
  base::AppendJsonDouble(number.double_value, &text);
  return text;
}

// The longest literal of a pattern; empty if it has none.
std::string_view LongestLiteral(const base::Pattern& pattern) {
  std::string_view longest;
  for (const base::PatternToken& token : pattern.tokens) {
    if (token.kind == base::PatternToken::kLiteral &&
        token.text.size() > longest.size()) {
      longest = token.text;
    }
  }
  return longest;
}

bool Related(std::string_view a, std::string_view b, FieldRelation relation) {
  switch (relation) {
    case FieldRelation::kEquals:
      return a == b;
    case FieldRelation::kContains:
      return ContainsText(a, b);
    case FieldRelation::kStartsWith:
      return a.starts_with(b);
    case FieldRelation::kEndsWith:
      return a.ends_with(b);
  }
  return false;
}

int64_t PartOf(const base::CivilParts& time, program::TimePart part) {
  switch (part) {
    case program::TimePart::kMinute:
      return time.minute;
    case program::TimePart::kHour:
      return time.hour;
    case program::TimePart::kDay:
      return time.day;
    case program::TimePart::kWeek:
      return time.week;
    case program::TimePart::kMonth:
      return time.month;
    case program::TimePart::kYear:
      return time.year;
  }
  return 0;
}

// From how many children on an `or` is worth a TextChoice.
constexpr uint32_t kManyChildren = 6;

// Whether a pattern matches every text, so that it need not be read.
bool IsAnything(const base::Pattern& pattern) {
  return pattern.tokens.size() == 1 &&
         pattern.tokens[0].kind == base::PatternToken::kAnyRun;
}

bool IsKeyword(const Test& test) { return test.field == program::kAnyField; }

}  // namespace

struct Matcher::Impl : ExpressionFields {
  Impl(const program::Program& program_in, MatcherOptions options_in)
      : program(program_in),
        options(options_in),
        values(program.fields),
        results(program.tests.size(), 0) {
    for (TestId id = 0; id < program.tests.size(); ++id) {
      const Test& test = program.tests[id];
      if (test.op == TestOp::kRegex) {
        auto regex = std::make_unique<RE2>(test.regex, base::RegexOptions());
        // A regex that front ends accepted; without it a rule would be silent.
        if (!regex->ok()) std::abort();
        regexes.emplace(id,
                        Regex{std::move(regex), CountedRun::Parse(test.regex)});
      } else if (test.op == TestOp::kCompare) {
        decimals.emplace(id, DecimalOf(test.number));
      } else if (test.op == TestOp::kExpression) {
        Needs needs;
        AddNeeds(program.expressions[test.expression], &needs);
        expression_needs.emplace(id, std::move(needs));
        if (auto order = OrderOf(program.expressions[test.expression])) {
          text_orders.emplace(id, std::move(*order));
        }
      }
    }
  }

  // `field < "text"`, as it is often written of versions and names: compared
  // where it stands, at no copy.
  struct TextOrder {
    program::FieldId field = 0;
    functions::Comparison op = functions::Comparison::kLt;
    std::string text;  // No number, which would be compared as one.
  };

  static std::optional<TextOrder> OrderOf(const program::Expression& e) {
    if (e.op != program::Expression::kCompare || e.folded) return std::nullopt;
    const auto op = static_cast<functions::Comparison>(e.detail);
    const program::Expression& field = e.children[0];
    const program::Expression& literal = e.children[1];
    if (op == functions::Comparison::kEq || op == functions::Comparison::kNe ||
        field.op != program::Expression::kField || field.has_index ||
        !field.value.is_null() || literal.op != program::Expression::kLiteral ||
        !literal.value.is_string() || base::NumberOf(literal.value)) {
      return std::nullopt;
    }
    return TextOrder{field.field, op, literal.value.text};
  }

  // nullopt: the field has a value that is no text.
  std::optional<bool> PassesOrder(const TextOrder& order) {
    for (TestedValue& value : values.Of(order.field)) {
      if (value.kind == FieldKind::kNull) continue;
      if (value.kind != FieldKind::kString) return std::nullopt;
    }
    for (TestedValue& value : values.Of(order.field)) {
      if (value.kind == FieldKind::kNull) continue;
      // The order of bytes is that of code points.
      const int compared = values.Text(value).compare(order.text);
      const bool passes =
          order.op == functions::Comparison::kLt   ? compared < 0
          : order.op == functions::Comparison::kLe ? compared <= 0
          : order.op == functions::Comparison::kGt ? compared > 0
                                                   : compared >= 0;
      if (passes) return true;
    }
    return false;
  }

  // What the value of an expression rests on.
  struct Needs {
    std::vector<program::FieldId> fields;
    bool more = false;  // The event's time, or how it stands to a list's.
  };

  void AddNeeds(const program::Expression& e, Needs* needs) const {
    if (e.op == program::Expression::kField ||
        e.op == program::Expression::kWhole) {
      needs->fields.push_back(e.field);
      // The event as a whole has no name.
      needs->more = needs->more || program.fields[e.field].empty();
    } else if (e.op == program::Expression::kCall) {
      const functions::Function* const called = functions::FindFunction(e.text);
      needs->more = needs->more || called == nullptr || called->needs_event ||
                    e.table != nullptr;
    }
    for (const program::Expression& child : e.children) AddNeeds(child, needs);
  }

  void AddFields(NodeId id, std::vector<program::FieldId>* fields) const {
    const Node& node = program.nodes[id];
    if (node.kind != Node::kTest) {
      for (const NodeId child : ChildrenOf(node)) AddFields(child, fields);
      return;
    }
    const Test& test = program.tests[node.first];
    if (test.op == TestOp::kExpression) {
      const Needs& needs = expression_needs.find(node.first)->second;
      fields->insert(fields->end(), needs.fields.begin(), needs.fields.end());
    } else if (!IsKeyword(test)) {
      fields->push_back(test.field);
      if (test.op == TestOp::kFieldRef) fields->push_back(test.other_field);
    }
  }

  // Whether a test has the same answer for all events that agree with this one
  // in the fixed fields.
  bool IsForeseen(TestId id, const std::vector<bool>& is_fixed) const {
    const Test& test = program.tests[id];
    if (test.op == TestOp::kExpression) {
      const Needs& needs = expression_needs.find(id)->second;
      return !needs.more &&
             std::all_of(
                 needs.fields.begin(), needs.fields.end(),
                 [&](program::FieldId field) { return is_fixed[field]; });
    }
    return !IsKeyword(test) && is_fixed[test.field] &&
           (test.op != TestOp::kFieldRef || is_fixed[test.other_field]);
  }

  Truth EvaluateNode(NodeId id) {
    const Node& node = program.nodes[id];
    switch (node.kind) {
      case Node::kTrue:
        return Truth::kTrue;
      case Node::kFalse:
        return Truth::kFalse;
      case Node::kTest:
        return EvaluateTest(node.first);
      case Node::kNot:
        return Not(EvaluateNode(ChildrenOf(node)[0]));
      case Node::kAnd: {
        Truth least = Truth::kTrue;
        for (const NodeId child : ChildrenOf(node)) {
          least = std::min(least, EvaluateNode(child));
          if (least == Truth::kFalse) break;
        }
        return least;
      }
      case Node::kOr: {
        Truth greatest = Truth::kFalse;
        std::span<const NodeId> children = ChildrenOf(node);
        if (node.count >= kManyChildren) {
          Choice& choice = ChoiceOf(id);
          if (choice.texts != nullptr) greatest = EvaluateChoice(choice);
          children = choice.rest;
        }
        if (greatest == Truth::kTrue) return greatest;
        for (const NodeId child : children) {
          greatest = std::max(greatest, EvaluateNode(child));
          if (greatest == Truth::kTrue) break;
        }
        return greatest;
      }
    }
    return Truth::kFalse;
  }

  // An `or` of many: what of it is about the text of one field, in one piece.
  struct Choice {
    program::FieldId field = 0;
    std::unique_ptr<TextChoice> texts;  // Null: no field has enough of them.
    std::vector<uint32_t> literals;     // Of these texts.
    std::vector<NodeId> rest;
  };

  // Made when it is first needed: of most rules no event comes this far.
  Choice& ChoiceOf(NodeId id) {
    const auto [entry, is_new] = choices.try_emplace(id);
    if (is_new) entry->second = MakeChoice(program.nodes[id]);
    return *entry->second;
  }

  // The test of a child that a TextChoice can take; null for others.
  const Test* SimpleTextTest(NodeId child) const {
    const Node& node = program.nodes[child];
    if (node.kind != Node::kTest) return nullptr;
    const Test& test = program.tests[node.first];
    const bool simple = test.op == TestOp::kPattern && !IsKeyword(test) &&
                        TextChoice::IsSimple(test.pattern);
    return simple ? &test : nullptr;
  }

  std::unique_ptr<Choice> MakeChoice(const Node& node) const {
    auto choice = std::make_unique<Choice>();
    absl::flat_hash_map<program::FieldId, uint32_t> tests_of;
    uint32_t most = 0;
    for (const NodeId child : ChildrenOf(node)) {
      const Test* const test = SimpleTextTest(child);
      if (test == nullptr) continue;
      const uint32_t count = ++tests_of[test->field];
      if (count > most) {
        most = count;
        choice->field = test->field;
      }
    }
    if (most >= kManyChildren) choice->texts = std::make_unique<TextChoice>();
    for (const NodeId child : ChildrenOf(node)) {
      const Test* const test = SimpleTextTest(child);
      if (choice->texts != nullptr && test != nullptr &&
          test->field == choice->field) {
        choice->texts->Add(test->pattern);
        choice->literals.push_back(test->literal);
      } else {
        choice->rest.push_back(child);
      }
    }
    if (choice->texts != nullptr) choice->texts->Build();
    return choice;
  }

  // Whether one of these literals stands in the event, if the index knows of
  // all of them.
  RuleIndex::Standing StandingOfAny(std::span<const uint32_t> literals) const {
    // To ask for more costs as much as a look at the text.
    static constexpr size_t kMaxAsked = 32;
    if (index == nullptr || literals.size() > kMaxAsked) {
      return RuleIndex::Standing::kUnknown;
    }
    for (const uint32_t literal : literals) {
      const RuleIndex::Standing standing = index->StandingOf(literal);
      if (standing != RuleIndex::Standing::kNotThere) return standing;
    }
    return RuleIndex::Standing::kNotThere;
  }

  Truth EvaluateChoice(Choice& choice) {
    if (options.require_fields && !values.Exists(choice.field)) {
      return Truth::kUnknown;
    }
    const RuleIndex::Standing standing = StandingOfAny(choice.literals);
    if (standing != RuleIndex::Standing::kUnknown) {
      return FromBool(standing == RuleIndex::Standing::kThere);
    }
    for (TestedValue& value : values.Of(choice.field)) {
      if (value.has_text() && choice.texts->Matches(values.Folded(value))) {
        return Truth::kTrue;
      }
    }
    return Truth::kFalse;
  }

  std::span<const NodeId> ChildrenOf(const Node& node) const {
    return {program.children.data() + node.first, node.count};
  }

  // A result carries the number of its event, so none has to be cleared.
  Truth EvaluateTest(TestId id) {
    uint64_t& result = results[id];
    if (result >> 2 == event_number) return static_cast<Truth>(result & 3);
    const Truth truth = ComputeTest(id);
    result = event_number << 2 | static_cast<uint64_t>(truth);
    return truth;
  }

  Truth ComputeTest(TestId id) {
    const Test& test = program.tests[id];
    if (test.op == TestOp::kExpression) {
      if (const auto order = text_orders.find(id); order != text_orders.end()) {
        if (const auto passes = PassesOrder(order->second)) {
          return FromBool(*passes);
        }
      }
      return FromBool(
          evaluator.IsTrue(program.expressions[test.expression], this));
    }
    if (test.op == TestOp::kExists) {
      return FromBool(values.Exists(test.field) == test.flag);
    }
    if (test.op == TestOp::kNull) {
      return FromBool(values.Of(test.field).empty() || FirstPassing(id));
    }
    if (options.require_fields && AnyFieldAbsent(test)) return Truth::kUnknown;
    if (index != nullptr && test.literal != program::kNoLiteral) {
      const RuleIndex::Standing standing = index->StandingOf(test.literal);
      if (standing != RuleIndex::Standing::kUnknown) {
        return FromBool(standing == RuleIndex::Standing::kThere);
      }
    }
    if (index != nullptr && test.needed != program::kNoLiteral &&
        index->StandingOf(test.needed) == RuleIndex::Standing::kNotThere) {
      return Truth::kFalse;
    }
    return FromBool(FirstPassing(id) != nullptr);
  }

  bool AnyFieldAbsent(const Test& test) {
    if (IsKeyword(test)) return false;
    if (!values.Exists(test.field)) return true;
    return test.op == TestOp::kFieldRef && !values.Exists(test.other_field);
  }

  // Between which bounds a node's truth lies for all events that agree with
  // this one in the fixed fields.
  struct Bounds {
    Truth least = Truth::kFalse;
    Truth greatest = Truth::kTrue;
  };

  Bounds BoundsOf(NodeId id, const std::vector<bool>& is_fixed) {
    const Node& node = program.nodes[id];
    switch (node.kind) {
      case Node::kTrue:
        return {Truth::kTrue, Truth::kTrue};
      case Node::kFalse:
        return {Truth::kFalse, Truth::kFalse};
      case Node::kTest: {
        if (!IsForeseen(node.first, is_fixed)) return {};
        const Truth truth = EvaluateTest(node.first);
        return {truth, truth};
      }
      case Node::kNot: {
        const Bounds bounds = BoundsOf(ChildrenOf(node)[0], is_fixed);
        return {Not(bounds.greatest), Not(bounds.least)};
      }
      case Node::kAnd: {
        Bounds bounds = {Truth::kTrue, Truth::kTrue};
        for (const NodeId child : ChildrenOf(node)) {
          const Bounds of_child = BoundsOf(child, is_fixed);
          bounds.least = std::min(bounds.least, of_child.least);
          bounds.greatest = std::min(bounds.greatest, of_child.greatest);
          if (bounds.greatest == Truth::kFalse) break;
        }
        return bounds;
      }
      case Node::kOr: {
        Bounds bounds = {Truth::kFalse, Truth::kFalse};
        for (const NodeId child : ChildrenOf(node)) {
          const Bounds of_child = BoundsOf(child, is_fixed);
          bounds.least = std::max(bounds.least, of_child.least);
          bounds.greatest = std::max(bounds.greatest, of_child.greatest);
          if (bounds.least == Truth::kTrue) break;
        }
        return bounds;
      }
    }
    return {};
  }

  // The first value that passes the test; null if none does.
  TestedValue* FirstPassing(TestId id) {
    const Test& test = program.tests[id];
    if (test.op == TestOp::kExpression) return nullptr;  // Of no one value.
    if (IsKeyword(test)) {
      if (!KeywordMayOccur(test)) return nullptr;
      return FirstPassing(id, test, values.Scalars());
    }
    if (test.op == TestOp::kFieldRef) return FirstRelated(test);
    return FirstPassing(id, test, values.Of(test.field));
  }

  TestedValue* FirstPassing(TestId id, const Test& test,
                            std::span<TestedValue> candidates) {
    for (TestedValue& candidate : candidates) {
      if (Passes(id, test, candidate)) return &candidate;
    }
    return nullptr;
  }

  // One search over all scalars instead of one in each. A true answer still
  // has to be looked at value by value.
  bool KeywordMayOccur(const Test& test) {
    if (test.op != TestOp::kPattern || test.pattern.cased) return true;
    return ContainsText(values.FoldedScalars(), LongestLiteral(test.pattern));
  }

  bool Passes(TestId id, const Test& test, TestedValue& value) {
    if (test.op == TestOp::kNull) return value.kind == FieldKind::kNull;
    if (test.op == TestOp::kExists) return test.flag;
    if (!value.has_text()) return false;
    switch (test.op) {
      case TestOp::kPattern:
        if (IsAnything(test.pattern)) return true;
        return MatchesPattern(test.pattern, test.pattern.cased
                                                ? values.Text(value)
                                                : values.Folded(value));
      case TestOp::kCompare:
        return PassesCompare(id, test, value);
      case TestOp::kBool:
        if (value.kind == FieldKind::kBool) {
          return values.Read(value).bool_value() == test.flag;
        }
        return value.kind == FieldKind::kString &&
               values.Folded(value) == (test.flag ? "true" : "false");
      case TestOp::kRegex:
        return PassesRegex(id, values.Text(value));
      case TestOp::kCidr:
        return value.kind == FieldKind::kString &&
               PassesCidr(test, values.Text(value));
      case TestOp::kTimePart:
        return PassesTimePart(test, value);
      case TestOp::kNull:
      case TestOp::kExists:
      case TestOp::kFieldRef:
      case TestOp::kExpression:
        break;  // Not about one value.
    }
    return false;
  }

  bool PassesRegex(TestId id, std::string_view text) {
    const Regex& regex = regexes.find(id)->second;
    if (regex.counted) return regex.counted->Matches(text);
    return regex.general->Match({text.data(), text.size()}, 0, text.size(),
                                RE2::UNANCHORED, nullptr, 0);
  }

  bool PassesCompare(TestId id, const Test& test, TestedValue& value) {
    if (value.kind == FieldKind::kString &&
        test.compare == program::CompareOp::kEq) {
      // As the rule writes the number or as JSON would: 1.5 is not "1.50".
      return values.Text(value) == decimals.find(id)->second ||
             (!test.number.text.empty() &&
              values.Text(value) == test.number.text);
    }
    const std::optional<base::Number> number =
        base::ToNumber(values.Read(value));
    return number && Stands(base::Compare(*number, test.number), test.compare);
  }

  static bool PassesCidr(const Test& test, std::string_view text) {
    const std::optional<base::IpAddress> address = base::ParseIpAddress(text);
    return address && std::any_of(test.networks.begin(), test.networks.end(),
                                  [&](const base::IpNetwork& network) {
                                    return network.Contains(*address);
                                  });
  }

  bool PassesTimePart(const Test& test, TestedValue& value) {
    if (value.kind == FieldKind::kBool) return false;
    const std::optional<base::CivilParts> time =
        base::ParseCivilParts(values.Text(value));
    if (!time) return false;
    base::Number part;
    part.int_value = PartOf(*time, test.part);
    return Stands(base::Compare(part, test.number), test.compare);
  }

  // Asking for values of one field can move those of another, so both are
  // found before either is looked at.
  TestedValue* FirstRelated(const Test& test) {
    values.Exists(test.field);
    values.Exists(test.other_field);
    const std::span<TestedValue> others = values.Of(test.other_field);
    for (TestedValue& value : values.Of(test.field)) {
      if (!value.has_text()) continue;
      for (TestedValue& other : others) {
        if (!other.has_text()) continue;
        if (Related(test.cased ? values.Text(value) : values.Folded(value),
                    test.cased ? values.Text(other) : values.Folded(other),
                    test.relation)) {
          return &value;
        }
      }
    }
    return nullptr;
  }

  // Collects what makes a node `truth` (kTrue or kFalse). Walks only what that
  // rests on: the true tests, and below a `not` the fields that are absent.
  void ExplainNode(NodeId id, Truth truth, uint32_t label,
                   std::vector<MatchedField>* matched) {
    const Node& node = program.nodes[id];
    if (node.label != 0) label = node.label;
    switch (node.kind) {
      case Node::kTrue:
      case Node::kFalse:
        return;
      case Node::kTest:
        ExplainTest(node.first, truth, label, matched);
        return;
      case Node::kNot:
        ExplainNode(ChildrenOf(node)[0], Not(truth), label, matched);
        return;
      case Node::kAnd:
      case Node::kOr:
        for (const NodeId child : ChildrenOf(node)) {
          if (EvaluateNode(child) == truth) {
            ExplainNode(child, truth, label, matched);
          }
        }
        return;
    }
  }

  void ExplainTest(TestId id, Truth truth, uint32_t label,
                   std::vector<MatchedField>* matched) {
    const Test& test = program.tests[id];
    MatchedField field;
    field.selection = program.labels[label];
    TestedValue* passing = nullptr;
    if (test.op == TestOp::kExpression) return;
    if (IsKeyword(test)) {
      if (truth != Truth::kTrue) return;
      passing = FirstPassing(id);
    } else {
      field.field = program.fields[test.field];
      field.absent = !values.Exists(test.field);
      if (!field.absent) {
        if (truth != Truth::kTrue) return;
        passing = FirstPassing(id);
      }
    }
    if (passing != nullptr) field.value = values.Read(*passing);
    // Ten patterns of a selection found in one command line are one entry.
    const auto same = [&](const MatchedField& other) {
      return other.field == field.field && other.selection == field.selection &&
             other.value.kind() == field.value.kind() &&
             other.value.text().data() == field.value.text().data();
    };
    if (std::none_of(matched->begin(), matched->end(), same)) {
      matched->push_back(field);
    }
  }

  // ExpressionFields.
  bool Find(uint32_t field, std::vector<base::Value>* found) override {
    if (!values.Exists(field)) return false;
    for (TestedValue& value : values.Of(field)) {
      found->push_back(base::Value::Of(values.Read(value)));
    }
    return true;
  }
  bool FindWhole(uint32_t field, std::vector<base::Value>* found) override {
    return values.FindWhole(field, found);
  }
  std::optional<int64_t> EventTime() override {
    return event_time ? event_time() : std::nullopt;
  }

  struct Regex {
    std::unique_ptr<RE2> general;
    std::optional<CountedRun> counted;  // Used instead, if it is one.
  };

  const program::Program& program;
  MatcherOptions options;
  EventValues values;
  Evaluator evaluator;
  std::function<std::optional<int64_t>()> event_time;
  const RuleIndex* index = nullptr;
  uint64_t event_number = 0;
  std::vector<uint64_t> results;  // By TestId: event number * 4 + Truth.
  absl::flat_hash_map<TestId, Regex> regexes;
  absl::flat_hash_map<NodeId, std::unique_ptr<Choice>> choices;
  absl::flat_hash_map<TestId, std::string> decimals;  // kCompare.
  absl::flat_hash_map<TestId, Needs> expression_needs;
  absl::flat_hash_map<TestId, TextOrder> text_orders;
  std::vector<program::FieldId> fields_of;  // Of the rule asked for last.
};

Matcher::Matcher(const program::Program& program, MatcherOptions options)
    : impl_(std::make_unique<Impl>(program, options)) {}

Matcher::~Matcher() = default;

void Matcher::set_event_time(
    std::function<std::optional<int64_t>()> event_time) {
  impl_->event_time = std::move(event_time);
}

void Matcher::Begin(const EventView& event,
                    std::span<const FieldRename> renames) {
  ++impl_->event_number;
  impl_->index = nullptr;
  impl_->values.Begin(event, renames);
}

void Matcher::Begin(RawEvent& event, std::span<const uint32_t> sources,
                    LazyEventView* tree, const RuleIndex* index) {
  ++impl_->event_number;
  impl_->index = index;
  impl_->values.Begin(event, sources, tree);
}

Matcher::Outlook Matcher::Foresee(uint32_t rule,
                                  const std::vector<bool>& is_fixed) {
  return ForeseeNode(impl_->program.rules[rule].root, is_fixed);
}

Matcher::Outlook Matcher::ForeseeNode(program::NodeId node,
                                      const std::vector<bool>& is_fixed) {
  const auto bounds = impl_->BoundsOf(node, is_fixed);
  if (bounds.greatest != Truth::kTrue) return Outlook::kNone;
  return bounds.least == Truth::kTrue ? Outlook::kAll : Outlook::kSome;
}

std::span<const program::FieldId> Matcher::FieldsOf(uint32_t rule) {
  return FieldsOfNode(impl_->program.rules[rule].root);
}

std::span<const program::FieldId> Matcher::FieldsOfNode(program::NodeId node) {
  std::vector<program::FieldId>& fields = impl_->fields_of;
  fields.clear();
  impl_->AddFields(node, &fields);
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  return fields;
}

size_t Matcher::field_count() const { return impl_->program.fields.size(); }

bool Matcher::Matches(uint32_t rule) {
  return impl_->EvaluateNode(impl_->program.rules[rule].root) == Truth::kTrue;
}

void Matcher::Explain(uint32_t rule, std::vector<MatchedField>* matched) {
  const NodeId root = impl_->program.rules[rule].root;
  if (impl_->EvaluateNode(root) != Truth::kTrue) return;
  impl_->ExplainNode(root, Truth::kTrue, 0, matched);
}

}  // namespace tocsin::runtime
