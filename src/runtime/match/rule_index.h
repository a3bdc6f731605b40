// RuleIndex: which rules of one route an event could match.
//
// Holds the guards of a set of rules, arranged by field. Rules are numbered
// from 0 within the index; sets of them are bit sets. For an event:
//
//   candidates = start                                (a class of events knows)
//              & (rules hit by anchored literals | rules without such a guard)
//              & (rules hit by inner literals    | rules without such a guard)
//
// and what is left has to be evaluated. Nothing is missed: a guard is a
// necessary condition. The second step looks only at fields that some rule still in
// question needs.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_RULE_INDEX_H_
#define TOCSIN_SRC_RUNTIME_MATCH_RULE_INDEX_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/program/program.h"
#include "src/runtime/event/raw_event.h"
#include "src/runtime/match/keyword_scanner.h"
#include "src/runtime/match/literal_finder.h"
#include "src/runtime/match/value_memo.h"

namespace tocsin::runtime {

using RuleBits = std::vector<uint64_t>;

class RuleIndex {
 public:
  // Looks at one field.
  struct Probe {
    program::FieldId field = 0;
    LiteralFinder anchored;  // Literals of anchored guards.
    LiteralFinder inner;     // Literals of inner guards, of any anchor.
    bool has_anchored = false;
    bool has_inner = false;
    RuleBits inner_rules;  // Rules with an inner guard here.
    ValueMemo memo;
  };

  // A probe, and the field of the event whose values it looks at.
  struct Step {
    uint32_t probe = 0;
    uint32_t source = 0;
  };

  // What holds for a class of events that this index serves.
  struct Plan {
    RuleBits start;            // Rules that are not excluded from the outset.
    RuleBits without_anchors;  // Of these, the ones without an anchored guard.
    std::vector<Step> anchored;
    std::vector<Step> inner;
  };

  // `rules` are numbers of rules of `program`, which must outlive the index.
  RuleIndex(const program::Program& program, std::span<const uint32_t> rules);

  std::span<const uint32_t> rules() const { return rules_; }
  std::span<const Probe> probes() const { return probes_; }
  size_t words() const { return words_; }

  // Fills `plan` from `plan->start`; `source_of(field)` is the field of the
  // event that stands for a rule's field, or kNoField.
  template <typename SourceOf>
  void Finish(Plan* plan, SourceOf source_of) const;

  // The rules that `event` could match, as bits; valid until the next call.
  // `json` is its text, for keywords; empty: keyword rules stay in.
  std::span<const uint64_t> Candidates(const Plan& plan, const RawEvent& event,
                                       std::string_view json);

 private:
  template <bool kAnchored>
  void Run(Probe& probe, const RawValue& value, RuleBits* hits);
  void FindInValue(const LiteralFinder& finder, const RawValue& value);
  void SetRules(std::span<const uint32_t> literals, bool anchored,
                RuleBits* hits) const;
  bool Meet(const RuleBits& a, const RuleBits& b) const;

  std::vector<uint32_t> rules_;
  size_t words_;
  std::vector<Probe> probes_;
  KeywordScanner keywords_;
  RuleBits keyword_rules_;
  RuleBits without_anchored_;
  RuleBits without_inner_;
  // Rules by literal, for each sort of guard: lists in one array.
  struct RulesOf {
    std::vector<uint32_t> begin;  // By local literal; one more at the end.
    std::vector<uint32_t> rules;
  };
  RulesOf anchored_rules_;
  RulesOf inner_rules_;

  // Scratch of one event.
  RuleBits candidates_;
  RuleBits hits_;
  std::string text_;
  std::string folded_;
  std::vector<uint32_t> found_;
  std::vector<uint32_t> found_rules_;
};

template <typename SourceOf>
void RuleIndex::Finish(Plan* plan, SourceOf source_of) const {
  plan->without_anchors.resize(words_);
  for (size_t i = 0; i < words_; ++i) {
    plan->without_anchors[i] = plan->start[i] & without_anchored_[i];
  }
  for (uint32_t i = 0; i < probes_.size(); ++i) {
    const uint32_t source = source_of(probes_[i].field);
    if (source == kNoField) continue;
    if (probes_[i].has_anchored) plan->anchored.push_back({i, source});
    if (probes_[i].has_inner && Meet(probes_[i].inner_rules, plan->start)) {
      plan->inner.push_back({i, source});
    }
  }
}

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_RULE_INDEX_H_
