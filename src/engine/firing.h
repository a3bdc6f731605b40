// Firing: a correlation has fired, as sinks hear of it.
//
// What it costs to say is spent when somebody asks: its id, its keys and values
// as texts, its message, a sample of its events. A firing that nobody reads
// costs a copy of its key and its values.

#ifndef TOCSIN_SRC_ENGINE_FIRING_H_
#define TOCSIN_SRC_ENGINE_FIRING_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/engine/correlation_state.h"
#include "src/engine/outcome_texts.h"
#include "src/program/program.h"
#include "src/runtime/correlate/key_writer.h"
#include "src/runtime/correlate/keyed_event.h"
#include "src/runtime/incident/event_log.h"
#include "tocsin/engine.h"
#include "tocsin/incident.h"
#include "tocsin/response.h"
#include "tocsin/rule_set.h"
#include "tocsin/timestamp.h"

namespace tocsin::engine {

class Firing final : public Incident::Details {
 public:
  // `first_listed`: where correlations begin in RuleSet::rules(). All must
  // outlive this; events are those that are in `log` when they are asked for.
  Firing(const RuleSet& rules, uint32_t first_listed,
         const CorrelationState& state, const runtime::EventLog& log,
         const runtime::EventLog& indicator_log, const EngineOptions& options);

  // It becomes another one.
  void Begin(const runtime::Fired& fired);
  // What fired for the same event through another tie is one with it.
  void AddTie(const runtime::Fired& fired);

  uint32_t correlation() const { return correlation_; }
  const runtime::Moment& at() const { return at_; }
  const RuleInfo& rule() const { return rules_.rules()[listed()]; }
  Timestamp time() const { return Timestamp(at_.time); }
  Timestamp first_time() const { return Timestamp(first_); }
  bool revised() const { return revised_; }
  bool exact() const { return exact_; }
  // Where time stood when it was decided.
  int64_t watermark() const { return watermark_; }
  // Its group keys as KeyWriter writes them, in an order that does not depend
  // on that of its ties.
  std::span<const std::string> group_keys() const {
    return key_count_ > 1 ? std::span<const std::string>(sorted_keys_)
                          : std::span(group_keys_.data(), key_count_);
  }

  // The highest of the rule's own and those that hold.
  std::string_view Level() const;
  // Hands out what the rule asks of the host.
  void Respond(const std::function<void(const Response&)>& sink) const;

  std::string_view id() const override;
  std::span<const IncidentKey> keys() const override;
  std::span<const IncidentValue> values() const override;
  std::string_view message() const override;
  std::span<const IncidentEvent> events() const override;
  bool has_all_events() const override;
  std::string_view title() const override;
  double risk_score() const override;
  bool is_sequence() const override {
    return !sequence_.empty() && log_.is_on();
  }
  std::span<const std::string> indicators() const override;

 private:
  uint32_t listed() const { return first_listed_ + correlation_; }
  const program::Correlation& program_rule() const {
    return rules_.program().correlations[correlation_];
  }
  void AddKey(std::string_view key);
  void Forget();  // What was asked for.
  void MakeEvents() const;
  void OpenTexts() const;
  void MakeSequence() const;
  void FindOwnTimes(int64_t first, int64_t last) const;

  const RuleSet& rules_;
  const uint32_t first_listed_;
  const CorrelationState& state_;
  const runtime::EventLog& log_;
  const runtime::EventLog& indicator_log_;
  const size_t most_events_;
  const int64_t lateness_;

  uint32_t correlation_ = 0;
  runtime::Moment at_;
  int64_t first_ = 0;
  int64_t watermark_ = 0;
  uint32_t ordinal_ = 0;
  bool revised_ = false;
  bool exact_ = true;
  std::vector<double> measured_;
  std::vector<runtime::Moment> sequence_;  // Of one, its stages.
  std::vector<std::string> group_keys_;    // The first `key_count_`.
  size_t key_count_ = 0;
  std::vector<std::string> sorted_keys_;  // The same, if they are several.

  // What was asked for; empty, or not so, until then.
  mutable std::string id_;
  mutable bool has_keys_ = false;
  mutable std::vector<IncidentKey> keys_;
  mutable bool has_values_ = false;
  mutable std::vector<IncidentValue> values_;
  mutable bool has_message_ = false;
  mutable std::string message_;
  mutable bool has_events_ = false;
  mutable std::vector<IncidentEvent> events_;
  mutable bool has_all_events_ = false;
  mutable std::optional<std::string> title_;
  mutable std::optional<std::vector<std::string>> indicators_;

  // Scratch.
  mutable OutcomeTexts texts_;
  mutable std::vector<runtime::KeyText> components_;
  mutable std::vector<runtime::EventLog::Found> found_;
};

// Adds the parts of a group key of `rule` to `keys`.
void AppendKeys(const program::Correlation& rule, std::string_view key,
                std::vector<runtime::KeyText>* scratch,
                std::vector<IncidentKey>* keys);

}  // namespace tocsin::engine

#endif  // TOCSIN_SRC_ENGINE_FIRING_H_
