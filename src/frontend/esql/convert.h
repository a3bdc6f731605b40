// Expressions of ES|QL as those that all formats share: names of columns by
// what stands for them, functions by those of the shared table.

#ifndef TOCSIN_SRC_FRONTEND_ESQL_CONVERT_H_
#define TOCSIN_SRC_FRONTEND_ESQL_CONVERT_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/string_map.h"
#include "src/frontend/kql/field_types.h"
#include "src/frontend/kql/kql.h"
#include "src/ir/expression.h"
#include "src/ir/predicate.h"
#include "src/text/reporter.h"

namespace tocsin::esql {

// Small pieces to make expressions of.
ir::Expression MakeCall(std::string name, std::vector<ir::Expression> children,
                        text::Span span = {});
bool IsCall(const ir::Expression& e, std::string_view name);
ir::Expression MakeText(std::string text);
ir::Expression MakeInt(int64_t number);
ir::Expression MakeCompare(ir::Operator op, ir::Expression a, ir::Expression b);
ir::Expression MakeIsNull(ir::Operator op, ir::Expression a);
ir::Expression MakeNot(ir::Expression a);

// The type of what is converted.
ir::Type CommonType(const std::vector<ir::Expression>& values);

// Columns that were defined, by name.
class Columns {
 public:
  void Set(std::string_view name, ir::Expression value) {
    values_.insert_or_assign(std::string(name), std::move(value));
  }
  const ir::Expression* Find(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
  }
  // Names that are none of these are no fields of events but errors.
  bool is_closed = false;

 private:
  base::StringMap<ir::Expression> values_;
};

// What a query looks for by the ways of another language: a call of `$query`
// with its number.
inline constexpr std::string_view kQuery = "$query";
// Calls of names that begin with `$` stay as they are.

class Converter {
 public:
  Converter(const kql::FieldTypes& types, text::Reporter* reporter)
      : types_(types), reporter_(*reporter) {}

  // False: it is wrong, and that was told.
  bool Convert(const Columns& columns, ir::Expression* e);

  // Without `$query`: for where a value is wanted.
  void Settle(ir::Expression* e) const;

  // Holds for an event exactly if `e`, which was converted, is true; or, not
  // `wanted`, false.
  ir::Expr Lower(const ir::Expression& e, bool wanted) const;

  void Error(std::string_view code, text::Span span, std::string message,
             std::string help = {});
  int errors() const { return errors_; }

  // Counts nodes that are put in for columns. False: too many, and told.
  bool Count(const ir::Expression& e, text::Span span);

 private:
  using Builder = bool (Converter::*)(ir::Expression*);
  struct FunctionRow;
  static const FunctionRow* FindRow(std::string_view name);

  bool Walk(const Columns& columns, ir::Expression* e);
  bool ConvertChildren(const Columns& columns, ir::Expression* e);
  bool ConvertField(const Columns& columns, ir::Expression* e);
  bool ConvertCompare(ir::Expression* e);
  bool ConvertMatch(ir::Expression* e);
  bool ConvertIn(ir::Expression* e);
  bool ConvertCall(ir::Expression* e);
  static void TypeCall(ir::Expression* e);
  static void FoldCase(ir::Expression* e);
  bool AddQuery(kql::Query query, ir::Expression* e);

  bool BuildReplace(ir::Expression* e);
  bool BuildSubstring(ir::Expression* e);
  bool BuildLeft(ir::Expression* e);
  bool BuildRight(ir::Expression* e);
  bool BuildSpace(ir::Expression* e);
  bool BuildLog(ir::Expression* e);
  bool BuildLog10(ir::Expression* e);
  bool BuildCidr(ir::Expression* e);
  bool BuildBoolean(ir::Expression* e);
  bool BuildDateTrunc(ir::Expression* e);
  bool BuildBucket(ir::Expression* e);
  bool BuildDateDiff(ir::Expression* e);
  bool BuildDateExtract(ir::Expression* e);
  bool BuildJsonExtract(ir::Expression* e);
  bool BuildKql(ir::Expression* e);
  bool BuildLucene(ir::Expression* e);
  bool BuildMatch(ir::Expression* e);
  bool BuildHash(ir::Expression* e);

  const kql::FieldTypes& types_;
  text::Reporter& reporter_;
  std::vector<kql::Query> queries_;
  size_t nodes_ = 0;
  int errors_ = 0;
};

}  // namespace tocsin::esql

#endif  // TOCSIN_SRC_FRONTEND_ESQL_CONVERT_H_
