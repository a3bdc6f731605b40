// What a rule does, in words, with each default written out.

#ifndef TOCSIN_SRC_FRONTEND_TOC_EXPLAIN_H_
#define TOCSIN_SRC_FRONTEND_TOC_EXPLAIN_H_

#include <string>

#include "src/frontend/toc/toc.h"
#include "src/ir/correlation.h"

namespace tocsin::toc {

// `rule` is one of `list`.
std::string Explain(const ir::RuleList& list, const TocRule& rule);

}  // namespace tocsin::toc

#endif  // TOCSIN_SRC_FRONTEND_TOC_EXPLAIN_H_
