// What texts look like: letters of all scripts that are taken for each other
// become one.
//
//   Skeleton("PаyPaI") == Skeleton("paypal")    // Cyrillic a, capital i.

#ifndef TOCSIN_SRC_FUNCTIONS_SKELETON_H_
#define TOCSIN_SRC_FUNCTIONS_SKELETON_H_

#include <string>
#include <string_view>

namespace tocsin::functions {

// In small letters, without invisible characters; `rn` for `m`, `l` for `i`,
// `1` and their like. The same for each letter case.
std::string Skeleton(std::string_view text);

}  // namespace tocsin::functions

#endif  // TOCSIN_SRC_FUNCTIONS_SKELETON_H_
