#include "src/frontend/sigma/placeholder.h"

#include "absl/strings/ascii.h"

namespace tocsin::sigma {
namespace {

bool IsNameByte(char c) {
  // Bytes of non-ASCII letters count as letters.
  const auto byte = static_cast<unsigned char>(c);
  return absl::ascii_isalnum(byte) || c == '_' || c == '-' || c == '.' ||
         byte >= 0x80;
}

// Length of the placeholder at the start of `text`, percent signs included; 0
// if there is none.
size_t PlaceholderLength(std::string_view text) {
  size_t end = 1;
  while (end < text.size() && IsNameByte(text[end])) ++end;
  return end > 1 && end < text.size() && text[end] == '%' ? end + 1 : 0;
}

// Whether `\` and `next` stand for one character.
bool IsEscapePair(char next, ValueSyntax syntax) {
  return syntax == ValueSyntax::kRegex || next == '\\' || next == '*' ||
         next == '?';
}

}  // namespace

PlaceholderParts SplitPlaceholders(std::string_view raw, ValueSyntax syntax) {
  PlaceholderParts parts;
  parts.texts.emplace_back();
  size_t i = 0;
  while (i < raw.size()) {
    std::string& text = parts.texts.back();
    if (raw[i] == '\\' && i + 1 < raw.size()) {
      const char next = raw[i + 1];
      if (next == '%') {
        text += '%';
        i += 2;
      } else if (IsEscapePair(next, syntax)) {
        text.append(raw.substr(i, 2));
        i += 2;
      } else {
        text += raw[i++];
      }
      continue;
    }
    const size_t length = raw[i] == '%' ? PlaceholderLength(raw.substr(i)) : 0;
    if (length == 0) {
      text += raw[i++];
      continue;
    }
    parts.names.emplace_back(raw.substr(i + 1, length - 2));
    parts.texts.emplace_back();
    i += length;
  }
  return parts;
}

std::vector<std::string> PlaceholderNames(std::string_view raw,
                                          ValueSyntax syntax) {
  return SplitPlaceholders(raw, syntax).names;
}

std::string WithoutExpand(std::string_view raw, ValueSyntax syntax) {
  return SplitPlaceholders(raw, syntax).texts.front();
}

}  // namespace tocsin::sigma
