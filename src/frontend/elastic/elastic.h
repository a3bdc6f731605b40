// The front end for Elastic's detection rules: files in TOML as the public
// repository has them, and NDJSON or JSON as Kibana exports them.
//
// Queries inside are compiled by the front ends of their languages; this one
// adds what stands around them: types of rules, filters, exceptions, index
// patterns, times. docs/formats/elastic.md has how each maps to a stream.

#ifndef TOCSIN_SRC_FRONTEND_ELASTIC_ELASTIC_H_
#define TOCSIN_SRC_FRONTEND_ELASTIC_ELASTIC_H_

#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "src/ir/correlation.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace tocsin::elastic {

// By its name: `.toml`, `.ndjson`, or a `.json` that holds such rules and none
// of Sigma.
bool IsElasticFile(const text::Source& source);

struct ElasticOptions {
  // How long a rule for new terms stays silent after its first event: what is
  // known by then is not new.
  absl::Duration warm_up = absl::Hours(24);
};

struct ElasticResult {
  int documents = 0;  // Rules, and what should have been one.
  int loaded = 0;
};

// Compiles all files together, since a rule may name exceptions of another
// file. Files whose name ends in `.toml` are TOML, others JSON. Rules are
// added to `list`.
ElasticResult CompileElastic(
    const std::vector<std::shared_ptr<const text::Source>>& sources,
    const ElasticOptions& options, ir::RuleList* list,
    Diagnostics* diagnostics);

}  // namespace tocsin::elastic

#endif  // TOCSIN_SRC_FRONTEND_ELASTIC_ELASTIC_H_
