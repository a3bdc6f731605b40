// The functions of ES|QL, as those of the shared table.

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/case_fold.h"
#include "src/base/ip_network.h"
#include "src/frontend/esql/convert.h"
#include "src/frontend/expression/check.h"
#include "src/frontend/kql/lower.h"
#include "src/frontend/lucene/lucene.h"
#include "src/functions/function.h"

namespace tocsin::esql {

using base::Value;
using base::ValueKind;
using ir::Expression;
using ir::Operator;
using ir::Type;

struct Converter::FunctionRow {
  std::string_view name;  // ES|QL's.
  int least;
  int most;
  std::string_view shared;  // Of the same meaning; "": `build` makes it.
  Builder build = nullptr;
};

const Converter::FunctionRow* Converter::FindRow(std::string_view name) {
  static constexpr FunctionRow kRows[] = {
      {"abs", 1, 1, "abs"},
      {"case", 2, 1000, "case"},
      {"ceil", 1, 1, "ceil"},
      {"cidr_match", 2, 1000, "cidrMatch", &Converter::BuildCidr},
      {"coalesce", 1, 1000, "coalesce"},
      {"concat", 1, 1000, "concat"},
      {"contains", 2, 2, "stringContains"},
      {"bucket", 2, 2, "", &Converter::BuildBucket},
      {"date_diff", 3, 3, "timeDiff", &Converter::BuildDateDiff},
      {"date_extract", 2, 2, "", &Converter::BuildDateExtract},
      {"date_trunc", 2, 2, "timeTrunc", &Converter::BuildDateTrunc},
      {"ends_with", 2, 2, "endsWith"},
      {"floor", 1, 1, "floor"},
      {"from_base64", 1, 1, "base64Decode"},
      {"greatest", 1, 1000, "greatest"},
      {"hash", 2, 2, "", &Converter::BuildHash},
      {"json_extract", 2, 2, "", &Converter::BuildJsonExtract},
      {"kql", 1, 1, "", &Converter::BuildKql},
      {"least", 1, 1000, "least"},
      {"left", 2, 2, "", &Converter::BuildLeft},
      {"length", 1, 1, "length"},
      {"locate", 2, 3, "locate"},
      {"log", 1, 2, "log", &Converter::BuildLog},
      {"log10", 1, 1, "log", &Converter::BuildLog10},
      {"ltrim", 1, 1, "trimStart"},
      {"match", 2, 2, "", &Converter::BuildMatch},
      {"match_phrase", 2, 2, "", &Converter::BuildMatch},
      {"$match", 2, 2, "", &Converter::BuildMatch},
      {"md5", 1, 1, "md5"},
      {"mv_append", 2, 2, "arrayConcat"},
      {"mv_avg", 1, 1, "arrayAverage"},
      {"mv_concat", 2, 2, "arrayJoin"},
      {"mv_contains", 2, 2, "arrayContainsAll"},
      {"mv_count", 1, 1, "arrayCount"},
      {"mv_dedupe", 1, 1, "arrayUnique"},
      {"mv_first", 1, 1, "first"},
      {"mv_intersection", 2, 2, "arrayIntersect"},
      {"mv_last", 1, 1, "last"},
      {"mv_max", 1, 1, "arrayMax"},
      {"mv_min", 1, 1, "arrayMin"},
      {"mv_slice", 2, 3, "arraySlice"},
      {"mv_sort", 1, 1, "arraySort"},
      {"mv_sum", 1, 1, "arraySum"},
      {"now", 0, 0, "now"},
      {"pow", 2, 2, "power"},
      {"qstr", 1, 1, "", &Converter::BuildLucene},
      {"repeat", 2, 2, "repeat"},
      {"replace", 3, 3, "replaceRegex", &Converter::BuildReplace},
      {"reverse", 1, 1, "reverse"},
      {"right", 2, 2, "", &Converter::BuildRight},
      {"round", 1, 2, "round"},
      {"rtrim", 1, 1, "trimEnd"},
      {"sha1", 1, 1, "sha1"},
      {"sha256", 1, 1, "sha256"},
      {"space", 1, 1, "", &Converter::BuildSpace},
      {"split", 2, 2, "split"},
      {"sqrt", 1, 1, "sqrt"},
      {"starts_with", 2, 2, "startsWith"},
      {"substring", 2, 3, "", &Converter::BuildSubstring},
      {"to_base64", 1, 1, "base64Encode"},
      {"to_bool", 1, 1, "", &Converter::BuildBoolean},
      {"to_boolean", 1, 1, "", &Converter::BuildBoolean},
      {"to_date", 1, 1, "time"},
      {"to_date_nanos", 1, 1, "time"},
      {"to_datetime", 1, 1, "time"},
      {"to_dbl", 1, 1, "double"},
      {"to_double", 1, 1, "double"},
      {"to_dt", 1, 1, "time"},
      {"to_int", 1, 1, "integer"},
      {"to_integer", 1, 1, "integer"},
      {"to_ip", 1, 1, "address"},
      {"to_keyword", 1, 1, "string"},
      {"to_long", 1, 1, "integer"},
      {"to_lower", 1, 1, "lower"},
      {"to_str", 1, 1, "string"},
      {"to_string", 1, 1, "string"},
      {"to_text", 1, 1, "string"},
      {"to_ul", 1, 1, "integer"},
      {"to_ulong", 1, 1, "integer"},
      {"to_unsigned_long", 1, 1, "integer"},
      {"to_upper", 1, 1, "upper"},
      {"to_ver", 1, 1, "string"},
      {"to_version", 1, 1, "string"},
      {"trim", 1, 1, "trim"},
      {"url_decode", 1, 1, "urlDecode"},
  };
  const auto* const found =
      std::find_if(std::begin(kRows), std::end(kRows),
                   [&](const FunctionRow& row) { return row.name == name; });
  return found == std::end(kRows) ? nullptr : found;
}

// starts_with(to_lower(x), "a") as startsWith~(x, "a").
void Converter::FoldCase(Expression* e) {
  const bool tests = e->name == "startsWith" || e->name == "endsWith" ||
                     e->name == "stringContains";
  if (!tests || e->children[0].kind != Expression::kCall ||
      e->children[0].name != "lower") {
    return;
  }
  const Expression& part = e->children[1];
  const bool folded = part.kind == Expression::kLiteral &&
                      part.value.is_string() &&
                      base::Fold(part.value.text) == part.value.text;
  if (!folded) return;
  Expression inner = std::move(e->children[0].children[0]);
  e->children[0] = std::move(inner);
  e->folded = true;
}

bool Converter::ConvertCall(Expression* e) {
  const FunctionRow* const row = FindRow(e->name);
  if (row == nullptr) {
    Error("T552", e->name_span,
          "the function " + text::Quoted(e->name) + " is not supported");
    return false;
  }
  const auto given = static_cast<int>(e->children.size());
  if (given < row->least || given > row->most) {
    Error("T552", e->span,
          absl::StrCat("`", e->name, "` takes ",
                       given < row->least ? "more" : "fewer", " arguments"));
    return false;
  }
  if (!row->shared.empty()) e->name = row->shared;
  if (row->build != nullptr && !(this->*row->build)(e)) return false;
  if (e->kind != Expression::kCall || e->name.starts_with('$')) return true;
  TypeCall(e);
  FoldCase(e);
  return true;
}

namespace {

bool IsText(const Expression& e) {
  return e.kind == Expression::kLiteral && e.value.is_string();
}

std::vector<Expression> List(Expression a) {
  std::vector<Expression> list;
  list.push_back(std::move(a));
  return list;
}
std::vector<Expression> List(Expression a, Expression b) {
  std::vector<Expression> list = List(std::move(a));
  list.push_back(std::move(b));
  return list;
}
std::vector<Expression> List(Expression a, Expression b, Expression c) {
  std::vector<Expression> list = List(std::move(a), std::move(b));
  list.push_back(std::move(c));
  return list;
}

Expression Arithmetic(Operator op, Expression a, Expression b) {
  Expression e =
      Expression::Of(Expression::kArithmetic, List(std::move(a), std::move(b)));
  e.op = op;
  e.type = Type::kNumber;
  return e;
}

}  // namespace

namespace {

// `\d++` as `\d+`: nothing backtracks here, so that there is nothing to keep
// from it.
void DropPossessive(std::string* regex) {
  std::string out;
  bool in_class = false;
  bool repeats = false;  // `*`, `+`, `?` or `}` stands before.
  for (size_t i = 0; i < regex->size(); ++i) {
    const char c = (*regex)[i];
    if (c == '\\' && i + 1 < regex->size()) {
      out.append(*regex, i++, 2);
      repeats = false;
      continue;
    }
    if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
    } else if (c == '+' && repeats) {
      repeats = false;
      continue;
    }
    repeats = !in_class && (c == '*' || c == '+' || c == '?' || c == '}');
    out += c;
  }
  *regex = std::move(out);
}

}  // namespace

