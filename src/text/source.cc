#include "src/text/source.h"

#include <algorithm>
#include <utility>

#include "src/base/utf8.h"

namespace tocsin::text {

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
  const auto next =
      std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const int line = static_cast<int>(next - line_starts_.begin());
  const size_t begin = line_starts_[line - 1];
  const std::string_view before(text_.data() + begin, offset - begin);
  return {line, static_cast<int>(base::CountCodePoints(before)) + 1};
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
  size_t offset = line_starts_[position.line - 1];
  for (int column = 1; column < position.column && !line.empty(); ++column) {
    const int length = base::DecodeUtf8(line).length;
    line.remove_prefix(length);
    offset += length;
  }
  return offset;
}

}  // namespace tocsin::text
