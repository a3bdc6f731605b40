// Counts what a test program allocates: whoever links this has the operators
// that do.

#ifndef TOCSIN_TESTS_ALLOCATIONS_ALLOCATIONS_H_
#define TOCSIN_TESTS_ALLOCATIONS_ALLOCATIONS_H_

#include <cstddef>

namespace tocsin::testing {

// How often memory was allocated by operator new. Of one thread.
size_t AllocationsSoFar();

}  // namespace tocsin::testing

#endif  // TOCSIN_TESTS_ALLOCATIONS_ALLOCATIONS_H_
