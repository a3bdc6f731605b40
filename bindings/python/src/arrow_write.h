// Results for Arrow.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_ARROW_WRITE_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_ARROW_WRITE_H_

#include <nanobind/nanobind.h>

#include <memory>

#include "results.h"

namespace tocsin::python {

// A capsule "arrow_array_stream" of one record batch, a row a finding.
nanobind::object MakeArrowStream(std::shared_ptr<const Batch> batch);

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_ARROW_WRITE_H_
