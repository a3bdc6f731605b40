#include "src/runtime/match/rule_index.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "src/base/case_fold.h"
#include "src/base/json_unescape.h"

namespace tocsin::runtime {
namespace {

void Set(uint32_t bit, RuleBits* bits) {
  (*bits)[bit >> 6] |= uint64_t{1} << (bit & 63);
}

// A JSON number as its integers are usually written: no fraction, exponent or
// negative zero. Another form may equal a rule's number without looking like it.
bool IsPlainInteger(std::string_view number) {
  return number.find_first_of(".eE") == std::string_view::npos &&
         !number.starts_with("-0");
}

}  // namespace

RuleIndex::RuleIndex(const program::Program& program,
                     std::span<const uint32_t> rules)
    : rules_(rules.begin(), rules.end()),
      words_((rules.size() + 63) / 64),
      keyword_rules_(words_),
      without_anchored_(words_),
      without_inner_(words_),
      candidates_(words_),
      hits_(words_) {
  absl::flat_hash_map<program::FieldId, uint32_t> probe_of;
  const auto probe_for = [&](program::FieldId field) -> Probe& {
    const auto [entry, is_new] =
        probe_of.try_emplace(field, static_cast<uint32_t>(probes_.size()));
    if (is_new) {
      probes_.emplace_back();
      probes_.back().field = field;
      probes_.back().inner_rules.resize(words_);
    }
    return probes_[entry->second];
  };

  // Literals get numbers of this index, in the order rules name them.
  struct Sort {
    absl::flat_hash_map<uint32_t, uint32_t> number_of;
    std::vector<std::vector<uint32_t>> rules;
  };
  Sort sorts[2];
  const auto add = [&](const program::Guard& guard, uint32_t rule,
                       bool anchored) {
    Sort& sort = sorts[anchored ? 0 : 1];
    for (uint32_t i = 0; i < guard.count; ++i) {
      const uint32_t id = program.guard_literals[guard.first + i];
      const program::Literal& literal = program.literals[id];
      const auto [entry, is_new] = sort.number_of.try_emplace(
          id, static_cast<uint32_t>(sort.rules.size()));
      if (is_new) sort.rules.emplace_back();
      sort.rules[entry->second].push_back(rule);
      if (literal.field == program::kAnyField) {
        if (is_new) keywords_.Add(literal.text, entry->second);
        Set(rule, &keyword_rules_);
        continue;
      }
      Probe& probe = probe_for(literal.field);
      if (anchored) {
        probe.has_anchored = true;
        if (is_new) {
          probe.anchored.Add(literal.anchor, literal.text, entry->second);
        }
      } else {
        probe.has_inner = true;
        Set(rule, &probe.inner_rules);
        if (is_new) {
          probe.inner.Add(literal.anchor, literal.text, entry->second);
        }
      }
    }
  };
  for (uint32_t i = 0; i < rules_.size(); ++i) {
    const program::Rule& rule = program.rules[rules_[i]];
    if (rule.anchored.count == 0) Set(i, &without_anchored_);
    if (rule.inner.count == 0) Set(i, &without_inner_);
    add(rule.anchored, i, true);
    add(rule.inner, i, false);
  }
  for (Probe& probe : probes_) {
    probe.anchored.Build();
    probe.inner.Build();
  }
  keywords_.Build();
  for (const bool anchored : {true, false}) {
    RulesOf& lists = anchored ? anchored_rules_ : inner_rules_;
    lists.begin.push_back(0);
    for (const std::vector<uint32_t>& of : sorts[anchored ? 0 : 1].rules) {
      lists.rules.insert(lists.rules.end(), of.begin(), of.end());
      lists.begin.push_back(static_cast<uint32_t>(lists.rules.size()));
    }
  }
}

bool RuleIndex::Meet(const RuleBits& a, const RuleBits& b) const {
  uint64_t common = 0;
  for (size_t i = 0; i < words_; ++i) common |= a[i] & b[i];
  return common != 0;
}

void RuleIndex::SetRules(std::span<const uint32_t> literals, bool anchored,
                         RuleBits* hits) const {
  const RulesOf& lists = anchored ? anchored_rules_ : inner_rules_;
  for (const uint32_t literal : literals) {
    for (uint32_t i = lists.begin[literal]; i < lists.begin[literal + 1];
         ++i) {
      Set(lists.rules[i], hits);
    }
  }
}

// Puts the literals of `finder` that stand in `value` into found_.
void RuleIndex::FindInValue(const LiteralFinder& finder,
                            const RawValue& value) {
  found_.clear();
  const auto hit = [this](uint32_t literal) { found_.push_back(literal); };
  switch (value.kind) {
    case RawKind::kNull:
    case RawKind::kObject:
      return;
    case RawKind::kTrue:
      finder.Find("true", hit);
      break;
    case RawKind::kFalse:
      finder.Find("false", hit);
      break;
    case RawKind::kNumber:
      if (finder.has_numbers() && !IsPlainInteger(value.text())) {
        found_ = finder.numbers();
      }
      folded_.clear();
      base::AppendFolded(value.text(), &folded_);
      finder.Find(folded_, hit);
      break;
    case RawKind::kString:
    case RawKind::kText:
      text_.assign(value.text());
      if (value.kind == RawKind::kString) {
        text_.resize(base::UnescapeJsonInPlace(text_.data(), text_.size()));
      }
      folded_.clear();
      base::AppendFolded(text_, &folded_);
      finder.Find(folded_, hit);
      break;
  }
  std::sort(found_.begin(), found_.end());
  found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
}

template <bool kAnchored>
void RuleIndex::Run(Probe& probe, const RawValue& value, RuleBits* hits) {
  ValueMemo::Entry* entry =
      probe.memo.Find(value.text(), static_cast<uint8_t>(value.kind));
  uint32_t& list = kAnchored ? entry->first : entry->second;
  if (list == ValueMemo::kUnknown) {
    FindInValue(kAnchored ? probe.anchored : probe.inner, value);
    list = probe.memo.Keep(found_);
  }
  if (list != 0) SetRules(probe.memo.List(list), kAnchored, hits);
}

std::span<const uint64_t> RuleIndex::Candidates(const Plan& plan,
                                                const RawEvent& event,
                                                std::string_view json) {
  std::fill(hits_.begin(), hits_.end(), 0);
  for (const Step& step : plan.anchored) {
    Probe& probe = probes_[step.probe];
    for (const RawValue* value = event.First(step.source); value != nullptr;
         value = event.Next(*value)) {
      Run<true>(probe, *value, &hits_);
    }
  }
  for (size_t i = 0; i < words_; ++i) {
    candidates_[i] = plan.without_anchors[i] | (plan.start[i] & hits_[i]);
  }

  std::fill(hits_.begin(), hits_.end(), 0);
  for (const Step& step : plan.inner) {
    Probe& probe = probes_[step.probe];
    if (!Meet(probe.inner_rules, candidates_)) continue;
    for (const RawValue* value = event.First(step.source); value != nullptr;
         value = event.Next(*value)) {
      Run<false>(probe, *value, &hits_);
    }
  }
  if (!keywords_.empty() && Meet(keyword_rules_, candidates_)) {
    found_.clear();
    if (!json.empty() && keywords_.Find(json, &found_)) {
      SetRules(found_, false, &hits_);
    } else {
      for (size_t i = 0; i < words_; ++i) hits_[i] |= keyword_rules_[i];
    }
  }
  for (size_t i = 0; i < words_; ++i) {
    candidates_[i] &= hits_[i] | without_inner_[i];
  }
  return candidates_;
}

}  // namespace tocsin::runtime
