// Resolving the escapes of a JSON string, in place: the result is never longer.

#ifndef TOCSIN_SRC_BASE_JSON_UNESCAPE_H_
#define TOCSIN_SRC_BASE_JSON_UNESCAPE_H_

#include <cstddef>

namespace tocsin::base {

// Resolves the escapes of the string contents (without quotes) at `text` and
// returns the new size. A surrogate without its twin becomes U+FFFD. An escape
// that JSON lacks stands for itself: of `"C:\Windows"`, as careless writers
// have it, the path is read.
size_t UnescapeJsonInPlace(char* text, size_t size);

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_JSON_UNESCAPE_H_
