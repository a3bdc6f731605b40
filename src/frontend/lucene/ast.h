// The syntax tree of a Lucene query string.

#ifndef TOCSIN_SRC_FRONTEND_LUCENE_AST_H_
#define TOCSIN_SRC_FRONTEND_LUCENE_AST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/pattern.h"
#include "src/frontend/kql/ast.h"
#include "src/text/source.h"

namespace tocsin::lucene {

struct Node;

enum class Occur : uint8_t { kShould, kMust, kMustNot };

struct Clause;

// One end of a range; without a text it is open.
struct Bound {
  std::string text;
  bool is_open = true;
  bool inclusive = true;
  text::Span span;
};

struct Node {
  enum Kind : uint8_t {
    kAll,
    kNone,      // Bare signs: nothing to look for.
    kClauses,   // `clauses`, by how they occur.
    kTerm,      // `text` as it is; `quoted` as a phrase.
    kWildcard,  // `pattern`.
    kRegex,     // `text`, Lucene's.
    kRange,     // From `low` to `high`.
    kExists,    // `field` has a value.
  };

  Kind kind = kAll;
  // No name: any field. Stars in it are wildcards.
  bool has_field = false;
  kql::Field field;
  std::string text;
  bool quoted = false;
  base::Pattern pattern;
  Bound low;
  Bound high;
  std::vector<Clause> clauses;
  text::Span span;
};

struct Clause {
  Occur occur = Occur::kShould;
  Node node;
};

}  // namespace tocsin::lucene

#endif  // TOCSIN_SRC_FRONTEND_LUCENE_AST_H_
