// Which incidents there are, by plain lists, and by the book.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/program/outcome.h"
#include "src/runtime/incident/incident_book.h"
#include "tests/reference/books.h"

namespace tocsin {
namespace {

using program::IncidentPolicy;
using reference::KeyOf;
using reference::Stream;
using runtime::IncidentBook;
using runtime::OpenIncident;

struct Step {
  uint32_t rule = 0;
  int64_t time = 0;
  int64_t watermark = 0;  // Before the firing.
  std::vector<std::string> keys;
};

// All incidents there ever were, looked through each time.
class PlainIncidents {
 public:
  PlainIncidents(std::vector<IncidentPolicy> policies, size_t most)
      : policies_(std::move(policies)), most_(most) {}

  void Fire(const Step& step, const std::string& id) {
    Advance(step.watermark);
    One* joined = nullptr;
    for (One& one : all_) {
      if (!one.open || one.rule != step.rule || !Shares(one, step)) continue;
      std::vector<int64_t> times = one.times;
      times.push_back(step.time);
      const auto [low, high] = std::minmax_element(times.begin(), times.end());
      const IncidentPolicy& policy = policies_[one.rule];
      if (*high - *low > policy.longest || !IsNear(one, step.time)) continue;
      joined = &one;  // The newest stands last.
    }
    const bool is_new = joined == nullptr;
    if (is_new) joined = &all_.emplace_back(One{.rule = step.rule, .id = id});
    joined->times.push_back(step.time);
    for (const std::string& key : step.keys) {
      if (!Has(*joined, key) && joined->keys.size() < 8) {
        joined->keys.push_back(key);
      }
    }
    lines.push_back(absl::StrCat(is_new ? "opened " : "updated ", joined->id,
                                 " ", joined->times.size()));
    while (OpenCount() > most_) Close(true);
  }

  void Advance(int64_t watermark) {
    while (const One* next = Next()) {
      if (End(*next) >= watermark) return;
      Close(false);
    }
  }

  std::vector<std::string> lines;

 private:
  struct One {
    uint32_t rule = 0;
    std::string id;
    std::vector<int64_t> times;
    std::vector<std::string> keys;
    bool open = true;
  };

  static bool Has(const One& one, const std::string& key) {
    return std::find(one.keys.begin(), one.keys.end(), key) != one.keys.end();
  }
  static bool Shares(const One& one, const Step& step) {
    return std::any_of(step.keys.begin(), step.keys.end(),
                       [&](const std::string& key) { return Has(one, key); });
  }
  // Between the first and the last, or close to one of them.
  bool IsNear(const One& one, int64_t time) const {
    const auto [low, high] =
        std::minmax_element(one.times.begin(), one.times.end());
    const int64_t idle = policies_[one.rule].idle;
    return time >= *low - idle && time <= *high + idle;
  }
  int64_t End(const One& one) const {
    const auto [low, high] =
        std::minmax_element(one.times.begin(), one.times.end());
    const IncidentPolicy& policy = policies_[one.rule];
    return std::min(*high + policy.idle, *low + policy.longest) + policy.delay;
  }
  size_t OpenCount() const {
    return static_cast<size_t>(std::count_if(
        all_.begin(), all_.end(), [](const One& one) { return one.open; }));
  }
  One* Next() {
    One* next = nullptr;
    for (One& one : all_) {
      if (one.open && (next == nullptr || End(one) < End(*next))) next = &one;
    }
    return next;
  }
  void Close(bool is_early) {
    One* const next = Next();
    next->open = false;
    lines.push_back(absl::StrCat(is_early ? "early " : "closed ", next->id, " ",
                                 next->times.size()));
  }

  const std::vector<IncidentPolicy> policies_;
  const size_t most_;
  std::vector<One> all_;
};

std::vector<IncidentPolicy> MakePolicies() {
  return {{.idle = 10, .longest = INT64_MAX / 4},
          {.idle = 6, .longest = 15, .delay = 4},
          {.idle = 0, .longest = INT64_MAX / 4},
          {.idle = 20, .longest = 20}};
}

// Firings that come up to `late` behind others, as the watermark allows.
std::vector<Step> MakeSteps(uint32_t seed, int64_t late,
                            const std::vector<IncidentPolicy>& policies) {
  Stream stream(seed, late);
  std::vector<Step> steps;
  for (int i = 0; i < 300; ++i) {
    stream.GoOn();
    Step step{.rule = static_cast<uint32_t>(stream.Below(4)),
              .watermark = stream.watermark()};
    step.time = stream.Time(policies[step.rule].delay);
    const int64_t ties = 1 + stream.Below(2);
    for (int64_t tie = 0; tie < ties; ++tie) {
      step.keys.push_back(KeyOf(static_cast<uint32_t>(stream.Below(4))));
    }
    std::sort(step.keys.begin(), step.keys.end());
    steps.push_back(std::move(step));
  }
  return steps;
}

class Book {
 public:
  Book(const std::vector<IncidentPolicy>& policies, size_t most)
      : policies_(policies), most_(most), book_(Make()) {}

  void Fire(const Step& step, const std::string& id) {
    book_->Close(step.watermark, [&](const OpenIncident& one, bool early) {
      AddClosed(one, early);
    });
    const auto joined = book_->Add(
        {.rule = step.rule, .time = step.time, .first_event = step.time},
        step.keys);
    if (joined.is_new) joined.incident->id = id;
    lines.push_back(absl::StrCat(joined.is_new ? "opened " : "updated ",
                                 joined.incident->id, " ",
                                 joined.incident->firings));
    book_->CloseExcess(
        [&](const OpenIncident& one, bool early) { AddClosed(one, early); });
  }

  void Restart() { reference::Restart({3, 1, 0, 2}, Make(), &book_); }

  std::vector<std::string> lines;

 private:
  std::unique_ptr<IncidentBook> Make() const {
    std::vector<const IncidentPolicy*> policies;
    for (const IncidentPolicy& policy : policies_) policies.push_back(&policy);
    return std::make_unique<IncidentBook>(policies, most_);
  }
  void AddClosed(const OpenIncident& one, bool early) {
    lines.push_back(
        absl::StrCat(early ? "early " : "closed ", one.id, " ", one.firings));
  }

  const std::vector<IncidentPolicy> policies_;
  const size_t most_;
  std::unique_ptr<IncidentBook> book_;
};

TEST(IncidentTwinTest, TheBookKeepsTheIncidentsThatPlainListsKeep) {
  const std::vector<IncidentPolicy> policies = MakePolicies();
  for (uint32_t seed = 0; seed < 60; ++seed) {
    const int64_t late = seed % 3 * 8;
    const size_t most = seed % 4 == 0 ? 3 : 1000;
    PlainIncidents plain(policies, most);
    Book book(policies, most);
    Book restarted(policies, most);
    uint32_t number = 0;
    for (const Step& step : MakeSteps(seed, late, policies)) {
      const std::string id = absl::StrFormat("%032x", ++number);
      plain.Fire(step, id);
      book.Fire(step, id);
      restarted.Restart();
      restarted.Fire(step, id);
    }
    ASSERT_EQ(book.lines, plain.lines) << seed;
    ASSERT_EQ(restarted.lines, plain.lines) << seed;
  }
}

}  // namespace
}  // namespace tocsin
