// Keyword arguments of Engine to tocsin::EngineOptions.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_ENGINE_OPTIONS_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_ENGINE_OPTIONS_H_

#include <nanobind/nanobind.h>

#include "tocsin/engine.h"

namespace tocsin::python {

// The signature of Engine's constructor, as stubs show it.
extern const char kEngineSignature[];

// Takes what it knows out of `arguments`. TypeError, ValueError name the
// argument.
EngineOptions TakeEngineOptions(nanobind::dict& arguments);

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_ENGINE_OPTIONS_H_
