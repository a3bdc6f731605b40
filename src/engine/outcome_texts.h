// OutcomeTexts: what a rule says of a finding: its severity, its message, what
// it asks the host to do.

#ifndef TOCSIN_SRC_ENGINE_OUTCOME_TEXTS_H_
#define TOCSIN_SRC_ENGINE_OUTCOME_TEXTS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/value.h"
#include "src/engine/alert_documents.h"
#include "src/program/outcome.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/expression/evaluator.h"
#include "tocsin/event.h"
#include "tocsin/incident.h"
#include "tocsin/response.h"
#include "tocsin/rule_set.h"
#include "tocsin/timestamp.h"

namespace tocsin::engine {

// How grave a level is; one that is not known is as informational.
int LevelRank(std::string_view level);

class OutcomeTexts final : public runtime::ExpressionFields {
 public:
  // What is asked below is about an event, which must live as long, or about a
  // firing.
  void Open(const Event& event, Timestamp time);
  void Open(const Incident::Details& firing, Timestamp time);

  // The highest of the rule's own and those that hold; of those alone, where
  // they replace it.
  std::string_view Level(const program::Outcome& outcome, const RuleInfo& rule);
  // What it takes from the finding, or the rule's own.
  std::string Title(const program::Outcome& outcome, const RuleInfo& rule);
  double RiskScore(const program::Outcome& outcome, const RuleInfo& rule);
  std::string Message(const program::Outcome& outcome, const RuleInfo& rule);
  // The number that a value of Outcome::shown is; nullopt: it is none.
  std::optional<double> Shown(const program::Outcome& outcome,
                              const program::ShownValue& shown);
  // The texts of a field that the events of a firing have in common; `outcome`
  // says of which.
  std::vector<std::string> CommonTexts(const program::Outcome& outcome,
                                       std::string_view field);
  // Hands out what is asked of the host.
  void Respond(const program::Outcome& outcome, const RuleInfo& rule,
               std::string_view detection_id,
               const std::function<void(const Response&)>& sink);

  // ExpressionFields, by Outcome::names.
  bool Find(uint32_t field, std::vector<base::Value>* values) override;
  bool FindWhole(uint32_t field, std::vector<base::Value>* values) override;
  std::optional<int64_t> EventTime() override { return time_.nanos(); }

 private:
  bool FindIn(std::string_view name, std::vector<base::Value>* values);
  bool FindInFiring(std::string_view name, std::vector<base::Value>* values);
  bool FindInCommon(std::string_view name, std::vector<base::Value>* values);
  bool FindInSample(std::string_view name, std::vector<base::Value>* values);
  bool FindInEvent(std::string_view name, std::vector<base::Value>* values);
  void AppendValue(const program::MessagePart& part, std::string* out);

  const std::vector<std::string>* names_ = nullptr;
  const Event* event_ = nullptr;  // One of these is not null.
  const Incident::Details* firing_ = nullptr;
  Timestamp time_;
  bool is_loaded_ = false;
  runtime::EventView view_;
  runtime::Evaluator evaluator_;
  std::vector<base::Value> values_;
  std::vector<FieldValue> found_;
  std::optional<Event> sampled_;
  // What the firing's events have in common, once it was asked for.
  std::string_view subject_;
  std::optional<CommonFields> common_;
};

}  // namespace tocsin::engine

#endif  // TOCSIN_SRC_ENGINE_OUTCOME_TEXTS_H_
