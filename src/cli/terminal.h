// What a terminal is told: its width and colours, and text that cannot harm it.

#ifndef TOCSIN_SRC_CLI_TERMINAL_H_
#define TOCSIN_SRC_CLI_TERMINAL_H_

#include <string>
#include <string_view>

namespace tocsin::cli {

struct Terminal {
  bool is_terminal = false;
  int width = 0;  // Columns; 0 where unknown or no terminal.
  bool colours = false;
};

// Looks at an open descriptor and at NO_COLOR, TERM and COLUMNS.
Terminal DescribeTerminal(int descriptor);

// `text` with all that a terminal would obey, or that would reorder or hide
// what is seen, written out: "\x1b", "\n", "\u202e". Valid UTF-8.
std::string Visible(std::string_view text);

// The same, but line breaks stay: for messages of several lines.
std::string VisibleLines(std::string_view text);

// Columns that `visible` takes. REQUIRES: it came from Visible.
int DisplayWidth(std::string_view visible);

// `visible` cut to `width` columns, with an ellipsis where it was cut.
std::string CutEnd(std::string_view visible, int width);
// The same, cut at its start: the end of a path tells more.
std::string CutStart(std::string_view visible, int width);

// Followed by spaces up to `width` columns.
std::string Pad(std::string_view visible, int width);

// "1,234,567".
std::string WithSeparators(long long number);

}  // namespace tocsin::cli

#endif  // TOCSIN_SRC_CLI_TERMINAL_H_
