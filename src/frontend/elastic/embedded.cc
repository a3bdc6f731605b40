#include "src/frontend/elastic/embedded.h"

#include <algorithm>
#include <utility>

namespace tocsin::elastic {

EmbeddedText::EmbeddedText(const Value& value, const RuleInfo& info,
                           text::Reporter* file)
    : value_(value),
      file_(*file),
      source_(file->source().path(), value.text),
      reporter_(source_, &diagnostics_) {
  reporter_.set_rule(info.id, info.title);
}

void EmbeddedText::PassOn() {
  for (Diagnostic& told : diagnostics_) {
    const text::Range range = Map({{told.line, told.column}, told.length});
    if (told.severity == Severity::kError) {
      file_.Error(told.code, range, std::move(told.message),
                  std::move(told.help));
    } else {
      file_.Warning(told.code, range, std::move(told.message),
                    std::move(told.help));
    }
  }
  diagnostics_.clear();
}

uint32_t EmbeddedText::OffsetOf(size_t at) const {
  const auto after = std::upper_bound(
      value_.pieces.begin(), value_.pieces.end(), at,
      [](size_t place, const Piece& piece) { return place < piece.at; });
  if (after == value_.pieces.begin()) return value_.span.begin;
  const Piece& piece = *(after - 1);
  return static_cast<uint32_t>(
      std::min(piece.offset + (at - piece.at), file_.source().text().size()));
}

text::Range EmbeddedText::Map(text::Range range) const {
  const text::Source& file = file_.source();
  if (range.start.line == 0 || value_.pieces.empty()) {
    return file.RangeOf(value_.span);
  }
  const size_t begin = source_.Offset(range.start);
  const size_t end =
      source_.Offset({range.start.line, range.start.column + range.length});
  // The last character of the text, not the first behind it: between these two
  // there may be an escape.
  const uint32_t first = OffsetOf(begin);
  const uint32_t last = end > begin ? OffsetOf(end - 1) + 1 : first;
  return file.RangeOf({first, std::max(first, last)});
}

void EmbeddedText::Map(ir::Expr* expr) const {
  if (expr->range.start.line != 0) expr->range = Map(expr->range);
  for (ir::Expr& child : expr->children) Map(&child);
}

}  // namespace tocsin::elastic
