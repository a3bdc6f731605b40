// Advice on jobs: what can be right and yet do nothing, or something else than
// was meant.

#ifndef TOCSIN_SRC_FRONTEND_MLJOB_ADVICE_H_
#define TOCSIN_SRC_FRONTEND_MLJOB_ADVICE_H_

#include <vector>

#include "src/ir/detector_job.h"
#include "src/text/reporter.h"
#include "src/text/source.h"

namespace tocsin::mljob {

// Where its author wrote what advice is about.
struct JobPlaces {
  std::vector<text::Range> functions;  // By detector.
  text::Range bucket_span;
  text::Range influencers;
};

void Advise(const ir::DetectorJob& job, const JobPlaces& places,
            text::Reporter* reporter);

}  // namespace tocsin::mljob

#endif  // TOCSIN_SRC_FRONTEND_MLJOB_ADVICE_H_
