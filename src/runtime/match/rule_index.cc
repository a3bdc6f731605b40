#include "src/runtime/match/rule_index.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "src/runtime/match/scan_text.h"

namespace tocsin::runtime {
namespace {

void Set(uint32_t bit, RuleBits* bits) {
  (*bits)[bit >> 6] |= uint64_t{1} << (bit & 63);
}

// A JSON number as its integers are usually written: no fraction, exponent or
// negative zero. Another form may equal a rule's number without looking like
// it.
bool IsPlainInteger(std::string_view number) {
  return number.find_first_of(".eE") == std::string_view::npos &&
         !number.starts_with("-0");
}

// The guards of a rule set while they are collected: literals by local number.
struct Collected {
  absl::flat_hash_map<uint32_t, uint32_t> number_of;
  std::vector<std::vector<uint32_t>> bits;
};

}  // namespace

RuleIndex::RuleIndex(const program::Program& program,
                     std::span<const uint32_t> rules)
    : rules_(rules.begin(), rules.end()),
      words_((rules.size() + 63) / 64),
      keyword_rules_(words_),
      candidates_(words_) {
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

  for (const uint32_t rule : rules_) {
    uint32_t slots[2] = {0, 0};
    for (uint32_t i = 0; i < program.rules[rule].guard_count; ++i) {
      ++slots[program.guards[program.rules[rule].first_guard + i].inner];
    }
    anchored_.slots = std::max(anchored_.slots, slots[0]);
    inner_.slots = std::max(inner_.slots, slots[1]);
  }
  for (GuardsOf* guards : {&anchored_, &inner_}) {
    guards->without.assign(guards->slots * words_, ~uint64_t{0});
  }
  keyword_guards_.resize(inner_.slots * words_);

  Collected collected[2];
  for (uint32_t i = 0; i < rules_.size(); ++i) {
    const program::Rule& rule = program.rules[rules_[i]];
    uint32_t slots[2] = {0, 0};
    for (uint32_t g = 0; g < rule.guard_count; ++g) {
      const program::Guard& guard = program.guards[rule.first_guard + g];
      GuardsOf& guards = guard.inner ? inner_ : anchored_;
      Collected& literals = collected[guard.inner];
      const uint32_t bit =
          slots[guard.inner]++ * 64 * static_cast<uint32_t>(words_) + i;
      guards.without[bit >> 6] &= ~(uint64_t{1} << (bit & 63));
      for (uint32_t l = 0; l < guard.count; ++l) {
        const uint32_t id = program.guard_literals[guard.first + l];
        const program::Literal& literal = program.literals[id];
        const auto [entry, is_new] = literals.number_of.try_emplace(
            id, static_cast<uint32_t>(literals.bits.size()));
        const uint32_t number = entry->second;
        if (is_new) literals.bits.emplace_back();
        literals.bits[number].push_back(bit);
        if (literal.field == program::kAnyField) {
          if (is_new) keywords_.Add(literal.anchor, literal.text, number);
          Set(i, &keyword_rules_);
          Set(bit, &keyword_guards_);
          continue;
        }
        Probe& probe = probe_for(literal.field);
        if (guard.inner) Set(i, &probe.inner_rules);
        (guard.inner ? probe.has_inner : probe.has_anchored) = true;
        if (is_new) {
          (guard.inner ? probe.inner : probe.anchored)
              .Add(literal.anchor, literal.text, number);
        }
      }
    }
  }
  for (Probe& probe : probes_) {
    probe.anchored.Build();
    probe.inner.Build();
  }
  keywords_.Build();
  for (const bool inner : {false, true}) {
    GuardsOf& guards = inner ? inner_ : anchored_;
    guards.begin.push_back(0);
    for (const std::vector<uint32_t>& bits : collected[inner].bits) {
      guards.bits.insert(guards.bits.end(), bits.begin(), bits.end());
      guards.begin.push_back(static_cast<uint32_t>(guards.bits.size()));
    }
  }
}

bool RuleIndex::Meet(const RuleBits& a, const RuleBits& b) const {
  uint64_t common = 0;
  for (size_t i = 0; i < words_; ++i) common |= a[i] & b[i];
  return common != 0;
}

void RuleIndex::SetBits(const GuardsOf& guards,
                        std::span<const uint32_t> literals, RuleBits* hits) {
  for (const uint32_t literal : literals) {
    const uint32_t end = guards.begin[literal + 1];
    for (uint32_t i = guards.begin[literal]; i < end; ++i) {
      Set(guards.bits[i], hits);
    }
  }
}

// Puts the literals of `finder` that stand in `value` into found_.
void RuleIndex::FindInValue(const LiteralFinder& finder, RawEvent& event,
                            const RawValue& value) {
  found_.clear();
  if (value.kind == RawKind::kNull || value.kind == RawKind::kObject) return;
  if (value.kind == RawKind::kNumber && finder.has_numbers() &&
      !IsPlainInteger(value.text())) {
    found_ = finder.numbers();
  }
  if (finder.has_anchored()) finder.FindAnchored(event.Folded(value), &found_);
  if (finder.has_inner()) {
    if (value.kind == RawKind::kString && !HidesAnyText(value.text())) {
      finder.FindInner(value.text(), &found_);
    } else {
      scan_text_.clear();
      AppendScanText(event.Folded(value), &scan_text_);
      finder.FindInner(scan_text_, &found_);
    }
  }
  std::sort(found_.begin(), found_.end());
  found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
}

template <bool kAnchored>
void RuleIndex::RunOnValue(Probe& probe, RawEvent& event, const RawValue& value,
                           RuleBits* hits) {
  const GuardsOf& guards = kAnchored ? anchored_ : inner_;
  ValueMemo::Entry* entry =
      probe.memo.Find(value.text(), static_cast<uint8_t>(value.kind));
  if (entry == nullptr) {
    FindInValue(kAnchored ? probe.anchored : probe.inner, event, value);
    SetBits(guards, found_, hits);
    return;
  }
  uint32_t& list = kAnchored ? entry->first : entry->second;
  if (list == ValueMemo::kUnknown) {
    FindInValue(kAnchored ? probe.anchored : probe.inner, event, value);
    list = probe.memo.Keep(found_);
  }
  if (list != 0) SetBits(guards, probe.memo.List(list), hits);
}

template <bool kAnchored>
void RuleIndex::Run(Probe& probe, RawEvent& event, uint32_t source,
                    RuleBits* hits) {
  for (const RawValue* value = event.First(source); value != nullptr;
       value = event.Next(*value)) {
    RunOnValue<kAnchored>(probe, event, *value, hits);
  }
}

void RuleIndex::Finish(RawEvent& event,
                       absl::FunctionRef<uint32_t(program::FieldId)> source_of,
                       absl::FunctionRef<bool(uint32_t)> is_fixed, Plan* plan) {
  plan->anchored_hits = anchored_.without;
  plan->inner_hits = inner_.without;
  for (uint32_t i = 0; i < probes_.size(); ++i) {
    Probe& probe = probes_[i];
    const uint32_t source = source_of(probe.field);
    if (source == kNoField) continue;
    if (is_fixed(source)) {
      Run<true>(probe, event, source, &plan->anchored_hits);
      Run<false>(probe, event, source, &plan->inner_hits);
      continue;
    }
    if (probe.has_anchored) plan->anchored.push_back({i, source});
    if (probe.has_inner && Meet(probe.inner_rules, plan->start)) {
      plan->inner.push_back({i, source});
    }
  }
}

// Takes the rules that lack a hit in some slot out of candidates_.
void RuleIndex::Narrow(const GuardsOf& guards, const RuleBits& hits) {
  for (uint32_t slot = 0; slot < guards.slots; ++slot) {
    const uint64_t* const of_slot = hits.data() + slot * words_;
    for (size_t i = 0; i < words_; ++i) candidates_[i] &= of_slot[i];
  }
}

std::span<const uint64_t> RuleIndex::Candidates(const Plan& plan,
                                                RawEvent& event,
                                                std::string_view json) {
  hits_ = plan.anchored_hits;
  for (const Step& step : plan.anchored) {
    Run<true>(probes_[step.probe], event, step.source, &hits_);
  }
  candidates_ = plan.start;
  Narrow(anchored_, hits_);

  hits_ = plan.inner_hits;
  for (const Step& step : plan.inner) {
    Probe& probe = probes_[step.probe];
    if (!Meet(probe.inner_rules, candidates_)) continue;
    Run<false>(probe, event, step.source, &hits_);
  }
  if (keywords_.has_inner() && Meet(keyword_rules_, candidates_)) {
    if (!json.empty() && !HidesAsciiText(json)) {
      found_.clear();
      keywords_.FindInner(json, &found_);
      SetBits(inner_, found_, &hits_);
    } else {
      for (size_t i = 0; i < hits_.size(); ++i) hits_[i] |= keyword_guards_[i];
    }
  }
  Narrow(inner_, hits_);
  return candidates_;
}

}  // namespace tocsin::runtime
