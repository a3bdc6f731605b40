// The syntax tree of an EQL query: what its author wrote, with places.

#ifndef TOCSIN_SRC_FRONTEND_EQL_AST_H_
#define TOCSIN_SRC_FRONTEND_EQL_AST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "src/frontend/expression/parser.h"
#include "src/ir/expression.h"
#include "src/text/source.h"

namespace tocsin::eql {

// `process where ...`.
struct EventQuery {
  std::string category;
  bool any = false;  // Of any category, and of none.
  ir::Expression condition;
  text::Span span;
};

// `[process where ...] by user.name with runs=3`.
struct Stage {
  EventQuery event;
  std::vector<ir::Expression> keys;
  int runs = 1;
  bool missing = false;  // `![...]`.
  bool keeps = false;    // `fork=true`: what it goes on from stays.
  std::string alias;     // `as event0`: what later steps call its event.
  text::Span alias_span;
  text::Span span;
};

struct Pipe {
  std::string name;
  std::vector<ir::Expression> arguments;
  text::Span span;
};

struct Query {
  enum Kind : uint8_t { kEvent, kSequence, kSample, kJoin };

  Kind kind = kEvent;
  EventQuery event;  // kEvent; for others nothing.
  std::vector<ir::Expression> keys;
  std::optional<absl::Duration> maxspan;
  text::Span maxspan_span;
  std::vector<Stage> stages;
  std::optional<Stage> until;
  std::vector<Pipe> pipes;
  std::vector<expression::Lineage> lineages;
  text::Span span;
};

}  // namespace tocsin::eql

#endif  // TOCSIN_SRC_FRONTEND_EQL_AST_H_
