#include "src/frontend/sigma/lower.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/string_map.h"
#include "src/frontend/sigma/condition.h"
#include "src/frontend/sigma/lower_item.h"

namespace tocsin::sigma {
namespace {

using ir::Expr;
using text::Quoted;

// Nodes of one rule. Each reference to a selection is a copy of it, so a short
// text could ask for any amount of memory.
constexpr int64_t kMaxNodes = 100'000;

// Work of finding the selections that patterns mean; a second or so.
constexpr int64_t kMaxCompared = 500'000'000;

int64_t CountNodes(const Expr& expr) {
  int64_t count = 1;
  for (const Expr& child : expr.children) count += CountNodes(child);
  return count;
}

struct LoweredSelection {
  const Selection* selection = nullptr;
  Expr expr;
  int64_t nodes = 0;
  bool used = false;
};

class DetectionLowerer {
 public:
  DetectionLowerer(const Detection& detection, Budget* budget,
                   text::Reporter* reporter)
      : detection_(detection), budget_(budget), reporter_(reporter) {}

  std::optional<Expr> Lower() {
    for (const Selection& selection : detection_.selections) {
      LowerSelection(selection);
    }
    std::vector<Expr> alternatives;
    for (const auto& [text, range] : detection_.conditions) {
      const std::optional<Condition> condition =
          ParseCondition(text, range, reporter_);
      if (!condition) {
        good_ = false;
        continue;
      }
      Expr alternative = LowerCondition(*condition);
      // Once lost, the rest is read for its errors only.
      if (good_) alternatives.push_back(std::move(alternative));
    }
    if (!good_ || alternatives.empty()) return std::nullopt;
    WarnOfUnused();
    return Expr::Or(std::move(alternatives));
  }

 private:
  void LowerSelection(const Selection& selection) {
    int64_t values = 0;
    for (const std::vector<Item>& items : selection.alternatives) {
      for (const Item& item : items) {
        values += static_cast<int64_t>(item.values.size());
      }
    }
    if (!Spend(values, selection.range)) return;
    std::vector<Expr> alternatives;
    alternatives.reserve(selection.alternatives.size());
    for (const std::vector<Item>& items : selection.alternatives) {
      std::vector<Expr> parts;
      parts.reserve(items.size());
      for (const Item& item : items) {
        std::optional<Expr> part = LowerItem(item, budget_, reporter_);
        if (part) {
          parts.push_back(*std::move(part));
        } else {
          good_ = false;
        }
      }
      alternatives.push_back(Expr::And(std::move(parts)));
    }
    LoweredSelection lowered;
    lowered.selection = &selection;
    lowered.expr = Expr::Or(std::move(alternatives));
    lowered.expr.label = selection.name;
    lowered.expr.range = selection.range;
    lowered.nodes = CountNodes(lowered.expr);
    by_name_.try_emplace(selection.name, selections_.size());
    selections_.push_back(std::move(lowered));
  }

  Expr LowerCondition(const Condition& condition) {
    if (!Spend(1, condition.range)) return Expr::False();
    switch (condition.kind) {
      case Condition::kName:
        return LowerName(condition);
      case Condition::kOneOf:
      case Condition::kAllOf:
        return LowerQuantifier(condition);
      case Condition::kNot:
        return WithRange(Expr::Not(LowerCondition(condition.children[0])),
                         condition);
      case Condition::kAnd:
      case Condition::kOr:
        break;
    }
    std::vector<Expr> parts;
    parts.reserve(condition.children.size());
    for (const Condition& child : condition.children) {
      parts.push_back(LowerCondition(child));
    }
    return WithRange(condition.kind == Condition::kAnd
                         ? Expr::And(std::move(parts))
                         : Expr::Or(std::move(parts)),
                     condition);
  }

  static Expr WithRange(Expr expr, const Condition& condition) {
    if (expr.label.empty()) expr.range = condition.range;
    return expr;
  }

  Expr LowerName(const Condition& condition) {
    const auto found = by_name_.find(condition.name);
    if (found == by_name_.end()) {
      good_ = false;
      if (!too_large_) FailUndefined(condition);
      return Expr::False();
    }
    return Use(&selections_[found->second], condition);
  }

  void FailUndefined(const Condition& condition) {
    std::vector<std::string_view> names;
    if (!reporter_->full()) {
      for (const Selection& selection : detection_.selections) {
        names.push_back(selection.name);
      }
    }
    reporter_->Error("T024", condition.range,
                     "no selection is named " + Quoted(condition.name),
                     text::DidYouMean(condition.name, names));
  }

  Expr LowerQuantifier(const Condition& condition) {
    std::vector<Expr> parts;
    for (LoweredSelection& lowered : selections_) {
      compared_ += static_cast<int64_t>(condition.name.size() *
                                        lowered.selection->name.size());
      if (compared_ > kMaxCompared) {
        Spend(kMaxNodes + 1, condition.range);
        return Expr::False();
      }
      if (!PatternSelects(condition.name, lowered.selection->name)) continue;
      if (condition.kind == Condition::kAllOf) {
        WarnOfAllOfKeywords(*lowered.selection, condition);
      }
      parts.push_back(Use(&lowered, condition));
    }
    if (parts.empty()) {
      if (!too_large_) FailNothingSelected(condition);
      return Expr::False();
    }
    return WithRange(condition.kind == Condition::kAllOf
                         ? Expr::And(std::move(parts))
                         : Expr::Or(std::move(parts)),
                     condition);
  }

