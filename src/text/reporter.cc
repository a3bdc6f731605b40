#include "src/text/reporter.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "src/base/utf8.h"

namespace tocsin::text {
namespace {

// The first `count` code points of `text`.
std::string_view FirstCharacters(std::string_view text, int count) {
  size_t end = 0;
  for (; count > 0 && end < text.size(); --count) {
    end += base::DecodeUtf8(text.substr(end)).length;
  }
  return text.substr(0, end);
}

std::string Excerpt(const Source& source, Position position) {
  if (position.line == 0) return {};
  const Position start{position.line, ExcerptStart(position.column)};
  const size_t skipped =
      source.Offset(start) - source.Offset({position.line, 1});
  return std::string(
      FirstCharacters(source.Line(position.line).substr(skipped), kMaxExcerpt));
}

// Optimal string alignment distance, given up on once it must pass `limit`.
int EditDistance(std::string_view a, std::string_view b, int limit) {
  const int rows = static_cast<int>(a.size());
  const int columns = static_cast<int>(b.size());
  if (std::abs(rows - columns) > limit) return limit + 1;
  std::vector<int> before_last(columns + 1), last(columns + 1),
      row(columns + 1);
  for (int j = 0; j <= columns; ++j) last[j] = j;
  for (int i = 1; i <= rows; ++i) {
    row[0] = i;
    for (int j = 1; j <= columns; ++j) {
      const bool same =
          absl::ascii_tolower(a[i - 1]) == absl::ascii_tolower(b[j - 1]);
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped =
          i > 1 && j > 1 &&
          absl::ascii_tolower(a[i - 1]) == absl::ascii_tolower(b[j - 2]) &&
          absl::ascii_tolower(a[i - 2]) == absl::ascii_tolower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[columns];
}

}  // namespace

void Reporter::Error(std::string_view code, Range range, std::string message,
                     std::string help) {
  ++errors_;
  Add(Severity::kError, code, range, std::move(message), std::move(help));
}

void Reporter::Warning(std::string_view code, Range range, std::string message,
                       std::string help) {
  Add(Severity::kWarning, code, range, std::move(message), std::move(help));
}

void Reporter::Note(std::string_view code, Range range, std::string message,
                    std::string help) {
  Add(Severity::kNote, code, range, std::move(message), std::move(help));
}

void Reporter::set_rule(std::string id, std::string title) {
  constexpr int kMaxName = 256;
  rule_id_ = FirstCharacters(id, kMaxName);
  rule_title_ = FirstCharacters(title, kMaxName);
}

void Reporter::Add(Severity severity, std::string_view code, Range range,
                   std::string message, std::string help) {
  // The first error is always told, however many warnings came before it: a
  // document must not be lost in silence.
  const bool first_error = severity == Severity::kError && errors_ == 1;
  if (added_ >= kMaxDiagnostics && !first_error) return;
  ++added_;
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.code = code;
  diagnostic.path = source_.path();
  diagnostic.line = range.start.line;
  diagnostic.column = range.start.line == 0 ? 0 : range.start.column;
  diagnostic.length = range.start.line == 0 ? 0 : range.length;
  diagnostic.message = std::move(message);
  diagnostic.source_line = Excerpt(source_, range.start);
  diagnostic.help = std::move(help);
  diagnostic.rule_id = rule_id_;
  diagnostic.rule_title = rule_title_;
  if (added_ == kMaxDiagnostics) {
    diagnostic.help += diagnostic.help.empty() ? "" : "; ";
    diagnostic.help += "further problems of this document are not listed";
  }
  diagnostics_->push_back(std::move(diagnostic));
}

std::string Quoted(std::string_view name) {
  constexpr int kMaxCharacters = 80;
  const std::string_view shown = FirstCharacters(name, kMaxCharacters);
  std::string quoted = "`";
  quoted += shown;
  if (shown.size() < name.size()) quoted += "...";
  quoted += '`';
  return quoted;
}

std::string DidYouMean(std::string_view word,
                       std::span<const std::string_view> candidates) {
  // A word that long is no slip of the pen, and comparing costs its square.
  if (word.empty() || word.size() > 64) return {};
  constexpr size_t kMaxCandidates = 1000;
  candidates = candidates.first(std::min(candidates.size(), kMaxCandidates));
  const int limit = std::max(1, static_cast<int>(word.size()) / 3);
  int best = limit + 1;
  std::string_view nearest;
  for (std::string_view candidate : candidates) {
    if (candidate.empty() || candidate == word) continue;
    const int distance = EditDistance(word, candidate, limit);
    // Half of a short word changed is another word.
    if (distance * 2 > static_cast<int>(word.size())) continue;
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  if (nearest.empty()) return {};
  return "did you mean " + Quoted(nearest) + "?";
}

}  // namespace tocsin::text
