// Processing pipelines: YAML files that change rules before they are compiled
// (field names, placeholders, log sources), as pySigma defines them.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_PIPELINE_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_PIPELINE_H_

#include <memory>

#include "src/frontend/sigma/ast.h"
#include "src/text/reporter.h"
#include "src/text/yaml.h"

namespace tocsin::sigma {

// All pipelines of a compilation. They act as one: variables, state and the
// record of what was applied are shared.
class PipelineSet {
 public:
  PipelineSet();
  ~PipelineSet();
  PipelineSet(PipelineSet&&) noexcept;
  PipelineSet& operator=(PipelineSet&&) noexcept;

  // Reads a pipeline file. False if it cannot be used, with errors reported; a
  // transformation that Tocsin lacks is an error that names it. `reporter` is
  // one for `source`.
  bool Add(const text::YamlDocument& yaml,
           std::shared_ptr<const text::Source> source,
           text::Reporter* reporter);

  bool empty() const;

  // Applies all transformations to `rule` and the detections that filters added
  // to it: pipelines by priority, then by order of addition. False: a
  // rule_failure (reported) or another error; the rule is lost. `reporter` is
  // one for the rule's file.
  bool Apply(Document* rule, text::Reporter* reporter) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_PIPELINE_H_
