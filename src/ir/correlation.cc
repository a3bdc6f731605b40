#include "src/ir/correlation.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "src/base/json_writer.h"
#include "src/base/string_map.h"

namespace tocsin::ir {
namespace {

using base::MeasureKind;

std::string_view Name(MeasureKind kind) {
  switch (kind) {
    case MeasureKind::kCount:
      return "count";
    case MeasureKind::kDistinct:
      return "distinct";
    case MeasureKind::kSum:
      return "sum";
    case MeasureKind::kAvg:
      return "avg";
    case MeasureKind::kMin:
      return "min";
    case MeasureKind::kMax:
      return "max";
    case MeasureKind::kMedian:
      return "median";
    case MeasureKind::kPercentile:
      return "percentile";
    case MeasureKind::kStddev:
      return "stddev";
    case MeasureKind::kInterval:
      return "interval";
    case MeasureKind::kJitter:
      return "jitter";
    case MeasureKind::kRate:
      return "rate";
    case MeasureKind::kFirst:
      return "first";
    case MeasureKind::kLast:
      return "last";
    case MeasureKind::kValues:
      return "values";
  }
  return "?";
}

std::string_view Name(base::MeasureCompare compare) {
  constexpr std::string_view kNames[] = {"==", "!=", "<", "<=", ">", ">="};
  return kNames[static_cast<int>(compare)];
}

std::string_view Name(base::FirePolicy policy) {
  constexpr std::string_view kNames[] = {"every", "edge", "reset", "throttle"};
  return kNames[static_cast<int>(policy)];
}

std::string_view Name(base::WindowReach reach) {
  constexpr std::string_view kNames[] = {"before", "after", "around"};
  return kNames[static_cast<int>(reach)];
}

std::string Text(absl::Duration duration) {
  return std::string(base::FromAbsl(absl::FormatDuration(duration)));
}

class Printer {
 public:
  explicit Printer(const Correlation& rule) : rule_(rule) {}

  std::string Print() {
    for (const Step& step : rule_.steps) Line("step ", Describe(step));
    for (const ComputedField& field : rule_.computed) {
      Line("computed ", ir::Print(*field.expression));
    }
    PrintPattern();
    Line("window ", Describe(rule_.window));
    for (const KeyPart& part : rule_.group.parts) {
      Line(rule_.group.any_of ? "by any of " : "by ", Describe(part));
    }
    for (const auto& key : rule_.group.expected) {
      Line("expected ", absl::StrJoin(key, ", "));
    }
    const auto print = [&](std::string* out, const WhereField& field) {
      absl::StrAppend(out, rule_.steps[field.step].name, ".", field.name);
    };
    const std::string asked = absl::StrJoin(rule_.where_fields, ", ", print);
    if (rule_.where) {
      Line("where rule ", absl::StrCat(*rule_.where, " of ", asked));
    } else if (!asked.empty()) {
      Line("asks for ", asked);
    }
    std::string fire(Name(rule_.fire));
    if (rule_.fire == base::FirePolicy::kThrottle) {
      fire += " " + Text(rule_.throttle);
    }
    Line("fire ", fire);
    if (rule_.order == base::OrderMode::kStrict) Line("order strict", "");
    if (!rule_.time_field.empty()) Line("time ", rule_.time_field);
    if (rule_.has_indicators) Line("indicators of the first step", "");
    for (const Shown& shown : rule_.shown) {
      Line("show ", shown.name + " = " + Describe(shown.measure));
    }
    if (!rule_.reports) Line("silent", "");
    return std::move(out_);
  }

 private:
  void Line(std::string_view word, std::string_view rest) {
    out_.append(word).append(rest).append("\n");
  }

  std::string Steps(const std::vector<StepIndex>& steps) const {
    return absl::StrJoin(steps, " | ", [&](std::string* out, StepIndex step) {
      *out += rule_.steps[step].name;
    });
  }

  static std::string Describe(const Step& step) {
    std::string text = step.name + " = ";
    switch (step.source) {
      case Step::kRule:
        text += absl::StrCat("rule ", step.source_index);
        break;
      case Step::kCorrelation:
        text += absl::StrCat("correlation ", step.source_index);
        break;
      case Step::kAlerts:
        text += "alerts";
        break;
      case Step::kRisks:
        text += "risks";
        break;
    }
    if (step.condition) text += absl::StrCat(" where rule ", *step.condition);
    return text;
  }

  std::string Describe(const Measure& measure) const {
    std::string text(Name(measure.kind));
    if (!measure.fields.empty() || measure.kind == MeasureKind::kPercentile) {
      std::vector<std::string> parts = measure.fields;
      if (measure.kind == MeasureKind::kPercentile) {
        parts.emplace_back();
        base::AppendJsonDouble(measure.parameter, &parts.back());
      }
      text += "(" + absl::StrJoin(parts, ", ") + ")";
    }
    text += " of " + Steps(measure.steps);
    if (measure.never_negative) text += " never negative";
    return text;
  }

