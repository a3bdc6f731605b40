// EmbeddedText: a query inside a rule file, as a source of its own, so that
// its parser need not know of it; what the parser tells is told at the places
// of the file.
//
//   EmbeddedText query(*value, &reporter);
//   auto parsed = kql::Parse(query.span(), query.reporter());
//   query.PassOn();

#ifndef TOCSIN_SRC_FRONTEND_ELASTIC_EMBEDDED_H_
#define TOCSIN_SRC_FRONTEND_ELASTIC_EMBEDDED_H_

#include "src/frontend/elastic/value.h"
#include "src/ir/predicate.h"
#include "src/text/reporter.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"
#include "tocsin/rule_set.h"

namespace tocsin::elastic {

class EmbeddedText {
 public:
  // All must outlive it. `info`: of the rule, for diagnostics.
  EmbeddedText(const Value& value, const RuleInfo& info, text::Reporter* file);
  EmbeddedText(const EmbeddedText&) = delete;
  EmbeddedText& operator=(const EmbeddedText&) = delete;

  const text::Source& source() const { return source_; }
  text::Reporter* reporter() { return &reporter_; }
  text::Span span() const {
    return {0, static_cast<uint32_t>(source_.text().size())};
  }

  // Tells the file's reporter what this one was told.
  void PassOn();

  // The place in the file of a place in the text.
  text::Range Map(text::Range range) const;
  // The same for all places of a condition.
  void Map(ir::Expr* expr) const;

 private:
  uint32_t OffsetOf(size_t at) const;

  const Value& value_;
  text::Reporter& file_;
  const text::Source source_;
  Diagnostics diagnostics_;
  text::Reporter reporter_;
};

}  // namespace tocsin::elastic

#endif  // TOCSIN_SRC_FRONTEND_ELASTIC_EMBEDDED_H_
