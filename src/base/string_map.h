// Maps and sets keyed by std::string that are searched by std::string_view, and
// the one bridge between std's string_view and Abseil's, which are different
// types in the packaged Abseil.

#ifndef TOCSIN_SRC_BASE_STRING_MAP_H_
#define TOCSIN_SRC_BASE_STRING_MAP_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace tocsin::base {

inline absl::string_view ToAbsl(std::string_view s) {
  return absl::string_view(s.data(), s.size());
}
inline std::string_view FromAbsl(absl::string_view s) {
  return std::string_view(s.data(), s.size());
}

struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view s) const {
    return absl::Hash<absl::string_view>()(ToAbsl(s));
  }
};

template <typename Value>
using StringMap =
    absl::flat_hash_map<std::string, Value, StringHash, std::equal_to<>>;
using StringSet = absl::flat_hash_set<std::string, StringHash, std::equal_to<>>;

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_STRING_MAP_H_