  void FailNothingSelected(const Condition& condition) {
    good_ = false;
    std::string help = "selections are";
    for (const Selection& selection : detection_.selections) {
      help += (&selection == &detection_.selections.front() ? " " : ", ") +
              Quoted(selection.name);
      if (help.size() > 200) break;
    }
    if (condition.name == "*") {
      help = "`them` leaves out selections that start with `_`";
    }
    reporter_->Error(
        "T025", condition.range,
        condition.name == "*"
            ? std::string("`them` means no selection")
            : "pattern " + Quoted(condition.name) + " fits no selection",
        std::move(help));
  }

  // `all of keywords` reads as if every keyword of the list had to occur.
  void WarnOfAllOfKeywords(const Selection& selection,
                           const Condition& condition) {
    if (condition.name.find('*') != std::string::npos) return;
    if (selection.alternatives.size() != 1 ||
        selection.alternatives[0].size() != 1) {
      return;
    }
    const Item& item = selection.alternatives[0][0];
    if (!item.fields.empty() || !item.modifiers.empty() ||
        item.values.size() < 2) {
      return;
    }
    reporter_->Warning("T047", condition.range,
                       "`all of " + selection.name +
                           "` asks for the selection, not for every keyword "
                           "in it",
                       "put the keywords under `'|all':` to ask for each");
  }

  Expr Use(LoweredSelection* lowered, const Condition& condition) {
    lowered->used = true;
    if (!Spend(lowered->nodes, condition.range)) return Expr::False();
    return lowered->expr;
  }

  // False once the rule, or its file, has come to too many nodes.
  bool Spend(int64_t nodes, text::Range range) {
    nodes_ += nodes;
    budget_->nodes -= nodes;
    const bool rule_fits = nodes_ <= kMaxNodes;
    if (rule_fits && budget_->nodes >= 0) return true;
    if (!too_large_) {
      reporter_->Error("T027", range,
                       rule_fits ? std::string("the rules of this file are too "
                                               "large together")
                                 : "the rule comes to more than " +
                                       std::to_string(kMaxNodes) + " tests",
                       rule_fits ? "split the file" : "split the rule");
    }
    too_large_ = true;
    good_ = false;
    return false;
  }

  void WarnOfUnused() {
    for (const LoweredSelection& lowered : selections_) {
      // A leading `_` says that a selection is there for other uses.
      if (lowered.used || lowered.selection->name.starts_with('_')) continue;
      reporter_->Warning("T040", lowered.selection->range,
                         "selection " + Quoted(lowered.selection->name) +
                             " is not used by the condition",
                         "use it, take it out, or start its name with `_`");
    }
  }

  const Detection& detection_;
  Budget* budget_;
  text::Reporter* reporter_;
  std::vector<LoweredSelection> selections_;
  base::StringMap<size_t> by_name_;
  int64_t nodes_ = 0;
  int64_t compared_ = 0;  // Characters of patterns times those of names.
  bool too_large_ = false;
  bool good_ = true;
};

// A detection from another file has had its say there; only what keeps this
// rule from loading is reported again.
std::optional<Expr> LowerAdded(const Detection& detection, Budget* budget,
                               text::Reporter* reporter) {
  Diagnostics diagnostics;
  const text::Source& source =
      detection.source ? *detection.source : reporter->source();
  text::Reporter own(source, &diagnostics);
  std::optional<Expr> expr = DetectionLowerer(detection, budget, &own).Lower();
  if (expr) return expr;
  for (Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != Severity::kError) continue;
    reporter->diagnostics()->push_back(std::move(diagnostic));
  }
  return std::nullopt;
}

}  // namespace

std::optional<ir::Rule> Lower(Document rule, text::Reporter* reporter,
                              Budget* budget) {
  Budget rule_budget;
  if (budget == nullptr) budget = &rule_budget;
  std::optional<Expr> own =
      DetectionLowerer(rule.detection, budget, reporter).Lower();
  std::vector<Expr> parts;
  if (own) parts.push_back(*std::move(own));
  for (const Detection& added : rule.added) {
    std::optional<Expr> part = LowerAdded(added, budget, reporter);
    if (part) parts.push_back(*std::move(part));
  }
  if (parts.size() != rule.added.size() + 1) return std::nullopt;
  ir::Rule lowered;
  lowered.log_source_ranges = {.product = rule.product_range,
                               .category = rule.category_range,
                               .service = rule.service_range};
  lowered.info = std::move(rule.info);
  lowered.condition = Expr::And(std::move(parts));
  return lowered;
}

}  // namespace tocsin::sigma
