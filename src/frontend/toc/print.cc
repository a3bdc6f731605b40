#include "src/frontend/toc/print.h"

namespace tocsin::toc {
namespace {

int Precedence(const Truth& truth) {
  switch (truth.kind) {
    case Truth::kOr:
      return 1;
    case Truth::kAnd:
      return 2;
    case Truth::kNot:
      return 3;
    case Truth::kCompare:
      return 4;
    case Truth::kArithmetic:
      return truth.op == ir::Operator::kAdd || truth.op == ir::Operator::kSub
                 ? 5
                 : 6;
    default:
      return 7;
  }
}

std::string Join(const std::vector<Expression>& expressions,
                 std::string_view separator) {
  std::string out;
  for (const Expression& each : expressions) {
    if (&each != expressions.data()) out += separator;
    out += ir::Print(each);
  }
  return out;
}

}  // namespace

std::string Printer::Print(const Amount& amount) const {
  return std::string(source_.Slice(amount.span));
}

std::string Printer::PrintText(const Word& text) const {
  const std::string_view written = source_.Slice(text.span);
  // Anything else is a string that was mended.
  const bool as_written = written.starts_with("\"\"\"") ||
                          (written.starts_with('"') && written.size() > 1 &&
                           written.find('\\') == std::string_view::npos);
  return as_written ? std::string(written) : ir::QuoteString(text.text);
}

std::string Printer::Print(const Truth& truth) const {
  const auto child = [&](size_t i, int least) {
    const Truth& inner = truth.children[i];
    const std::string text = Print(inner);
    return Precedence(inner) < least ? "(" + text + ")" : text;
  };
  const auto joined = [&](std::string_view separator, int least) {
    std::string out;
    for (size_t i = 0; i < truth.children.size(); ++i) {
      if (i > 0) out += separator;
      out += child(i, least);
    }
    return out;
  };
  const std::string op(ir::Spelling(truth.op));
  switch (truth.kind) {
    case Truth::kOr:
      return joined(" or ", 2);
    case Truth::kAnd:
      return joined(" and ", 3);
    case Truth::kNot:
      return "not " + child(0, 3);
    case Truth::kCompare:
      return child(0, 5) + ' ' + op + ' ' + child(1, 5);
    case Truth::kArithmetic:
      return child(0, Precedence(truth)) + ' ' + op + ' ' +
             child(1, Precedence(truth) + 1);
    case Truth::kValue:
      return ir::Print(truth.value);
    case Truth::kStep:
      return truth.name.text;
    case Truth::kMeasure: {
      std::string out =
          truth.name.text + "(" + Join(truth.arguments, ", ") + ")";
      if (truth.of) out += " of " + truth.of->text;
      return out;
    }
    case Truth::kError:
      break;
  }
  return "?";
}

std::string Printer::Print(const Pattern& pattern) const {
  switch (pattern.kind) {
    case Pattern::kTruth:
      return Print(pattern.truth);
    case Pattern::kWith:
      return Print(pattern.truth) + " with " + Print(pattern.context);
    case Pattern::kNew: {
      std::string out =
          "new (" + Join(pattern.keys, ", ") + ") of " + pattern.of->text;
      if (pattern.learn) out += " learn " + Print(*pattern.learn);
      return out;
    }
    case Pattern::kSpike:
    case Pattern::kDrop: {
      std::string out = pattern.kind == Pattern::kSpike ? "spike " : "drop ";
      out += Print(pattern.truth) + ' ' +
             std::string(ir::Spelling(pattern.op)) + ' ' +
             Print(pattern.factor) + " past " + Print(pattern.past);
      if (pattern.least) out += " min " + Print(*pattern.least);
      return out;
    }
    case Pattern::kChain:
      break;
  }
  // Alternatives keep their brackets, which they need here.
  const auto alternatives = [this](const Truth& steps) {
    const std::string text = Print(steps);
    return steps.kind == Truth::kOr ? "(" + text + ")" : text;
  };
  std::string out;
  for (const Leg& leg : pattern.legs) {
    if (!out.empty()) out += " then ";
    if (leg.what.kind == Truth::kNot) {
      out += "not " + alternatives(leg.what.children[0]);
    } else {
      out += alternatives(leg.what);
    }
    if (leg.gap) out += " in " + Print(*leg.gap);
  }
  if (pattern.until) out += " until " + pattern.until->text;
  return out;
}

std::string Printer::Print(const Window& window) const {
  constexpr std::string_view kWords[] = {"within ", "per ", "idle "};
  std::string out(kWords[window.kind]);
  out += Print(window.span_of_time);
  for (const Word& flag : window.flags) out += ' ' + flag.text;
  if (window.second) {
    out += window.kind == Window::kPer ? " offset " : " max ";
    out += Print(*window.second);
  }
  return out;
}

std::string Printer::Print(const By& by) const {
  std::string out = by.any_of ? "by any of " : "by ";
  for (const std::vector<Expression>& names : by.keys) {
    if (&names != by.keys.data()) out += ", ";
    out += Join(names, " = ");
  }
  if (by.each_of) out += " each of " + by.each_of->text;
  return out;
}

std::string Printer::Print(const Fire& fire) const {
  std::string out = fire.policy.text;
  if (fire.throttle) out += ' ' + Print(*fire.throttle);
  return out;
}

std::string Printer::PrintBase(const Source& source) const {
  switch (source.kind) {
    case Source::kAny:
      return "any";
    case Source::kNamed:
      return source.name.text;
    case Source::kCategory:
      return PrintText(source.name);
    case Source::kLogSource:
      return (source.product.empty() ? "*" : source.product) + "/" +
             source.name.text;
    case Source::kRule:
      return "rule " + PrintText(source.name);
    case Source::kEql:
      return "eql " + PrintText(source.name);
    case Source::kKql:
      return "kql " + PrintText(source.name);
    case Source::kSigma:
      return (source.from_file ? "sigma file " : "sigma ") +
             PrintText(source.name);
    case Source::kAlerts:
      return "alerts";
    case Source::kRisks:
      return "risks";
    case Source::kDetector:
      return "detector " + source.name.text;
  }
  return {};
}

}  // namespace tocsin::toc
