// EventMatcher: one event after the other against all rules of a program.
//
// An event is read once, sorted into a class, and only rules whose guards occur
// in it are evaluated. A class is what events have in common that decides about
// rules outright: which fields are there, and the values by which its log
// source is known. For a class, made when its first event comes, it is worked
// out which rules can match at all, which match always, and where to look for
// the rest.
//
// Cost from Load to "nothing matched": no allocation, lock or clock, once
// classes are made and the stream has shown what it holds (see GramScanner).
// Memory: classes and memos are bounded; past the bounds events are matched
// without a class, slower but the same.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_EVENT_MATCHER_H_
#define TOCSIN_SRC_RUNTIME_MATCH_EVENT_MATCHER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "src/logsource/classifier.h"
#include "src/program/program.h"
#include "src/runtime/event/event_time.h"
#include "src/runtime/event/event_view.h"
#include "tocsin/detection.h"
#include "tocsin/engine.h"
#include "tocsin/event.h"
#include "tocsin/log_source.h"

namespace tocsin::runtime {

// As the members of the same names in EngineOptions.
struct EventMatcherOptions {
  bool routing = true;
  std::optional<LogSource> log_source;
  std::vector<LogSourceRecognizer> recognizers;
  bool unknown_source_meets_all = false;
  bool require_fields = false;
  TimeOptions time;
  // Every rule of an event's source is evaluated, without classes, guards and
  // memos: slow, and what the rest is held to.
  bool plain = false;
};

class EventMatcher {
 public:
  // `program` must outlive the matcher.
  EventMatcher(const program::Program& program, EventMatcherOptions options);
  ~EventMatcher();

  // Reads and routes an event, which must live until the next Load.
  LoadResult Load(const Event& event);

  // What follows is about the event that was loaded last, without error.

  // Its kind; null without routing.
  const logsource::EventKind* kind() const;

  // How many rules meet events of its kind.
  size_t rules_met() const;

  std::optional<FoundTime> FindTime();

  // Numbers of the rules that match, ascending. Valid until the next Load.
  std::span<const uint32_t> Match();

  // The same, and adds to `costs`, by rule number, what each rule cost.
  // `clock` as in EngineOptions.
  std::span<const uint32_t> MatchAndCount(
      std::span<RuleCost> costs, const std::function<int64_t()>& clock);

  // Appends the tests that made `rule`, one of Match(), match. Views live until
  // the next Load.
  void Explain(uint32_t rule, std::vector<MatchedField>* matched);

  // The number of a field that rules, keys or measures of the program name;
  // kNoField for others. The same for all events.
  uint32_t FieldNumber(std::string_view name) const;

  // As EventView::Find, for a field by its number, at no second reading of the
  // event. Views live until the next Load.
  bool Find(uint32_t field, std::vector<FieldValue>* values);

  // The values that a field has through its mappings; `correlation_field` is
  // its number in Program::correlation_fields.
  bool FindMapped(uint32_t correlation_field, std::vector<FieldValue>* values);

  // As EventView::ForEachScalar.
  void ForEachScalar(
      absl::FunctionRef<void(std::string_view key, const FieldValue& value)>
          visit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_EVENT_MATCHER_H_
