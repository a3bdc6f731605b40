// Counters of an engine as a dict.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_METRICS_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_METRICS_H_

#include <nanobind/nanobind.h>

#include "tocsin/engine.h"

namespace tocsin::python {

nanobind::dict MetricsOf(const Engine& engine);

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_METRICS_H_
