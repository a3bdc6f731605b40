// The detectors of tocsin/detectors over whole arrays, for tocsin.detectors.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_DETECTORS_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_DETECTORS_H_

#include <nanobind/nanobind.h>

namespace tocsin::python {

void BindDetectors(nanobind::module_& module);

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_DETECTORS_H_
