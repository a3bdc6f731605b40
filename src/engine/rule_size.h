// What compiled rules take of memory, rule by rule.

#ifndef TOCSIN_SRC_ENGINE_RULE_SIZE_H_
#define TOCSIN_SRC_ENGINE_RULE_SIZE_H_

#include <cstdint>
#include <vector>

#include "src/program/program.h"

namespace tocsin::engine {

// Bytes of the nodes, tests, guards and literals of each rule, in the order of
// the program. A part counts once within a rule, and for each rule that has it.
std::vector<int64_t> RuleSizes(const program::Program& program);

}  // namespace tocsin::engine

#endif  // TOCSIN_SRC_ENGINE_RULE_SIZE_H_
