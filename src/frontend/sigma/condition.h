// The condition language: `selection and not 1 of filter_*`.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_CONDITION_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_CONDITION_H_

#include <optional>
#include <string_view>

#include "src/frontend/sigma/ast.h"
#include "src/text/reporter.h"

namespace tocsin::sigma {

// `or` < `and` < `not` < `x of`. `range` is where `text` stands in the file
// (its first line, for a condition of several). Reports and returns nullopt on
// a syntax error; v1 aggregations (`| count() ...`) are reported as such.
// `noun` is what its names are called in messages.
std::optional<Condition> ParseCondition(std::string_view text,
                                        text::Range range,
                                        text::Reporter* reporter,
                                        std::string_view noun = "selection");

// Whether selection `name` is meant by `x of pattern`: `*` stands for any run
// of characters; names that start with `_` only by patterns that do.
bool PatternSelects(std::string_view pattern, std::string_view name);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_CONDITION_H_
