// What an EventMatcher remembers of a stream: kinds of event with their rules,
// shapes, classes, and the ways that lead from an event to its class.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_EVENT_CLASS_H_
#define TOCSIN_SRC_RUNTIME_MATCH_EVENT_CLASS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "src/base/string_map.h"
#include "src/logsource/classifier.h"
#include "src/runtime/event/field_index.h"
#include "src/runtime/match/class_verdicts.h"
#include "src/runtime/match/recent_values.h"
#include "src/runtime/match/rule_index.h"

namespace tocsin::runtime {

// The rules that meet one kind of event, and indexes of those of them that
// matter to a class.
struct Group {
  std::vector<uint32_t> rules;
  std::unique_ptr<RuleIndex> all;  // Made when it is needed.
  // By bits: which of `rules`.
  absl::flat_hash_map<RuleBits, std::unique_ptr<RuleIndex>> some;
};

struct EventClass {
  const Group* group = nullptr;
  RuleIndex* index = nullptr;
  const logsource::EventKind* kind = nullptr;
  RuleIndex::Plan plan;
  RuleBits always;  // Rules that match all events of the class.
  // By FieldId: where the event has what a rule calls so. Empty: nothing is
  // called otherwise.
  std::vector<uint32_t> sources;
  // The same for Program::correlation_fields that have mappings, kNoField for
  // others. Empty: none has.
  std::vector<uint32_t> key_sources;
  // Fields in which its events have the same values, beside those by which
  // they are sorted into classes.
  std::vector<uint32_t> split_by;
  // Fields in which its events have the same values.
  std::vector<uint32_t> fixed;
  // Made when a candidate first fails.
  std::unique_ptr<ClassVerdicts> verdicts;
};

// What was asked of an event to classify it.
struct Question {
  uint32_t field = kNoField;
  bool exists_only = false;  // Only whether it has a value that is not null.
};

// How often values came, roughly: a few may share a counter.
class SeenValues {
 public:
  // Counts one, and returns how often it has come.
  uint32_t Add(std::string_view value) {
    if (counts_.empty()) counts_.resize(kCounters);
    if (++added_ % kForget == 0) {
      for (uint8_t& count : counts_) count /= 2;
    }
    const size_t hash = absl::Hash<absl::string_view>()(base::ToAbsl(value));
    uint8_t& count = counts_[hash % kCounters];
    if (count < UINT8_MAX) ++count;
    return count;
  }

 private:
  static constexpr size_t kCounters = 1024;
  static constexpr uint32_t kForget = 8192;

  std::vector<uint8_t> counts_;
  uint32_t added_ = 0;
};

// A step on the way from a shape to a class: either a question, the answer to
// which decides where to go on, or the class. Or both: where the answer is not
// known, that class will do.
struct Step {
  Question question;
  EventClass* event_class = nullptr;
  // Where the answers lead; null, or not there, where that is not known. To a
  // question of existence there are two answers, to others one for each value.
  Step* if_there = nullptr;
  Step* if_not = nullptr;
  RecentValues<Step> recent;
  base::StringMap<Step*> next;  // By ValueKey.
  SeenValues seen;              // Answers that lead nowhere yet.
};

// Events that have the same fields.
struct Shape {
  // Fields of which some question was whether they have a value. Mostly all of
  // them have, and that is one question then.
  std::vector<uint32_t> needed;
  Step* first_if_all = nullptr;
  Step* first = nullptr;              // If one of them has none.
  std::vector<uint32_t> time_fields;  // Places in EventTimeFinder::fields().
  std::vector<uint64_t> present;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_EVENT_CLASS_H_
