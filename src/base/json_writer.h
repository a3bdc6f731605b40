// Writing JSON: strings that are valid whatever they hold.

#ifndef TOCSIN_SRC_BASE_JSON_WRITER_H_
#define TOCSIN_SRC_BASE_JSON_WRITER_H_

#include <string>
#include <string_view>

namespace tocsin::base {

// Appends `text` as a JSON string with its quotes. Control characters and
// U+2028/9 are escaped, invalid UTF-8 becomes U+FFFD.
void AppendJsonString(std::string_view text, std::string* out);

// The shortest decimal that reads back as `value`; null for NaN and infinities.
void AppendJsonDouble(double value, std::string* out);

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_JSON_WRITER_H_