bool Converter::BuildReplace(Expression* e) {
  Expression& regex = e->children[1];
  if (!IsText(regex)) {
    Error("T552", regex.span, "a pattern is a text that is written out");
    return false;
  }
  DropPossessive(&regex.value.text);
  const expression::RegexProblem problem =
      expression::FindRegexProblem(regex.value.text);
  if (problem.message.empty()) return true;
  Error("T555", regex.span, problem.message);
  return false;
}

// substring(s, 2, 3): positions count from 1.
bool Converter::BuildSubstring(Expression* e) {
  std::vector<Expression>& c = e->children;
  const bool plain = c[1].kind == Expression::kLiteral &&
                     c[1].value.kind == ValueKind::kInt &&
                     c[1].value.int_value >= 0;
  if (!plain && c[1].kind == Expression::kLiteral && c.size() == 2) {
    e->name = "substring";  // From the end.
    return true;
  }
  Expression start =
      plain ? MakeInt(std::max<int64_t>(0, c[1].value.int_value - 1))
            : Arithmetic(Operator::kSub, std::move(c[1]), MakeInt(1));
  if (c.size() == 2) {
    *e =
        MakeCall("substring", List(std::move(c[0]), std::move(start)), e->span);
    return true;
  }
  Expression end = Arithmetic(Operator::kAdd, start, std::move(c[2]));
  *e = MakeCall("substring",
                List(std::move(c[0]), std::move(start), std::move(end)),
                e->span);
  return true;
}

