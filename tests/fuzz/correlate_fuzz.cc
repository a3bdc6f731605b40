// Bytes as choices: a rule of several events in Tocsin's language, and a stream
// for it. From text to incidents the engine finds what the brute-force twin
// finds: in order, waiting for late events, with some of them late, and when it
// was saved and loaded on the way.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/frontend/toc/toc.h"
#include "src/ir/correlation.h"
#include "src/text/source.h"
#include "tests/reference/correlate.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace {

using tocsin::Timestamp;
using TwinEvent = tocsin::reference::Event;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'767'225'600 * kSecond;
constexpr int64_t kLateness = 8;
constexpr size_t kMostEvents = 24;  // The twin looks at all choices.

// Takes choices from bytes; from behind their end always the first.
class Choices {
 public:
  Choices(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  uint32_t Below(uint32_t n) {
    if (at_ == size_) return 0;
    return data_[at_++] % n;
  }
  bool OneIn(uint32_t n) { return Below(n) == n - 1; }
  std::string_view Of(std::initializer_list<std::string_view> texts) {
    return texts.begin()[Below(static_cast<uint32_t>(texts.size()))];
  }
  bool at_end() const { return at_ == size_; }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
};

struct Text {
  std::string rule;
  bool is_every = false;
  bool may_be_undone = false;  // By a late event, after it was reported.
};

class RuleMaker {
 public:
  explicit RuleMaker(Choices* choices) : choices_(*choices) {}

  Text Make() {
    Text made;
    std::string pattern;
    std::string window = absl::StrCat("within ", kSpan, "s");
    const auto half_open = [&] {
      if (choices_.OneIn(2)) window += " half_open";
    };
    std::string fire(choices_.Of({"every", "edge", "reset", "throttle 7s"}));
    switch (choices_.Below(6)) {
      case 0:
        pattern = Chain(&fire, &made);
        half_open();
        break;
      case 1:
        pattern = absl::StrCat("new (value) of ", Step(), " learn ",
                               choices_.Below(12), "s");
        fire = "every";
        made.may_be_undone = true;
        half_open();
        break;
      case 2:
        pattern = Truth();
        window =
            absl::StrCat("per ", kSpan, "s offset ", choices_.Below(10), "s");
        break;
      case 3:
        pattern = Truth();
        window = "idle 5s";
        if (choices_.OneIn(2)) window += " max 10s";
        break;
      case 4:
        pattern = absl::StrCat(Step(), " with ", Truth());
        absl::StrAppend(&window, choices_.Below(3) == 0   ? ""
                                 : choices_.Below(2) == 0 ? " after"
                                                          : " around");
        half_open();
        break;
      default:
        pattern = Truth();
        half_open();
        break;
    }
    made.is_every = fire == "every";
    made.rule = absl::StrCat("rule r { when ", pattern, " ", window,
                             " by key\n  fire ", fire, " }\n",
                             "a = any where a\nb = any where b\n"
                             "c = any where c\n");
    return made;
  }

 private:
  static constexpr int kSpan = 10;

  std::string Step() { return std::string(choices_.Of({"a", "b", "c"})); }

  std::string Measure() {
    switch (choices_.Below(4)) {
      case 0:
      case 1:
        return Step();
      case 2:
        return absl::StrCat("distinct(value) of ", Step());
      default:
        return absl::StrCat(
            std::string(choices_.Of(
                {"sum(number)", "avg(number)", "min(number)", "max(number)",
                 "median(number)", "percentile(number, 60)", "rate()"})),
            " of ", Step());
    }
  }

  std::string Compare() {
    std::string text = Measure();
    absl::StrAppend(
        &text, " ",
        std::string(choices_.Of({">=", ">=", ">", "<", "<=", "==", "!="})), " ",
        1 + choices_.Below(3));
    return text;
  }

  std::string Truth() {
    switch (choices_.Below(5)) {
      case 0:
        return absl::StrCat("(", Compare(), " and ", Compare(), ")");
      case 1:
        return absl::StrCat("(", Compare(), " or ", Compare(), ")");
      case 2:
        return absl::StrCat("(", Step(), " and not ", Step(), ")");
      default:
        return Compare();
    }
  }

  std::string Leg() {
    if (choices_.OneIn(4)) {
      return absl::StrCat("(", Step(), " or ", Step(), ")");
    }
    std::string leg = Step();
    if (choices_.OneIn(2)) {
      absl::StrAppend(&leg, " >= ", 1 + choices_.Below(3));
    }
    return leg;
  }

