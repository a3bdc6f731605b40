// In the steady state an event of correlations that make nothing of it
// allocates nothing, in whatever way they count.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/allocations/allocations.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

struct Way {
  const char* name;
  const char* when;  // Never true of the events below.
};

constexpr Way kWays[] = {
    {"Count", "a >= 900 within 1m by user"},
    {"CountOfAll", "a >= 90000 within 1m"},
    {"CountByTwo", "a >= 900 within 1m by user, ip"},
    {"CountHalfOpen", "a >= 900 within 1m half_open by user"},
    {"CountThrottled", "a >= 900 within 1m by user fire throttle 1h"},
    {"CountReset", "a >= 900 within 1m by user fire reset"},
    {"CountOfMissingKey", "a >= 900 within 1m by ?nothing"},
    {"WithoutKey", "a >= 900 within 1m by nothing"},
    {"CountOfArrays", "a >= 900 within 1m by tags"},
    {"AnyOf", "c with a >= 900 within 1m by any of user, ip"},
    {"Aliases", "a then c within 1m by a.user = c.ip"},
    {"Chain", "a then c within 1m by user"},
    {"ChainOfCounts", "a >= 3 then b >= 900 within 1m by user"},
    {"ChainUntil", "a then c until b within 1m by user"},
    {"Absence", "a then not b within 1m by user"},
    {"AbsenceInside", "a then not b then c within 1m by user"},
    {"Both", "a and c within 1m by user"},
    {"Counts", "a >= 2 and c within 1m by user"},
    {"Distinct", "distinct(n) of a >= 900 within 1m by user"},
    {"Tuples", "distinct(n, ip) of a >= 900 within 1m by user"},
    {"Sum", "sum(n) of a >= 90000 within 1m by user"},
    {"Average", "avg(n) of a > 90000 within 1m by user"},
    {"Least", "min(n) of a > 90000 within 1m by user"},
    {"Median", "median(n) of a > 90000 within 1m by user"},
    {"Percentile", "percentile(n, 95) of a > 90000 within 1m by user"},
    {"Ratio", "a / b > 90000 within 1m by user"},
    {"Gaps", "jitter() of a > 90000 within 1m by user"},
    {"Fixed", "a >= 90000 per 10s by user"},
    {"FixedLess", "a < 1 per 10s by user"},
    {"Session", "a >= 90000 idle 1m max 2m by user"},
    {"WithBefore", "c with a >= 900 within 1m by user"},
    {"WithAfter", "b with a >= 900 within 1m after by user"},
    {"WithAround", "b with a >= 900 within 1m around by user"},
    {"Not", "c and not a within 1m by user"},
    {"First", "new (n) of a learn 1h within 1d by user"},
    {"Spike", "spike a >= 100x past 10m min 5 per 1m by user"},
    {"Drop", "drop a >= 100x past 10m per 1m by user"},
};

class AllocationTest : public ::testing::TestWithParam<Way> {};

TEST_P(AllocationTest, AnEventThatFiresNothingAllocatesNothing) {
  Compiler compiler;
  compiler.AddText(std::string("a = any where kind == \"a\"\n"
                               "b = any where kind in (\"b\", \"a\")\n"
                               "c = any where kind == \"c\"\n"
                               "rule r { when ") +
                       GetParam().when + " }\n",
                   "rules.toc");
  const CompileResult compiled = compiler.Compile();
  for (const Diagnostic& d : compiled.diagnostics) {
    ASSERT_NE(d.severity, Severity::kError) << RenderDiagnostic(d);
  }
  for (const absl::Duration lateness :
       {absl::ZeroDuration(), absl::Seconds(30)}) {
    int incidents = 0;
    CallbackSink sink([](const Detection&) {},
                      [&](const Incident&) { ++incidents; });
    Engine engine(compiled.rules, sink, {.lateness = lateness});
    std::vector<std::string> events;
    for (int i = 0; i < 60; ++i) {
      events.push_back(R"({"kind":")" + std::string(i % 3 == 2 ? "b" : "a") +
                       R"(","user":"u)" + std::to_string(i % 5) +
                       R"(","ip":"192.0.2.)" + std::to_string(i % 4) +
                       R"(","n":)" + std::to_string(i % 10) +
                       R"(,"tags":["x","y)" + std::to_string(i % 2) + "\"]}");
    }
    int64_t second = 1'700'000'000;
    const auto feed = [&](int minutes) {
      for (int minute = 0; minute < minutes; ++minute) {
        for (const std::string& event : events) {
          // Every seventh a little late.
          const int64_t late = second % 7 == 0 ? 3 : 0;
          Event json = Event::Json(event);
          engine.Feed(
              json.set_time(Timestamp((second++ - late) * 1'000'000'000)));
        }
      }
    };
    feed(60);
    ASSERT_EQ(incidents, 0);
    const size_t before = testing::AllocationsSoFar();
    feed(20);
    EXPECT_EQ(testing::AllocationsSoFar() - before, 0u)
        << "lateness " << lateness;
  }
}

TEST(FiringAllocationTest, AFiringThatNobodyReadsAllocatesNothing) {
  Compiler compiler;
  compiler.AddText(R"(
rule many_failures_of_a_user_at_an_address {
  a = any where kind == "a"
  when a >= 3 within 1m by user.name, source.ip
  fire every
  message "{a.count} failures of {user.name}" })",
                   "rules.toc");
  const CompileResult compiled = compiler.Compile();
  int64_t firings = 0;
  CallbackSink sink(
      [](const Detection&) {},
      [&](const Incident& incident) { firings = incident.firings(); });
  Engine engine(compiled.rules, sink);
  int64_t second = 1'700'000'000;
  const auto feed = [&](int events) {
    for (int i = 0; i < events; ++i) {
      Event event = Event::Json(
          R"({"kind":"a","user.name":"a.rather.long.name@example.com",)"
          R"("source.ip":"2001:db8:1234:5678:9abc:def0:1234:5678"})");
      engine.Feed(event.set_time(Timestamp(second++ * 1'000'000'000)));
    }
  };
  feed(1000);
  const int64_t fired = firings;
  const size_t before = testing::AllocationsSoFar();
  feed(100);
  EXPECT_EQ(testing::AllocationsSoFar() - before, 0u);
  EXPECT_EQ(firings, fired + 100);
}

INSTANTIATE_TEST_SUITE_P(Ways, AllocationTest, ::testing::ValuesIn(kWays),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace tocsin
