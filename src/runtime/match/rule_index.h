// RuleIndex: which of a set of rules an event could match.
//
// Holds the guards of the rules, arranged by field. Rules are numbered from 0
// within the index; sets of them are bit sets. For an event:
//
//   candidates = start, which the class of the event knows,
//     and for each anchored guard: rules whose guard is hit, or that lack one,
//     and for each inner guard:    the same,
//
// and what is left has to be evaluated. Nothing is missed: a guard is a
// necessary condition. Inner guards are looked for only in fields that some
// rule still in question needs. What was looked for and not found, or found, is
// remembered for the event: most tests of the candidates ask no more than that.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_RULE_INDEX_H_
#define TOCSIN_SRC_RUNTIME_MATCH_RULE_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "src/program/program.h"
#include "src/runtime/event/raw_event.h"
#include "src/runtime/match/gram_scanner.h"
#include "src/runtime/match/literal_finder.h"
#include "src/runtime/match/scan_text.h"
#include "src/runtime/match/value_memo.h"

namespace tocsin::runtime {

// Few rules take no memory elsewhere.
using RuleBits = absl::InlinedVector<uint64_t, 4>;

class RuleIndex {
 public:
  // A probe, and the field of the event whose values it looks at. If that is
  // made of the value of another one, `key`, what is found is remembered by
  // that, and mostly nothing needs to be made; `form` tells how it is made.
  struct Step {
    uint32_t probe = 0;
    uint32_t source = 0;
    uint32_t key = kNoField;
    uint8_t form = 0;
  };

  // What holds for a class of events that this index serves.
  struct Plan {
    RuleBits start;  // Rules that are not excluded from the outset.
    // Guards that need no look: hit by values that all events of the class
    // share, or not there.
    RuleBits anchored_hits;
    RuleBits inner_hits;
    absl::InlinedVector<Step, 4> anchored;
    absl::InlinedVector<Step, 4> inner;
  };

  // `rules` are numbers of rules of `program`, which must outlive the index.
  RuleIndex(const program::Program& program, std::vector<uint32_t> rules);

  std::span<const uint32_t> rules() const { return rules_; }
  size_t words() const { return words_; }

  // Fills `plan` from `plan->start` for the class of `event`.
  // `source_of(field)` is the field of the event that stands for a rule's
  // field, or kNoField; `key_of(source)` the field whose values tell those of
  // `source` if that is made, else kNoField; `is_fixed(source)`: all events of
  // the class have the same values there.
  void Finish(RawEvent& event,
              absl::FunctionRef<uint32_t(program::FieldId)> source_of,
              absl::FunctionRef<uint32_t(uint32_t)> key_of,
              absl::FunctionRef<bool(uint32_t)> is_fixed, Plan* plan);

  // Begins an event, and returns the rules that it could match as far as its
  // class knows, as bits; valid until the next call. The caller may take some
  // out before Narrow.
  std::span<uint64_t> Begin(const Plan& plan, RawEvent& event);
  // Takes out what guards exclude.
  void Narrow(const Plan& plan, RawEvent& event);

  // Whether a literal of the program stands in the event that was begun last;
  // kUnknown where nobody had to look.
  enum class Standing : uint8_t { kUnknown, kThere, kNotThere };
  Standing StandingOf(uint32_t literal) const;

 private:
  class Builder;

  // Looks at one field.
  struct Probe {
    program::FieldId field = 0;
    LiteralFinder anchored{LiteralFinder::Form::kScanText};
    LiteralFinder inner{LiteralFinder::Form::kScanText};
    bool has_anchored = false;
    bool has_inner = false;
    RuleBits anchored_rules;  // Rules with an anchored guard here,
    RuleBits inner_rules;     // or an inner one, of literals of any anchor.
    ValueMemo memo;
    std::vector<uint32_t> made;  // Fields that are made, by form less 1.
    // What it had of the value that was asked for last, and in which event.
    ValueMemo::Entry* entry = nullptr;
    const RawValue* entry_value = nullptr;
    uint64_t entry_event = 0;
    // The last events whose values were looked at for either.
    uint64_t anchored_event = 0;
    uint64_t inner_event = 0;
  };

  // A literal of the program as this index knows it.
  struct Known {
    uint32_t probe = 0;        // kKeywords: it is one.
    bool whole = true;         // All of it is looked for.
    uint64_t found_event = 0;  // The last event it was found in.
  };

  // Guards by literal: for each the bits to set, which are
  // slot * 64 * words() + rule.
  struct GuardsOf {
    std::vector<uint32_t> begin;  // By local literal; one more at the end.
    std::vector<uint32_t> bits;
    std::vector<Known> known;  // By local literal.
    uint32_t slots = 0;        // Most guards that a rule has.
    RuleBits without;          // By slot: rules that have fewer.
  };

  static constexpr uint32_t kKeywords = 0xFFFFFFFF;

  void AddKeyword(std::string_view text, uint32_t number);
  void FindKeywords(RawEvent& event, RuleBits* hits);
  void Find(const Step& step, bool inner, RawEvent& event, RuleBits* hits);
  uint8_t FormOf(Probe& probe, uint32_t source);
  void FindMade(Probe& probe, bool inner, RawEvent& event, uint32_t source);
  void FindAnchored(Probe& probe, RawEvent& event, uint32_t source,
                    RuleBits* hits);
  ValueMemo::Entry* EntryOf(Probe& probe, const RawValue& value,
                            uint8_t form = 0);
  void FindAnchoredInValue(Probe& probe, RawEvent& event,
                           const RawValue& value);
  void FindInner(Probe& probe, RawEvent& event, uint32_t source,
                 RuleBits* hits);
  void FindInnerInValue(Probe& probe, RawEvent& event, const RawValue& value);
  // A value as a scan text, if it has a text. Lives until the next call.
  struct ScanText {
    std::string_view text;
    bool is_ascii = false;
  };
  std::optional<ScanText> ScanTextOf(RawEvent& event, const RawValue& value);
  bool IsPlain(std::string_view text) const;
  void SetBits(GuardsOf& guards, std::span<const uint32_t> literals,
               RuleBits* hits);
  void TakeOut(const GuardsOf& guards, const RuleBits& hits);
  bool Meet(const RuleBits& a, const RuleBits& b) const;

  std::vector<uint32_t> rules_;
  size_t words_;
  std::vector<Probe> probes_;
  GramScanner keywords_{GramScanner::Form::kScanText};
  std::vector<uint32_t> unseen_keywords_;  // With nothing to look for.
  RuleBits keyword_rules_;                 // Rules that keywords guard,
  RuleBits keyword_guards_;  // and these guards, as bits of inner_.
  GuardsOf anchored_;
  GuardsOf inner_;
  // Places of a program's literal in anchored_.known and inner_.known, plus 1.
  struct Places {
    uint32_t anchored = 0;
    uint32_t inner = 0;
  };
  struct LiteralHash {
    size_t operator()(uint32_t number) const {
      const uint64_t mixed = number * 0x9E3779B97F4A7C15u;
      return mixed ^ mixed >> 32;
    }
  };
  absl::flat_hash_map<uint32_t, Places, LiteralHash> places_;

  // Scratch of one event.
  uint64_t event_number_ = 0;
  uint64_t keywords_event_ = 0;  // The last one keywords were looked for in.
  bool keywords_count_once_ = false;  // No value of it may be overwritten.
  Hidden hidden_ = Hidden::kAny;      // What some text of the event may hide.
  RuleBits candidates_;
  RuleBits hits_;
  std::vector<uint32_t> found_;
  std::vector<uint32_t> all_found_;
  std::string scan_text_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_RULE_INDEX_H_
