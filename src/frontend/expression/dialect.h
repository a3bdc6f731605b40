// Dialect: where the languages that share this parser of conditions differ.
//
// Tocsin's own language took its conditions from EQL, so most is the same; what
// is not is asked of the dialect, by name, where it matters.

#ifndef TOCSIN_SRC_FRONTEND_EXPRESSION_DIALECT_H_
#define TOCSIN_SRC_FRONTEND_EXPRESSION_DIALECT_H_

#include <cstdint>
#include <string_view>

#include "src/frontend/expression/field_types.h"

namespace tocsin::expression {

struct Dialect {
  enum Language : uint8_t {
    kToc,      // Tocsin's own.
    kEql,      // EQL as Elasticsearch has it.
    kEndgame,  // EQL as it was first, and as the endpoint has it: `=`, strings
               // in single quotes, `*` in what is compared with `==`, searches
               // in arrays, ancestors of processes.
  };

  Language language = kToc;
  // kEql: and what Elastic's endpoint adds to it: `_arraysearch` with elements
  // called `$x`, names of steps (`as a`), ancestors of processes.
  bool endpoint = false;
  // kEndgame: texts are compared without regard to case.
  bool folds = false;
  // Types of fields; null: those of ECS. Must outlive who reads it.
  const FieldTable* fields = nullptr;

  bool is_eql() const { return language != kToc; }
  bool is_endgame() const { return language == kEndgame; }

  FieldTraits TraitsOf(std::string_view field) const {
    return fields != nullptr ? fields->TraitsOf(field)
                             : FieldTraits{.type = TypeOfField(field)};
  }
};

// Words that no bare part of a field may be inside a condition.
bool IsReserved(std::string_view word, const Dialect& dialect);

}  // namespace tocsin::expression

#endif  // TOCSIN_SRC_FRONTEND_EXPRESSION_DIALECT_H_
