// Arithmetic of rules: integers keep all their bits and `/` cuts between them;
// with a fraction on either side the result has one. What leaves 64 bits
// becomes a double. x / 0 is null. Times and durations: time - time is a
// duration, time + duration a time, duration * number a duration.

#ifndef TOCSIN_SRC_FUNCTIONS_ARITHMETIC_H_
#define TOCSIN_SRC_FUNCTIONS_ARITHMETIC_H_

#include <cstdint>

#include "src/base/value.h"

namespace tocsin::functions {

enum class Arithmetic : uint8_t { kAdd, kSub, kMul, kDiv, kMod };

base::Value Calculate(Arithmetic op, const base::Value& a,
                      const base::Value& b);
base::Value Negate(const base::Value& value);

}  // namespace tocsin::functions

#endif  // TOCSIN_SRC_FUNCTIONS_ARITHMETIC_H_