bool Converter::BuildLeft(Expression* e) {
  Expression end = std::move(e->children[1]);
  *e = MakeCall("substring",
                List(std::move(e->children[0]), MakeInt(0), std::move(end)),
                e->span);
  return true;
}

bool Converter::BuildRight(Expression* e) {
  Expression text = std::move(e->children[0]);
  Expression length = MakeCall("length", List(text));
  Expression start = MakeCall(
      "greatest", List(MakeInt(0), Arithmetic(Operator::kSub, std::move(length),
                                              std::move(e->children[1]))));
  *e = MakeCall("substring", List(std::move(text), std::move(start)), e->span);
  return true;
}

bool Converter::BuildSpace(Expression* e) {
  Expression count = std::move(e->children[0]);
  *e = MakeCall("repeat", List(MakeText(" "), std::move(count)), e->span);
  return true;
}

// log(base, x).
bool Converter::BuildLog(Expression* e) {
  if (e->children.size() == 2) std::swap(e->children[0], e->children[1]);
  return true;
}

bool Converter::BuildLog10(Expression* e) {
  e->children.push_back(MakeInt(10));
  return true;
}

bool Converter::BuildCidr(Expression* e) {
  for (size_t i = 1; i < e->children.size(); ++i) {
    const Expression& block = e->children[i];
    if (!IsText(block) || base::ParseIpNetwork(block.value.text)) continue;
    Error("T552", block.span, text::Quoted(block.value.text) + " is no network",
          "write an address and its bits: `\"192.0.2.0/24\"`");
    return false;
  }
  // What is no address is in no network: to say so first changes nothing.
  Expression& ip = e->children[0];
  const bool said = ip.kind == Expression::kCall &&
                    (ip.name == "address" || ip.name == "string") &&
                    ip.children[0].kind == Expression::kField;
  if (said) {
    Expression field = std::move(ip.children[0]);
    ip = std::move(field);
  }
  return true;
}

