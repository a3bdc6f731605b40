// The syntax tree of an ES|QL query: its commands in order.
//
// Expressions are those of ir/expression.h with the names of functions as ES|QL
// has them, in small letters; what ES|QL has on top is a call of a name with
// `$`: `$duration` (a literal), `$match` (`:`), `$cast` (`::`).

#ifndef TOCSIN_SRC_FRONTEND_ESQL_AST_H_
#define TOCSIN_SRC_FRONTEND_ESQL_AST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/ir/expression.h"
#include "src/text/source.h"

namespace tocsin::esql {

// `name = expression`; `name` is the expression's text where none is given.
struct Assignment {
  std::string name;
  ir::Expression expression;
  // Of an aggregate: only rows for which it is true.
  std::optional<ir::Expression> where;
  text::Span span;
};

struct Command {
  enum Kind : uint8_t {
    kFrom,      // `words`: index patterns.
    kWhere,     // `condition`.
    kEval,      // `assignments`.
    kStats,     // `assignments`, by `keys`.
    kKeep,      // Columns; of no effect here, as kDrop, kSort and kLimit.
    kRename,    // `assignments`: new name and old.
    kDissect,   // `condition` by `words`: the pattern and the separator.
    kGrok,      // `condition` by any of the patterns `words`.
    kMvExpand,  // `words`: the column.
    kOther,     // Not supported; `name` says which.
  };

  Kind kind = kOther;
  std::string name;  // As it is written, in capitals.
  ir::Expression condition;
  std::vector<Assignment> assignments;
  std::vector<Assignment> keys;
  std::vector<std::string> words;
  text::Span name_span;
  text::Span span;
};

struct Query {
  std::vector<Command> commands;
  text::Span span;
};

}  // namespace tocsin::esql

#endif  // TOCSIN_SRC_FRONTEND_ESQL_AST_H_
