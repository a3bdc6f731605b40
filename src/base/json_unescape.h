// Resolving the escapes of a JSON string, in place: the result is never longer.

#ifndef TOCSIN_SRC_BASE_JSON_UNESCAPE_H_
#define TOCSIN_SRC_BASE_JSON_UNESCAPE_H_

#include <cstddef>
#include <optional>

namespace tocsin::base {

// Resolves the escapes of the string contents (without quotes) at `text` and
// returns the new size. A surrogate without its twin becomes U+FFFD. On an
// escape that JSON lacks returns nullopt, sets `error_offset` to its backslash,
// and leaves what is before it changed.
std::optional<size_t> UnescapeJsonInPlace(char* text, size_t size,
                                          size_t* error_offset);

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_JSON_UNESCAPE_H_
