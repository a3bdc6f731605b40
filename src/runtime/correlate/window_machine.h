// The machine of rules whose answer needs the events of a window themselves:
// distinct values, sums and other measures, windows that lie behind their
// event, fixed windows, sessions.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_WINDOW_MACHINE_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_WINDOW_MACHINE_H_

#include <memory>

#include "src/runtime/correlate/machine.h"

namespace tocsin::runtime {

// Sliding windows that end at their event.
std::unique_ptr<Machine> MakeSlidingMachine(const program::Correlation& rule,
                                            uint32_t index,
                                            CorrelateContext* context);

// The same, where events come in order: the rule is decided in order, or no
// late event is waited for.
std::unique_ptr<Machine> MakeOrderedMachine(const program::Correlation& rule,
                                            uint32_t index,
                                            CorrelateContext* context);

// All others. REQUIRES: the rule is decided in order.
std::unique_ptr<Machine> MakeClosingMachine(const program::Correlation& rule,
                                            uint32_t index,
                                            CorrelateContext* context);

// What was not seen before.
std::unique_ptr<Machine> MakeSeenMachine(const program::Correlation& rule,
                                         uint32_t index,
                                         CorrelateContext* context);
std::unique_ptr<Machine> MakeNewKeyMachine(const program::Correlation& rule,
                                           uint32_t index,
                                           CorrelateContext* context);

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_WINDOW_MACHINE_H_
