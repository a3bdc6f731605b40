// Queries in EQL and KQL that stand in rules of Tocsin's own language.

#ifndef TOCSIN_SRC_ENGINE_INLINE_QUERIES_H_
#define TOCSIN_SRC_ENGINE_INLINE_QUERIES_H_

#include "src/frontend/toc/toc.h"

namespace tocsin::engine {

// Lets a front end hand such queries to those of their languages.
void TakeInlineQueries(toc::TocOptions* options);

}  // namespace tocsin::engine

#endif  // TOCSIN_SRC_ENGINE_INLINE_QUERIES_H_
