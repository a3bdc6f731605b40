// Rules at work on streams of the twin's events, as the engine runs them.

#ifndef TOCSIN_TESTS_REFERENCE_PLAY_H_
#define TOCSIN_TESTS_REFERENCE_PLAY_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "src/base/value.h"
#include "src/engine/findings.h"
#include "src/plan/planner.h"
#include "src/program/program.h"
#include "src/runtime/correlate/correlator.h"
#include "src/runtime/correlate/key_writer.h"
#include "src/state/snapshot_reader.h"
#include "src/state/snapshot_writer.h"
#include "tests/reference/correlate.h"

namespace tocsin::reference {

inline constexpr int64_t kSecond = 1'000'000'000;
inline constexpr int64_t kStart = 1'700'000'000 * kSecond;
inline constexpr uint32_t kSteps = 3;
inline constexpr int64_t kSpan = 10;  // Seconds; streams probe its ends.

// A rule, and the condition behind its group in words of the twin and of the
// engine.
struct Made {
  ir::Correlation rule;
  Where where;  // Null: none.
  std::optional<ir::Expr> condition;
};

class Fields final : public runtime::EventFields {
 public:
  explicit Fields(const program::Program& program)
      : names_(program.correlation_fields) {}

  void Set(const Event& event) { event_ = &event; }
  std::span<const FieldValue> Find(uint32_t field) override {
    if (names_[field] == "key") {
      value_ = FieldValue::String(event_->key);
    } else if (names_[field] == "number") {
      if (!event_->number) return {};
      value_ = FieldValue::Double(*event_->number);
    } else {
      if (!event_->value) return {};
      value_ = FieldValue::String(*event_->value);
    }
    return {&value_, 1};
  }
  bool AppendJson(uint32_t field, std::string* out) override {
    const std::span<const FieldValue> values = Find(field);
    if (!values.empty()) base::AppendJson(base::Value::Of(values[0]), out);
    return !values.empty();
  }

 private:
  const std::vector<std::string>& names_;
  const Event* event_ = nullptr;
  FieldValue value_;
};

inline std::unique_ptr<program::Program> Plan(const Made& made) {
  ir::RuleList list;
  for (uint32_t step = 0; step < kSteps; ++step) {
    ir::Rule& rule = list.rules.emplace_back();
    rule.info.id = std::to_string(step);
    rule.role = ir::RuleRole::kStep;
    rule.condition = ir::Expr::True();
  }
  list.correlations.push_back(made.rule);
  if (made.condition) {
    ir::Rule& rule = list.rules.emplace_back();
    rule.role = ir::RuleRole::kCondition;
    rule.condition = *made.condition;
    list.correlations[0].where = kSteps;
  }
  EXPECT_EQ(ir::Verify(list, 0), "");
  return plan::PlanList(std::move(list));
}

class Collector final : public runtime::FiredHandler {
 public:
  void OnFired(const runtime::Fired& fired) override {
    std::vector<runtime::KeyText> key;
    ASSERT_TRUE(runtime::ReadKey(fired.key, &key));
    firings.push_back({key[0].text, fired.at.time, fired.at.ref});
    ids.emplace_back(key[0].text, fired.at.time, fired.ordinal);
    std::string& text = in_order.emplace_back(
        absl::StrFormat("%s %d %d from %d number %d revised %d exact %d",
                        key[0].text, fired.at.time, fired.at.ref, fired.first,
                        fired.ordinal, fired.revised, fired.exact));
    for (uint32_t i = 0; i < fired.value_count; ++i) {
      absl::StrAppendFormat(&text, " %g", fired.values[i]);
    }
  }
  std::vector<std::string> in_order;  // All that is said of each, as it came.
  std::vector<Firing> firings;
  std::vector<std::tuple<std::string, int64_t, uint32_t>> ids;
};

// All that a correlator of one rule keeps.
inline std::string Save(const runtime::Correlator& correlator) {
  std::string bytes;
  state::SnapshotWriter out(&bytes);
  correlator.SaveClock(&out);
  correlator.SaveRule(0, &out);
  correlator.SaveWaiting(nullptr, &out);
  return bytes;
}

inline void Load(const std::string& bytes, runtime::Correlator* correlator) {
  state::SnapshotReader in(bytes);
  correlator->LoadClock(&in);
  correlator->LoadRule(0, &in);
  correlator->LoadWaiting(std::vector<uint32_t>{0}, nullptr, &in);
  ASSERT_EQ(in.error(), "");
  ASSERT_EQ(in.remaining(), 0u);
  ASSERT_EQ(Save(*correlator), bytes);
}

// `restarts`: another correlator takes over after each event.
inline Collector Play(const Made& made, const std::vector<Event>& events,
                      int64_t lateness, bool restarts = false) {
  const std::unique_ptr<program::Program> program = Plan(made);
  const std::vector<program::Correlation>& rules = program->correlations;
  engine::Findings findings(*program);
  Collector found;
  std::optional<runtime::Correlator> correlator;
  const auto start = [&] {
    correlator.emplace(
        rules, kSteps, &found,
        runtime::CorrelatorOptions{.lateness = lateness * kSecond,
                                   .seed = {3, 4},
                                   .findings = &findings});
  };
  start();
  Fields fields(*program);
  size_t taken = 0;
  for (const Event& event : events) {
    if (restarts) {
      const std::string bytes = Save(*correlator);
      start();
      Load(bytes, &*correlator);
    }
    std::vector<uint32_t> matched;
    for (uint32_t step = 0; step < kSteps; ++step) {
      if ((event.steps & (1u << step)) != 0) matched.push_back(step);
    }
    fields.Set(event);
    correlator->Take({.time = event.time, .ref = event.ref}, fields, matched);
    // Whole events, and runs of them.
    if (restarts || ++taken % 8 < 3) correlator->Finish();
  }
  correlator->AdvanceTo(INT64_MAX);
  std::sort(found.firings.begin(), found.firings.end());
  std::sort(found.ids.begin(), found.ids.end());
  return found;
}

}  // namespace tocsin::reference

#endif  // TOCSIN_TESTS_REFERENCE_PLAY_H_