bool Converter::BuildBoolean(Expression* e) {
  Expression text = MakeCall(
      "lower", List(MakeCall("string", List(std::move(e->children[0])))));
  const text::Span span = e->span;
  *e = MakeCompare(Operator::kEq, std::move(text), MakeText("true"));
  e->span = span;
  return true;
}

bool Converter::BuildDateTrunc(Expression* e) {
  const Expression& span = e->children[0];
  const bool is_span = span.kind == Expression::kLiteral &&
                       span.value.kind == ValueKind::kDuration &&
                       span.value.int_value > 0;
  if (is_span) return true;
  Error("T552", span.span, "`date_trunc` needs a span of time, written out",
        "write `date_trunc(5 minutes, @timestamp)`");
  return false;
}

// Of a time or of numbers.
bool Converter::BuildBucket(Expression* e) {
  std::swap(e->children[0], e->children[1]);
  const Expression& span = e->children[0];
  if (span.kind == Expression::kLiteral &&
      span.value.kind == ValueKind::kDuration) {
    e->name = "timeTrunc";
    return BuildDateTrunc(e);
  }
  const bool number = span.kind == Expression::kLiteral &&
                      span.value.is_number() &&
                      base::DoubleOf(span.value).value_or(0) > 0;
  if (!number) {
    Error("T552", span.span, "`bucket` needs a span of time, or a number",
          "write `bucket(@timestamp, 1 hour)`");
    return false;
  }
  Expression width = span;
  Expression quotient =
      Arithmetic(Operator::kDiv,
                 MakeCall("double", List(std::move(e->children[1]))), width);
  *e = Arithmetic(Operator::kMul, MakeCall("floor", List(std::move(quotient))),
                  std::move(width));
  return true;
}

bool Converter::BuildDateDiff(Expression* e) {
  constexpr std::pair<std::string_view, std::string_view> kUnits[] = {
      {"millisecond", "ms"},
      {"milliseconds", "ms"},
      {"ms", "ms"},
      {"second", "s"},
      {"seconds", "s"},
      {"ss", "s"},
      {"s", "s"},
      {"minute", "m"},
      {"minutes", "m"},
      {"mi", "m"},
      {"n", "m"},
      {"hour", "h"},
      {"hours", "h"},
      {"hh", "h"},
      {"day", "d"},
      {"days", "d"},
      {"dd", "d"},
      {"d", "d"},
      {"week", "w"},
      {"weeks", "w"},
      {"wk", "w"},
      {"ww", "w"}};
  Expression& unit = e->children[0];
  if (IsText(unit)) {
    const std::string word = base::Fold(unit.value.text);
    for (const auto& [name, shared] : kUnits) {
      if (name != word) continue;
      unit.value.text = shared;
      return true;
    }
  }
  Error("T552", unit.span,
        "`date_diff` counts in units from milliseconds to weeks",
        "write `date_diff(\"minutes\", a, b)`");
  return false;
}

bool Converter::BuildDateExtract(Expression* e) {
  const Expression& part = e->children[0];
  if (IsText(part) && base::Fold(part.value.text) == "hour_of_day") {
    Expression time = std::move(e->children[1]);
    *e = MakeCall("hour", List(std::move(time)), e->span);
    return true;
  }
  Error("T552", part.span, "of `date_extract` only `hour_of_day` is supported");
  return false;
}

bool Converter::BuildHash(Expression* e) {
  const Expression& kind = e->children[0];
  const std::string word =
      IsText(kind) ? base::Fold(kind.value.text) : std::string();
  const std::string_view name = word == "md5"                       ? "md5"
                                : word == "sha1" || word == "sha-1" ? "sha1"
                                : word == "sha256" || word == "sha-256"
                                    ? "sha256"
                                    : "";
  if (name.empty()) {
    Error("T552", kind.span, "of `hash` md5, sha1 and sha256 are supported");
    return false;
  }
  Expression text = std::move(e->children[1]);
  *e = MakeCall(std::string(name), List(std::move(text)), e->span);
  return true;
}

