// What the workloads must find, worked out the plain way.

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "bench/correlate/cep_workload.h"

namespace tocsin::cep {
namespace {

constexpr int64_t kMinuteMs = 60'000;

// The events of one key, in order.
using Events = std::vector<const Record*>;

class Answer {
 public:
  Answer(const RuleOptions& options, int64_t span_ms)
      : options_(options), span_(span_ms) {}

  int64_t span() const { return span_; }
  int64_t Start(int64_t ts) const {
    return options_.closed ? ts - span_ : ts - span_ + 1;
  }
  bool is_reset() const { return options_.fire == base::FirePolicy::kReset; }

  // A new key.
  void Begin() {
    armed_ = true;
    last_ = INT64_MIN;
  }
  void SetFalse() { armed_ = true; }

  // True at this event. Whether the rule fires.
  bool SetTrue(const Record& record) {
    bool fires = true;
    if (options_.fire == base::FirePolicy::kEdge) fires = armed_;
    if (options_.fire == base::FirePolicy::kThrottle) {
      fires = last_ == INT64_MIN || record.ts_ms - last_ >= span_;
    }
    armed_ = false;
    if (!fires) return false;
    last_ = record.ts_ms;
    fired_.push_back({record.ts_ms, record.id});
    return true;
  }

  std::vector<uint32_t> Ids() {
    std::sort(fired_.begin(), fired_.end());
    std::vector<uint32_t> ids;
    for (const auto& [ts, id] : fired_) ids.push_back(id);
    return ids;
  }

 private:
  RuleOptions options_;
  int64_t span_;
  bool armed_ = true;
  int64_t last_ = INT64_MIN;
  std::vector<std::pair<int64_t, uint32_t>> fired_;
};

// At a trigger: at least `least` context events before it lie in the window.
void Counts(const Events& events, size_t least,
            const std::function<bool(const Record&)>& is_context,
            const std::function<bool(const Record&)>& is_trigger,
            Answer* answer) {
  std::vector<int64_t> times;
  size_t spent = 0;
  for (const Record* record : events) {
    const auto begin = std::lower_bound(times.begin(), times.end(),
                                        answer->Start(record->ts_ms));
    const size_t first =
        std::max(static_cast<size_t>(begin - times.begin()), spent);
    const bool holds = times.size() - first >= least;
    if (!holds) answer->SetFalse();
    bool fired = false;
    if (holds && is_trigger(*record)) fired = answer->SetTrue(*record);
    if (is_context(*record)) times.push_back(record->ts_ms);
    if (fired && answer->is_reset()) spent = times.size();
  }
}

void DistinctUsers(const Events& events, size_t least, Answer* answer) {
  size_t first = 0;
  std::map<uint32_t, int> users;
  for (size_t i = 0; i < events.size(); ++i) {
    const int64_t start = answer->Start(events[i]->ts_ms);
    for (; first < i && events[first]->ts_ms < start; ++first) {
      const auto user = users.find(events[first]->user);
      if (--user->second == 0) users.erase(user);
    }
    if (users.size() < least) answer->SetFalse();
    ++users[events[i]->user];
    if (users.size() < least) continue;
    if (answer->SetTrue(*events[i]) && answer->is_reset()) {
      users.clear();
      first = i + 1;
    }
  }
}

void AllKinds(const Events& events, Answer* answer) {
  constexpr uint8_t kKinds[] = {kProc, kDns, kNet};
  std::map<uint8_t, int64_t> last;
  const auto holds = [&](int64_t start) {
    return std::all_of(std::begin(kKinds), std::end(kKinds), [&](uint8_t kind) {
      return last.contains(kind) && last[kind] >= start;
    });
  };
  for (const Record* record : events) {
    const int64_t start = answer->Start(record->ts_ms);
    if (!holds(start)) answer->SetFalse();
    last[record->kind] = record->ts_ms;
    if (!holds(start)) continue;
    if (answer->SetTrue(*record) && answer->is_reset()) last.clear();
  }
}

// Each request fires that no acknowledgement follows in time.
void Unanswered(const Events& events, const RuleOptions& options,
                Answer* answer) {
  for (size_t i = 0; i < events.size(); ++i) {
    if (events[i]->kind != kReq) continue;
    bool is_answered = false;
    for (size_t j = i + 1; j < events.size(); ++j) {
      const int64_t gap = events[j]->ts_ms - events[i]->ts_ms;
      if (options.closed ? gap > answer->span() : gap >= answer->span()) break;
      if (events[j]->kind == kAck) {
        is_answered = true;
        break;
      }
    }
    if (is_answered) {
      answer->SetFalse();
    } else {
      answer->SetTrue(*events[i]);
    }
  }
}

bool IsLogin(const Record& record) {
  return record.kind == kLoginFail || record.kind == kLoginOk;
}

}  // namespace

std::vector<uint32_t> Expected(int workload, const RuleOptions& options,
                               std::vector<Record> records) {
  std::sort(records.begin(), records.end(),
            [](const Record& a, const Record& b) {
              return std::pair(a.ts_ms, a.id) < std::pair(b.ts_ms, b.id);
            });
  constexpr int64_t kMinutes[] = {0, 5, 10, 5, 15, 1};
  Answer answer(options, kMinutes[workload] * kMinuteMs);
  std::map<std::pair<uint32_t, uint32_t>, Events> groups;
  for (const Record& record : records) {
    switch (workload) {
      case 1:
        groups[{record.src, 0}].push_back(&record);
        break;
      case 2:
        if (IsLogin(record))
          groups[{record.user, record.src}].push_back(&record);
        break;
      case 3:
        if (IsLogin(record)) groups[{record.src, 0}].push_back(&record);
        break;
      case 4:
        if (record.kind >= kProc && record.kind <= kNet) {
          groups[{record.host, 0}].push_back(&record);
        }
        break;
      default:
        if (record.kind >= kReq) groups[{record.host, 0}].push_back(&record);
        break;
    }
  }
  for (const auto& [key, events] : groups) {
    answer.Begin();
    switch (workload) {
      case 1:
        Counts(
            events, 3, [](const Record&) { return true; },
            [](const Record& r) { return r.kind == kAlert && r.severity >= 7; },
            &answer);
        break;
      case 2:
        Counts(
            events, 5, [](const Record& r) { return r.kind == kLoginFail; },
            [](const Record& r) { return r.kind == kLoginOk; }, &answer);
        break;
      case 3:
        DistinctUsers(events, 20, &answer);
        break;
      case 4:
        AllKinds(events, &answer);
        break;
      default:
        Unanswered(events, options, &answer);
        break;
    }
  }
  return answer.Ids();
}

}  // namespace tocsin::cep
