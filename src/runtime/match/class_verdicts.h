// ClassVerdicts: what single values say about the rules of a class of events.
//
// Guards are literals. A rule may have none that tells anything: `pid < 4`, a
// call of a function, `not path : "c:\\*"`. But if a test looks at one field,
// its answer follows from the value there, and few values make up most of a
// stream. So it is noticed which rules stay candidates in vain, and which field
// would have told; from then on a field's value is looked up, and with it which
// rules it excludes, and which it makes match whatever the rest is.
//
// Cost: for each of a few fields one lookup of its value, where a rule still in
// question rests on it. Memory: bounded by a budget that all classes share.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_CLASS_VERDICTS_H_
#define TOCSIN_SRC_RUNTIME_MATCH_CLASS_VERDICTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "src/base/number.h"
#include "src/program/program.h"
#include "src/runtime/event/derived_fields.h"
#include "src/runtime/event/raw_event.h"
#include "src/runtime/match/matcher.h"
#include "src/runtime/match/rule_index.h"
#include "src/runtime/match/value_memo.h"

namespace tocsin::runtime {

// What all classes of a matcher have in common; outlives them.
struct VerdictContext {
  const program::Program* program = nullptr;
  Matcher* matcher = nullptr;
  RawEvent* raw = nullptr;
  const DerivedFields* derived = nullptr;
  size_t memos_left = 0;  // How many fields may still be remembered.
};

class ClassVerdicts {
 public:
  // `start` are the rules, as bits of `index`, that the class leaves open;
  // `sources` as in Matcher::Begin; `fixed` are fields of the event that are
  // the same in all events of the class. All must outlive this.
  ClassVerdicts(VerdictContext* context, const RuleIndex* index,
                std::span<const uint64_t> start,
                std::span<const uint32_t> sources,
                std::span<const uint32_t> fixed);

  // For the event that the matcher has begun: takes rules out of `candidates`
  // that one of its values excludes, and moves those to `decided` that match
  // for one.
  void Narrow(std::span<uint64_t> candidates, RuleBits* decided);

  // A candidate was evaluated.
  void Learn(size_t bit, bool passed);

 private:
  static constexpr ValueMemo::Room kMemoRoom = {.entries = 1024,
                                                .key_bytes = 96 << 10};

  static constexpr size_t kMaxParts = 16;

  // An `or` at the root of a rule, or in the `and` there: without it the rule
  // does not match, and each part of it rests on one field.
  struct Clause {
    struct Part {
      program::NodeId node = 0;
      uint32_t source = 0;
    };
    uint32_t bit = 0;  // Of the rule.
    program::NodeId node = 0;
    uint32_t votes = 0;
    absl::InlinedVector<Part, kMaxParts> parts;
  };
  // What is known of a value about 64 rules, or as many clauses.
  struct Verdict {
    uint64_t known = 0;
    uint64_t none = 0;  // It excludes them.
    uint64_t all = 0;   // It makes them match.
  };
  // The rules of one word of bits that a field may decide.
  struct Word {
    uint32_t word = 0;
    uint64_t rules = 0;
  };
  struct Field {
    Field(uint32_t source_in, std::vector<bool> is_fixed_in)
        : source(source_in),
          is_fixed(std::move(is_fixed_in)),
          memo(kMemoRoom) {}

    uint32_t source = 0;
    // By FieldId: the same in all events of the class with the same value.
    std::vector<bool> is_fixed;
    absl::InlinedVector<Word, 2> words;
    uint64_t clauses = 0;  // Some part of them rests on it.
    // If nothing is asked of numbers but how they stand to these, ascending, a
    // number is remembered by its place among them.
    std::optional<std::vector<base::Number>> bounds;
    ValueMemo memo;
    // By place in the memo: one for each word, then one for clauses, where it
    // is known which of them have no part in the field that is true.
    std::vector<Verdict> verdicts;
    Verdict* of_event = nullptr;  // Null: the value is not remembered.
  };
  struct Vote {
    uint32_t source = 0;
    uint32_t bit = 0;
    uint32_t count = 0;
  };

  static constexpr size_t kMaxFields = 6;
  static constexpr size_t kMaxClauses = 64;
  // Where a class leaves no more rules open, those with good guards take part
  // as well: what is known of a value spares to look for these.
  static constexpr size_t kFewRules = 96;
  // For a value that has come again so often.
  static constexpr uint32_t kTimesSeen = 4;
  // Out of so many events the class looks at some.
  static constexpr uint32_t kPeriod = 4096;
  static constexpr uint32_t kFirstWatched = 8;
  static constexpr uint32_t kWatched = 64;
  // A field is worth a lookup if it would have spared one evaluation in so many
  // events.
  static constexpr uint32_t kMinSpared = kWatched / 8;

  bool IsWatching() const {
    const uint32_t at = events_ % kPeriod;
    return at >= kFirstWatched && at < kFirstWatched + kWatched;
  }
  const RawValue* SingleValue(uint32_t source) const;
  ValueMemo::Entry* EntryOf(Field& field, const RawValue& value) const;
  void LookUp(Field& field);
  void Decide(Field& field, size_t word, uint64_t mask);
  void DecideRules(Field& field);
  void DecideClauses(Field& field);
  uint64_t AskedClauses(std::span<const uint64_t> candidates) const;
  void Watch(size_t bit);
  void WatchClauses(uint32_t bit);
  bool SplitClause(Clause* clause);
  const std::vector<bool>& FixedWith(uint32_t source);
  void Choose();
  Field* FieldOf(uint32_t source);
  void Forget(Field* field) const;
  void FindBounds(Field* field) const;
  bool AddBounds(program::NodeId id, Field* field) const;
  void AddRules(uint32_t source);
  void AddClauses();
  uint32_t KeyOf(program::FieldId field) const;
  std::vector<bool> MakeFixedWith(uint32_t source) const;

  VerdictContext& context_;
  const RuleIndex& index_;
  std::span<const uint64_t> start_;
  std::span<const uint32_t> sources_;
  std::span<const uint32_t> fixed_;
  bool has_few_rules_ = false;
  uint32_t events_ = 0;
  std::vector<Field> fields_;
  std::vector<Clause> clauses_;

  // While watching.
  std::vector<Vote> votes_;
  std::vector<Clause> clause_votes_;
  absl::flat_hash_map<uint32_t, std::vector<bool>> fixed_with_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_CLASS_VERDICTS_H_
