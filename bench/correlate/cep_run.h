// Feeding a workload to a Correlator, and collecting what it fires.

#ifndef TOCSIN_BENCH_CORRELATE_CEP_RUN_H_
#define TOCSIN_BENCH_CORRELATE_CEP_RUN_H_

#include <cstdint>
#include <span>
#include <vector>

#include "bench/correlate/cep_workload.h"
#include "src/plan/correlations.h"
#include "src/runtime/correlate/correlator.h"

namespace tocsin::cep {

// The fields of a record, parsed before.
class RecordFields final : public runtime::EventFields {
 public:
  void Set(const Record& record) { record_ = &record; }
  std::span<const FieldValue> Find(uint32_t field) override {
    const uint32_t value = field == kSource ? record_->src
                           : field == kUser ? record_->user
                                            : record_->host;
    value_ = FieldValue::Int(value);
    return {&value_, 1};
  }

 private:
  const Record* record_ = nullptr;
  FieldValue value_;
};

class IdCollector final : public runtime::FiredHandler {
 public:
  void OnFired(const runtime::Fired& fired) override {
    ids.push_back(static_cast<uint32_t>(fired.at.ref));
    if (fired.revised) ++revised;
    if (!fired.exact) ++inexact;
  }
  std::vector<uint32_t> ids;
  int64_t revised = 0;
  int64_t inexact = 0;
};

// Rules matched by records, worked out before: what a matcher hands over that
// knows the steps of `of`, or with none all rules there are.
class MatchedLists {
 public:
  explicit MatchedLists(const std::vector<Record>& records,
                        const std::vector<program::Correlation>& of = {}) {
    std::vector<bool> is_known(kRuleCount, of.empty());
    for (const program::Correlation& rule : of) {
      for (const auto& step : rule.steps) is_known[step.source_index] = true;
    }
    std::vector<uint32_t> matched;
    for (const Record& record : records) {
      matched.clear();
      MatchedRules(record, &matched);
      for (const uint32_t rule : matched) {
        if (is_known[rule]) rules_.push_back(rule);
      }
      ends_.push_back(static_cast<uint32_t>(rules_.size()));
    }
  }
  std::span<const uint32_t> operator[](size_t i) const {
    return {rules() + (i == 0 ? 0 : ends_[i - 1]), rules() + ends_[i]};
  }

  // Those of all records, one behind the other, and where each record's end.
  const uint32_t* rules() const { return rules_.data(); }
  const uint32_t* ends() const { return ends_.data(); }

 private:
  std::vector<uint32_t> rules_;
  std::vector<uint32_t> ends_;
};

inline runtime::Moment MomentOf(const Record& record) {
  return {.time = record.ts_ms * 1'000'000, .ref = record.id};
}

// Feeds all records, `batch` of them taken together.
inline void FeedAll(std::span<const Record> records,
                    const MatchedLists& matched, size_t batch,
                    runtime::Correlator* correlator) {
  RecordFields fields;
  size_t left = batch;
  const uint32_t* rules = matched.rules();
  const uint32_t* end = matched.ends();
  for (const Record& record : records) {
    fields.Set(record);
    const uint32_t* const next = matched.rules() + *end++;
    correlator->Take(MomentOf(record), fields, {rules, next});
    rules = next;
    if (--left > 0) continue;
    correlator->Finish();
    left = batch;
  }
  correlator->Finish();
}

}  // namespace tocsin::cep

#endif  // TOCSIN_BENCH_CORRELATE_CEP_RUN_H_
