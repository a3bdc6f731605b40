// Transformations of pipelines: the table of their kinds, and how one is
// applied to a rule.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_TRANSFORMATIONS_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_TRANSFORMATIONS_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/frontend/sigma/ast.h"
#include "src/frontend/sigma/pipeline_conditions.h"
#include "src/frontend/sigma/pipeline_yaml.h"
#include "src/text/source.h"

namespace tocsin::sigma {

// A variable of a pipeline.
struct Variable {
  std::vector<Value> values;
  bool usable = true;  // A scalar or a list of scalars, none of them null.
};
using Variables = base::StringMap<Variable>;

// What a transformation is given besides the rule.
struct StepContext {
  const Variables* variables = nullptr;  // Of all pipelines.
  const ConditionGroup* item_conditions = nullptr;
  const ConditionGroup* field_conditions = nullptr;
  std::string_view id;        // May be empty.
  std::string_view pipeline;  // For messages: its name.
  std::string place;          // For messages: "pipeline.yml:12".
};

class Transformation {
 public:
  virtual ~Transformation() = default;
  // False: the rule is lost, and the reason reported.
  virtual bool Apply(const StepContext& step, RuleState* state) const = 0;
};

// A pipeline while it is read.
struct PipelineFile {
  std::shared_ptr<const text::Source> source;
  // Steps it may still have, nested ones included. Each is tried on each rule.
  int steps_left = 5'000;
};

struct TransformationKind {
  enum Scope { kRule, kItems, kFields };

  std::string_view name;
  // Which conditions count besides those on the rule: none; those on items and
  // field names; the same, and field names in the rule's list of fields.
  Scope scope;
  std::string_view description;
  std::string_view example;  // A whole transformation, in YAML.
  // Reads the parameters; null or errors reported if they are wrong.
  std::unique_ptr<Transformation> (*parse)(MapReader* reader,
                                           PipelineFile* file);
};

// Every kind of transformation there is, by groups.
std::span<const TransformationKind> TransformationKinds();

// One entry of `transformations`.
class Step {
 public:
  // Null if it cannot be used, with errors reported.
  static std::unique_ptr<Step> Parse(const text::YamlNode& node,
                                     PipelineFile* file,
                                     text::Reporter* reporter);

  bool Apply(std::string_view pipeline, const Variables& variables,
             RuleState* state) const;

 private:
  std::string id_;
  std::string place_;
  ConditionGroup rule_conditions_;
  ConditionGroup item_conditions_;
  ConditionGroup field_conditions_;
  std::unique_ptr<Transformation> transformation_;
};

// Reads a list of steps, leaving out those that cannot be used.
std::vector<std::unique_ptr<Step>> ParseSteps(const text::YamlNode& node,
                                              PipelineFile* file,
                                              text::Reporter* reporter);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_TRANSFORMATIONS_H_