  std::string Chain(std::string* fire, Text* made) {
    // What arms a chain again is a matter of the engine's own.
    if (*fire != "reset") *fire = "every";
    std::string chain = Leg();
    const uint32_t more = 1 + choices_.Below(2);
    bool absent = false;
    for (uint32_t i = 0; i < more; ++i) {
      if (!absent && choices_.OneIn(4)) {
        absl::StrAppend(&chain, " then not ", Step());
        absent = true;
        continue;
      }
      absl::StrAppend(&chain, " then ", Leg());
      absent = false;
      if (choices_.OneIn(4)) {
        absl::StrAppend(&chain, " in ", 1 + choices_.Below(9), "s");
      }
    }
    if (absent) {
      *fire = "every";
    } else if (choices_.OneIn(4)) {
      absl::StrAppend(&chain, " until ", Step());
      made->may_be_undone = true;
    }
    return chain;
  }

  Choices& choices_;
};

// Times at which windows just reach, or just do not, are the rule.
std::vector<TwinEvent> MakeStream(Choices* choices) {
  std::vector<TwinEvent> events;
  int64_t time = kStart;
  while (!choices->at_end() && events.size() < kMostEvents) {
    constexpr int64_t kGaps[] = {0, 0, 1, 2, 3, 5, 10};
    time += kGaps[choices->Below(std::size(kGaps))] * kSecond;
    if (choices->OneIn(6)) time += 1;
    TwinEvent event;
    event.time = time;
    event.ref = events.size();
    event.steps = 1 + choices->Below(7);
    event.key = choices->OneIn(2) ? "k" : "l";
    if (!choices->OneIn(5)) event.number = choices->Below(4);
    if (!choices->OneIn(5)) event.value = absl::StrCat(choices->Below(4), "v");
    events.push_back(event);
  }
  return events;
}

std::string JsonOf(const TwinEvent& event) {
  std::string json = absl::StrCat("{\"key\":\"", event.key, "\"");
  for (int step = 0; step < 3; ++step) {
    const bool is_of = (event.steps & (1u << step)) != 0;
    absl::StrAppend(&json, ",\"", std::string(1, static_cast<char>('a' + step)),
                    "\":", is_of ? "true" : "false");
  }
  if (event.number) absl::StrAppend(&json, ",\"number\":", *event.number);
  if (event.value) absl::StrAppend(&json, ",\"value\":\"", *event.value, "\"");
  return json + "}";
}

using Found = std::vector<std::pair<std::string, int64_t>>;

struct Results {
  Found firings;
  std::vector<std::string> ids;
};

Results Play(const std::shared_ptr<const tocsin::RuleSet>& rules,
             const std::vector<TwinEvent>& events, int64_t lateness,
             size_t save_at = SIZE_MAX) {
  Results results;
  tocsin::CallbackSink sink(
      [](const tocsin::Detection&) {},
      [&](const tocsin::Incident& incident) {
        if (incident.change() == tocsin::IncidentChange::kClosed) {
          return;
        }
        results.firings.emplace_back(incident.keys()[0].value,
                                     incident.time().nanos());
        results.ids.emplace_back(incident.id());
      });
  const tocsin::EngineOptions options{.lateness = absl::Seconds(lateness)};
  auto engine = std::make_unique<tocsin::Engine>(rules, sink, options);
  for (size_t i = 0; i < events.size(); ++i) {
    if (i == save_at) {
      std::string bytes;
      engine->SaveTo(&bytes);
      engine = std::make_unique<tocsin::Engine>(rules, sink, options);
      if (!engine->LoadFrom(bytes).ok()) std::abort();
    }
    const std::string json = JsonOf(events[i]);
    tocsin::Event event = tocsin::Event::Json(json);
    engine->Feed(event.set_time(Timestamp(events[i].time)));
  }
  engine->AdvanceTo(Timestamp(INT64_MAX));
  std::sort(results.firings.begin(), results.firings.end());
  std::sort(results.ids.begin(), results.ids.end());
  return results;
}

// Some events arrive up to the lateness after others; those of one time, whose
// order is that of their arrival, together.
std::vector<TwinEvent> Delay(const std::vector<TwinEvent>& events,
                             Choices* choices) {
  std::vector<std::pair<int64_t, size_t>> arrivals;
  int64_t delay = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    if (i == 0 || events[i].time != events[i - 1].time) {
      delay = choices->OneIn(3) ? choices->Below(kLateness) * kSecond : 0;
    }
    arrivals.emplace_back(events[i].time + delay, i);
  }
  std::sort(arrivals.begin(), arrivals.end());
  std::vector<TwinEvent> arrived;
  for (const auto& [time, i] : arrivals) arrived.push_back(events[i]);
  return arrived;
}

