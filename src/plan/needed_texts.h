// Texts that a regular expression needs.

#ifndef TOCSIN_SRC_PLAN_NEEDED_TEXTS_H_
#define TOCSIN_SRC_PLAN_NEEDED_TEXTS_H_

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::plan {

// Sets of texts, each of which has one that stands in every text that `regex`
// matches, letters of either case taken for the same. Empty: nothing is known.
// Cost: compiles the expression, and at most kMaxAtoms^2 small steps.
std::vector<std::vector<std::string>> NeededTexts(std::string_view regex);

}  // namespace tocsin::plan

#endif  // TOCSIN_SRC_PLAN_NEEDED_TEXTS_H_
