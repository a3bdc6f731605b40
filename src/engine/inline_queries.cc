#include "src/engine/inline_queries.h"

#include <optional>
#include <utility>

#include "src/frontend/eql/eql.h"
#include "src/frontend/kql/kql.h"

namespace tocsin::engine {
namespace {

std::optional<toc::InlineQuery> CompileEql(const text::Source& text,
                                           text::Span /*span*/,
                                           const RuleInfo& info,
                                           text::Reporter* reporter,
                                           ir::RuleList* list) {
  const auto query = eql::ParseForStream(text, {}, reporter);
  if (!query) return std::nullopt;
  toc::InlineQuery compiled;
  if (query->kind == eql::Query::kEvent) {
    auto condition = eql::LowerEvent(query->event, {}, reporter);
    if (!condition) return std::nullopt;
    compiled.condition = *std::move(condition);
    return compiled;
  }
  const auto lowered = eql::LowerQuery(*query, {}, info, reporter, list);
  if (!lowered) return std::nullopt;
  compiled.correlation = lowered->index;
  return compiled;
}

std::optional<toc::InlineQuery> CompileKql(const text::Source& /*text*/,
                                           text::Span span,
                                           const RuleInfo& /*info*/,
                                           text::Reporter* reporter,
                                           ir::RuleList* /*list*/) {
  auto query = kql::Compile(span, kql::FieldTypes::Ecs(), reporter);
  if (!query) return std::nullopt;
  toc::InlineQuery compiled;
  compiled.condition = std::move(query->condition);
  return compiled;
}

}  // namespace

void TakeInlineQueries(toc::TocOptions* options) {
  options->compile_eql = CompileEql;
  options->compile_kql = CompileKql;
}

}  // namespace tocsin::engine
