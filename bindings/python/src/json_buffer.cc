#include "json_buffer.h"

#include <algorithm>
#include <utility>

namespace tocsin::python {
namespace {

bool NeedsEscape(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

// How many bytes of `text` come before the first that needs an escape. Eight
// at a time: strings of logs are long, and few hold one.
size_t PlainLength(std::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = 0x8080808080808080;
  const auto zeros = [](uint64_t word) {  // High bit of each byte that is 0.
    return (word - kOnes) & ~word & kHighs;
  };
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    // A false hit can only come behind a true one, and no hit is missed.
    const uint64_t hits = zeros(word ^ (kOnes * '"')) |
                          zeros(word ^ (kOnes * '\\')) |
                          zeros(word & (kOnes * 0xe0));
    if (hits != 0) break;
  }
  while (i < text.size() && !NeedsEscape(text[i])) ++i;
  return i;
}

}  // namespace

void JsonBuffer::Grow(size_t more) {
  const size_t wanted = std::max({capacity_ * 2, size_ + more, size_t{4096}});
  // Not make_unique: that would clear what is about to be written.
  std::unique_ptr<char[]> bytes(new char[wanted]);
  if (size_ > 0) std::memcpy(bytes.get(), bytes_.get(), size_);
  bytes_ = std::move(bytes);
  capacity_ = wanted;
}

void JsonBuffer::AppendString(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  Append('"');
  while (true) {
    const size_t plain = PlainLength(text);
    Append(text.substr(0, plain));
    if (plain == text.size()) break;
    const char c = text[plain];
    Append('\\');
    switch (c) {
      case '"':
      case '\\':
        Append(c);
        break;
      case '\n':
        Append('n');
        break;
      case '\r':
        Append('r');
        break;
      case '\t':
        Append('t');
        break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        Append("u00");
        Append(kHex[byte >> 4]);
        Append(kHex[byte & 15]);
      }
    }
    text.remove_prefix(plain + 1);
  }
  Append('"');
}

}  // namespace tocsin::python
