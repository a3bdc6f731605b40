#include "src/frontend/elastic/routing.h"

#include <optional>
#include <string_view>
#include <utility>

#include "src/frontend/eql/eql.h"
#include "src/frontend/expression/lower.h"
#include "src/ir/expression.h"
#include "src/text/reporter.h"
#include "src/text/source.h"

namespace tocsin::elastic {
namespace {

using ir::Expr;

// Patterns as they are written: what another cluster is called, and dates in
// angle brackets, are not part of a name.
struct Patterns {
  std::vector<std::string> taken;
  std::vector<std::string> left_out;  // `-logs-x-*`.
  bool has_all = false;
};

Patterns Read(const std::vector<std::string>& written) {
  Patterns patterns;
  for (std::string_view text : written) {
    const bool is_out = text.starts_with('-');
    if (is_out) text.remove_prefix(1);
    if (const size_t colon = text.find(':'); colon != std::string_view::npos) {
      text.remove_prefix(colon + 1);
    }
    if (text.empty()) continue;
    if (text == "*" || text == "_all") {
      patterns.has_all |= !is_out;
      continue;
    }
    (is_out ? patterns.left_out : patterns.taken).emplace_back(text);
  }
  return patterns;
}

// `like` with every one of the patterns; of a data stream its indices too.
std::string LikeAny(std::string_view operand,
                    const std::vector<std::string>& patterns, bool is_index) {
  std::string text = std::string(operand) + " like (";
  bool is_first = true;
  const auto add = [&](std::string_view pattern) {
    if (!is_first) text += ", ";
    is_first = false;
    text += ir::QuoteString(pattern);
  };
  for (const std::string& pattern : patterns) {
    add(pattern);
    if (is_index) {
      add(".ds-" + pattern + (pattern.ends_with('*') ? "" : "-*"));
    }
  }
  return text + ")";
}

// Holds unless `condition`, in EQL, is false.
Expr UnlessFalse(std::string condition) {
  const text::Source source("", std::move(condition));
  Diagnostics diagnostics;
  text::Reporter reporter(source, &diagnostics);
  const std::optional<ir::Expression> parsed =
      eql::ParseExpression(source, {}, &reporter);
  // Texts of any kind stand in quotes, so it is well-formed; one that is too
  // long for a token is not, and routes nothing.
  if (!parsed) return Expr::True();
  Expr expr = Expr::Not(expression::LowerFalse(*parsed, source));
  return expr;
}

void DropPlaces(Expr* expr) {
  expr->range = {};
  for (Expr& child : expr->children) DropPlaces(&child);
}

}  // namespace

bool ReachesAlerts(const std::vector<std::string>& written) {
  for (const std::string_view text : written) {
    if (text.starts_with('-')) continue;
    if (text.find(".alerts-security") != std::string_view::npos ||
        text.find(".siem-signals") != std::string_view::npos ||
        text.starts_with(".alerts-*")) {
      return true;
    }
  }
  return false;
}

ir::Expr RouteTo(const std::vector<std::string>& written) {
  const Patterns patterns = Read(written);
  std::vector<Expr> all;
  const auto add = [&](std::string_view operand, bool is_index) {
    if (!patterns.has_all && !patterns.taken.empty()) {
      all.push_back(UnlessFalse(LikeAny(operand, patterns.taken, is_index)));
    }
    if (!patterns.left_out.empty()) {
      all.push_back(
          UnlessFalse("not " + LikeAny(operand, patterns.left_out, is_index)));
    }
  };
  // An alert says of which data stream its event was, and lies elsewhere.
  const bool reaches_alerts = ReachesAlerts(written);
  if (!reaches_alerts) {
    add("concat(data_stream.type, \"-\", data_stream.dataset, \"-\", "
        "data_stream.namespace)",
        false);
  }
  add("_index", true);
  if (all.empty()) return Expr::True();
  Expr expr = Expr::And(std::move(all));
  DropPlaces(&expr);
  return expr;
}

}  // namespace tocsin::elastic
