// Objects with Arrow's PyCapsule interface, fed to an engine.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_ARROW_INPUT_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_ARROW_INPUT_H_

#include <nanobind/nanobind.h>

#include "event_feeder.h"

namespace tocsin::python {

bool IsArrow(nanobind::handle object);

// Feeds every row of an array or a stream of arrays: JSON text as it lies
// there, records as JSON objects. TypeError for columns that are neither.
void FeedArrow(nanobind::handle object, EventFeeder* feeder);

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_ARROW_INPUT_H_
