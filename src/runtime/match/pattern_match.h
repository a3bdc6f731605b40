// Whether a text matches a base::Pattern.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_PATTERN_MATCH_H_
#define TOCSIN_SRC_RUNTIME_MATCH_PATTERN_MATCH_H_

#include <string_view>

#include "src/base/pattern.h"

namespace tocsin::runtime {

// Whether `text` as a whole matches `pattern`. Compares bytes: for a pattern
// that is not cased both must be folded already. An invalid byte of `text`
// counts as one code point. At worst about text length times pattern length
// steps; never exponential. REQUIRES: no literal is empty.
bool MatchesPattern(const base::Pattern& pattern, std::string_view text);

// Whether `part` occurs in `text`, in linear time.
bool ContainsText(std::string_view text, std::string_view part);

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_PATTERN_MATCH_H_
