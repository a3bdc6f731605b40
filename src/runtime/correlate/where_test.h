// WhereTest: conditions over several steps of a rule, tested on the events that
// were chosen for them.
//
// What such a condition asks for is captured of each event as it comes: the
// values of some fields as JSON, one line each, in a row of words behind the
// event's columns. It is tested on the object that these values make, as
// `<step>.<field>`.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_WHERE_TEST_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_WHERE_TEST_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/program/correlation.h"
#include "src/runtime/correlate/correlator.h"
#include "src/runtime/correlate/keyed_event.h"

namespace tocsin::runtime {

// Of one event at most so much is captured; a value that does not fit counts as
// missing.
inline constexpr size_t kMostCaptured = 4096;

// Captures of `fields` what `rule` asks for of an event of `steps` at `time`.
// False: a value did not fit.
bool Capture(const program::Correlation& rule, program::StepMask steps,
             int64_t time, EventFields& fields, std::string* captured);

// Appends it to an event's columns.
void AppendCaptured(std::string_view captured, std::vector<uint64_t>* columns);

// What stands behind `columns` columns. REQUIRES: it was appended.
std::string_view CapturedBehind(const uint64_t* columns, size_t count);

// How many words an event of a rule has.
size_t EventWords(const program::Correlation& rule, const uint64_t* columns);

// Whether so many words can be an event's.
bool AreEventWords(const program::Correlation& rule,
                   const std::vector<uint64_t>& words);

class WhereTest {
 public:
  // `findings` is needed where the rule has a condition.
  WhereTest(const program::Correlation& rule, FindingReader* findings)
      : rule_(rule), findings_(findings), chosen_(rule.steps.size()) {}

  bool is_needed() const { return rule_.where != program::kNoRule; }
  // Steps that the condition asks for.
  program::StepMask steps() const;

  // Begins anew: no event is chosen for any step.
  void Clear() { chosen_.assign(chosen_.size(), {}); }
  // Chooses an event for `steps`; what was captured of it must live until the
  // test.
  void Choose(program::StepMask steps, std::string_view captured);
  bool Passes(int64_t time) { return Meets(rule_.where, time); }
  // The same of another rule of Program::conditions.
  bool Meets(uint32_t condition, int64_t time);

 private:
  const program::Correlation& rule_;
  FindingReader* findings_;
  std::vector<std::string_view> chosen_;  // By step.
  std::string json_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_WHERE_TEST_H_
