#include <algorithm>
#include <string>
#include <string_view>

#include "src/base/json_writer.h"
#include "src/base/utf8.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace tocsin {
namespace {

// Widest stretch of a source line that is shown, and how much of it comes
// before the place when the line must be cut there.
constexpr int kShownWidth = 120;
constexpr int kShownBefore = 40;
constexpr int kGutter = 4;

// `text`, safe to print, one character for each of its own.
std::string Printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const base::CodePoint c = base::DecodeUtf8(text);
    text.remove_prefix(c.length);
    base::AppendUtf8(base::IsInvisible(c.value) ? U' ' : c.value, &out);
  }
  return out;
}

// Code points [begin, begin + count) of `text`.
std::string Characters(std::string_view text, int begin, int count) {
  size_t offset = 0;
  for (; begin > 0 && offset < text.size(); --begin) {
    offset += base::DecodeUtf8(text.substr(offset)).length;
  }
  const size_t start = offset;
  for (; count > 0 && offset < text.size(); --count) {
    offset += base::DecodeUtf8(text.substr(offset)).length;
  }
  return std::string(text.substr(start, offset - start));
}

void AppendPlace(const Diagnostic& diagnostic, std::string* out) {
  const std::string path = Printable(diagnostic.path);
  *out += path.empty() ? "<text>" : path;
  if (diagnostic.line > 0) {
    *out += ':' + std::to_string(diagnostic.line);
    *out += ':' + std::to_string(std::max(1, diagnostic.column));
  }
  *out += ": ";
}

// The author's line and, under it, the carets.
void AppendSourceLine(const Diagnostic& diagnostic, int gutter,
                      std::string* out) {
  const std::string line = Printable(diagnostic.source_line);
  const int size = static_cast<int>(base::CountCodePoints(line));
  const int column = std::max(1, diagnostic.column);
  const int excerpt_start = text::ExcerptStart(column);
  const int caret = std::min(column - excerpt_start, size);
  const int begin =
      caret + std::min(std::max(diagnostic.length, 1), 40) <= kShownWidth
          ? 0
          : caret - kShownBefore;
  const bool cut_before = begin > 0 || excerpt_start > 1;
  const bool cut_after = begin + kShownWidth < size;
  std::string number = std::to_string(diagnostic.line);
  number.insert(0, gutter - number.size(), ' ');
  *out += number + " | ";
  if (cut_before) *out += "...";
  *out += Characters(line, begin, kShownWidth);
  if (cut_after) *out += "...";
  while (out->back() == ' ') out->pop_back();
  *out += '\n' + std::string(gutter, ' ') + " | ";
  out->append(caret - begin + (cut_before ? 3 : 0), ' ');
  const int visible = std::min(size, begin + kShownWidth) - caret;
  out->append(std::max(1, std::min(diagnostic.length, visible)), '^');
  *out += '\n';
}

void AppendMember(std::string_view name, std::string_view value,
                  std::string* out) {
  base::AppendJsonString(name, out);
  *out += ':';
  base::AppendJsonString(value, out);
  *out += ',';
}

void AppendMember(std::string_view name, int value, std::string* out) {
  base::AppendJsonString(name, out);
  *out += ':' + std::to_string(value) + ',';
}

std::string_view Name(Severity severity) {
  if (severity == Severity::kError) return "error";
  return severity == Severity::kWarning ? "warning" : "note";
}

}  // namespace

std::string RenderDiagnostic(const Diagnostic& diagnostic) {
  std::string out;
  AppendPlace(diagnostic, &out);
  out += Name(diagnostic.severity);
  out += '[' + diagnostic.code + "]: " + Printable(diagnostic.message) + '\n';
  const int digits = static_cast<int>(std::to_string(diagnostic.line).size());
  const int gutter = std::max(kGutter, digits);
  if (diagnostic.line > 0) AppendSourceLine(diagnostic, gutter, &out);
  if (!diagnostic.help.empty()) {
    out += std::string(gutter - 1, ' ') +
           "= help: " + Printable(diagnostic.help) + '\n';
  }
  return out;
}

std::string DiagnosticToJson(const Diagnostic& diagnostic) {
  std::string out = "{";
  AppendMember("severity", Name(diagnostic.severity), &out);
  AppendMember("code", diagnostic.code, &out);
  AppendMember("path", diagnostic.path, &out);
  AppendMember("line", diagnostic.line, &out);
  AppendMember("column", diagnostic.column, &out);
  AppendMember("length", diagnostic.length, &out);
  AppendMember("message", diagnostic.message, &out);
  AppendMember("source_line", diagnostic.source_line, &out);
  AppendMember("help", diagnostic.help, &out);
  AppendMember("rule_id", diagnostic.rule_id, &out);
  AppendMember("rule_title", diagnostic.rule_title, &out);
  out.back() = '}';
  return out;
}

}  // namespace tocsin
