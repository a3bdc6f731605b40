// A correlation document, its references resolved -> IR.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_CORRELATION_LOWER_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_CORRELATION_LOWER_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "src/frontend/sigma/correlation.h"
#include "src/frontend/sigma/pipeline.h"
#include "src/ir/correlation.h"
#include "src/text/reporter.h"

namespace tocsin::sigma {

// A document that a correlation refers to: a rule as it was before pipelines,
// or a correlation.
struct Link {
  const Document* document = nullptr;
  bool is_correlation = false;
  size_t number = 0;     // Among rules, or among correlations.
  size_t reference = 0;  // Index into CorrelationBody::rules; of several, the
                         // first.
};

// The correlation of `document` over `links`, each of which becomes a step with
// its number as `source_index`. `places` has, for each reference, the links it
// means: several, if documents share a name. nullopt: it cannot be loaded;
// reported.
std::optional<ir::Correlation> LowerCorrelation(
    const Document& document, const std::vector<Link>& links,
    const std::vector<std::vector<ir::StepIndex>>& places,
    const PipelineSet& pipelines, text::Reporter* reporter);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_CORRELATION_LOWER_H_
