// Files of events, fed to an engine.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_FILE_INPUT_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_FILE_INPUT_H_

#include <nanobind/nanobind.h>

#include <cstddef>
#include <string>

#include "event_feeder.h"

namespace tocsin::python {

// `source`: a path, the bytes of a file, or an object with read(size).
void FeedFile(nanobind::handle source, const std::string& format,
              size_t max_event_bytes, EventFeeder* feeder);

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_FILE_INPUT_H_
