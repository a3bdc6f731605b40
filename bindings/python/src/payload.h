// The events in one record of a cloud service, for tocsin.aws.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_PAYLOAD_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_PAYLOAD_H_

#include <nanobind/nanobind.h>

namespace tocsin::python {

void BindPayload(nanobind::module_& module);

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_PAYLOAD_H_
