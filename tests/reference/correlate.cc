#include "tests/reference/correlate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "absl/time/time.h"

namespace tocsin::reference {
namespace {

using base::MeasureKind;
using List = std::vector<const Event*>;

bool IsOf(const Event& event, const std::vector<ir::StepIndex>& steps) {
  return std::any_of(steps.begin(), steps.end(), [&](ir::StepIndex step) {
    return (event.steps & (1u << step)) != 0;
  });
}

std::optional<double> ValueOf(const ir::Measure& measure, const List& window,
                              absl::Duration span) {
  std::vector<double> numbers;
  std::vector<double> seconds;
  std::set<std::string> values;
  size_t count = 0;
  for (const Event* event : window) {
    if (!IsOf(*event, measure.steps)) continue;
    ++count;
    seconds.push_back(static_cast<double>(event->time - window.front()->time) /
                      1e9);
    if (event->number) numbers.push_back(*event->number);
    if (event->value) values.insert(*event->value);
  }
  const auto mean_of = [](const std::vector<double>& all) {
    double total = 0;
    for (const double number : all) total += number;
    return total / static_cast<double>(all.size());
  };
  const auto deviation_of = [&](const std::vector<double>& all) {
    const double mean = mean_of(all);
    double squares = 0;
    for (const double x : all) squares += (x - mean) * (x - mean);
    return std::sqrt(squares / static_cast<double>(all.size()));
  };
  std::vector<double> gaps;
  for (size_t i = 1; i < seconds.size(); ++i) {
    gaps.push_back(seconds[i] - seconds[i - 1]);
  }
  if (measure.kind == MeasureKind::kInterval) {
    if (gaps.empty()) return std::nullopt;
    return mean_of(gaps);
  }
  if (measure.kind == MeasureKind::kJitter) {
    if (gaps.size() < 2 || mean_of(gaps) == 0) return std::nullopt;
    return deviation_of(gaps) / mean_of(gaps);
  }
  double sum = 0;
  for (const double number : numbers) sum += number;
  const auto n = static_cast<double>(numbers.size());
  switch (measure.kind) {
    case MeasureKind::kCount:
      return static_cast<double>(count);
    case MeasureKind::kDistinct:
      return static_cast<double>(values.size());
    case MeasureKind::kRate:
      return static_cast<double>(count) / absl::ToDoubleSeconds(span);
    default:
      break;
  }
  if (numbers.empty()) return std::nullopt;
  std::sort(numbers.begin(), numbers.end());
  const size_t middle = numbers.size() / 2;
  switch (measure.kind) {
    case MeasureKind::kSum:
      return sum;
    case MeasureKind::kAvg:
      return sum / n;
    case MeasureKind::kStddev:
      return deviation_of(numbers);
    case MeasureKind::kMin:
      return numbers.front();
    case MeasureKind::kMax:
      return numbers.back();
    case MeasureKind::kMedian:
      return numbers.size() % 2 == 1
                 ? numbers[middle]
                 : (numbers[middle - 1] + numbers[middle]) / 2;
    case MeasureKind::kPercentile: {
      const double rank = std::ceil(measure.parameter / 100 * n);
      return numbers[static_cast<size_t>(std::max(rank, 1.0)) - 1];
    }
    default:
      return std::nullopt;
  }
}

std::optional<bool> TruthOf(const ir::Truth& truth, const List& window,
                            absl::Duration span);

std::optional<double> ValueOf(const ir::Term& term, const List& window,
                              absl::Duration span) {
  if (term.kind == ir::Term::kNumber) return term.number;
  if (term.kind == ir::Term::kMeasure) {
    return ValueOf(term.measure, window, span);
  }
  const auto left = ValueOf(term.children[0], window, span);
  if (term.kind == ir::Term::kTruncate || term.kind == ir::Term::kRound) {
    if (!left) return std::nullopt;
    if (term.kind == ir::Term::kTruncate) return std::trunc(*left);
    const double scale = std::pow(10, term.number);
    return std::round(*left * scale) / scale;
  }
  const auto right = ValueOf(term.children[1], window, span);
  if (term.kind == ir::Term::kIf) {
    return TruthOf(term.truths[0], window, span).value_or(false) ? left : right;
  }
  if (!left || !right) return std::nullopt;
  switch (term.kind) {
    case ir::Term::kAdd:
      return *left + *right;
    case ir::Term::kSub:
      return *left - *right;
    case ir::Term::kMul:
      return *left * *right;
    case ir::Term::kMod:
      if (*right == 0) return std::nullopt;
      return std::fmod(*left, *right);
    default:
      if (*right == 0) return std::nullopt;
      return *left / *right;
  }
}

std::optional<bool> TruthOf(const ir::Truth& truth, const List& window,
                            absl::Duration span) {
  if (truth.kind == ir::Truth::kCompare) {
    const auto left = ValueOf(truth.terms[0], window, span);
    const auto right = ValueOf(truth.terms[1], window, span);
    if (!left || !right) return std::nullopt;
    switch (truth.compare) {
      case base::MeasureCompare::kEq:
        return *left == *right;
      case base::MeasureCompare::kNe:
        return *left != *right;
      case base::MeasureCompare::kLt:
        return *left < *right;
      case base::MeasureCompare::kLe:
        return *left <= *right;
      case base::MeasureCompare::kGt:
        return *left > *right;
      case base::MeasureCompare::kGe:
        return *left >= *right;
    }
  }
  if (truth.kind == ir::Truth::kIsNull) {
    return !ValueOf(truth.terms[0], window, span);
  }
  if (truth.kind == ir::Truth::kIsTrue) {
    return TruthOf(truth.children[0], window, span).value_or(false);
  }
  if (truth.kind == ir::Truth::kNot) {
    const auto inner = TruthOf(truth.children[0], window, span);
    if (!inner) return std::nullopt;
    return !*inner;
  }
  const bool decisive = truth.kind == ir::Truth::kOr;
  bool has_null = false;
  for (const ir::Truth& child : truth.children) {
    const auto value = TruthOf(child, window, span);
    if (value == decisive) return decisive;
    if (!value) has_null = true;
  }
  if (has_null) return std::nullopt;
  return !decisive;
}

void NamedSteps(const ir::Term& term, std::set<ir::StepIndex>* steps) {
  if (term.kind == ir::Term::kMeasure) {
    steps->insert(term.measure.steps.begin(), term.measure.steps.end());
  }
  for (const ir::Term& child : term.children) NamedSteps(child, steps);
}
void NamedSteps(const ir::Truth& truth, std::set<ir::StepIndex>* steps) {
  for (const ir::Term& term : truth.terms) NamedSteps(term, steps);
  for (const ir::Truth& child : truth.children) NamedSteps(child, steps);
}

class Group {
 public:
  Group(const ir::Correlation& rule, const std::vector<Event>& stream,
        const List& events, const Where& where, std::vector<Firing>* firings)
      : rule_(rule),
        stream_begin_(stream.front().time),
        stream_end_(stream.back().time),
        events_(events),
        where_(where),
        firings_(firings),
        span_(absl::ToInt64Nanoseconds(rule.window.span)) {}

