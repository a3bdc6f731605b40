#ifndef TOCSIN_SRC_FRONTEND_LUCENE_LOWER_H_
#define TOCSIN_SRC_FRONTEND_LUCENE_LOWER_H_

#include "src/frontend/kql/field_types.h"
#include "src/frontend/lucene/ast.h"
#include "src/ir/predicate.h"
#include "src/text/reporter.h"

namespace tocsin::lucene {

// Tells what does not fit the types of fields, and what has no effect.
ir::Expr Lower(const Node& node, const kql::FieldTypes& types,
               text::Reporter* reporter);

}  // namespace tocsin::lucene

#endif  // TOCSIN_SRC_FRONTEND_LUCENE_LOWER_H_
