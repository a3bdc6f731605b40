// Engine, as Python sees it.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_ENGINE_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_ENGINE_H_

#include <nanobind/nanobind.h>

namespace tocsin::python {

void BindEngine(nanobind::module_& module);

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_ENGINE_H_
