// Rules, rule sets, diagnostics and the compiler, as Python sees them.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_RULES_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_RULES_H_

#include <nanobind/nanobind.h>

#include <memory>

#include "absl/status/status.h"
#include "tocsin/compiler.h"
#include "tocsin/rule_set.h"

namespace tocsin::python {

// A rule keeps the set alive that it belongs to.
using SharedRule = std::shared_ptr<const RuleInfo>;

// A rule set with what its compiler had to say.
struct CompiledRules {
  CompileResult result;
};

nanobind::object MakeRule(const std::shared_ptr<const RuleSet>& rules,
                          const RuleInfo* rule);

// Raises what fits `status`: FileNotFoundError, PermissionError,
// IsADirectoryError, else the exception `otherwise` of the package.
[[noreturn]] void Raise(const absl::Status& status, const char* otherwise);

void BindRules(nanobind::module_& module);

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_RULES_H_
