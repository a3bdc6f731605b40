#include "src/text/source.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "src/base/utf8.h"

namespace tocsin::text {
namespace {

constexpr size_t kMarkEvery = 4096;

}  // namespace

Source::Source(std::string path, std::string text)
    : path_(std::move(path)), text_(std::move(text)) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.erase(0, 3);
  line_starts_.reserve(std::count(text_.begin(), text_.end(), '\n') + 1);
  line_starts_.push_back(0);
  // A search for one character is much faster than for one of two.
  const bool has_cr = text_.find('\r') != std::string::npos;
  for (size_t at = 0; at < text_.size(); ++at) {
    at = has_cr ? text_.find_first_of("\r\n", at) : text_.find('\n', at);
    if (at == std::string::npos) break;
    const bool crlf =
        text_[at] == '\r' && at + 1 < text_.size() && text_[at + 1] == '\n';
    if (crlf) ++at;
    line_starts_.push_back(at + 1);
  }
  MarkLongLines();
}

void Source::MarkLongLines() {
  for (size_t i = 0; i < line_starts_.size(); ++i) {
    const size_t begin = line_starts_[i];
    const size_t end =
        i + 1 < line_starts_.size() ? line_starts_[i + 1] : text_.size();
    if (end - begin <= 2 * kMarkEvery) continue;
    size_t next = begin + kMarkEvery;
    int column = 1;
    const std::string_view text(text_);
    for (size_t at = begin; at < end; ++column) {
      if (at >= next) {
        marks_.push_back({at, column});
        next = at + kMarkEvery;
      }
      at += static_cast<size_t>(
          base::DecodeUtf8(text.substr(at, end - at)).length);
    }
  }
}

Source::Mark Source::MarkBefore(size_t offset, size_t begin) const {
  const auto next = std::upper_bound(
      marks_.begin(), marks_.end(), offset,
      [](size_t value, const Mark& mark) { return value < mark.offset; });
  if (next == marks_.begin() || std::prev(next)->offset < begin) {
    return {begin, 1};
  }
  return *std::prev(next);
}

int Source::LineOf(size_t offset) const {
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(),
                                     std::min(offset, text_.size()));
  return static_cast<int>(next - line_starts_.begin());
}

std::string_view Source::Line(int number) const {
  if (number < 1 || number > line_count()) return {};
  const size_t begin = line_starts_[number - 1];
  const size_t end =
      number < line_count() ? line_starts_[number] : text_.size();
  std::string_view line(text_.data() + begin, end - begin);
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

Position Source::Locate(size_t offset) const {
  offset = std::min(offset, text_.size());
  const int line = LineOf(offset);
  const Mark mark = MarkBefore(offset, line_starts_[line - 1]);
  const std::string_view between(text_.data() + mark.offset,
                                 offset - mark.offset);
  return {line, static_cast<int>(base::CountCodePoints(between)) + mark.column};
}

Range Source::RangeOf(Span span) const {
  const Position start = Locate(span.begin);
  const std::string_view line = Line(start.line);
  const size_t line_begin = line_starts_[start.line - 1];
  const size_t line_end = line_begin + line.size();
  const size_t begin = std::min<size_t>(span.begin, line_end);
  const size_t end = std::clamp<size_t>(span.end, begin, line_end);
  const std::string_view shown(text_.data() + begin, end - begin);
  return {start, static_cast<int>(base::CountCodePoints(shown))};
}

size_t Source::Offset(Position position) const {
  if (position.line < 1) return 0;
  if (position.line > line_count()) return text_.size();
  std::string_view line = Line(position.line);
  const size_t begin = line_starts_[position.line - 1];
  size_t offset = begin;
  int column = 1;
  if (!marks_.empty() && line.size() > kMarkEvery) {
    // Of the marks of this line the last that is not behind the place.
    const auto first = std::lower_bound(
        marks_.begin(), marks_.end(), begin,
        [](const Mark& mark, size_t value) { return mark.offset < value; });
    const auto last = std::upper_bound(
        first, marks_.end(), begin + line.size(),
        [](size_t value, const Mark& mark) { return value < mark.offset; });
    const auto next = std::upper_bound(
        first, last, position.column,
        [](int value, const Mark& mark) { return value < mark.column; });
    if (next != first) {
      column = std::prev(next)->column;
      offset = std::prev(next)->offset;
      line.remove_prefix(offset - begin);
    }
  }
  for (; column < position.column && !line.empty(); ++column) {
    const int length = base::DecodeUtf8(line).length;
    line.remove_prefix(length);
    offset += length;
  }
  return offset;
}

}  // namespace tocsin::text
