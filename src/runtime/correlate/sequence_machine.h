// The machine of sequences that take the newest run of their stages.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_SEQUENCE_MACHINE_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_SEQUENCE_MACHINE_H_

#include <memory>

#include "src/runtime/correlate/machine.h"

namespace tocsin::runtime {

// REQUIRES: the rule is decided in order.
std::unique_ptr<Machine> MakeSequenceMachine(const program::Correlation& rule,
                                             uint32_t index,
                                             CorrelateContext* context);

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_SEQUENCE_MACHINE_H_