// The steps of the rule may stand in another order than a, b, c, and be fewer.
std::vector<TwinEvent> AsStepsOf(const tocsin::ir::Correlation& rule,
                                 std::vector<TwinEvent> events) {
  for (TwinEvent& event : events) {
    uint32_t steps = 0;
    for (size_t i = 0; i < rule.steps.size(); ++i) {
      const auto letter = static_cast<uint32_t>(rule.steps[i].name[0] - 'a');
      if ((event.steps & (1u << letter)) != 0) steps |= 1u << i;
    }
    event.steps = steps;
  }
  std::erase_if(events, [](const TwinEvent& e) { return e.steps == 0; });
  return events;
}

Found TwinFirings(const tocsin::ir::Correlation& rule,
                  const std::vector<TwinEvent>& events) {
  Found found;
  for (const tocsin::reference::Firing& firing :
       tocsin::reference::Correlate(rule, AsStepsOf(rule, events))) {
    found.emplace_back(firing.key, firing.time);
  }
  std::sort(found.begin(), found.end());
  return found;
}

// Stops with the rule and the events, as they were fed.
[[noreturn]] void Fail(const char* what, const std::string& rule,
                       const std::vector<TwinEvent>& events,
                       const Found& expected, const Found& found) {
  std::fprintf(stderr, "%s\n%s", what, rule.c_str());
  for (const TwinEvent& event : events) {
    std::fprintf(stderr, "%+.9f %s\n",
                 static_cast<double>(event.time - kStart) / 1e9,
                 JsonOf(event).c_str());
  }
  for (const auto& [firings, name] :
       {std::pair(expected, "expected"), std::pair(found, "found")}) {
    std::fprintf(stderr, "%s:", name);
    for (const auto& [key, time] : firings) {
      std::fprintf(stderr, " %s %.9f", key.c_str(),
                   static_cast<double>(time - kStart) / 1e9);
    }
    std::fprintf(stderr, "\n");
  }
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Choices choices(data, size);
  const Text text = RuleMaker(&choices).Make();

  tocsin::ir::RuleList list;
  tocsin::Diagnostics diagnostics;
  tocsin::toc::CompileToc(
      {std::make_shared<const tocsin::text::Source>("fuzz.toc", text.rule)}, {},
      &list, &diagnostics);
  if (list.correlations.empty()) return 0;  // It is refused, with reasons.
  const tocsin::ir::Correlation& rule = list.correlations[0];

  tocsin::Compiler compiler;
  compiler.AddText(text.rule, "fuzz.toc");
  const auto rules = compiler.Compile().rules;

  // Choices of what comes late and when it is saved come from the front again.
  Choices more(data, size);
  const std::vector<TwinEvent> events = MakeStream(&choices);
  if (events.empty()) return 0;
  const Found expected = TwinFirings(rule, events);
  const auto check = [&](bool same, const char* what,
                         const std::vector<TwinEvent>& fed,
                         const Results& found) {
    if (!same) Fail(what, text.rule, fed, expected, found.firings);
  };
  const Results in_order = Play(rules, events, 0);
  check(in_order.firings == expected, "in order", events, in_order);
  const Results waiting = Play(rules, events, kLateness);
  check(waiting.firings == expected, "waiting", events, waiting);
  const size_t save_at = more.Below(static_cast<uint32_t>(events.size()));
  const Results loaded = Play(rules, events, 0, save_at);
  check(loaded.ids == in_order.ids, "saved and loaded", events, loaded);

  const std::vector<TwinEvent> late = Delay(events, &more);
  const Results eager = Play(rules, late, kLateness);
  if (text.is_every && !text.may_be_undone) {
    check(eager.ids == in_order.ids, "late", late, eager);
  }
  const Results late_loaded = Play(rules, late, kLateness, save_at);
  check(late_loaded.ids == eager.ids, "late, saved and loaded", late,
        late_loaded);
  return 0;
}
