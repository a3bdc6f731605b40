// The one way Tocsin compiles regular expressions.
//
// A front end accepts a regex if it compiles with these options, and the
// runtime compiles it with the same: were they to differ, a rule could load and
// then never match.

#ifndef TOCSIN_SRC_BASE_REGEX_H_
#define TOCSIN_SRC_BASE_REGEX_H_

#include <re2/re2.h>

#include <cstdint>

namespace tocsin::base {

// Most memory one regex may take, program and cached automaton states together.
// A search that needs more states than fit starts its cache over, or goes on
// without one: slower, still linear in the text, and the answer is the same.
inline constexpr int64_t kRegexMemoryBytes = int64_t{2} << 20;

inline RE2::Options RegexOptions() {
  RE2::Options options;
  options.set_max_mem(kRegexMemoryBytes);
  options.set_log_errors(false);  // A library does not write to stderr.
  return options;
}

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_REGEX_H_
