// The Sigma front end: sources in, IR rules out.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_SIGMA_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_SIGMA_H_

#include <functional>
#include <memory>
#include <vector>

#include "src/ir/correlation.h"
#include "src/ir/rule.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace tocsin::sigma {

struct SigmaResult {
  // In order of sources and documents; empty if a RuleSink took them.
  std::vector<ir::Rule> rules;
  // In order, too; their steps number rules in the order above.
  std::vector<ir::Correlation> correlations;
  int documents = 0;  // Rules, filters, correlations, broken ones.
  int filters_loaded = 0;
};

// Takes a rule and where it was read from. The IR of a rule is many times as
// large as its text: who can do with one at a time should not collect them.
using RuleSink =
    std::function<void(ir::Rule, const std::shared_ptr<const text::Source>&)>;

// Parses `rules`, applies `pipelines` (by priority, then order) and filter
// documents, lowers. Every document that is not loaded has an error in
// `diagnostics`; if a pipeline cannot be used, it has one and nothing is
// loaded.
SigmaResult CompileSigma(
    const std::vector<std::shared_ptr<const text::Source>>& rules,
    const std::vector<std::shared_ptr<const text::Source>>& pipelines,
    Diagnostics* diagnostics, const RuleSink& sink = {});

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_SIGMA_H_
