#include "src/frontend/expression/check.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/ip_network.h"
#include "src/base/string_map.h"
#include "src/frontend/expression/field_types.h"
#include "src/frontend/expression/fold.h"
#include "src/functions/function.h"

namespace tocsin::expression {

using base::Value;
using base::ValueKind;
using ir::Expression;
using ir::Operator;
using ir::Type;
using text::Quoted;
using text::Span;

namespace {

constexpr std::array<std::string_view, 5> kLevels = {"info", "low", "medium",
                                                     "high", "critical"};

Type TypeOfValue(const Value& value) {
  switch (value.kind) {
    case ValueKind::kNull:
      return Type::kNull;
    case ValueKind::kBool:
      return Type::kBool;
    case ValueKind::kInt:
    case ValueKind::kUint:
    case ValueKind::kDouble:
      return Type::kNumber;
    case ValueKind::kString:
      return Type::kString;
    case ValueKind::kDuration:
      return Type::kDuration;
    case ValueKind::kTime:
      return Type::kTime;
    case ValueKind::kPoint:
      return Type::kPoint;
    case ValueKind::kArray:
      return Type::kArray;
    case ValueKind::kObject:
      return Type::kObject;
  }
  return Type::kAny;
}

// Whether a value of type `from` can stand where `to` is wanted.
bool Fits(Type from, Type to) {
  if (from == Type::kAny || to == Type::kAny || from == Type::kNull ||
      from == Type::kArray || from == to) {
    return true;
  }
  switch (to) {
    case Type::kString:
      return from == Type::kIp || from == Type::kNumber ||
             from == Type::kBool || from == Type::kTime;
    case Type::kIp:
      return from == Type::kString;
    case Type::kNumber:
      return from == Type::kString || from == Type::kDuration;
    case Type::kTime:
      return from == Type::kString || from == Type::kNumber;
    default:
      return false;
  }
}

void MoveTo(Span span, Expression* e) {
  e->span = span;
  e->name_span = span;
  for (Expression& child : e->children) MoveTo(span, &child);
}

size_t CountNodes(const Expression& e) {
  size_t count = 1;
  for (const Expression& child : e.children) count += CountNodes(child);
  return count;
}

// Puts arguments in the place of parameters.
void Substitute(const std::vector<std::string>& parameters,
                const std::vector<Expression>& arguments, Expression* e) {
  if (e->kind == Expression::kField && !e->field.has_index()) {
    const std::string name = e->field.Name();
    for (size_t i = 0; i < parameters.size(); ++i) {
      if (parameters[i] != name) continue;
      *e = arguments[i];
      return;
    }
  }
  for (Expression& child : e->children) {
    Substitute(parameters, arguments, &child);
  }
}

}  // namespace

std::string Checker::Written(Span span) const {
  std::string_view text = reporter_.source().Slice(span);
  return std::string(text.substr(0, text.find('\n')));
}

void Checker::Error(std::string_view code, Span span, std::string message,
                    std::string help) {
  ++errors_;
  reporter_.Error(code, reporter_.source().RangeOf(span), std::move(message),
                  std::move(help));
}

bool Checker::Count(const Expression& e, size_t nodes) {
  nodes_ += nodes;
  if (nodes_ <= kMaxExpandedNodes) return true;
  Error("T341", e.span, "macros and lists make this condition too large",
        "put long lists into a file, and name them once");
  return false;
}

bool Checker::CheckCondition(Expression* condition) {
  if (dialect_.is_endgame()) MakeCondition(condition);
  if (!CheckValue(condition)) return false;
  WantCondition(*condition);
  return errors_ == 0;
}

bool Checker::CheckValue(Expression* value) {
  errors_ = 0;
  Expand(value, 0);
  if (errors_ > 0) return false;
  if (dialect_.is_eql()) RewriteEql(value);
  FindType(value);
  if (errors_ > 0) return false;
  Fold(value);
  return true;
}

bool Checker::ExpandNames(Expression* e) {
  errors_ = 0;
  Expand(e, 0);
  return errors_ == 0;
}

// --- Names ------------------------------------------------------------------

void Checker::Expand(Expression* e, int depth) {
  switch (e->kind) {
    case Expression::kError:
      ++errors_;  // It was told.
      return;
    case Expression::kCall:
      ExpandCall(e, depth);
      return;
    case Expression::kSome:
    case Expression::kEvery:
    case Expression::kCountOf:
    case Expression::kWhich:
      Expand(&e->children[0], depth);
      variables_.push_back(e->name);
      Expand(&e->children[1], depth);
      variables_.pop_back();
      return;
    case Expression::kTable:
      return;
    case Expression::kField: {
      const std::string& first = e->field.parts[0].name;
      const bool variable = std::find(variables_.begin(), variables_.end(),
                                      first) != variables_.end();
      if (!variable && !steps_allowed_ && e->field.parts.size() > 1 &&
          scope_.IsStep(first)) {
        Error("T320", e->span, "a step cannot look at another step",
              absl::StrCat("move it to the end of the `when`: `where b.x == ",
                           Written(e->span), "`"));
      }
      return;
    }
    default:
      break;
  }
  for (Expression& child : e->children) Expand(&child, depth);
  if (e->kind == Expression::kIn || e->kind == Expression::kMatch) {
    ExpandList(e);
  }
}

void Checker::ExpandCall(Expression* e, int depth) {
  const Macro* const macro = scope_.FindMacro(e->name);
  if (macro == nullptr) {
    const functions::Function* const function =
        functions::FindFunction(e->name);
    if (function != nullptr && function->list_parameter()) {
      if (!ExpandTable(*function, e)) return;
      for (Expression& child : e->children) Expand(&child, depth);
      return;
    }
    ExpandSteps(e);
    for (Expression& child : e->children) {
      // A list as an argument stands for its values.
      const bool plain = child.kind == Expression::kField &&
                         !child.field.optional && !child.field.has_index();
      const NamedList* const list =
          plain ? scope_.FindList(child.field.Name()) : nullptr;
      if (list == nullptr) Expand(&child, depth);
    }
    std::vector<Expression> children;
    for (Expression& child : e->children) {
      const bool plain = child.kind == Expression::kField &&
                         !child.field.optional && !child.field.has_index();
      const NamedList* const list =
          plain ? scope_.FindList(child.field.Name()) : nullptr;
      if (list == nullptr || &child == e->children.data()) {
        children.push_back(std::move(child));
        continue;
      }
      if (!list->usable) {
        Error("T339", child.span,
              "list " + Quoted(list->name) + " is not loaded",
              "mend what is wrong with it");
        return;
      }
      if (!Count(*e, list->values.size())) return;
      for (const Value& value : list->values) {
        children.push_back(Expression::Literal(value, child.span));
      }
    }
    e->children = std::move(children);
    return;
  }
  const bool ring = std::find(open_macros_.begin(), open_macros_.end(),
                              e->name) != open_macros_.end();
  if (ring || depth > 50) {
    Error("T343", e->name_span, "macro " + Quoted(e->name) + " uses itself",
          "macros may not form a ring");
    return;
  }
  if (macro->body.kind == Expression::kError) {
    Error("T338", e->name_span, "macro " + Quoted(e->name) + " is not loaded",
          "mend what is wrong with it");
    return;
  }
  if (e->children.size() != macro->parameters.size()) {
    Error("T334", e->span,
          absl::StrCat("macro `", macro->name, "` takes ",
                       macro->parameters.size(), " arguments, not ",
                       e->children.size()));
    return;
  }
  for (Expression& child : e->children) Expand(&child, depth);
  Expression body = macro->body;
  MoveTo(e->span, &body);
  Substitute(macro->parameters, e->children, &body);
  if (!Count(*e, CountNodes(body))) return;
  open_macros_.push_back(e->name);
  // Arguments are expanded already; to do so again changes nothing.
  Expand(&body, depth + 1);
  open_macros_.pop_back();
  *e = std::move(body);
}

// lookup(assets, host.name, "owner"): the list is not its values, but itself.
bool Checker::ExpandTable(const functions::Function& function, Expression* e) {
  const size_t place = *function.list_parameter();
  if (e->table != nullptr || place >= e->children.size()) return true;
  Expression& named = e->children[place];
  const bool plain = named.kind == Expression::kField &&
                     !named.field.optional && !named.field.has_index();
  const NamedList* const list =
      plain ? scope_.FindList(named.field.Name()) : nullptr;
  if (list == nullptr) {
    Error("T307", named.span,
          "no list is called " + Quoted(Written(named.span)),
          plain ? scope_.SuggestList(named.field.Name()) : "");
    return false;
  }
  if (!list->usable) {
    Error("T339", named.span, "list " + Quoted(list->name) + " is not loaded",
          "mend what is wrong with it");
    return false;
  }
  // Function by function: similarTo looks at each element.
  constexpr size_t kMostCompared = 10'000;
  if (function.name == "similarTo" && list->rows->rows.size() > kMostCompared) {
    Error("T341", named.span,
          absl::StrCat("list `", list->name,
                       "` is too long for `similarTo`: "
                       "more than ",
                       kMostCompared, " elements"),
          "`homoglyphOf` takes lists of any length");
    return false;
  }
  const size_t keys = function.repeats_before_last && e->children.size() > 2
                          ? e->children.size() - 2
                          : 1;
  if (keys > list->rows->columns.size()) {
    Error(
        "T334", e->span,
        absl::StrCat("list `", list->name, "` has ", list->rows->columns.size(),
                     " columns, and here are more keys"));
    return false;
  }
  std::shared_ptr<const base::ListTable>& table =
      list->tables[absl::StrCat(base::ToAbsl(function.name), " ", keys)];
  if (table == nullptr) {
    auto made = std::make_shared<base::ListTable>();
    made->list = list->rows;
    function.make_index(*list->rows, keys, &made->index);
    table = std::move(made);
  }
  e->table = table;
  const Span span = named.span;
  // What the list holds is part of what the rule says.
  named = Expression::Literal(
      Value::String(absl::StrCat(list->name, " ", list->digest)), span);
  named.spelling = list->name;
  return true;
}

// geoDistance(first, second) is about the places of two steps.
void Checker::ExpandSteps(Expression* e) {
  const functions::Function* const function = functions::FindFunction(e->name);
  if (function == nullptr) return;
  const bool speed = function->name == "geoSpeed";
  if (!speed && function->name != "geoDistance") return;
  const auto field = [&](const std::string& step,
                         std::initializer_list<const char*> parts) {
    Expression made;
    made.kind = Expression::kField;
    made.span = e->span;
    made.field.parts.push_back({step, {}});
    for (const char* part : parts) made.field.parts.push_back({part, {}});
    return made;
  };
  std::vector<Expression> places;
  std::vector<Expression> times;
  for (Expression& child : e->children) {
    const bool is_step = child.kind == Expression::kField &&
                         child.field.parts.size() == 1 &&
                         scope_.IsStep(child.field.parts[0].name);
    if (is_step && !steps_allowed_) {
      Error("T320", child.span, "a step cannot look at another step",
            "move it to the end of the `when`: `where geoSpeed(a, b) > 900`");
      return;
    }
    if (is_step) {
      const std::string& step = child.field.parts[0].name;
      Expression point;
      point.kind = Expression::kCall;
      point.name = "point";
      point.span = child.span;
      point.name_span = child.span;
      point.children.push_back(
          field(step, {"source", "geo", "location", "lat"}));
      point.children.push_back(
          field(step, {"source", "geo", "location", "lon"}));
      point.children.push_back(field(step, {"source", "geo", "location"}));
      point.children.back().type = Type::kAny;
      places.push_back(std::move(point));
      times.push_back(field(step, {"@timestamp"}));
    } else if (child.kind == Expression::kField &&
               TypeOfField(child.field.Name()) == Type::kPoint) {
      Expression point;
      point.kind = Expression::kCall;
      point.name = "point";
      point.span = child.span;
      point.name_span = child.span;
      for (const char* member : {"lat", "lon", ""}) {
        Expression part = child;
        if (*member != '\0') part.field.parts.push_back({member, {}});
        point.children.push_back(std::move(part));
      }
      places.push_back(std::move(point));
    } else {
      places.push_back(std::move(child));
    }
  }
  if (speed && times.size() == 2) {
    for (Expression& time : times) places.push_back(std::move(time));
  }
  e->children = std::move(places);
}

void Checker::ExpandList(Expression* e) {
  if (e->name.empty()) return;
  const NamedList* const list = scope_.FindList(e->name);
  if (list == nullptr) {
    Error("T307", e->name_span, "no list is called " + Quoted(e->name),
          scope_.SuggestList(e->name));
    return;
  }
  if (!list->usable) {
    Error("T339", e->name_span, "list " + Quoted(e->name) + " is not loaded",
          "mend what is wrong with it");
    return;
  }
  if (!Count(*e, list->values.size())) return;
  e->name.clear();
  const bool networks =
      e->kind == Expression::kIn &&
      (list->type == ElementType::kCidr || list->type == ElementType::kIp);
  if (networks) {
    Expression call;
    call.kind = Expression::kCall;
    call.name = "cidrMatch";
    call.span = e->span;
    call.name_span = e->name_span;
    call.children.push_back(std::move(e->children[0]));
    for (const Value& value : list->values) {
      call.children.push_back(Expression::Literal(value, e->name_span));
    }
    // None of no networks: as `in ()`.
    if (list->values.empty()) {
      call.children.push_back(
          Expression::Literal(Value::String("255.255.255.255/32"), e->span));
    }
    if (!e->negated) {
      *e = std::move(call);
      return;
    }
    std::vector<Expression> child;
    child.push_back(std::move(call));
    *e = Expression::Of(Expression::kNot, std::move(child), e->span);
    return;
  }
  if (list->type == ElementType::kNoCase) e->folded = true;
  const bool domains =
      e->kind == Expression::kIn && list->type == ElementType::kDomain;
  if (domains) {
    e->kind = Expression::kMatch;
    e->op = Operator::kColon;
    e->folded = true;
  }
  for (const Value& value : list->values) {
    e->children.push_back(Expression::Literal(value, e->name_span));
    if (!domains) continue;
    e->children.push_back(
        Expression::Literal(Value::String("*." + value.text), e->name_span));
  }
  if (domains && e->negated) {
    e->negated = false;
    std::vector<Expression> child;
    child.push_back(std::move(*e));
    const Span span = child[0].span;
    *e = Expression::Of(Expression::kNot, std::move(child), span);
  }
}

// --- Types ------------------------------------------------------------------

void Checker::WantCondition(const Expression& e) {
  if (e.type == Type::kBool || e.type == Type::kAny || e.type == Type::kNull) {
    return;
  }
  if (dialect_.is_endgame()) return;  // It is not true of any event.
  Error("T335", e.span,
        absl::StrCat("this is ", base::ToAbsl(base::Name(e.type)),
                     ", where a condition stands"),
        "compare it with something: `" + Written(e.span) + " == ...`");
}

void Checker::FindType(Expression* e) {
  for (Expression& child : e->children) FindType(&child);
  switch (e->kind) {
    case Expression::kLiteral:
      e->type = TypeOfValue(e->value);
      return;
    case Expression::kField:
      TypeField(e);
      return;
    case Expression::kAnd:
    case Expression::kOr:
    case Expression::kNot:
      for (const Expression& child : e->children) WantCondition(child);
      e->type = Type::kBool;
      return;
    case Expression::kSome:
    case Expression::kEvery:
      WantCondition(e->children[1]);
      e->type = Type::kBool;
      return;
    case Expression::kCountOf:
      WantCondition(e->children[1]);
      e->type = Type::kNumber;
      return;
    case Expression::kWhich:
      return;  // No author writes it.
    case Expression::kCompare:
      e->type = Type::kBool;
      TypeCompare(e);
      return;
    case Expression::kMatch:
      e->type = Type::kBool;
      TypeMatch(e);
      return;
    case Expression::kIn:
      e->type = Type::kBool;
      TypeIn(e);
      return;
    case Expression::kArithmetic:
      TypeArithmetic(e);
      return;
    case Expression::kNegate:
      e->type = e->children[0].type;
      return;
    case Expression::kCall:
      TypeCall(e);
      return;
    case Expression::kTable:
      e->type = Type::kBool;
      return;
    case Expression::kError:
      return;
  }
}

// Whether the literal can ever be what the operand is; tells if not.
bool Checker::CheckPair(const Expression& operand, const Expression& literal,
                        bool equality) {
  if (literal.kind != Expression::kLiteral || literal.value.is_null()) {
    return true;
  }
  const Type left = operand.type;
  const Type right = literal.type;
  const std::string what = Quoted(Written(operand.span));
  const auto never = [&](std::string_view found, std::string help = {}) {
    Error("T335", literal.span,
          absl::StrCat(what, " is ", base::ToAbsl(base::Name(left)),
                       ", and this is ", base::ToAbsl(found)),
          std::move(help));
    return false;
  };
  switch (left) {
    case Type::kNumber:
      if (right == Type::kString && !base::ParseNumber(literal.value.text)) {
        return never("text that is no number");
      }
      if (right == Type::kNumber || right == Type::kString) return true;
      return never(base::Name(right));
    case Type::kIp:
      if (right != Type::kString) return never(base::Name(right));
      if (base::ParseIpAddress(literal.value.text)) return true;
      if (base::ParseIpNetwork(literal.value.text)) {
        return never(
            "a network",
            absl::StrCat("write `cidrMatch(", Written(operand.span), ", ",
                         ir::QuoteString(literal.value.text), ")`"));
      }
      return never("text that is no address");
    case Type::kBool:
      if (right == Type::kBool) return true;
      if (right == Type::kString &&
          (literal.value.text == "true" || literal.value.text == "false")) {
        return true;
      }
      return never(base::Name(right), "write `true` or `false`");
    case Type::kTime:
      if (right == Type::kTime || right == Type::kNumber) return true;
      if (right == Type::kString && base::TimeOf(literal.value)) return true;
      return never(
          right == Type::kString ? "text that is no time" : base::Name(right),
          right == Type::kDuration
              ? absl::StrCat("write `age(", Written(operand.span),
                             ")` for how long ago it is")
              : "");
    case Type::kDuration:
      if (right == Type::kDuration) return true;
      return never(base::Name(right), "write a duration such as `10m`");
    case Type::kString:
      if (right == Type::kDuration || right == Type::kTime) {
        return never(base::Name(right));
      }
      if (!equality && right == Type::kBool) return never(base::Name(right));
      return true;
    case Type::kPoint:
      return never(base::Name(right), "write `geoDistance(...)`");
    default:
      return true;
  }
}

void Checker::TypeCompare(Expression* e) {
  const bool equality = e->op == Operator::kEq || e->op == Operator::kNe;
  Expression& left = e->children[0];
  Expression& right = e->children[1];
  const bool severity = !dialect_.is_eql() && left.kind == Expression::kField &&
                        left.field.Name() == "severity" &&
                        right.kind == Expression::kLiteral &&
                        right.value.is_string();
  if (severity) {
    CompareSeverity(e);
    return;
  }
  if (left.is_null() || right.is_null()) {
    if (!equality && !dialect_.is_eql()) {
      Error("T335", e->span, "null has no order",
            "write `== null` or `!= null`");
    }
    return;
  }
  bool fits = true;
  if (left.kind == Expression::kLiteral) {
    // Of two that are written there is nothing to be known later.
    if (right.kind != Expression::kLiteral) {
      fits = CheckPair(right, left, equality);
    }
  } else {
    fits = CheckPair(left, right, equality);
  }
  if (fits && dialect_.is_eql()) ReadTimes(e);
}

// `severity >= "medium"`: the words in their order.
void Checker::CompareSeverity(Expression* e) {
  const Expression& literal = e->children[1];
  const auto found =
      std::find(kLevels.begin(), kLevels.end(), literal.value.text);
  if (found == kLevels.end()) {
    const std::string meant = text::DidYouMean(literal.value.text, kLevels);
    Error("T301", literal.span,
          "unknown severity " + Quoted(literal.value.text),
          absl::StrCat(meant, meant.empty() ? "" : " ",
                       "One of info, low, medium, high, critical"));
    return;
  }
  const auto place = found - kLevels.begin();
  std::vector<std::string> words;
  for (std::ptrdiff_t i = 0; i < 5; ++i) {
    const bool fits = e->op == Operator::kEq   ? i == place
                      : e->op == Operator::kNe ? i != place
                      : e->op == Operator::kLt ? i < place
                      : e->op == Operator::kLe ? i <= place
                      : e->op == Operator::kGt ? i > place
                                               : i >= place;
    if (!fits) continue;
    words.emplace_back(kLevels[static_cast<size_t>(i)]);
    // What Sigma rules call it.
    if (i == 0) words.emplace_back("informational");
  }
  e->kind = Expression::kIn;
  const Span span = e->children[1].span;
  e->children.resize(1);
  for (std::string& word : words) {
    e->children.push_back(
        Expression::Literal(Value::String(std::move(word)), span));
    e->children.back().type = Type::kString;
  }
}

void Checker::TypeMatch(Expression* e) {
  const Expression& left = e->children[0];
  const bool no_text = dialect_.is_eql() &&
                       (left.type == Type::kNumber || left.type == Type::kBool);
  if (left.type == Type::kDuration || left.type == Type::kPoint || no_text) {
    Error("T335", left.span,
          absl::StrCat("this is ", base::ToAbsl(base::Name(left.type)),
                       ", and patterns are for text"));
  }
  for (size_t i = 1; i < e->children.size(); ++i) {
    const Expression& pattern = e->children[i];
    if (!pattern.value.is_string()) {
      Error("T335", pattern.span, "a pattern is text",
            "compare with `==` or `in`");
      continue;
    }
    if (e->op == Operator::kRegex) CheckRegex(pattern, *e);
  }
}

void Checker::CheckRegex(const Expression& literal, const Expression& whole) {
  const RegexProblem problem = FindRegexProblem(literal.value.text);
  if (problem.message.empty()) return;
  Span span = literal.span;
  // Where the literal is written as it is, the place inside it is known.
  const std::string_view written = reporter_.source().Slice(span);
  const size_t inside = written.find(literal.value.text);
  if (problem.length > 0 && inside != std::string_view::npos) {
    span.begin += static_cast<uint32_t>(inside + problem.at);
    span.end = span.begin + static_cast<uint32_t>(problem.length);
  }
  std::string help = problem.help;
  if (problem.unsupported && problem.message.starts_with("look-ahead")) {
    const std::string& regex = literal.value.text;
    const std::string group = regex.substr(problem.at, problem.length);
    const bool negative = group.starts_with("(?!");
    std::string inner =
        group.size() > 4 ? group.substr(3, group.size() - 4) : "x";
    const std::string rest = regex.substr(problem.at + problem.length);
    const std::string field = Written(whole.children[0].span);
    if (negative && problem.at == 0) {
      help = absl::StrCat(
          "say it as two tests: `", field,
          rest == ".*" ? " != null" : " regex " + ir::QuoteString(rest),
          " and not ", field, " regex ",
          ir::QuoteString(inner.ends_with('$') ? inner : inner + ".*"), "`");
    } else {
      help = "say it as two tests, joined by `and`";
    }
  } else if (problem.unsupported) {
    help = "say it as two tests, joined by `and`";
  }
  Error(problem.unsupported ? "T309" : "T342", span, problem.message,
        std::move(help));
}

void Checker::TypeIn(Expression* e) {
  for (size_t i = 1; i < e->children.size(); ++i) {
    if (!CheckPair(e->children[0], e->children[i], true)) return;
  }
  if (dialect_.is_eql()) ReadTimes(e);
}

void Checker::TypeArithmetic(Expression* e) {
  const Type left = e->children[0].type;
  const Type right = e->children[1].type;
  e->type = Type::kAny;
  const auto temporal = [](Type type) {
    return type == Type::kTime || type == Type::kDuration;
  };
  if (temporal(left) || temporal(right)) {
    const bool difference = e->op == Operator::kSub && left == Type::kTime &&
                            (right == Type::kTime || right == Type::kString);
    const bool spans = left == Type::kDuration && right == Type::kDuration;
    if (difference) e->type = Type::kDuration;
    if (spans && e->op <= Operator::kSub) e->type = Type::kDuration;
    return;
  }
  for (const Expression& child : e->children) {
    const bool bad =
        child.type == Type::kBool || child.type == Type::kIp ||
        child.type == Type::kPoint ||
        (child.kind == Expression::kLiteral && child.value.is_string() &&
         !base::ParseNumber(child.value.text) && !base::TimeOf(child.value));
    if (!bad) continue;
    Error("T335", child.span,
          absl::StrCat("`", base::ToAbsl(Spelling(e->op)),
                       "` calculates with numbers, and this is ",
                       base::ToAbsl(base::Name(child.type))),
          e->op == Operator::kAdd ? "to join texts write `concat(a, b)`" : "");
    return;
  }
  if (left == Type::kNumber && right == Type::kNumber) e->type = Type::kNumber;
}

void Checker::TypeCall(Expression* e) {
  if (e->name == "geo") {
    Error("T340", e->name_span, "there is no data base of places for `geo`",
          "let the host add `source.geo.*` to events");
    return;
  }
  const functions::Function* const function = functions::FindFunction(e->name);
  if (function == nullptr) {
    std::vector<std::string_view> names = scope_.MacroNames();
    for (const functions::Function& each : functions::AllFunctions()) {
      names.push_back(each.name);
    }
    Error("T333", e->name_span,
          (dialect_.is_eql() ? "no function is called "
                             : "no function or macro is called ") +
              Quoted(e->name),
          text::DidYouMean(e->name, names));
    return;
  }
  e->type = function->result;
  if (e->table != nullptr && function->repeats_before_last &&
      !CheckLookup(*e->table->list, e)) {
    return;
  }
  // One spelling for one meaning, so that rules share it.
  e->name = function->name;
  if (dialect_.folds && function->has_folding) e->folded = true;
  if (e->folded && !function->has_folding) {
    Error("T334", e->name_span,
          absl::StrCat("`", e->name, "` has no variant with `~`"));
  }
  CheckArguments(*e);
}

// The column that `lookup` gives is written, and says what it is.
bool Checker::CheckLookup(const base::ListRows& list, Expression* e) {
  constexpr Type kTypes[] = {Type::kString, Type::kString,   Type::kIp,
                             Type::kString, Type::kString,   Type::kNumber,
                             Type::kTime,   Type::kDuration, Type::kBool};
  const Expression& wanted = e->children.back();
  for (const base::ListRows::Column& column : list.columns) {
    const bool is_it = wanted.kind == Expression::kLiteral &&
                       wanted.value.is_string() && !column.name.empty() &&
                       column.name == wanted.value.text;
    if (!is_it) continue;
    e->type = kTypes[static_cast<size_t>(column.type)];
    return true;
  }
  std::string names;
  for (const base::ListRows::Column& column : list.columns) {
    if (column.name.empty()) continue;
    absl::StrAppend(&names, names.empty() ? "" : ", ", "\"", column.name, "\"");
  }
  Error("T339", wanted.span,
        absl::StrCat("list `", e->children[0].spelling, "` has no column ",
                     base::ToAbsl(Quoted(Written(wanted.span)))),
        names.empty()
            ? "name its columns: `columns (host string, owner string)`"
            : absl::StrCat("it has ", names));
  return false;
}

// A zone that is written is known; one of an event is an offset or nothing.
bool Checker::CheckZone(const Expression& zone) {
  functions::Context context;
  const std::string& name = zone.value.text;
  const bool offset = name.empty() || name[0] == '+' || name[0] == '-';
  if (name == "Z" || (!offset && context.Zone(name) != nullptr)) return true;
  if (offset && functions::IsZoneOffset(name)) return true;
  Error("T342", zone.span, Quoted(name) + " is no time zone",
        "write a name such as `\"Europe/Berlin\"` or an offset such as "
        "`\"+02:00\"`");
  return false;
}

void Checker::CheckArguments(const Expression& e) {
  const functions::Function& function = *functions::FindFunction(e.name);
  const auto given = static_cast<int>(e.children.size());
  if (given < function.least || given > function.most()) {
    // Lists may bring any number of values.
    if (!(function.repeats && given > function.most())) {
      Error(
          "T334", e.span,
          absl::StrCat("`", e.name, "` takes ",
                       given < function.least ? "more" : "fewer", " arguments"),
          absl::StrCat("it is `", function.Signature(), "`"));
      return;
    }
  }
  for (size_t i = 0; i < e.children.size(); ++i) {
    const functions::Parameter& parameter =
        function.ParameterOf(i, e.children.size());
    const Expression& child = e.children[i];
    const bool literal = child.kind == Expression::kLiteral;
    // EQL has no texts of numbers but those that `string` makes.
    const bool no_text =
        dialect_.is_eql() && parameter.type == Type::kString &&
        (child.type == Type::kNumber || child.type == Type::kBool) &&
        (child.kind != Expression::kField || e.name != "length");
    if (!Fits(child.type, parameter.type) || no_text) {
      Error("T334", child.span,
            absl::StrCat(
                "argument `", base::ToAbsl(parameter.name), "` of `", e.name,
                "` is ", base::ToAbsl(base::Name(parameter.type)),
                ", and this is ", base::ToAbsl(base::Name(child.type))),
            absl::StrCat("it is `", function.Signature(), "`"));
      return;
    }
    if (!literal || !child.value.is_string()) continue;
    const std::string& text = child.value.text;
    if (parameter.name == "block" && !base::ParseIpNetwork(text)) {
      Error("T342", child.span, Quoted(text) + " is no network",
            "write an address and its bits: `\"192.0.2.0/24\"`");
      return;
    }
    if (parameter.name == "ip" && !base::ParseIpAddress(text)) {
      Error("T342", child.span, Quoted(text) + " is no address");
      return;
    }
    if (parameter.name == "regex") CheckRegex(child, e);
    if (parameter.name == "zone" && !CheckZone(child)) return;
  }
}

}  // namespace tocsin::expression
