// Reports of faults in correlation, each as a rule, a short stream of events,
// and what must fire.

#ifndef TOCSIN_TESTS_CONFORMANCE_CORRELATION_CASES_H_
#define TOCSIN_TESTS_CONFORMANCE_CORRELATION_CASES_H_

#include <span>
#include <string_view>

#include "absl/time/time.h"

namespace tocsin::conformance {

struct CorrelationCase {
  std::string_view report;  // As in bug_reports.tsv.

  // One rule `r` or several, in Tocsin's language, over the shared steps a to
  // f: events whose `kind` is that. Text that begins with "title:" is Sigma,
  // and has rules a, b and c beside it.
  std::string_view rules;

  // "0 a user=kim; 1.5 b; advance 60": seconds, kind, fields; `x=1,2` is an
  // array, and numbers are numbers.
  std::string_view events;

  // "10 r user=kim; | ; 60 r revised": seconds, rule, keys. `|` is an advance.
  std::string_view fired;

  absl::Duration lateness = absl::Minutes(5);

  // What EngineStats::late must be.
  int late = 0;
};

std::span<const CorrelationCase> CorrelationCases();

}  // namespace tocsin::conformance

#endif  // TOCSIN_TESTS_CONFORMANCE_CORRELATION_CASES_H_
