// Readers of rule files: text to values with places.

#ifndef TOCSIN_SRC_FRONTEND_ELASTIC_READ_H_
#define TOCSIN_SRC_FRONTEND_ELASTIC_READ_H_

#include <optional>
#include <vector>

#include "src/frontend/elastic/value.h"
#include "src/text/reporter.h"

namespace tocsin::elastic {

// Deepest nesting of objects and lists.
inline constexpr int kMaxDepth = 64;
// Most values of a file in JSON, and longest file in TOML: each value takes
// some hundred bytes.
inline constexpr int kMaxValues = 1'000'000;
inline constexpr size_t kMaxTomlBytes = size_t{2} << 20;

// A file in TOML. nullopt: it is none, which was told.
std::optional<Value> ReadToml(text::Reporter* reporter);

// A file in JSON: one value a line, or one value in all; of an array its items,
// of an answer of Kibana's interface the items of `data`. What is not
// well-formed is told and left out, and counted in `broken`.
std::vector<Value> ReadJson(text::Reporter* reporter, int* broken);

}  // namespace tocsin::elastic

#endif  // TOCSIN_SRC_FRONTEND_ELASTIC_READ_H_
