// Source: the text of one rule file with the places in it.

#ifndef TOCSIN_SRC_TEXT_SOURCE_H_
#define TOCSIN_SRC_TEXT_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::text {

// A place in a Source, 1-based; columns count characters. line 0: no place.
struct Position {
  int line = 0;
  int column = 0;

  friend bool operator==(const Position&, const Position&) = default;
};

// A stretch of one line. `length` in characters; 0: just the point.
struct Range {
  Position start;
  int length = 0;

  friend bool operator==(const Range&, const Range&) = default;
};

// A stretch of bytes of a Source, over any number of lines.
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;

  friend bool operator==(const Span&, const Span&) = default;
};

// The text of one file, without a byte order mark of UTF-8. Lines end at LF,
// CR LF or CR.
class Source {
 public:
  Source(std::string path, std::string text);

  const std::string& path() const { return path_; }
  const std::string& text() const { return text_; }

  int line_count() const { return static_cast<int>(line_starts_.size()); }

  // Line `number` (1-based) without its line break; empty if there is none.
  std::string_view Line(int number) const;

  // The line of a byte offset, 1-based.
  int LineOf(size_t offset) const;

  // The place of a byte offset. Cost: some thousand steps at most, also in a
  // file that is one line.
  Position Locate(size_t offset) const;

  // The place of a span, cut at the end of its first line.
  Range RangeOf(Span span) const;

  // The bytes of a span.
  std::string_view Slice(Span span) const {
    return std::string_view(text_).substr(span.begin, span.end - span.begin);
  }

  // The byte offset of a place; the end of the line if the column is past it.
  size_t Offset(Position position) const;

 private:
  // Where a character far into a long line stands, so that nobody has to count
  // from the line's beginning.
  struct Mark {
    size_t offset;
    int column;
  };
  void MarkLongLines();
  // The last mark at or before `offset` that is behind `begin`, or `begin`.
  Mark MarkBefore(size_t offset, size_t begin) const;

  std::string path_;
  std::string text_;
  std::vector<size_t> line_starts_;
  std::vector<Mark> marks_;  // By offset.
};

// A diagnostic carries at most this many characters of its source line,
// starting with column ExcerptStart(column of the diagnostic).
inline constexpr int kMaxExcerpt = 400;
constexpr int ExcerptStart(int column) {
  return column <= 300 ? 1 : column - 100;
}

}  // namespace tocsin::text

#endif  // TOCSIN_SRC_TEXT_SOURCE_H_
