// The AST of a correlation document: as written, its form checked, references
// not yet resolved.
//
//   correlation:
//     type: event_count
//     rules: [failed_logon]
//     group-by: [User]
//     timespan: 5m
//     condition: {gte: 10}

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_CORRELATION_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_CORRELATION_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "src/base/correlation_kinds.h"
#include "src/frontend/sigma/ast.h"
#include "src/text/reporter.h"
#include "src/text/source.h"
#include "src/text/yaml.h"

namespace tocsin::sigma {

enum class CorrelationType {
  kEventCount,
  kValueCount,
  kTemporal,
  kTemporalOrdered,
  kValueSum,
  kValueAvg,
  kValuePercentile,
  kValueMedian,
};

// A word of the document and its place.
struct Named {
  std::string name;
  text::Range range;
};

// A name of `group-by` that stands for another field in each rule.
struct Alias {
  struct Field {
    Named rule;
    std::string field;
  };

  Named name;
  std::vector<Field> fields;
};

// One comparison of the condition: `gte: 10`.
struct Bound {
  base::MeasureCompare compare = base::MeasureCompare::kGe;
  double number = 0;
};

struct CorrelationBody {
  CorrelationType type = CorrelationType::kEventCount;
  std::vector<Named> rules;  // Ids and names; at most kMaxReferences.
  std::vector<Named> group_by;
  std::vector<Alias> aliases;
  absl::Duration timespan;
  std::vector<Bound> bounds;      // All of them must hold.
  std::vector<Named> fields;      // `field` of the condition.
  double percentile = 0;          // kValuePercentile.
  std::optional<Condition> over;  // Over rules; kTemporal, kTemporalOrdered.
  text::Range rules_range;
  text::Range condition_range;
  bool generate = false;
};

// What a person writes stays far below these; what the engine keeps for a group
// grows with them.
inline constexpr size_t kMaxReferences = 32;
inline constexpr size_t kMaxGroupFields = 32;
// A correlation may count correlations; so many levels, itself included.
inline constexpr int kMaxChain = 16;

bool IsTemporal(CorrelationType type);

// Reads the map under `correlation`, or a whole document of the old form, which
// has its keys at the top. `document` may have `generate`, too. `key` is the
// place of the word. nullopt: it cannot be loaded; all its problems are
// reported.
std::optional<CorrelationBody> ParseCorrelation(const text::YamlNode& body,
                                                const text::YamlNode& document,
                                                text::Range key,
                                                text::Reporter* reporter);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_CORRELATION_H_
