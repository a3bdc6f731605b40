// The modifiers of one item, checked and sorted by what they do.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_MODIFIER_CHAIN_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_MODIFIER_CHAIN_H_

#include <optional>
#include <vector>

#include "src/frontend/sigma/ast.h"
#include "src/frontend/sigma/modifiers.h"
#include "src/text/reporter.h"

namespace tocsin::sigma {

struct ModifierChain {
  // What the values are for. kText: patterns, numbers, null.
  enum Test { kText, kRegex, kCidr, kCompare, kExists, kFieldRef };

  Test test = kText;
  ModifierId compare = ModifierId::kLt;  // kCompare: kLt .. kGte; or:
  bool compare_equal = false;            // a time part without any of those.
  std::optional<ModifierId> time_part;   // kCompare of a part of a time.

  bool all = false;
  bool neq = false;
  bool cased = false;
  bool expand = false;
  bool ignore_case = false;
  bool multi_line = false;
  bool dot_all = false;

  bool contains = false;
  bool starts_with = false;
  bool ends_with = false;
  // Positions and encodings in the order they are written; empty but for kText.
  std::vector<ModifierId> steps;
};

// nullopt: some modifier is unknown, or two do not go together; reported.
std::optional<ModifierChain> ReadModifiers(const Item& item,
                                           text::Reporter* reporter);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_MODIFIER_CHAIN_H_
