// What the rules of one file may cost to compile.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_BUDGET_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_BUDGET_H_

#include <cstdint>

namespace tocsin::sigma {

// A condition copies each selection it names, and a short regular expression
// can ask for a large program: without a budget a small hostile file takes any
// amount of memory and time. Real files use a hundredth.
struct Budget {
  int64_t nodes = 500'000;  // Of IR.
  int64_t regex_instructions = 3'000'000;
};

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_BUDGET_H_
