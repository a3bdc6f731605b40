// Tables of indicators and places, for tocsin.enrich.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_ENRICH_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_ENRICH_H_

#include <nanobind/nanobind.h>

namespace tocsin::python {

void BindEnrich(nanobind::module_& module);

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_ENRICH_H_
