// Small pieces to make terms and truths of, and what is asked of whole ones.

#ifndef TOCSIN_SRC_FRONTEND_ESQL_TERMS_H_
#define TOCSIN_SRC_FRONTEND_ESQL_TERMS_H_

#include <cstddef>
#include <vector>

#include "src/base/correlation_kinds.h"
#include "src/ir/correlation.h"

namespace tocsin::esql {

ir::Term NumberTerm(double number);
ir::Term NullTerm();
ir::Term Both(ir::Term::Kind kind, ir::Term a, ir::Term b);
ir::Term Single(ir::Term::Kind kind, ir::Term a, double number = 0);
ir::Term If(ir::Truth condition, ir::Term then, ir::Term otherwise);
ir::Truth Compare(base::MeasureCompare compare, ir::Term a, ir::Term b);
// Of what is 0 or 1.
ir::Truth Holds(ir::Term term);
ir::Truth Not(ir::Truth child);

size_t SizeOf(const ir::Term& term);
size_t SizeOf(const ir::Truth& truth);
int DepthOf(const ir::Term& term);
int DepthOf(const ir::Truth& truth);

// Whether more events can only make it true.
bool OnlyGrows(const ir::Truth& truth);

bool SameMeasure(const ir::Measure& a, const ir::Measure& b);
// The measures in it, each once.
void Collect(const ir::Term& term, std::vector<const ir::Measure*>* all);
void Collect(const ir::Truth& truth, std::vector<const ir::Measure*>* all);

}  // namespace tocsin::esql

#endif  // TOCSIN_SRC_FRONTEND_ESQL_TERMS_H_
