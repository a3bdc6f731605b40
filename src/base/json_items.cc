#include "src/base/json_items.h"

namespace tocsin::base {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

// `*is_whole` is set to false if the string is not closed.
size_t StringSize(std::string_view text, bool* is_whole) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  *is_whole = false;
  return text.size();
}

size_t StringSize(std::string_view text) {
  bool is_whole = true;
  return StringSize(text, &is_whole);
}

size_t ValueSize(std::string_view text, bool* is_whole) {
  if (text.empty()) return 0;
  if (text[0] == '"') return StringSize(text, is_whole);
  if (text[0] != '{' && text[0] != '[') {
    const size_t end = text.find_first_of(" \t\r\n,]}");
    return end == std::string_view::npos ? text.size() : end;
  }
  size_t depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '"':
        i += StringSize(text.substr(i)) - 1;
        break;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (--depth == 0) return i + 1;
        break;
      default:
        break;
    }
  }
  *is_whole = false;
  return text.size();
}

}  // namespace

size_t JsonValueSize(std::string_view text) {
  bool is_whole = true;
  return ValueSize(text, &is_whole);
}

size_t WholeJsonValueSize(std::string_view text) {
  bool is_whole = true;
  const size_t size = ValueSize(text, &is_whole);
  return is_whole ? size : 0;
}

std::string_view TrimJsonBlanks(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

JsonItems::JsonItems(std::string_view text)
    : rest_(text), is_object_(text.starts_with('{')) {
  if (!rest_.empty()) rest_.remove_prefix(1);
}

void JsonItems::SkipBlanksAndCommas() {
  const size_t first = rest_.find_first_not_of(" \t\r\n,:");
  rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
}

bool JsonItems::Next() {
  SkipBlanksAndCommas();
  if (is_object_) {
    if (!rest_.starts_with('"')) return false;
    const size_t size = StringSize(rest_);
    if (size < 2) return false;
    key_ = rest_.substr(1, size - 2);
    rest_.remove_prefix(size);
    SkipBlanksAndCommas();
  }
  if (rest_.empty() || rest_[0] == ']' || rest_[0] == '}') return false;
  value_ = rest_.substr(0, JsonValueSize(rest_));
  rest_.remove_prefix(value_.size());
  return true;
}

}  // namespace tocsin::base