  void Run() {
    const ir::Pattern& pattern = rule_.pattern;
    if (pattern.kind == ir::Pattern::kChain) {
      RunChain();
    } else if (pattern.kind == ir::Pattern::kSeen) {
      RunSeen();
    } else if (pattern.kind == ir::Pattern::kRatio) {
      RunRatio();
    } else if (rule_.window.kind == base::WindowKind::kTumbling) {
      RunTumbling();
    } else if (rule_.window.kind == base::WindowKind::kSession) {
      RunSession();
    } else if (rule_.window.reach == base::WindowReach::kBefore) {
      RunBefore();
    } else {
      RunClosing();
    }
  }

 private:
  bool IsWithin(int64_t from, int64_t to) const {
    return rule_.window.half_open ? to - from < span_ : to - from <= span_;
  }

  void Fire(const Event& event) {
    firings_->push_back({event.key, event.time, event.ref});
    last_fire_ = event.time;
  }
  // What policies but reset say of a rule that is true at this event.
  bool FiresNow(const Event& event) {
    if (rule_.fire == base::FirePolicy::kEdge) {
      return std::exchange(armed_, false);
    }
    if (rule_.fire == base::FirePolicy::kThrottle) {
      return !last_fire_ || event.time - *last_fire_ >=
                                absl::ToInt64Nanoseconds(rule_.throttle);
    }
    return true;
  }

