// Single EQL expressions: what they fold to, what is refused, what means the
// same.

#include <simdjson.h>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "src/frontend/eql/eql.h"
#include "src/text/source.h"
#include "tests/conformance/shared_data.h"
#include "tests/conformance/suite.h"

namespace tocsin::conformance {
namespace {

using simdjson::dom::element;

std::string TextOf(element of, const char* name) {
  std::string_view text;
  if (of[name].get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

// The modes of letter case that a case runs in; `true` folds.
std::vector<bool> FoldModes(element of) {
  bool sensitive = false;
  if (of["case_sensitive"].get(sensitive) == simdjson::SUCCESS) {
    return {!sensitive};
  }
  return {false, true};
}

bool SameValue(const base::Value& value, element expected) {
  if (expected.is_null()) return value.is_null();
  if (expected.is_bool()) {
    return value.kind == base::ValueKind::kBool &&
           value.is_true() == expected.get_bool().value();
  }
  if (expected.is_string()) {
    return value.is_string() && value.text == expected.get_string().value();
  }
  double number = 0;
  if (expected.get(number) != simdjson::SUCCESS || !value.is_number()) {
    return false;
  }
  return std::abs(*base::DoubleOf(value) - number) <= 1e-12 * std::abs(number);
}

bool Holds(element of, bool folds) {
  eql::EqlOptions options;
  const bool endgame = TextOf(of, "suite").starts_with("eql-python");
  if (endgame) {
    options.dialect.language = expression::Dialect::kEndgame;
    options.dialect.folds = folds;
  }
  const auto compile = [&](const std::string& text) {
    const text::Source source("expression", text);
    Diagnostics diagnostics;
    text::Reporter reporter(source, &diagnostics);
    return eql::ParseExpression(source, options, &reporter);
  };
  const std::string check = TextOf(of, "check");
  const std::optional<ir::Expression> compiled =
      compile(TextOf(of, "expression"));
  if (check == "must-not-compile") return !compiled.has_value();
  if (!compiled) return false;
  if (check == "fold") {
    return compiled->kind == ir::Expression::kLiteral &&
           SameValue(compiled->value, of["expected"].value());
  }
  const std::optional<ir::Expression> expected =
      compile(TextOf(of, "expected"));
  return expected && ir::Print(*compiled) == ir::Print(*expected);
}

}  // namespace

Score EqlExpressions() {
  Score score;
  simdjson::dom::parser parser;
  const bool found = ForEachLine(
      "conformance/eql/expressions.jsonl", [&](long, std::string_view line) {
        element of;
        if (parser.parse(line.data(), line.size()).get(of) !=
            simdjson::SUCCESS) {
          return;
        }
        ++score.total;
        bool passed = true;
        for (const bool folds : FoldModes(of)) {
          passed = passed && Holds(of, folds);
        }
        if (passed) {
          ++score.passed;
        } else {
          std::fprintf(stderr, "eql-expressions: %s\n",
                       TextOf(of, "expression").c_str());
        }
      });
  if (!found || score.total == 0) {
    score.skipped = true;
    score.note = "no conformance/eql/expressions.jsonl";
  }
  return score;
}

}  // namespace tocsin::conformance
