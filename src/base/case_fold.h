// Case folding, one rule for all rule formats: Unicode simple case folding
// (statuses C and S of CaseFolding.txt), without locale. U+212A folds to `k`;
// U+0130 folds to itself. Folding text can change its length in bytes.

#ifndef TOCSIN_SRC_BASE_CASE_FOLD_H_
#define TOCSIN_SRC_BASE_CASE_FOLD_H_

#include <string>
#include <string_view>

#include "src/base/text_arena.h"

namespace tocsin::base {

char32_t FoldCodePoint(char32_t code_point);

// Appends the folded form of `text`. Invalid bytes are copied as they are.
void AppendFolded(std::string_view text, std::string* out);

std::string Fold(std::string_view text);

// The folded form of `text`, in memory of `arena` if it differs.
std::string_view FoldTo(std::string_view text, TextArena* arena);

// Whether two texts are equal after folding.
bool EqualFolded(std::string_view a, std::string_view b);

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_CASE_FOLD_H_
