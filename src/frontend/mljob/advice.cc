#include "src/frontend/mljob/advice.h"

#include <algorithm>
#include <string>

namespace tocsin::mljob {

using base::DetectorFunction;
using text::Quoted;

void Advise(const ir::DetectorJob& job, const JobPlaces& places,
            text::Reporter* reporter) {
  for (size_t i = 0; i < job.detectors.size(); ++i) {
    const ir::Detector& detector = job.detectors[i];
    const bool rare = detector.function == DetectorFunction::kRare ||
                      detector.function == DetectorFunction::kFreqRare;
    if (rare && !detector.over.empty()) {
      reporter->Warning("T705", places.functions[i],
                        "this asks which " + Quoted(detector.over) +
                            " shows values of " + Quoted(detector.by) +
                            " that few others show",
                        "for values of " + Quoted(detector.over) +
                            " that are unusual for a " + Quoted(detector.by) +
                            ", use `rare` by " + Quoted(detector.over) +
                            ", partition " + Quoted(detector.by));
    }
    if (rare && job.bucket_span > 3'600) {
      reporter->Warning("T706", places.bucket_span,
                        "in buckets this long most values occur, and few "
                        "are rare",
                        "an hour or less is usual for `rare`");
    }
    if (detector.side == detectors::Side::kLow && job.latency == 0) {
      reporter->Warning("T707", places.functions[i],
                        "events that come late make their bucket look low",
                        "give the job a `latency`");
    }
    for (const std::string* split :
         {&detector.by, &detector.over, &detector.partition}) {
      if (split->empty() || job.influencers.empty() ||
          std::find(job.influencers.begin(), job.influencers.end(), *split) !=
              job.influencers.end()) {
        continue;
      }
      reporter->Warning("T708", places.influencers,
                        Quoted(*split) + " is not among the influencers",
                        "results would then say which of its values stand "
                        "out over all detectors");
    }
  }
}

}  // namespace tocsin::mljob
