#include "src/frontend/expression/dialect.h"

#include <algorithm>
#include <iterator>

namespace tocsin::expression {

bool IsReserved(std::string_view word, const Dialect& dialect) {
  if (!dialect.is_eql()) return ir::IsReservedInConditions(word);
  constexpr std::string_view kWords[] = {
      "and",   "any",      "by",   "false", "in",    "join",
      "like",  "maxspan",  "not",  "null",  "of",    "or",
      "regex", "sequence", "true", "until", "where", "with"};
  return std::find(std::begin(kWords), std::end(kWords), word) !=
         std::end(kWords);
}

}  // namespace tocsin::expression
