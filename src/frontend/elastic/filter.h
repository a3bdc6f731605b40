// Filters of the Query DSL, as Kibana keeps them beside a rule's query.
//
//   {"meta": {"negate": true},
//    "query": {"wildcard": {"file.path": {"value": "?:\\\\Temp\\\\*",
//                                         "case_insensitive": true}}}}

#ifndef TOCSIN_SRC_FRONTEND_ELASTIC_FILTER_H_
#define TOCSIN_SRC_FRONTEND_ELASTIC_FILTER_H_

#include <optional>
#include <string>
#include <string_view>

#include "src/frontend/elastic/value.h"
#include "src/frontend/kql/ast.h"
#include "src/frontend/kql/field_types.h"
#include "src/ir/predicate.h"
#include "src/text/reporter.h"

namespace tocsin::elastic {

class FilterLowerer {
 public:
  // Both must outlive it.
  FilterLowerer(const kql::FieldTypes& types, text::Reporter* reporter)
      : types_(types), reporter_(*reporter) {}

  // A filter with its `meta`. One that is disabled holds for every event. What
  // is not covered is told (T607).
  ir::Expr Filter(const Value& filter);

  // A clause of the Query DSL: one member, whose name is that of the clause.
  ir::Expr Clause(const Value& clause);

  // The field is `text`: a keyword as a whole, a text by its words, side by
  // side if `is_phrase`.
  ir::Expr Is(const std::string& field, const std::string& text, bool is_phrase,
              text::Span span);
  ir::Expr Exists(const std::string& field, text::Span span);
  ir::Expr Compare(const std::string& field, kql::RangeOp op,
                   const std::string& text, text::Span span);
  // `*`, `?` and escapes by a backslash.
  ir::Expr Wildcard(const std::string& field, std::string_view pattern,
                    bool folded, text::Span span);

  // The text of a scalar, as it is compared. nullopt: an object or list.
  static std::optional<std::string> ScalarText(const Value& value);

 private:
  ir::Expr Lower(kql::Node node);
  ir::Expr Refuse(text::Span span, std::string message, std::string help = {});
  // The field of a clause about one, and what is asked of it.
  const Member* OneField(const Value& body);
  ir::Expr Match(const Value& body, bool is_phrase);
  ir::Expr Term(const Value& body);
  ir::Expr Terms(const Value& body);
  ir::Expr WildcardClause(const Value& body, bool is_prefix);
  ir::Expr Range(const Value& body);
  ir::Expr Bool(const Value& body);
  ir::Expr All(const Value& clauses, bool any);

  const kql::FieldTypes& types_;
  text::Reporter& reporter_;
  int depth_ = 0;
};

}  // namespace tocsin::elastic

#endif  // TOCSIN_SRC_FRONTEND_ELASTIC_FILTER_H_
