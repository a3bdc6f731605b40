// Pattern: a value of a rule, cut into literals and wildcards.
//
// Formats differ in how they write wildcards and escapes; their front ends cut
// the text into tokens once, and nothing after that looks at an escape again.

#ifndef TOCSIN_SRC_BASE_PATTERN_H_
#define TOCSIN_SRC_BASE_PATTERN_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tocsin::base {

struct PatternToken {
  enum Kind : uint8_t {
    kLiteral,  // `text`, as it is.
    kAnyRun,   // Any run of code points, also none; line breaks included.
    kAnyOne,   // Exactly one code point.
    kOneOf,    // One of the code points in `text`.
  };

  Kind kind = kLiteral;
  std::string text;

  friend bool operator==(const PatternToken&, const PatternToken&) = default;
};

// Matches whole values: "contains" has a kAnyRun at both ends.
struct Pattern {
  std::vector<PatternToken> tokens;  // Neighbouring literals are joined.
  bool cased = false;                // Else compared after case folding.

  friend bool operator==(const Pattern&, const Pattern&) = default;
};

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_PATTERN_H_
