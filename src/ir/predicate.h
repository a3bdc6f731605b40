// The IR of conditions on one event: a tree of and, or, not over tests.
//
// All rule formats lower to it. A quirk of a format is a flag here, set by its
// front end; nothing behind the front ends asks which format a rule had.

#ifndef TOCSIN_SRC_IR_PREDICATE_H_
#define TOCSIN_SRC_IR_PREDICATE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/ip_network.h"
#include "src/base/number.h"
#include "src/base/pattern.h"
#include "src/ir/expression.h"
#include "src/text/source.h"

namespace tocsin::ir {

enum class TestOp : uint8_t {
  kPattern,   // The value's text matches `pattern` as a whole.
  kCompare,   // The value's number stands in `compare` to `number`. A text that
              // is a number's JSON form counts as that number; under kEq only
              // the shortest form does, and the form that the rule has.
  kBool,      // JSON `flag`, or its text in any case.
  kRegex,     // RE2 `regex` is found anywhere in the value's text.
  kCidr,      // The value is an address in one of `networks`.
  kNull,      // Absent, JSON null (also as an element), or an empty array.
  kExists,    // The key is there, null or not; `flag` false: it is not.
  kFieldRef,  // The value's text stands in `relation` to that of `other_field`.
  kTimePart,  // `part` of the value as a time stands in `compare` to `number`.
  kExpression,  // `expression` is true of the event. any_field: it looks at
                // what it likes.
};

enum class CompareOp : uint8_t { kEq, kLt, kLe, kGt, kGe };

enum class FieldRelation : uint8_t {
  kEquals,
  kContains,
  kStartsWith,
  kEndsWith
};

enum class TimePart : uint8_t { kMinute, kHour, kDay, kWeek, kMonth, kYear };

// A test of a field holds if any value of the field (its elements, for an
// array) passes. Tests never hold for an absent field, but for kNull and
// kExists.
struct Test {
  TestOp op = TestOp::kPattern;

  // The field; with `any_field` every scalar of the event is tried instead
  // (keywords), numbers by their text.
  std::string field;
  bool any_field = false;

  base::Pattern pattern;
  CompareOp compare = CompareOp::kEq;
  base::Number number;
  std::string regex;  // RE2 syntax, flags written as (?ims).
  std::vector<base::IpNetwork> networks;
  bool flag = true;
  std::string other_field;
  FieldRelation relation = FieldRelation::kEquals;
  bool cased = false;  // kFieldRef.
  TimePart part = TimePart::kMinute;
  // Checked, with names of macros and lists put in. Shared: trees are copied.
  std::shared_ptr<const Expression> expression;

  // Its fields are those of a schema: what an event does not have itself may
  // follow from other fields of it (base/field_mapping.h). Not printed.
  bool mapped = false;
};

struct Expr {
  enum Kind : uint8_t { kTrue, kFalse, kAnd, kOr, kNot, kTest };

  Kind kind = kTrue;
  std::vector<Expr> children;  // kAnd, kOr: any number; kNot: one.
  Test test;                   // kTest.
  std::string label;           // Selection this subtree came from, if any.
  text::Range range;           // Where its author wrote it.

  static Expr True();
  static Expr False();
  // Flattens children of the same kind without a label; one child is returned
  // as it is.
  static Expr And(std::vector<Expr> children);
  static Expr Or(std::vector<Expr> children);
  static Expr Not(Expr child);
  static Expr Of(Test test, text::Range range = {});
};

// Makes all tests of the tree see events through mappings.
void SetMapped(Expr* expr);

// One line a node, indented; the form of the golden files. Stable.
std::string Print(const Expr& expr);

}  // namespace tocsin::ir

#endif  // TOCSIN_SRC_IR_PREDICATE_H_
