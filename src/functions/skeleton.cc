#include "src/functions/skeleton.h"

#include <algorithm>
#include <iterator>

#include "src/base/case_fold.h"
#include "src/base/utf8.h"

namespace tocsin::functions {
namespace {

struct Entry {
  char32_t from;
  const char* looks;
};

// Sorted by `from`.
constexpr Entry kEntries[] = {
#include "src/functions/skeleton_table.inc"
};

}  // namespace

std::string Skeleton(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const base::CodePoint c = base::DecodeUtf8(text);
    text.remove_prefix(static_cast<size_t>(c.length));
    const Entry* const entry = std::lower_bound(
        std::begin(kEntries), std::end(kEntries), c.value,
        [](const Entry& each, char32_t value) { return each.from < value; });
    if (entry != std::end(kEntries) && entry->from == c.value) {
      out += entry->looks;
    } else {
      base::AppendUtf8(base::FoldCodePoint(c.value), &out);
    }
  }
  return out;
}

}  // namespace tocsin::functions