// json_extract(_source, "a.b") is the field a.b.
bool Converter::BuildJsonExtract(Expression* e) {
  const Expression& json = e->children[0];
  const Expression& path = e->children[1];
  const bool whole =
      json.kind == Expression::kField && json.field.Name() == "_source";
  std::string_view name = IsText(path) ? path.value.text : std::string_view();
  if (name.starts_with("$.")) name.remove_prefix(2);
  if (!whole || name.empty() ||
      name.find_first_of("[]*$'\"") != std::string_view::npos) {
    Error("T552", e->span,
          "`json_extract` is supported of `_source` and a path of names",
          "write `json_extract(_source, \"a.b\")`");
    return false;
  }
  Expression field;
  field.kind = Expression::kField;
  field.span = e->span;
  while (true) {
    const size_t dot = name.find('.');
    field.field.parts.push_back({std::string(name.substr(0, dot)), {}});
    if (dot == std::string_view::npos) break;
    name.remove_prefix(dot + 1);
  }
  *e = MakeCall("string", List(std::move(field)), e->span);
  return true;
}

// --- Searches in the way of other languages.

bool Converter::BuildKql(Expression* e) {
  const Expression& text = e->children[0];
  if (!IsText(text)) {
    Error("T552", text.span, "a query is a text that is written out");
    return false;
  }
  // The text without its escapes is a source of its own; what is wrong with it
  // is told at the place of the whole.
  const text::Source source(reporter_.source().path(), text.value.text);
  Diagnostics diagnostics;
  text::Reporter reporter(source, &diagnostics);
  std::optional<kql::Query> query = kql::Compile(
      {0, static_cast<uint32_t>(source.text().size())}, types_, &reporter);
  if (!query) {
    Error("T555", text.span,
          diagnostics.empty()
              ? "this query cannot be read"
              : "this query cannot be read: " + diagnostics[0].message);
    return false;
  }
  return AddQuery(std::move(*query), e);
}

bool Converter::BuildLucene(Expression* e) {
  const Expression& text = e->children[0];
  if (!IsText(text)) {
    Error("T552", text.span, "a query is a text that is written out");
    return false;
  }
  const text::Source source(reporter_.source().path(), text.value.text);
  Diagnostics diagnostics;
  text::Reporter reporter(source, &diagnostics);
  std::optional<ir::Expr> condition = lucene::Compile(
      {0, static_cast<uint32_t>(source.text().size())}, types_, &reporter);
  if (!condition) {
    Error("T555", text.span,
          diagnostics.empty()
              ? "this query cannot be read"
              : "this query cannot be read: " + diagnostics[0].message);
    return false;
  }
  kql::Query query;
  // There is no expression for it: it stands in conditions only.
  query.tree.kind = kql::Node::kError;
  query.condition = *std::move(condition);
  return AddQuery(std::move(query), e);
}

// match(field, "words"), match_phrase(field, "words"), field : "words".
bool Converter::BuildMatch(Expression* e) {
  Expression& left = e->children[0];
  const Expression& right = e->children[1];
  if (left.kind == Expression::kCall && left.name == "string" &&
      left.children[0].kind == Expression::kField) {
    Expression field = std::move(left.children[0]);
    left = std::move(field);
  }
  if (left.kind != Expression::kField || left.field.has_index() ||
      right.kind != Expression::kLiteral || right.value.is_null()) {
    Error("T552", e->span, "a search is for a text in a field");
    return false;
  }
  kql::Query query;
  kql::Node& node = query.tree;
  node.kind = kql::Node::kIs;
  auto field = std::make_shared<kql::Field>();
  field->name.pieces = {left.field.Name()};
  field->span = left.span;
  node.field = std::move(field);
  node.span = e->span;
  node.value.span = right.span;
  node.value.quoted = e->name == "match_phrase";
  node.value.text.pieces = {base::TextOf(right.value).value_or("")};
  if (right.value.is_number()) node.value.kind = kql::Value::kNumber;
  if (right.value.kind == ValueKind::kBool) {
    node.value.kind = kql::Value::kBool;
  }
  const int before = reporter_.errors();
  query.condition = kql::Lower(node, types_, &reporter_);
  if (reporter_.errors() > before) {
    ++errors_;
    return false;
  }
  return AddQuery(std::move(query), e);
}

}  // namespace tocsin::esql
