// KQL: queries with the documents they match, their canonical form, what they
// are in EQL, their syntax tree, and texts that are no query.

#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/number.h"
#include "src/frontend/expression/lexer.h"
#include "src/frontend/expression/parser.h"
#include "src/frontend/expression/token_stream.h"
#include "src/frontend/kql/kql.h"
#include "src/frontend/kql/parser.h"
#include "src/frontend/kql/print.h"
#include "src/text/reporter.h"
#include "src/text/source.h"
#include "tests/conformance/shared_data.h"
#include "tests/conformance/suite.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"

namespace tocsin::conformance {
namespace {

using kql::FieldType;
using kql::FieldTypes;
using kql::Node;
using kql::Value;
using simdjson::dom::element;

std::string Text(const element& line, const char* key) {
  std::string_view text;
  return line[key].get(text) == simdjson::SUCCESS ? std::string(text)
                                                  : std::string();
}

// The mappings that the cases were written for, where a line names none.
FieldTypes SuiteTypes() {
  FieldTypes types;
  for (const auto& [field, type] :
       std::initializer_list<std::pair<const char*, const char*>>{
           {"a.text", "text"},
           {"a.keyword", "keyword"},
           {"num", "long"},
           {"text", "text"},
           {"common.a", "keyword"},
           {"common.b", "keyword"},
           {"@time", "date"},
           {"top", "nested"},
           {"top.a", "keyword"},
           {"top.b", "long"},
           {"top.middle", "nested"},
           {"top.middle.bool", "boolean"},
           {"leaf", "keyword"}}) {
    types.Set(field, *kql::FieldTypeNamed(type));
  }
  return types;
}

// A query with what it was read from.
struct Parsed {
  Parsed(const std::string& query, const FieldTypes& types)
      : source("query.kql", query) {
    text::Reporter reporter(source, &diagnostics);
    compiled = kql::Compile({0, static_cast<uint32_t>(source.text().size())},
                            types, &reporter);
  }
  text::Source source;
  Diagnostics diagnostics;
  std::optional<kql::Query> compiled;
};

// Trees as constructor calls.
class Constructors {
 public:
  explicit Constructors(const FieldTypes& types) : types_(types) {}

  std::string Of(const Node& node, const std::string& path = "") const {
    switch (node.kind) {
      case Node::kAnd:
      case Node::kOr: {
        std::string parts;
        for (const Node& child : node.children) {
          if (!parts.empty()) parts += ", ";
          parts += Of(child, path);
        }
        return (node.kind == Node::kAnd ? "AndExpr([" : "OrExpr([") + parts +
               "])";
      }
      case Node::kNot:
        return "NotExpr(" + Of(node.children[0], path) + ")";
      case Node::kIs:
        return "FieldComparison(" + Field(node) + ", " +
               Literal(node.value, TypeOf(node, path)) + ")";
      case Node::kRange:
        return "FieldRange(" + Field(node) + ", '" +
               std::string(Spelling(node.op)) + "', " +
               Literal(node.value, TypeOf(node, path)) + ")";
      case Node::kFree: {
        const std::string literal = Literal(node.value, FieldType::kAny);
        if (node.value.kind == Value::kWild) return "FreeText(" + literal + ")";
        return "FreeText(" + literal +
               ", is_quoted=" + (node.value.quoted ? "True" : "False") + ")";
      }
      case Node::kNested:
        return "NestedQuery(" + Field(node) + ", " +
               Of(node.children[0], path + node.field->name.Text() + ".") + ")";
      default:
        return "?";
    }
  }

 private:
  static std::string Field(const Node& node) {
    return "Field('" + node.field->name.Text() + "')";
  }
  FieldType TypeOf(const Node& node, const std::string& path) const {
    return types_.Of(path + node.field->name.Text());
  }

  // What a value is to a field of this type; in free text quotes make a text.
  static std::string Literal(const Value& value, FieldType type) {
    const std::string text = value.text.Text();
    if (value.kind == Value::kWild) return "Wildcard('" + text + "')";
    const bool plain = type == FieldType::kAny && !value.quoted;
    if ((plain || type == FieldType::kNumber) && base::ParseNumber(text)) {
      return "Number(" + text + ")";
    }
    if ((plain || type == FieldType::kBoolean) &&
        (text == "true" || text == "false")) {
      return text == "true" ? "Boolean(True)" : "Boolean(False)";
    }
    if (plain && value.kind == Value::kNull) return "Null()";
    return "String('" + text + "')";
  }

