// Documents of Sigma 1 that act on others of their file: `action: global`,
// `reset` and `repeat`.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_COLLECTION_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_COLLECTION_H_

#include <vector>

#include "src/text/reporter.h"
#include "src/text/yaml.h"

namespace tocsin::sigma {

// Resolves the actions of one file. `global` gives its keys to every document
// that follows, up to the next `global` or `reset`; `repeat` is the document
// before it with some keys replaced. Maps are joined, a document's own keys
// win. Returns how many documents were only there to act (`global`, `reset`)
// and are taken away.
int ResolveActions(std::vector<text::YamlDocument>* documents,
                   text::Reporter* reporter);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_COLLECTION_H_
