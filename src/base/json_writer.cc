#include "src/base/json_writer.h"

#include <charconv>
#include <cmath>

#include "src/base/utf8.h"

namespace tocsin::base {

void AppendJsonString(std::string_view text, std::string* out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out->push_back('"');
  while (!text.empty()) {
    const unsigned char c = static_cast<unsigned char>(text.front());
    if (c < 0x80) {
      text.remove_prefix(1);
      switch (c) {
        case '"':
          *out += "\\\"";
          break;
        case '\\':
          *out += "\\\\";
          break;
        case '\n':
          *out += "\\n";
          break;
        case '\r':
          *out += "\\r";
          break;
        case '\t':
          *out += "\\t";
          break;
        default:
          if (c < 0x20 || c == 0x7F) {
            *out += "\\u00";
            *out += kDigits[c >> 4];
            *out += kDigits[c & 15];
          } else {
            *out += static_cast<char>(c);
          }
      }
      continue;
    }
    const CodePoint point = DecodeUtf8(text);
    text.remove_prefix(static_cast<size_t>(point.length));
    if (point.value == 0x2028) {
      *out += "\\u2028";
    } else if (point.value == 0x2029) {
      *out += "\\u2029";
    } else {
      AppendUtf8(point.value, out);
    }
  }
  out->push_back('"');
}

void AppendJsonDouble(double value, std::string* out) {
  if (!std::isfinite(value)) {
    *out += "null";
    return;
  }
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  out->append(buffer, result.ptr);
}

}  // namespace tocsin::base
