// Machines whose groups are cores (cores.h).

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_CORE_MACHINE_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_CORE_MACHINE_H_

#include <memory>

#include "src/runtime/correlate/machine.h"

namespace tocsin::runtime {

// Most steps of a rule that these machines take, and the largest `ref` of an
// event: both share a word.
inline constexpr size_t kMostCoreSteps = 15;

std::unique_ptr<Machine> MakeThresholdMachine(const program::Correlation& rule,
                                              uint32_t index,
                                              CorrelateContext* context);
std::unique_ptr<Machine> MakeChainMachine(const program::Correlation& rule,
                                          uint32_t index,
                                          CorrelateContext* context);

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_CORE_MACHINE_H_
