// The front end for anomaly detection jobs of Elastic: the JSON that creates a
// job, as it is exported or shipped with modules, and that of its datafeed.
//
// Everything that a job says is understood, known to mean nothing here, or
// listed back in a warning; a job that asks for what cannot be done is an
// error. The query of a datafeed is the job's filter.

#ifndef TOCSIN_SRC_FRONTEND_MLJOB_MLJOB_H_
#define TOCSIN_SRC_FRONTEND_MLJOB_MLJOB_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/ir/correlation.h"
#include "src/ir/detector_job.h"
#include "src/text/source.h"
#include "src/text/yaml.h"
#include "tocsin/diagnostic.h"

namespace tocsin::mljob {

// A `.json` that looks like a job or a datafeed.
bool IsJobFile(const text::Source& source);

// The one job of a file, without its filter; none if it has an error. A job
// without an id has the name of its file.
std::optional<ir::DetectorJob> CompileJob(const text::Source& source,
                                          Diagnostics* diagnostics);

// The same of a node of a file. `name`: what a job without an id is called.
std::optional<ir::DetectorJob> ReadJob(const text::YamlNode& node,
                                       const text::Source& source,
                                       std::string_view name,
                                       Diagnostics* diagnostics);

struct JobsResult {
  int documents = 0;  // Jobs, what should have been one, datafeeds of no job.
  int loaded = 0;
};

// Compiles all files together, since a datafeed may stand in a file of its own:
// it belongs to the job that its `job_id` names, or to the one whose id or
// file name is that of its file behind `datafeed_`. Also reads lists of jobs as
// Kibana exports them (`{"job": ..., "datafeed": ...}`) and the interface
// answers (`{"jobs": [...]}`). Jobs and their filters are added to `list`.
JobsResult CompileJobs(
    const std::vector<std::shared_ptr<const text::Source>>& sources,
    ir::RuleList* list, Diagnostics* diagnostics);

}  // namespace tocsin::mljob

#endif  // TOCSIN_SRC_FRONTEND_MLJOB_MLJOB_H_
