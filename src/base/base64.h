// Base64 (RFC 4648, section 4), as services put bytes into JSON.

#ifndef TOCSIN_SRC_BASE_BASE64_H_
#define TOCSIN_SRC_BASE_BASE64_H_

#include <string>
#include <string_view>

namespace tocsin::base {

// Appends the bytes that `text` stands for. False, and nothing, if a character
// is none of the alphabet's, or padding is missing or out of place.
bool DecodeBase64(std::string_view text, std::string* out);

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_BASE64_H_
