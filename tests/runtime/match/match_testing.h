// What tests of the matcher share.

#ifndef TOCSIN_TESTS_RUNTIME_MATCH_MATCH_TESTING_H_
#define TOCSIN_TESTS_RUNTIME_MATCH_MATCH_TESTING_H_

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "src/ir/rule.h"
#include "src/plan/planner.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/match/matcher.h"
#include "tests/reference/build.h"

namespace tocsin::runtime {

inline std::unique_ptr<program::Program> PlanOne(ir::Expr condition) {
  std::vector<ir::Rule> rules;
  rules.push_back(reference::RuleOf(std::move(condition)));
  return plan::Plan(std::move(rules));
}

// Whether a rule of this condition matches one event.
inline bool MatchesEvent(ir::Expr condition, const Event& event,
                         MatcherOptions options = {},
                         std::span<const FieldRename> renames = {}) {
  const auto program = PlanOne(std::move(condition));
  EventView view;
  const LoadResult loaded = view.Load(event);
  EXPECT_TRUE(loaded.ok()) << loaded.error << ": " << event.json();
  Matcher matcher(*program, options);
  matcher.Begin(view, renames);
  return matcher.Matches(0);
}

inline bool Matches(ir::Expr condition, std::string_view json,
                    MatcherOptions options = {},
                    std::span<const FieldRename> renames = {}) {
  return MatchesEvent(std::move(condition), Event::Json(json), options,
                      renames);
}

}  // namespace tocsin::runtime

#endif  // TOCSIN_TESTS_RUNTIME_MATCH_MATCH_TESTING_H_
