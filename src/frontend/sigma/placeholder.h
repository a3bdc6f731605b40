// Placeholders: `%name%` in values under the `expand` modifier.
//
// All functions take raw values, their Sigma escapes not yet resolved. `\%` is
// a plain percent sign; a percent sign that no name and second percent sign
// follow is plain too. Names are letters, digits, `_`, `-` and `.`.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_PLACEHOLDER_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_PLACEHOLDER_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::sigma {

// Where the escapes of a value follow regular expressions instead of Sigma.
enum class ValueSyntax { kSigma, kRegex };

// A value cut at its placeholders: texts.size() == names.size() + 1. The texts
// are raw values without `expand`: `\%` has become `%`.
struct PlaceholderParts {
  std::vector<std::string> texts;
  std::vector<std::string> names;
};

PlaceholderParts SplitPlaceholders(std::string_view raw, ValueSyntax syntax);

// Names of all placeholders of `raw`, in order. A rule that still has any when
// it is lowered is refused.
std::vector<std::string> PlaceholderNames(std::string_view raw,
                                          ValueSyntax syntax);

// `raw`, which has no placeholders, as a value without `expand`.
std::string WithoutExpand(std::string_view raw, ValueSyntax syntax);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_PLACEHOLDER_H_
