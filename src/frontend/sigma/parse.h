// YAML -> AST.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_PARSE_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_PARSE_H_

#include <memory>
#include <optional>
#include <vector>

#include "src/frontend/sigma/ast.h"
#include "src/text/reporter.h"
#include "src/text/yaml.h"

namespace tocsin::sigma {

// Reads one document; nullopt if it cannot be loaded, with at least one error
// reported. All problems are reported at once.
std::optional<Document> ParseDocument(
    const text::YamlDocument& yaml, std::shared_ptr<const text::Source> source,
    text::Reporter* reporter);

// Reads the selections of a `detection` or filter mapping (all keys but
// `condition`, `timeframe`, `rules`), for documents and pipelines alike.
void ParseSelections(const text::YamlNode& node, Detection* detection,
                     text::Reporter* reporter);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_PARSE_H_
