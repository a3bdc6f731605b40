// Expressions: conditions on one event as their author wrote them, with types.
//
//   user.name : "adm*" and not cidrMatch(source.ip, "10.0.0.0/8")
//
// Tocsin's rule language and EQL share this tree. What of it is a plain
// predicate is lowered to ir/predicate.h, so that the planner finds its
// guards; what is more (arithmetic, functions, one field against another) stays
// an expression and is evaluated as one.
//
// Logic has three values: a comparison or function of null is null, `and` is
// false if one side is, `or` true if one side is, `not null` is null, and only
// what is true matches. `== null` and `!= null` are never null themselves. Of
// an array, any element satisfies a test; `not` negates the whole.

#ifndef TOCSIN_SRC_IR_EXPRESSION_H_
#define TOCSIN_SRC_IR_EXPRESSION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/list_table.h"
#include "src/base/value.h"
#include "src/text/source.h"

namespace tocsin::ir {

using Type = base::ValueType;

struct FieldPart {
  std::string name;
  std::vector<int64_t> indexes;  // `[0]`, `[-1]`: from the end.

  friend bool operator==(const FieldPart&, const FieldPart&) = default;
};

struct FieldPath {
  bool optional = false;  // `?user.name`.
  std::vector<FieldPart> parts;

  bool has_index() const;
  // The names joined by dots, without indexes: what an event calls it.
  std::string Name() const;

  friend bool operator==(const FieldPath&, const FieldPath&) = default;
};

enum class Operator : uint8_t {
  kEq,
  kNe,
  kLt,
  kLe,
  kGt,
  kGe,
  kAdd,
  kSub,
  kMul,
  kDiv,  // Of two integers truncates; by 0 null.
  kMod,
  kColon,  // `:` any letter case, wildcards.
  kLike,
  kRegex,
};

struct Expression {
  enum Kind : uint8_t {
    kLiteral,  // `value`; `spelling` as it was written.
    kField,    // `field`.
    kAnd,      // Two or more children, as kOr.
    kOr,
    kNot,
    kCompare,  // Two children under kEq..kGe.
    kMatch,    // Child 0 under kColon..kRegex with any of the others, which
               // are strings; or with list `name`.
    kIn,       // Child 0 equal to any of the others, or in list `name`.
    kArithmetic,
    kNegate,
    kCall,     // Function `name`, or a macro.
    kSome,     // Some element of child 0, called `name` in child 1.
    kEvery,    // Every element, and there is one.
    kCountOf,  // Of how many elements it is true.
    kWhich,    // Those of which it is: one, an array of several, or null.
    kTable,    // One row of list `name` fits: children are fields, in groups.
    kError,    // What could not be read; told already.
  };

  Kind kind = kLiteral;
  Operator op = Operator::kEq;
  bool folded = false;   // The variant with `~`.
  bool negated = false;  // `not in`.
  Type type = Type::kAny;
  base::Value value;
  std::string spelling;
  FieldPath field;
  std::string name;
  std::vector<Expression> children;
  // kCall of a function that takes a list, which its argument names.
  std::shared_ptr<const base::ListTable> table;
  text::Span span;
  text::Span name_span;  // Of the operator, or of `name` for a call.

  static Expression Literal(base::Value value, text::Span span = {});
  static Expression Of(Kind kind, std::vector<Expression> children,
                       text::Span span = {});

  // Whether `null` is written here: comparing with it asks for existence. What
  // only turned out to be null does not.
  bool is_null() const {
    return kind == kLiteral && value.is_null() && !spelling.empty();
  }
};

// Whether two trees say the same, wherever they stand.
bool SameMeaning(const Expression& a, const Expression& b);

// The words that no bare part of a field may be inside a condition.
bool IsReservedInConditions(std::string_view word);

// As rules write it: parts in back-ticks where they must be.
std::string Print(const FieldPath& field);
std::string PrintName(std::string_view part);

// The expression on one line, with the brackets it needs and no more.
std::string Print(const Expression& expression);

// A text as a literal in double quotes.
std::string QuoteString(std::string_view text);

// What binds loosest comes first: or 1, and 2, not 3, tests 4, sums 5,
// products 6, signs 7, the rest 8.
int Precedence(const Expression& expression);

std::string_view Spelling(Operator op);

}  // namespace tocsin::ir

#endif  // TOCSIN_SRC_IR_EXPRESSION_H_
