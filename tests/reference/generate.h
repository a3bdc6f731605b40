// Rules and events made up at random, for property tests.
//
// Alphabets are small, so that tests hit about as often as they miss. The same
// seed makes the same things on every machine.

#ifndef TOCSIN_TESTS_REFERENCE_GENERATE_H_
#define TOCSIN_TESTS_REFERENCE_GENERATE_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/pattern.h"
#include "src/ir/rule.h"
#include "tests/reference/event.h"
#include "tocsin/log_source.h"

namespace tocsin::reference {

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  // A number in [0, n). REQUIRES: n > 0.
  size_t Below(size_t n) { return static_cast<size_t>(random_() % n); }
  bool OneIn(size_t n) { return Below(n) == 0; }

  // A condition over all ops, passing ir::Verify.
  ir::Expr Condition() { return Condition(3); }
  ir::Rule Rule();
  std::vector<ir::Rule> Rules(size_t count);
  base::Pattern Pattern();

  // An object with arrays, nulls, nested objects, repeated and dotted keys.
  Value Event();

  // Text such as values and patterns are made of.
  std::string Text();

  // Renames between the fields of conditions and events.
  static std::span<const FieldRename> Renames();

 private:
  template <typename T, size_t kSize>
  T Pick(const T (&choices)[kSize]) {
    return choices[Below(kSize)];
  }

  ir::Expr Condition(int depth);
  ir::Test Test();
  Value Scalar();
  Value FieldContent(int depth);

  std::mt19937_64 random_;
};

}  // namespace tocsin::reference

#endif  // TOCSIN_TESTS_REFERENCE_GENERATE_H_
