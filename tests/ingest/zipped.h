// Bytes as services wrap them: gzip and base64, for tests.

#ifndef TOCSIN_TESTS_INGEST_ZIPPED_H_
#define TOCSIN_TESTS_INGEST_ZIPPED_H_

#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin {

// One member of gzip.
inline std::string Zipped(std::string_view text) {
  z_stream stream = {};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8,
               Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline std::string Base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t bits = 0;
    for (size_t j = 0; j < 3; ++j) {
      bits = bits << 8 |
             (i + j < bytes.size() ? static_cast<uint8_t>(bytes[i + j]) : 0U);
    }
    for (size_t j = 0; j < 4; ++j) {
      out.push_back(
          i + j > bytes.size() ? '=' : kAlphabet[bits >> (18 - 6 * j) & 63]);
    }
  }
  return out;
}

}  // namespace tocsin

#endif  // TOCSIN_TESTS_INGEST_ZIPPED_H_