  // `trigger`: the event that is looked at, if there is one.
  bool IsTrue(const List& window, const Event* trigger) const {
    if (TruthOf(rule_.pattern.truth, window, rule_.window.span) != true) {
      return false;
    }
    if (!where_) return true;
    // The event that is looked at; of other steps the newest.
    std::vector<const Event*> chosen(rule_.steps.size(), nullptr);
    const auto choose = [&](const Event& event) {
      for (size_t step = 0; step < chosen.size(); ++step) {
        if ((event.steps & (1u << step)) != 0) chosen[step] = &event;
      }
    };
    for (const Event* event : window) choose(*event);
    if (trigger != nullptr) choose(*trigger);
    return where_(chosen);
  }
  bool IsTrigger(const Event& event) const {
    if (!rule_.pattern.triggers.empty()) {
      return IsOf(event, rule_.pattern.triggers);
    }
    std::set<ir::StepIndex> steps;
    NamedSteps(rule_.pattern.truth, &steps);
    return IsOf(event, {steps.begin(), steps.end()});
  }

  // Events before number `end` in the window that ends at `time`.
  List Before(size_t end, int64_t time) const {
    List window;
    for (size_t i = spent_; i < end; ++i) {
      if (IsWithin(events_[i]->time, time)) window.push_back(events_[i]);
    }
    return window;
  }

  void RunBefore() {
    for (size_t i = 0; i < events_.size(); ++i) {
      const Event& event = *events_[i];
      List window = Before(i, event.time);
      if (!IsTrue(window, nullptr)) armed_ = true;
      // Silence for longer than the window is a new beginning.
      if (i > 0 && event.time - events_[i - 1]->time > span_) armed_ = true;
      if (rule_.pattern.trigger_counts) window.push_back(&event);
      if (!IsTrigger(event) || !IsTrue(window, &event) || !FiresNow(event)) {
        continue;
      }
      Fire(event);
      if (rule_.fire == base::FirePolicy::kReset) spent_ = i + 1;
    }
  }

  void RunClosing() {
    const bool around = rule_.window.reach == base::WindowReach::kAround;
    for (size_t i = 0; i < events_.size(); ++i) {
      const Event& event = *events_[i];
      if (!IsTrigger(event)) continue;
      List window;
      for (size_t j = around ? 0 : i; j < events_.size(); ++j) {
        const int64_t time = events_[j]->time;
        const bool holds = time < event.time ? IsWithin(time, event.time)
                                             : IsWithin(event.time, time);
        if (j == i && !rule_.pattern.trigger_counts) continue;
        if (holds) window.push_back(events_[j]);
      }
      const bool once = rule_.fire == base::FirePolicy::kEdge ||
                        rule_.fire == base::FirePolicy::kReset;
      const int64_t reach = around ? 2 * span_ : span_;
      if (once && last_fire_ &&
          event.time - *last_fire_ <=
              reach - (rule_.window.half_open ? 1 : 0)) {
        continue;
      }
      armed_ = true;
      if (IsTrue(window, &event) && FiresNow(event)) Fire(event);
    }
  }

  int64_t BucketOf(int64_t time) const {
    const int64_t shifted =
        time - absl::ToInt64Nanoseconds(rule_.window.offset);
    return shifted / span_ - (shifted % span_ < 0 ? 1 : 0);
  }

