// What an engine reports, one object of Python each: a Detection, an Incident,
// a Response or a Suppressed. Light: it points into the batch it is of.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_FINDINGS_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_FINDINGS_H_

#include <nanobind/nanobind.h>

#include <cstddef>
#include <memory>
#include <string_view>

#include "results.h"

namespace tocsin::python {

nanobind::object ParseJson(std::string_view json);

// Finding `index` of the batch, as an object of its kind.
nanobind::object MakeFinding(const std::shared_ptr<const Batch>& batch,
                             size_t index);

void BindFindings(nanobind::module_& module);

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_FINDINGS_H_
