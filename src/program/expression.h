// The compiled form of an expression: plain data, a tree.

#ifndef TOCSIN_SRC_PROGRAM_EXPRESSION_H_
#define TOCSIN_SRC_PROGRAM_EXPRESSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/base/list_table.h"
#include "src/base/value.h"

namespace tocsin::program {

// Meaning as in ir/expression.h.
struct Expression {
  enum Op : uint8_t {
    kLiteral,  // `value`.
    kField,    // `field`; with `has_index` its element number `index`.
    kWhole,    // `field` with all it holds, as an array of its elements.
    kMember,   // `path` of the element that variable number `index` is.
    kPath,     // `path` of what child 0 is.
    kElement,  // Of child 0, number `index`.
    kAnd,
    kOr,
    kNot,
    kIsNull,      // Two-valued; `negated`.
    kCompare,     // `detail` as in functions::Comparison.
    kRegex,       // Child 0 as a whole by one of `path`.
    kIn,          // Child 0 equal to one of the others.
    kArithmetic,  // `detail` as in functions::Arithmetic.
    kNegate,
    kCall,   // Function `text`.
    kSome,   // Child 1 is true of an element of child 0, a kField; the
    kEvery,  // element is variable number `index`.
    kCountOf,
    kWhich,
  };

  Op op = kLiteral;
  uint8_t detail = 0;
  bool folded = false;
  bool negated = false;
  bool has_index = false;
  int64_t index = 0;
  uint32_t field = 0;  // FieldId.
  base::Value value;
  std::string text;
  std::vector<std::string> path;
  std::vector<Expression> children;
  std::shared_ptr<const base::ListTable> table;  // kCall.
};

}  // namespace tocsin::program

#endif  // TOCSIN_SRC_PROGRAM_EXPRESSION_H_
