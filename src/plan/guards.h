// Guards: literals without which a rule cannot match.
//
// An event meets a rule's condition only if it holds one of the guard's
// literals. Finding literals in an event costs by the event, not by the number
// of rules, so that a runtime evaluates only the rules whose guards occur.

#ifndef TOCSIN_SRC_PLAN_GUARDS_H_
#define TOCSIN_SRC_PLAN_GUARDS_H_

#include "src/program/program.h"

namespace tocsin::plan {

// Fills the guards of all rules from their nodes and tests.
void AddGuards(program::Program* program);

}  // namespace tocsin::plan

#endif  // TOCSIN_SRC_PLAN_GUARDS_H_
