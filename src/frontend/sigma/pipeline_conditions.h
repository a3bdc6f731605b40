// Conditions of pipeline transformations: on the rule, on a detection item, on
// a field name.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_PIPELINE_CONDITIONS_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_PIPELINE_CONDITIONS_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/string_map.h"
#include "src/frontend/sigma/ast.h"
#include "src/frontend/sigma/pipeline_yaml.h"
#include "src/text/reporter.h"

namespace tocsin::sigma {

// One rule on its way through all pipelines.
struct RuleState {
  Document* rule = nullptr;
  text::Reporter* reporter = nullptr;  // For the rule's own file.
  base::StringMap<Value> state;        // set_state.
  base::StringMap<Value> attributes;   // set_custom_attribute.
  base::StringSet applied;             // Ids of transformations.
  // The same by name of a field. Counts for names that stand by themselves: in
  // the rule's list of fields, in values under `fieldref`.
  base::StringMap<base::StringSet> applied_to_field;
  base::StringSet mapped_fields;  // Names that mappings have produced.
  // What transformations may still add to this rule, in bytes of values and
  // names. Pipelines can double a rule at every step.
  size_t bytes_left = size_t{32} << 20;

  // False once the budget is gone.
  bool Spend(size_t bytes);
};

enum class ConditionSide { kRule, kDetectionItem, kFieldName };

// What a condition looks at: the rule in any case, an item on the item side, a
// name on the field side, with the item whose field it names, if any.
struct ConditionSubject {
  const RuleState* rule = nullptr;
  const Item* item = nullptr;
  // Null: keywords.
  const std::string* field = nullptr;
};

class PipelineCondition {
 public:
  virtual ~PipelineCondition() = default;
  virtual bool Holds(const ConditionSubject& subject) const = 0;
};

struct ConditionKind {
  ConditionSide side;
  std::string_view name;
  std::string_view description;
  std::string_view example;  // One condition, as a YAML flow mapping.
  // Reads the parameters; null or errors reported if they are wrong.
  std::unique_ptr<PipelineCondition> (*parse)(MapReader* reader);
};

// Every kind of condition there is.
std::span<const ConditionKind> ConditionKinds();

// The conditions of one side of a transformation, and how they are linked.
class ConditionGroup {
 public:
  // Reads `rule_conditions`, `rule_cond_op`, `rule_cond_expr` and
  // `rule_cond_not`, or their like of the other sides.
  static ConditionGroup Parse(ConditionSide side, MapReader* reader);

  bool empty() const { return conditions_.empty(); }

  // A group without conditions holds.
  bool Holds(const ConditionSubject& subject) const;

 private:
  base::StringMap<std::unique_ptr<PipelineCondition>> conditions_;
  Condition link_;  // Over the names of conditions_.
  bool negated_ = false;
};

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_PIPELINE_CONDITIONS_H_
