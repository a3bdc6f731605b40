// The Sigma front end: sources in, IR rules out.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_SIGMA_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_SIGMA_H_

#include <memory>
#include <vector>

#include "src/ir/rule.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace tocsin::sigma {

struct SigmaResult {
  std::vector<ir::Rule> rules;  // In order of sources and documents.
  // Where each of `rules` was read from.
  std::vector<std::shared_ptr<const text::Source>> sources;
  int documents = 0;  // Rules, filters, correlations, broken ones.
  int filters_loaded = 0;
};

// Parses `rules`, applies `pipelines` (by priority, then order) and filter
// documents, lowers. Every document that is not loaded has an error in
// `diagnostics`; if a pipeline cannot be used, it has one and nothing is
// loaded.
SigmaResult CompileSigma(
    const std::vector<std::shared_ptr<const text::Source>>& rules,
    const std::vector<std::shared_ptr<const text::Source>>& pipelines,
    Diagnostics* diagnostics);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_SIGMA_H_
