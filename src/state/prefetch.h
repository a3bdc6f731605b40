// Prefetch: asks for memory that is read soon.

#ifndef TOCSIN_SRC_STATE_PREFETCH_H_
#define TOCSIN_SRC_STATE_PREFETCH_H_

namespace tocsin::state {

inline void Prefetch(const void* memory) {
  __builtin_prefetch(memory);
  // To gcc 12 a function that does nothing else has no effect, and its calls
  // go.
  __asm__ volatile("");
}

}  // namespace tocsin::state

#endif  // TOCSIN_SRC_STATE_PREFETCH_H_