  const FieldTypes& types_;
};

bool Matches(const std::string& query, const std::string& document) {
  Compiler compiler;
  compiler.AddText(query, "query.kql");
  const CompileResult compiled = compiler.Compile();
  if (!compiled.ok()) return false;
  bool found = false;
  CallbackSink sink([&](const Detection&) { found = true; });
  Engine engine(compiled.rules, sink);
  engine.Feed(Event::Json(document));
  return found;
}

// Conditions of EQL as the cases write them: `'a'` for "a", `=` for `==`.
std::string ToDoubleQuotes(std::string text) {
  std::replace(text.begin(), text.end(), '\'', '"');
  for (size_t at = 0; (at = text.find(" = ", at)) != std::string::npos;) {
    text.replace(at, 3, " == ");
  }
  return text;
}

// Without places and spellings, and `and` in `and` as one.
ir::Expression Plain(const ir::Expression& e) {
  ir::Expression plain = e;
  plain.children.clear();
  if (e.kind == ir::Expression::kNegate &&
      e.children[0].kind == ir::Expression::kLiteral) {
    base::Value value = e.children[0].value;
    value.int_value = -value.int_value;
    value.double_value = -value.double_value;
    return ir::Expression::Literal(value);
  }
  for (const ir::Expression& child : e.children) {
    ir::Expression part = Plain(child);
    const bool joins = e.kind == part.kind && (e.kind == ir::Expression::kAnd ||
                                               e.kind == ir::Expression::kOr);
    if (!joins) {
      plain.children.push_back(std::move(part));
      continue;
    }
    for (ir::Expression& inner : part.children) {
      plain.children.push_back(std::move(inner));
    }
  }
  return plain;
}

bool IsEquivalent(const std::string& query, const std::string& eql) {
  const Parsed parsed(query, {});
  if (!parsed.compiled) return false;
  const std::optional<ir::Expression> ours = kql::ToEql(parsed.compiled->tree);
  const text::Source source("eql", ToDoubleQuotes(eql));
  Diagnostics diagnostics;
  text::Reporter reporter(source, &diagnostics);
  const expression::Tokens tokens = expression::Lex(source);
  expression::TokenStream stream(tokens, &reporter);
  const ir::Expression theirs = expression::Parser(&stream).ParseCondition();
  return ours && reporter.errors() == 0 && stream.AtEnd() &&
         SameMeaning(Plain(*ours), Plain(theirs));
}

std::string Canonical(const std::string& query) {
  const FieldTypes types;
  const Parsed parsed(query, types);
  if (!parsed.compiled) return "(an error)";
  return kql::Print(kql::ToCanonical(parsed.compiled->tree), types);
}

// As JSON names them: { "field": "type" }. None: those of the suite.
FieldTypes TypesOf(const element& line) {
  simdjson::dom::object schema;
  FieldTypes types;
  if (line["schema"].get(schema) == simdjson::SUCCESS) {
    for (const auto& [field, type] : schema) {
      const std::optional<FieldType> named =
          kql::FieldTypeNamed(std::string_view(type));
      if (named) types.Set(field, *named);
    }
    types.set_closed(true);
    return types;
  }
  types = SuiteTypes();
  std::string_view note;
  types.set_closed(line["schema_note"].get(note) == simdjson::SUCCESS);
  return types;
}

// "" or what is wrong.
std::string Run(const element& line, const element& documents) {
  const std::string check = Text(line, "check");
  const std::string query = Text(line, "query");
  const std::string expected = Text(line, "expected");
  const auto compare = [&](const std::string& actual) {
    return actual == expected ? std::string() : "is " + actual;
  };
  if (check == "match") {
    const std::string document =
        simdjson::to_string(documents[Text(line, "document")]);
    const bool wanted = bool(line["expected"]);
    return Matches(query, document) == wanted ? "" : "matches wrongly";
  }
  if (check == "canonical-form") return compare(Canonical(query));
  if (check == "equivalent-eql") {
    return IsEquivalent(query, expected) ? "" : "differs from " + expected;
  }
  const FieldTypes types = TypesOf(line);
  const Parsed parsed(query, types);
  if (check == "must-not-parse") {
    return parsed.compiled ? "is taken" : "";
  }
  if (check != "parses-to") return "an unknown check";
  if (!parsed.compiled) return "is refused";
  return compare(Constructors(types).Of(parsed.compiled->tree));
}

}  // namespace

Score Kql() {
  if (SharedFolder().empty())
    return {.skipped = true, .note = "no shared data"};
  Score score;
  simdjson::dom::parser parser;
  simdjson::dom::parser document_parser;
  element documents;
  ForEachLine("conformance/eql/kql.jsonl", [&](long, std::string_view text) {
    const simdjson::padded_string padded(text);
    const element line = parser.parse(padded);
    if (Text(line, "check") == "documents") {
      documents = document_parser.parse(padded);
      return;
    }
    ++score.total;
    const std::string problem = Run(line, documents);
    if (problem.empty()) {
      ++score.passed;
    } else {
      std::printf("%s %s: %s\n", Text(line, "suite").c_str(),
                  Text(line, "query").c_str(), problem.c_str());
    }
  });
  return score;
}

}  // namespace tocsin::conformance