  std::string Describe(const Term& term) const {
    if (term.kind == Term::kMeasure) return Describe(term.measure);
    if (term.kind == Term::kNumber) {
      std::string text;
      base::AppendJsonDouble(term.number, &text);
      return text;
    }
    if (term.kind == Term::kTruncate) {
      return "truncate(" + Describe(term.children[0]) + ")";
    }
    if (term.kind == Term::kRound) {
      return absl::StrCat("round(", Describe(term.children[0]), ", ",
                          term.number, ")");
    }
    if (term.kind == Term::kIf) {
      return absl::StrCat("if(", Describe(term.truths[0]), ", ",
                          Describe(term.children[0]), ", ",
                          Describe(term.children[1]), ")");
    }
    constexpr std::string_view kSigns[] = {"",    "",    " + ", " - ",
                                           " * ", " / ", " % "};
    return "(" + Describe(term.children[0]) + std::string(kSigns[term.kind]) +
           Describe(term.children[1]) + ")";
  }

  // On one line.
  std::string Describe(const Truth& truth) const {
    if (truth.kind == Truth::kCompare) {
      return absl::StrCat(Describe(truth.terms[0]), " ",
                          base::ToAbsl(Name(truth.compare)), " ",
                          Describe(truth.terms[1]));
    }
    if (truth.kind == Truth::kIsNull) {
      return Describe(truth.terms[0]) + " is null";
    }
    constexpr std::string_view kNames[] = {"and", "or", "not",
                                           "",    "",   "is true"};
    std::string text(kNames[truth.kind]);
    text += '(';
    for (const Truth& child : truth.children) {
      if (&child != truth.children.data()) text += ", ";
      text += Describe(child);
    }
    return text + ')';
  }

  void PrintTruth(const Truth& truth, int depth) {
    out_.append(static_cast<size_t>(depth) * 2, ' ');
    if (truth.kind == Truth::kCompare || truth.kind == Truth::kIsNull) {
      Line("", Describe(truth));
      return;
    }
    constexpr std::string_view kNames[] = {"and", "or", "not",
                                           "",    "",   "is true"};
    Line(kNames[truth.kind], "");
    for (const Truth& child : truth.children) PrintTruth(child, depth + 1);
  }

  void PrintPattern() {
    const Pattern& pattern = rule_.pattern;
    switch (pattern.kind) {
      case Pattern::kTruth:
        Line("truth", pattern.triggers.empty()
                          ? std::string()
                          : " at " + Steps(pattern.triggers) +
                                (pattern.trigger_counts ? "" : " apart"));
        PrintTruth(pattern.truth, 1);
        break;
      case Pattern::kChain:
        Line("chain", "");
        for (const Leg& leg : pattern.legs) {
          std::string text = leg.negated ? "not " : "";
          text += Steps(leg.steps);
          if (leg.count != 1) text += absl::StrCat(" >= ", leg.count);
          if (leg.gap) text += " in " + Text(*leg.gap);
          Line("  ", text);
        }
        if (!pattern.until.empty()) Line("  until ", Steps(pattern.until));
        break;
      case Pattern::kSequence:
        Line(pattern.unordered ? "all of" : "sequence", "");
        for (const SequenceStage& stage : pattern.stages) {
          Line(stage.missing ? "  missing "
               : stage.keeps ? "  keeping "
                             : "  ",
               rule_.steps[stage.step].name +
                   (stage.condition
                        ? absl::StrCat(" where rule ", *stage.condition)
                        : ""));
        }
        if (!pattern.until.empty()) {
          Line(pattern.until_first ? "  until, first " : "  until ",
               Steps(pattern.until));
        }
        break;
      case Pattern::kSeen:
        Line("new ", (pattern.fields.empty()
                          ? "key"
                          : "(" + absl::StrJoin(pattern.fields, ", ") + ")") +
                         " learn " + Text(pattern.learn));
        break;
      case Pattern::kRatio: {
        std::string text = Describe(pattern.change);
        text += pattern.drop ? " <= 1/" : " >= ";
        base::AppendJsonDouble(pattern.factor, &text);
        text += "x past " + Text(pattern.past) + " min ";
        base::AppendJsonDouble(pattern.minimum, &text);
        Line(pattern.drop ? "drop " : "spike ", text);
        break;
      }
    }
  }

  static std::string Describe(const Window& window) {
    std::string text;
    switch (window.kind) {
      case base::WindowKind::kSliding:
        text = "within " + Text(window.span) + " " +
               std::string(Name(window.reach));
        if (window.half_open) text += " half_open";
        break;
      case base::WindowKind::kTumbling:
        text = "per " + Text(window.span);
        if (window.offset != absl::ZeroDuration()) {
          text += " offset " + Text(window.offset);
        }
        break;
      case base::WindowKind::kSession:
        text = "idle " + Text(window.span);
        if (window.longest != absl::InfiniteDuration()) {
          text += " max " + Text(window.longest);
        }
        break;
    }
    return text;
  }

  // One field for all steps is printed once.
  std::string Describe(const KeyPart& part) const {
    std::string text = part.name;
    bool same = true;
    for (const auto& fields : part.fields) same &= fields == part.fields[0];
    for (size_t i = 0; i < part.fields.size() && (i == 0 || !same); ++i) {
      text += i == 0 ? " = " : ", ";
      if (!same) text += rule_.steps[i].name + ":";
      text += absl::StrJoin(part.fields[i], " + ");
    }
    if (part.missing_is_value) text += " or missing";
    if (!part.missing_in.empty()) {
      text += " or missing in " + Steps(part.missing_in);
    }
    return text;
  }

  const Correlation& rule_;
  std::string out_;
};

}  // namespace

std::string Print(const Correlation& correlation) {
  return Printer(correlation).Print();
}

}  // namespace tocsin::ir
