// Every construct of the language at the ends of its windows: streams of three
// events that lie a span apart, a little less, and a little more, in all steps
// and in every order of arrival, through the correlator and through its twin.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/frontend/toc/toc.h"
#include "src/text/source.h"
#include "tests/reference/correlate.h"
#include "tests/reference/play.h"

namespace tocsin::reference {
namespace {

struct Form {
  const char* when;  // Without `by`.
  const char* where = "";
  // Of `a` and `b`.
  bool (*fits)(const Event& a, const Event& b) = nullptr;
};

bool SameValue(const Event& a, const Event& b) {
  return a.value && b.value && *a.value == *b.value;
}
bool LessNumber(const Event& a, const Event& b) {
  return a.number && b.number && *a.number < *b.number;
}

// All windows are of ten seconds.
constexpr Form kForms[] = {
    {"a >= 2 within 10s"},
    {"a >= 2 within 10s half_open"},
    {"a > 2 within 10s"},
    {"(a or b) >= 2 within 10s"},
    {"distinct(value) of a >= 2 within 10s"},
    {"sum(number) of a >= 2 within 10s"},
    {"avg(number) of a < 1 within 10s"},
    {"min(number) of a >= 1 within 10s half_open"},
    {"max(number) of a == 1 within 10s"},
    {"median(number) of a >= 1 within 10s"},
    {"percentile(number, 90) of a >= 1 within 10s"},
    {"stddev(number) of a > 0 within 10s"},
    {"interval() of a >= 10s within 10s"},
    {"jitter() of a < 0.5 within 10s"},
    {"rate() of a >= 0.2 within 10s"},
    {"a / b >= 1 within 10s"},
    {"a and b within 10s"},
    {"a or b >= 2 within 10s"},
    {"a and b within 10s", "a.value == b.value", SameValue},
    {"a and not b within 10s"},
    {"a and not b within 10s half_open"},
    {"a with b >= 2 within 10s"},
    {"a with b within 10s", "a.value == b.value", SameValue},
    {"a with b within 10s half_open"},
    {"a with b within 10s after"},
    {"a with b >= 1 within 10s around"},
    {"a with not b within 10s around"},
    {"a then b within 10s"},
    {"a then b within 10s half_open"},
    {"a then b within 10s", "a.value == b.value", SameValue},
    {"a then b within 10s half_open", "a.number < b.number", LessNumber},
    {"a >= 2 then b within 10s"},
    {"a >= 2 then b within 10s", "a.value == b.value", SameValue},
    {"a then b >= 2 within 10s"},
    {"a then b in 10s within 20s"},
    {"a then b in 10s within 20s", "a.number < b.number", LessNumber},
    {"a then b then c within 10s"},
    {"a then (b or c) within 10s"},
    {"a then not c then b within 10s"},
    {"a then not c then b within 10s", "a.value == b.value", SameValue},
    {"a then b until c within 10s"},
    {"a then b until c within 10s", "a.value == b.value", SameValue},
    {"a then not b within 10s"},
    {"a then not b within 10s half_open"},
    {"a then b then not c within 10s"},
    {"a then b then not c within 10s", "a.number < b.number", LessNumber},
    {"new (value) of a learn 10s within 10s"},
    {"new (value) of a learn 1s within 10s half_open"},
    {"a >= 2 per 10s"},
    {"a >= 2 per 10s offset 3s"},
    {"a < 2 per 10s"},
    {"a and b per 10s", "a.value == b.value", SameValue},
    {"a >= 2 idle 10s"},
    {"a >= 2 idle 10s max 10s"},
    {"a and b idle 10s", "a.number < b.number", LessNumber},
    {"spike a >= 2x past 10s per 10s"},
    {"drop a >= 2x past 10s per 10s"},
};
constexpr const char* kFires[] = {"every", "edge", "reset", "throttle 10s"};

// Steps are numbered as they are named, and events of the twin by letters.
struct Compiled {
  Made made;
  std::vector<uint32_t> letters;  // By step.
  ir::RuleList list;
};

Compiled Compile(const Form& form, const std::string& fire) {
  std::string text =
      "a = any where kind == \"a\" b = any where kind == \"b\"\n"
      "c = any where kind == \"c\"\nrule r { when ";
  absl::StrAppend(&text, form.when, " by key");
  if (*form.where != '\0') absl::StrAppend(&text, " where ", form.where);
  absl::StrAppend(&text, " fire ", fire, " }");
  const auto source = std::make_shared<const text::Source>("r.toc", text);
  Compiled compiled;
  Diagnostics diagnostics;
  toc::CompileToc({source}, {}, &compiled.list, &diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) {
    EXPECT_NE(diagnostic.severity, Severity::kError)
        << RenderDiagnostic(diagnostic);
  }
  EXPECT_EQ(compiled.list.correlations.size(), 1u) << text;
  compiled.made.rule = compiled.list.correlations.at(0);
  for (const ir::Step& step : compiled.made.rule.steps) {
    compiled.letters.push_back(static_cast<uint32_t>(step.name[0] - 'a'));
  }
  if (form.fits != nullptr) {
    const auto step_of = [&](uint32_t letter) {
      return std::find(compiled.letters.begin(), compiled.letters.end(),
                       letter) -
             compiled.letters.begin();
    };
    compiled.made.where = [fits = form.fits, a = step_of(0),
                           b = step_of(1)](const auto& chosen) {
      return chosen[a] != nullptr && chosen[b] != nullptr &&
             fits(*chosen[a], *chosen[b]);
    };
    compiled.made.condition =
        compiled.list.rules.at(*compiled.made.rule.where).condition;
    compiled.made.rule.where.reset();
  }
  return compiled;
}

// The events as the rule's steps see them; others are left out.
std::vector<Event> OfSteps(const Compiled& compiled,
                           const std::vector<Event>& events) {
  std::vector<Event> all;
  for (Event event : events) {
    const uint32_t letters = event.steps;
    event.steps = 0;
    for (uint32_t step = 0; step < compiled.letters.size(); ++step) {
      if ((letters >> compiled.letters[step] & 1) != 0) {
        event.steps |= 1u << step;
      }
    }
    if (event.steps != 0) all.push_back(event);
  }
  return all;
}

// Three events: all steps, distances around the span, and two values.
std::vector<std::vector<Event>> Streams() {
  constexpr int64_t kTen = kSpan * kSecond;
  constexpr int64_t kGaps[] = {0, 1, kTen - 1, kTen, kTen + 1};
  constexpr uint32_t kMasks[] = {1, 2, 4, 3};
  std::vector<std::vector<Event>> streams;
  uint32_t number = 0;
  for (const int64_t first : kGaps) {
    for (const int64_t second : kGaps) {
      for (uint32_t masks = 0; masks < 64; ++masks) {
        std::vector<Event>& stream = streams.emplace_back();
        const int64_t times[] = {0, first, first + second};
        for (uint32_t i = 0; i < 3; ++i) {
          ++number;
          stream.push_back({.time = kStart + times[i],
                            .ref = i,
                            .steps = kMasks[masks >> (2 * i) & 3],
                            .key = "k",
                            .number = number * 7 % 5 % 3,
                            .value = number * 5 % 7 < 4 ? "u" : "v"});
        }
      }
    }
  }
  return streams;
}

class BoundaryTest : public ::testing::TestWithParam<size_t> {};

std::string Describe(const Form& form, const std::string& fire,
                     const std::vector<Event>& events) {
  std::string text =
      absl::StrCat(form.when, " where ", form.where, " fire ", fire, "\n");
  for (const Event& event : events) {
    absl::StrAppend(&text, event.time - kStart, " steps ", event.steps, " ",
                    *event.number, " ", *event.value, "\n");
  }
  return text;
}

// Without a condition chains are armed again in a way of the correlator's own;
// so are windows that close behind what is absent.
bool HasTwin(const ir::Correlation& rule, bool has_where) {
  if (rule.pattern.kind == ir::Pattern::kSeen) {
    return rule.fire == base::FirePolicy::kEvery;
  }
  if (rule.pattern.kind != ir::Pattern::kChain) return true;
  if (rule.fire == base::FirePolicy::kEvery) return true;
  if (rule.pattern.legs.back().negated) return false;
  return has_where || rule.fire == base::FirePolicy::kReset;
}

TEST_P(BoundaryTest, TheCorrelatorFindsWhatTheTwinFinds) {
  const Form& form = kForms[GetParam()];
  static const std::vector<std::vector<Event>> streams = Streams();
  size_t found = 0;
  size_t silent = 0;
  for (const char* fire : kFires) {
    Compiled compiled = Compile(form, fire);
    Made& made = compiled.made;
    const bool is_every = made.rule.fire == base::FirePolicy::kEvery;
    const bool is_undone_late = !made.rule.pattern.until.empty() ||
                                made.rule.pattern.kind == ir::Pattern::kSeen;
    if (!HasTwin(made.rule, form.fits != nullptr)) continue;
    for (const std::vector<Event>& stream : streams) {
      std::vector<Event> events = OfSteps(compiled, stream);
      if (events.empty()) continue;
      const std::vector<Firing> wanted =
          Correlate(made.rule, events, made.where);
      ++(wanted.empty() ? silent : found);
      made.rule.order = base::OrderMode::kEager;
      ASSERT_EQ(Play(made, events, 0).firings, wanted)
          << Describe(form, fire, events);
      // Backwards, within the lateness.
      std::reverse(events.begin(), events.end());
      if (is_every && !is_undone_late) {
        ASSERT_EQ(Play(made, events, 3 * kSpan).firings, wanted)
            << "backwards\n"
            << Describe(form, fire, events);
      }
      made.rule.order = base::OrderMode::kStrict;
      ASSERT_EQ(Play(made, events, 3 * kSpan).firings, wanted)
          << "strict, backwards\n"
          << Describe(form, fire, events);
    }
  }
  // It is no probe if it never says anything, or always.
  EXPECT_GT(found, 0u) << form.when;
  EXPECT_GT(silent, 0u) << form.when;
}

INSTANTIATE_TEST_SUITE_P(Forms, BoundaryTest,
                         ::testing::Range(size_t{0}, std::size(kForms)));

}  // namespace
}  // namespace tocsin::reference
