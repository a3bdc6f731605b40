// Processing pipelines: YAML files that change rules before they are compiled
// (field names, placeholders, log sources), as pySigma defines them.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_PIPELINE_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_PIPELINE_H_

#include <memory>
#include <vector>

#include "src/frontend/sigma/ast.h"
#include "src/text/reporter.h"
#include "src/text/yaml.h"

namespace tocsin::sigma {

class Pipeline {
 public:
  // Reads a pipeline file; null if it cannot be used, with errors reported. A
  // transformation that Tocsin lacks is an error that names it.
  static std::unique_ptr<Pipeline> Parse(const text::YamlDocument& yaml,
                                         text::Reporter* reporter);
  ~Pipeline();

  int priority() const;

  // Applies all transformations to `rule`. False: a rule_failure (reported) or
  // another error; the rule is lost.
  bool Apply(Document* rule, text::Reporter* reporter) const;

 private:
  struct Impl;
  explicit Pipeline(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_PIPELINE_H_
