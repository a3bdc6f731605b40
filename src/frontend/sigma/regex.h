// Regular expressions of Sigma rules, checked and put into RE2's syntax.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_REGEX_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_REGEX_H_

#include <optional>
#include <string>

#include "src/frontend/sigma/ast.h"
#include "src/frontend/sigma/budget.h"
#include "src/text/reporter.h"

namespace tocsin::sigma {

struct RegexOptions {
  bool ignore_case = false;
  bool multi_line = false;
  bool dot_all = false;
  // `startswith` and `endswith` on a regex: it must be found at that end.
  bool at_start = false;
  bool at_end = false;
};

// The value's text as a regex with its flags; nullopt, with the construct and
// its place reported, if RE2 refuses it or `budget` does not cover it.
std::optional<std::string> CheckRegex(const Value& value,
                                      const RegexOptions& options,
                                      Budget* budget, text::Reporter* reporter);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_REGEX_H_
