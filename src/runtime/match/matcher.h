// Matcher: one event against all rules of a Program, the plain way.
//
// Each applicable rule's tree is evaluated; fields are looked up once an event
// and results of shared tests are remembered within it. Needs no index and no
// guard: what this finds is what the rules mean. Where an index has looked at
// the event already, tests that it decided are not done again.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_MATCHER_H_
#define TOCSIN_SRC_RUNTIME_MATCH_MATCHER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "src/program/program.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/match/event_values.h"
#include "src/runtime/match/rule_index.h"
#include "tocsin/detection.h"
#include "tocsin/log_source.h"

namespace tocsin::runtime {

struct MatcherOptions {
  bool require_fields = false;  // As EngineOptions::require_fields.
};

class Matcher {
 public:
  // `program` must outlive the matcher.
  explicit Matcher(const program::Program& program,
                   MatcherOptions options = {});
  ~Matcher();

  // Tells the event's time to expressions that ask for it. Without, there is
  // none.
  void set_event_time(std::function<std::optional<int64_t>()> event_time);

  // Starts an event; forgets the one before. `renames` are fall-backs for
  // fields the event lacks. Both must live until the next Begin.
  void Begin(const EventView& event, std::span<const FieldRename> renames);

  // The same for raw values; see EventValues::Begin. `index`, if there is one,
  // has been asked for candidates in this event and knows of literals.
  void Begin(RawEvent& event, std::span<const uint32_t> sources,
             LazyEventView* tree, const RuleIndex* index);

  // Whether rule number `rule` matches the event.
  bool Matches(uint32_t rule);

  // Whether the rule matches all events, or none, that agree with this one in
  // the fields for which `is_fixed` (by FieldId) is true.
  enum class Outlook { kNone, kAll, kSome };
  Outlook Foresee(uint32_t rule, const std::vector<bool>& is_fixed);

  // The same for a node.
  Outlook ForeseeNode(program::NodeId node, const std::vector<bool>& is_fixed);

  // The fields that the rule's tests look at, or those below a node, each once.
  // Valid until the next call.
  std::span<const program::FieldId> FieldsOf(uint32_t rule);
  std::span<const program::FieldId> FieldsOfNode(program::NodeId node);
  size_t field_count() const;

  // The tests that made it match. Views live until the next Begin.
  void Explain(uint32_t rule, std::vector<MatchedField>* matched);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_MATCHER_H_
