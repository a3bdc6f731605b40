#include "src/runtime/correlate/key_writer.h"

#include <cmath>
#include <cstring>
#include <optional>

#include "src/base/digest.h"
#include "src/base/json_writer.h"

namespace tocsin::runtime {
namespace {

// What a component begins with.
enum Tag : char {
  kMissing = 0,
  kInt = 1,   // Eight bytes.
  kText = 2,  // Two bytes of length, and the text.
  kLong = 3,  // The same; the text is cut and ends in a digest.
};

constexpr size_t kDigestDigits = 32;

// Integers of at most 18 digits have one form, as number and as text.
constexpr int64_t kMostInt = 1'000'000'000'000'000'000;

// The integer that `text` is the decimal form of, as JSON would write it.
std::optional<int64_t> CanonicalInt(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  const std::string_view digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || digits.size() > 18) return std::nullopt;
  if (digits[0] == '0' && (digits.size() > 1 || negative)) return std::nullopt;
  int64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

}  // namespace

void KeyWriter::AddBytes(std::string_view component) {
  Reserve(component.size());
  std::memcpy(bytes_.data() + size_, component.data(), component.size());
  size_ += component.size();
  std::memset(bytes_.data() + size_, 0, 8);
}

void KeyWriter::AddMissing() {
  constexpr char kBytes[] = {kMissing};
  AddBytes({kBytes, 1});
}

void KeyWriter::AddText(std::string_view text) {
  if (const auto number = CanonicalInt(text)) {
    AddInt(*number);
    return;
  }
  const bool is_long = text.size() > kMostComponentBytes;
  const size_t kept =
      is_long ? kMostComponentBytes - kDigestDigits : text.size();
  const size_t length = is_long ? kMostComponentBytes : text.size();
  const char begin[] = {is_long ? kLong : kText,
                        static_cast<char>(length & 0xFF),
                        static_cast<char>(length >> 8)};
  AddBytes({begin, sizeof(begin)});
  AddBytes(text.substr(0, kept));
  if (is_long) AddBytes(base::Digest().Add(text).Hex());
}

void KeyWriter::AddOther(const FieldValue& value) {
  switch (value.kind()) {
    case FieldKind::kNull:
    case FieldKind::kObject:
      AddMissing();
      return;
    case FieldKind::kInt:
      if (value.int_value() > -kMostInt && value.int_value() < kMostInt) {
        AddInt(value.int_value());
      } else {
        AddText(std::to_string(value.int_value()));
      }
      return;
    case FieldKind::kUint:
      AddText(std::to_string(value.uint_value()));
      return;
    case FieldKind::kDouble: {
      const double number = value.double_value();
      if (std::floor(number) == number && std::abs(number) < 1e15) {
        AddInt(static_cast<int64_t>(number));
        return;
      }
      std::string text;
      base::AppendJsonDouble(number, &text);
      AddText(text);
      return;
    }
    case FieldKind::kBool:
    case FieldKind::kString:
      AddText(value.text());
      return;
  }
}

bool ReadKey(std::string_view key, std::vector<KeyText>* components) {
  components->clear();
  while (!key.empty()) {
    const char tag = key[0];
    key.remove_prefix(1);
    if (tag == kMissing) {
      components->push_back({.is_missing = true});
    } else if (tag == kInt) {
      if (key.size() < 8) return false;
      int64_t value = 0;
      std::memcpy(&value, key.data(), 8);
      key.remove_prefix(8);
      components->push_back({.text = std::to_string(value)});
    } else if (tag == kText || tag == kLong) {
      if (key.size() < 2) return false;
      const size_t length =
          static_cast<unsigned char>(key[0]) |
          static_cast<size_t>(static_cast<unsigned char>(key[1])) << 8;
      key.remove_prefix(2);
      if (key.size() < length) return false;
      components->push_back({.text = std::string(key.substr(0, length))});
      key.remove_prefix(length);
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace tocsin::runtime
