// Times of Python and of Tocsin.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_TIMES_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_TIMES_H_

#include <nanobind/nanobind.h>

#include "absl/time/time.h"
#include "tocsin/timestamp.h"

namespace tocsin::python {

// Called once, when the module is loaded.
void ImportDatetime();

// A datetime in UTC, cut to microseconds.
nanobind::object ToDatetime(Timestamp time);

// A datetime with a zone, or an int: nanoseconds since 1970. TypeError,
// ValueError for a datetime without zone.
Timestamp ToTimestamp(nanobind::handle time);

// A timedelta. TypeError.
absl::Duration ToDuration(nanobind::handle delta);

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_TIMES_H_
