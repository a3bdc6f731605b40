// Lowering of a rule: its query by the front end of its language, what stands
// around it here.

#ifndef TOCSIN_SRC_FRONTEND_ELASTIC_LOWER_H_
#define TOCSIN_SRC_FRONTEND_ELASTIC_LOWER_H_

#include "src/frontend/elastic/elastic.h"
#include "src/frontend/elastic/exceptions.h"
#include "src/frontend/elastic/rule.h"
#include "src/frontend/kql/field_types.h"
#include "src/ir/correlation.h"
#include "src/text/reporter.h"

namespace tocsin::elastic {

struct LowerContext {
  const ElasticOptions& options;
  const kql::FieldTypes& types;
  const ExceptionLists& exceptions;
  // Parts of conditions that exceptions may still add to rules, of all files:
  // each rule has a copy of its lists.
  int64_t* exception_budget;
};
inline constexpr int64_t kMaxExceptionNodes = 1'000'000;

// Adds what the rule is made of to `list`. False: it is refused, which was
// told, and nothing is added.
bool LowerRule(const Rule& rule, const LowerContext& context,
               text::Reporter* reporter, ir::RuleList* list);

}  // namespace tocsin::elastic

#endif  // TOCSIN_SRC_FRONTEND_ELASTIC_LOWER_H_
