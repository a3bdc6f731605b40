#include "src/frontend/kql/kql.h"

#include <filesystem>
#include <string_view>
#include <utility>

#include "src/base/utf8.h"
#include "src/frontend/kql/lower.h"
#include "src/frontend/kql/parser.h"
#include "src/frontend/kql/print.h"

namespace tocsin::kql {
namespace {

// The text with its comments blanked, so that places stay.
std::string WithoutComments(const text::Source& source) {
  std::string text = source.text();
  for (int line = 1; line <= source.line_count(); ++line) {
    const std::string_view content = source.Line(line);
    const size_t first = content.find_first_not_of(" \t");
    if (first == std::string_view::npos) continue;
    if (!content.substr(first).starts_with("//")) continue;
    const size_t begin = source.Offset({line, 1});
    text.replace(begin, content.size(), content.size(), ' ');
  }
  return text;
}

std::string NameOf(const text::Source& source) {
  return std::filesystem::path(source.path()).stem().string();
}

std::optional<Query> CompileFile(const text::Source& source,
                                 const FieldTypes& types,
                                 Diagnostics* diagnostics) {
  const text::Source bare(source.path(), WithoutComments(source));
  text::Reporter reporter(bare, diagnostics);
  reporter.set_rule(NameOf(source), NameOf(source));
  if (bare.text().find_first_not_of(" \t\r\n") == std::string::npos) {
    reporter.Error("T507", {{1, 1}, 0}, "there is no query in this file",
                   "a query that is to match every event is `*`");
    return std::nullopt;
  }
  return Compile({0, static_cast<uint32_t>(bare.text().size())}, types,
                 &reporter);
}

}  // namespace

std::optional<Query> Compile(text::Span span, const FieldTypes& types,
                             text::Reporter* reporter) {
  const int before = reporter->errors();
  if (!base::IsValidUtf8(reporter->source().Slice(span))) {
    reporter->Error("T500",
                    reporter->source().RangeOf({span.begin, span.begin}),
                    "the query is not UTF-8");
    return std::nullopt;
  }
  Query query;
  query.tree = Parse(span, reporter);
  if (reporter->errors() > before) return std::nullopt;
  query.condition = Lower(query.tree, types, reporter);
  ir::SetMapped(&query.condition);
  if (reporter->errors() > before) return std::nullopt;
  return query;
}

int CompileKql(const std::vector<std::shared_ptr<const text::Source>>& sources,
               const FieldTypes& types, Diagnostics* diagnostics,
               const RuleSink& sink) {
  int loaded = 0;
  for (const std::shared_ptr<const text::Source>& source : sources) {
    std::optional<Query> query = CompileFile(*source, types, diagnostics);
    if (!query) continue;
    const std::string name = NameOf(*source);
    ir::Rule rule;
    rule.info.id = name;
    rule.info.name = name;
    rule.info.title = name;
    rule.info.format = "kql";
    rule.info.path = source->path();
    rule.info.line = 1;
    rule.condition = std::move(query->condition);
    ++loaded;
    sink(std::move(rule), source);
  }
  return loaded;
}

std::string Explain(const text::Source& source, const FieldTypes& types,
                    Diagnostics* diagnostics) {
  std::optional<Query> query = CompileFile(source, types, diagnostics);
  if (!query) return {};
  std::string text = NameOf(source) + "\n  query      " +
                     Print(ToCanonical(std::move(query->tree)), types) +
                     "\n  condition  ";
  std::string condition = ir::Print(query->condition);
  if (condition.ends_with('\n')) condition.pop_back();
  for (const char c : condition) {
    text += c;
    if (c == '\n') text += "             ";
  }
  return text + '\n';
}

}  // namespace tocsin::kql