  // Each fixed window against those before it, up to the last of the stream.
  void RunRatio() {
    const ir::Pattern& pattern = rule_.pattern;
    std::map<int64_t, List> buckets;
    for (const Event* event : events_) {
      buckets[BucketOf(event->time)].push_back(event);
    }
    const int64_t past = absl::ToInt64Nanoseconds(pattern.past) / span_;
    std::map<int64_t, double> values;
    std::optional<int64_t> last_true;
    for (int64_t bucket = buckets.begin()->first;
         bucket <= BucketOf(stream_end_); ++bucket) {
      const List& window = buckets[bucket];
      double sum = 0;
      for (int64_t b = bucket - past; b < bucket; ++b) sum += values[b];
      // A key of which nothing has come for so long is forgotten.
      if (window.empty() && sum == 0) continue;
      const double value =
          ValueOf(pattern.change, window, rule_.window.span).value_or(0);
      values[bucket] = value;
      if (bucket - BucketOf(stream_begin_) < past) continue;
      const double mean = std::max(sum / static_cast<double>(past), 1.0);
      const bool is_true =
          pattern.drop
              ? mean >= pattern.minimum && value <= mean / pattern.factor
              : value >= pattern.minimum && value >= mean * pattern.factor;
      if (last_true != bucket - 1) armed_ = true;
      if (!is_true) continue;
      last_true = bucket;
      Event end;
      end.key = events_[0]->key;
      end.time = (bucket + 1) * span_ +
                 absl::ToInt64Nanoseconds(rule_.window.offset) - 1;
      const Event& at = window.empty() ? end : *window.back();
      if (FiresNow(at)) Fire(at);
    }
  }

  void RunTumbling() {
    std::map<int64_t, List> buckets;
    for (const Event* event : events_) {
      buckets[BucketOf(event->time)].push_back(event);
    }
    std::optional<int64_t> last_true;
    for (const auto& [bucket, window] : buckets) {
      if (last_true != bucket - 1) armed_ = true;
      if (!IsTrue(window, nullptr)) continue;
      last_true = bucket;
      if (FiresNow(*window.back())) Fire(*window.back());
    }
  }

  void RunSession() {
    List window;
    const auto close = [&] {
      armed_ = true;  // Between sessions nothing is true.
      if (!window.empty() && IsTrue(window, nullptr) &&
          FiresNow(*window.back())) {
        Fire(*window.back());
      }
      window.clear();
    };
    for (const Event* event : events_) {
      if (!window.empty() &&
          (event->time - window.back()->time > span_ ||
           absl::Nanoseconds(event->time - window.front()->time) >
               rule_.window.longest)) {
        close();
      }
      window.push_back(event);
    }
    close();
  }

  // --- Chains.

  bool IsFree(size_t after, size_t before,
              const std::vector<ir::StepIndex>& steps) const {
    for (size_t i = after + 1; i < before; ++i) {
      if (IsOf(*events_[i], steps)) return false;
    }
    return true;
  }

  // The legs that have to be found, each with what must not follow it.
  struct Leg {
    const ir::Leg* leg = nullptr;
    const ir::Leg* absent = nullptr;
  };

  // The condition, of the last event of each leg.
  bool Passes(const std::vector<Leg>& legs) const {
    if (!where_) return true;
    std::vector<const Event*> chosen(rule_.steps.size(), nullptr);
    for (size_t leg = 0; leg < legs.size(); ++leg) {
      for (const ir::StepIndex step : legs[leg].leg->steps) {
        const Event& event = *events_[last_[leg]];
        if ((event.steps & (1u << step)) != 0) chosen[step] = &event;
      }
    }
    return where_(chosen);
  }

  // Looks for legs from number `leg` on behind event `last`, so that the whole
  // ends at event `end`; `first` is where it began.
  bool Follows(const std::vector<Leg>& legs, size_t leg, size_t last,
               size_t first, size_t end) {
    if (leg > 0) last_[leg - 1] = last;
    if (leg == legs.size()) {
      // All are looked at, for the one that begins last.
      const bool is_newer = !begin_ || first > *begin_;
      if (last == end && is_newer && Passes(legs)) begin_ = first;
      return false;
    }
    return Choose(legs, leg, last, last, first, end, legs[leg].leg->count);
  }

