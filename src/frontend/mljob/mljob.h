// The front end for anomaly detection jobs of Elastic: the JSON that creates a
// job, as it is exported or shipped with modules.
//
// Everything that a job says is understood, known to mean nothing here, or
// listed back in a warning; a job that asks for what cannot be done is an
// error.

#ifndef TOCSIN_SRC_FRONTEND_MLJOB_MLJOB_H_
#define TOCSIN_SRC_FRONTEND_MLJOB_MLJOB_H_

#include <optional>

#include "src/ir/detector_job.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace tocsin::mljob {

// The one job of a file; none if it has an error. A job without an id has the
// name of its file.
std::optional<ir::DetectorJob> CompileJob(const text::Source& source,
                                          Diagnostics* diagnostics);

}  // namespace tocsin::mljob

#endif  // TOCSIN_SRC_FRONTEND_MLJOB_MLJOB_H_
