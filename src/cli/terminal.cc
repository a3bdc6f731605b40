#include "src/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "src/base/utf8.h"

namespace tocsin::cli {
namespace {

using base::CodePoint;
using base::DecodeUtf8;

bool IsCombining(char32_t c) {
  return (c >= 0x0300 && c <= 0x036F) || (c >= 0x1AB0 && c <= 0x1AFF) ||
         (c >= 0x1DC0 && c <= 0x1DFF) || (c >= 0x20D0 && c <= 0x20FF) ||
         (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xFE20 && c <= 0xFE2F);
}

// The wide blocks of East Asia, and pictographs.
bool IsWide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0x303E) ||
         (c >= 0x3041 && c <= 0x33FF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xA000 && c <= 0xA4CF) ||
         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1F64F) ||
         (c >= 0x1F900 && c <= 0x1F9FF) || (c >= 0x20000 && c <= 0x3FFFD);
}

int WidthOf(char32_t c) { return IsCombining(c) ? 0 : IsWide(c) ? 2 : 1; }

void AppendHex(char32_t c, std::string* out) {
  char buffer[16];
  std::snprintf(buffer, sizeof(buffer),
                c < 0x100     ? "\\x%02x"
                : c < 0x10000 ? "\\u%04x"
                              : "\\U%08x",
                static_cast<unsigned>(c));
  *out += buffer;
}

std::string MakeVisible(std::string_view text, bool keep_line_breaks) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = DecodeUtf8(text);
    text.remove_prefix(static_cast<size_t>(point.length));
    const char32_t c = point.value;
    if (c == '\n' && keep_line_breaks) {
      out += '\n';
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (base::IsInvisible(c)) {
      AppendHex(c, &out);
    } else {
      base::AppendUtf8(c, &out);
    }
  }
  return out;
}

constexpr std::string_view kEllipsis = "\u2026";

}  // namespace

Terminal DescribeTerminal(int descriptor) {
  Terminal terminal;
  if (isatty(descriptor) == 0) return terminal;
  terminal.is_terminal = true;
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.width = size.ws_col;
  } else if (const char* columns = std::getenv("COLUMNS")) {
    terminal.width = std::atoi(columns);
  }
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  terminal.colours = (no_color == nullptr || *no_color == '\0') &&
                     term != nullptr && std::string_view(term) != "dumb";
  return terminal;
}

std::string Visible(std::string_view text) { return MakeVisible(text, false); }
std::string VisibleLines(std::string_view text) {
  return MakeVisible(text, true);
}

int DisplayWidth(std::string_view visible) {
  int width = 0;
  while (!visible.empty()) {
    const CodePoint point = DecodeUtf8(visible);
    visible.remove_prefix(static_cast<size_t>(point.length));
    width += WidthOf(point.value);
  }
  return width;
}

std::string CutEnd(std::string_view visible, int width) {
  size_t kept = 0;  // Bytes that leave room for the ellipsis.
  int column = 0;
  size_t at = 0;
  while (at < visible.size()) {
    const CodePoint point = DecodeUtf8(visible.substr(at));
    column += WidthOf(point.value);
    if (column > width) {
      if (width <= 0) return "";
      return std::string(visible.substr(0, kept)).append(kEllipsis);
    }
    at += static_cast<size_t>(point.length);
    if (column <= width - 1) kept = at;
  }
  return std::string(visible);
}

std::string CutStart(std::string_view visible, int width) {
  if (width <= 0) return "";
  int excess = DisplayWidth(visible) - width;
  if (excess <= 0) return std::string(visible);
  ++excess;  // The ellipsis takes a column.
  while (!visible.empty() && excess > 0) {
    const CodePoint point = DecodeUtf8(visible);
    visible.remove_prefix(static_cast<size_t>(point.length));
    excess -= WidthOf(point.value);
  }
  return std::string(kEllipsis).append(visible);
}

std::string Pad(std::string_view visible, int width) {
  std::string out(visible);
  const int missing = width - DisplayWidth(visible);
  if (missing > 0) out.append(static_cast<size_t>(missing), ' ');
  return out;
}

std::string WithSeparators(long long number) {
  std::string digits = std::to_string(number);
  const size_t first = digits.front() == '-' ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

}  // namespace tocsin::cli