  // The same of `left` more events of the leg, behind event `at`.
  bool Choose(const std::vector<Leg>& legs, size_t leg, size_t before,
              size_t at, size_t first, size_t end, int left) {
    const ir::Leg& wanted = *legs[leg].leg;
    for (size_t i = at == kNone ? spent_ : at + 1; i <= end; ++i) {
      if (!IsOf(*events_[i], wanted.steps)) continue;
      const size_t begin = first == kNone ? i : first;
      if (!IsWithin(events_[begin]->time, events_[end]->time)) continue;
      // The first event of a leg: nothing forbidden since the leg before.
      if (left == wanted.count && leg > 0 && legs[leg - 1].absent != nullptr &&
          !IsFree(before, i, legs[leg - 1].absent->steps)) {
        break;
      }
      if (!IsFree(begin, i, rule_.pattern.until)) break;
      // An event that is of `until` ends what began before it, unless it
      // completes it.
      const bool completes = i == end && left == 1 && leg + 1 == legs.size();
      if (i != begin && !completes && IsOf(*events_[i], rule_.pattern.until)) {
        break;
      }
      if (left > 1) {
        if (Choose(legs, leg, before, i, begin, end, left - 1)) return true;
        continue;
      }
      if (wanted.gap && leg > 0 &&
          absl::Nanoseconds(events_[i]->time - events_[before]->time) >
              *wanted.gap) {
        continue;
      }
      if (Follows(legs, leg + 1, i, begin, end)) return true;
    }
    return false;
  }

  void RunChain() {
    std::vector<Leg> legs;
    for (const ir::Leg& leg : rule_.pattern.legs) {
      if (leg.negated) {
        legs.back().absent = &leg;
      } else {
        legs.push_back({&leg});
      }
    }
    last_.resize(legs.size());
    const ir::Leg* const absent = legs.back().absent;
    std::vector<size_t> begins;  // Of chains that have been complete.
    for (size_t i = 0; i < events_.size(); ++i) {
      const Event& event = *events_[i];
      const bool is_there =
          std::any_of(begins.begin(), begins.end(), [&](size_t begin) {
            return IsWithin(events_[begin]->time, event.time);
          });
      if (!is_there) armed_ = true;
      if (!IsOf(event, legs.back().leg->steps)) continue;
      begin_.reset();
      Choose(legs, 0, kNone, kNone, kNone, i, legs[0].leg->count);
      if (!begin_) continue;
      if (absent != nullptr) {
        bool is_answered = false;
        for (size_t j = i + 1; j < events_.size(); ++j) {
          is_answered |= IsOf(*events_[j], absent->steps) &&
                         IsWithin(event.time, events_[j]->time);
        }
        if (is_answered) continue;
      }
      begins.push_back(*begin_);
      if (!FiresNow(event)) continue;
      Fire(event);
      if (rule_.fire == base::FirePolicy::kReset) spent_ = i + 1;
    }
  }

  // What is asked of an event alone is asked of what is new.
  bool PassesAlone(const Event& event) const {
    return !where_ || where_({&event});
  }

  void RunSeen() {
    std::map<std::string, int64_t> seen;
    // A key that was silent for longer than both is new again.
    const absl::Duration kept =
        std::max(rule_.window.span, rule_.pattern.learn);
    int64_t first = events_[0]->time;
    int64_t last = first;
    for (const Event* event : events_) {
      if (absl::Nanoseconds(event->time - last) > kept) first = event->time;
      last = event->time;
      if (!event->value) continue;
      const auto at = seen.find(*event->value);
      const bool is_new =
          at == seen.end() || !IsWithin(at->second, event->time);
      seen[*event->value] = event->time;
      if (is_new && PassesAlone(*event) &&
          absl::Nanoseconds(event->time - first) >= rule_.pattern.learn) {
        Fire(*event);
      }
    }
  }

  static constexpr size_t kNone = SIZE_MAX;

  const ir::Correlation& rule_;
  const int64_t stream_begin_;
  const int64_t stream_end_;
  const List& events_;
  const Where& where_;
  std::vector<size_t> last_;     // The last event of each leg, as it is tried.
  std::optional<size_t> begin_;  // Of the newest chain found.
  std::vector<Firing>* firings_;
  const int64_t span_;
  size_t spent_ = 0;
  bool armed_ = true;
  std::optional<int64_t> last_fire_;
};

}  // namespace

std::vector<Firing> Correlate(const ir::Correlation& rule,
                              std::vector<Event> events, const Where& where) {
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tie(a.time, a.ref) < std::tie(b.time, b.ref);
  });
  std::map<std::string, List> groups;
  for (const Event& event : events) groups[event.key].push_back(&event);
  std::vector<Firing> firings;
  for (const auto& [key, list] : groups)
    Group(rule, events, list, where, &firings).Run();
  std::sort(firings.begin(), firings.end());
  return firings;
}

}  // namespace tocsin::reference
