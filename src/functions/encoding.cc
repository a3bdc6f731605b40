// Texts inside of texts. What cannot be decoded is null; bytes that are no
// UTF-8 become U+FFFD.

#include <openssl/evp.h>
#include <sodium.h>

#include <span>
#include <string>

#include "absl/strings/ascii.h"
#include "src/base/utf8.h"
#include "src/functions/function.h"

namespace tocsin::functions {
namespace {

int HexDigit(char c) {
  if (absl::ascii_isdigit(c)) return c - '0';
  const char lower = absl::ascii_tolower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

Value FromBytes(const std::string& bytes) {
  std::string text = base::RepairUtf8(bytes);
  if (text.size() > kMaxTextBytes) text.resize(kMaxTextBytes);
  return Value::String(base::RepairUtf8(text));
}

// Standard and URL alphabets; padding may be missing.
std::optional<std::string> DecodeBase64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    int digit = -1;
    if (absl::ascii_isupper(c)) digit = c - 'A';
    if (absl::ascii_islower(c)) digit = c - 'a' + 26;
    if (absl::ascii_isdigit(c)) digit = c - '0' + 52;
    if (c == '+' || c == '-') digit = 62;
    if (c == '/' || c == '_') digit = 63;
    if (digit < 0) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFF);
    if (out.size() > kMaxTextBytes) break;
  }
  return count == 6 ? std::nullopt : std::optional<std::string>(out);
}

Value Base64Decode(const Call& call) {
  const std::optional<std::string> text = base::TextOf(call.arguments[0]);
  if (!text) return {};
  const std::optional<std::string> bytes = DecodeBase64(*text);
  if (!bytes) return {};
  // UTF-16 of ASCII letters, as command lines hold it, keeps its zero bytes,
  // for utf16Decode.
  return FromBytes(*bytes);
}

Value Base64Encode(const Call& call) {
  const std::optional<std::string> text = base::TextOf(call.arguments[0]);
  if (!text || text->size() > kMaxTextBytes / 4 * 3) return {};
  std::string out(
      sodium_base64_ENCODED_LEN(text->size(), sodium_base64_VARIANT_ORIGINAL),
      '\0');
  sodium_bin2base64(out.data(), out.size(),
                    reinterpret_cast<const unsigned char*>(text->data()),
                    text->size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // The end of a C string.
  return Value::String(std::move(out));
}

Value HexDecode(const Call& call) {
  const std::optional<std::string> text = base::TextOf(call.arguments[0]);
  if (!text || text->size() % 2 != 0) return {};
  std::string bytes;
  for (size_t i = 0; i < text->size() && bytes.size() < kMaxTextBytes; i += 2) {
    const int high = HexDigit((*text)[i]);
    const int low = HexDigit((*text)[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes += static_cast<char>(high * 16 + low);
  }
  return FromBytes(bytes);
}

// Little-endian, of a text whose characters are the bytes.
Value Utf16Decode(const Call& call) {
  const std::optional<std::string> text = base::TextOf(call.arguments[0]);
  if (!text || text->size() % 2 != 0) return {};
  std::string out;
  for (size_t i = 0; i + 1 < text->size() && out.size() < kMaxTextBytes;
       i += 2) {
    const auto unit = [&](size_t at) {
      return static_cast<char32_t>(static_cast<unsigned char>((*text)[at]) |
                                   static_cast<unsigned char>((*text)[at + 1])
                                       << 8);
    };
    char32_t c = unit(i);
    if (c >= 0xD800 && c < 0xDC00 && i + 3 < text->size()) {
      const char32_t low = unit(i + 2);
      if (low >= 0xDC00 && low < 0xE000) {
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        i += 2;
      }
    }
    base::AppendUtf8(c, &out);
  }
  return Value::String(out);
}

Value Hex(std::span<const unsigned char> bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : bytes) {
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return Value::String(out);
}

Value Sha256(const Call& call) {
  const std::optional<std::string> text = base::TextOf(call.arguments[0]);
  if (!text) return {};
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, reinterpret_cast<const unsigned char*>(text->data()),
                     text->size());
  return Hex(hash);
}

// Digests that are broken as such and still name files. Null where the
// machine's policy forbids them.
Value OldDigest(const Call& call, const EVP_MD* kind) {
  const std::optional<std::string> text = base::TextOf(call.arguments[0]);
  if (!text) return {};
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(text->data(), text->size(), hash, &size, kind, nullptr) != 1) {
    return {};
  }
  return Hex({hash, size});
}

Value Md5(const Call& call) { return OldDigest(call, EVP_md5()); }

Value Sha1(const Call& call) { return OldDigest(call, EVP_sha1()); }

}  // namespace

std::vector<Function> EncodingFunctions() {
  const Parameter s{"s", ValueType::kString};
  return {
      {.name = "base64Decode",
       .parameters = {s},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The text that base64 holds, of either alphabet, with "
                      "or without padding.",
       .example = "base64Decode(\"d2hvYW1p\")",
       .example_result = "\"whoami\"",
       .call = Base64Decode},
      {.name = "base64Encode",
       .parameters = {s},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The text in base64, with padding.",
       .example = "base64Encode(\"whoami\")",
       .example_result = "\"d2hvYW1p\"",
       .call = Base64Encode},
      {.name = "hexDecode",
       .parameters = {s},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The text whose bytes are written in hexadecimal.",
       .example = "hexDecode(\"6B696d\")",
       .example_result = "\"kim\"",
       .call = HexDecode},
      {.name = "utf16Decode",
       .parameters = {s},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The text of which `s` holds the bytes of UTF-16, the "
                      "lower byte first.",
       .example = "utf16Decode(base64Decode(\"awBpAG0A\"))",
       .example_result = "\"kim\"",
       .call = Utf16Decode},
      {.name = "md5",
       .parameters = {s},
       .result = ValueType::kString,
       .cost = Cost::kHeavy,
       .description = "The MD5 of the text's UTF-8, in small hex digits.",
       .example = "md5(\"abc\")",
       .example_result = "\"900150983cd24fb0d6963f7d28e17f72\"",
       .call = Md5},
      {.name = "sha1",
       .parameters = {s},
       .result = ValueType::kString,
       .cost = Cost::kHeavy,
       .description = "The SHA-1 of the text's UTF-8, in small hex digits.",
       .example = "substring(sha1(\"abc\"), 0, 8)",
       .example_result = "\"a9993e36\"",
       .call = Sha1},
      {.name = "sha256",
       .parameters = {s},
       .result = ValueType::kString,
       .cost = Cost::kHeavy,
       .description = "The SHA-256 of the text's UTF-8, in small hex digits.",
       .example = "substring(sha256(\"abc\"), 0, 8)",
       .example_result = "\"ba7816bf\"",
       .call = Sha256},
  };
}

}  // namespace tocsin::functions
