// Python objects to JSON, without a detour over the json module.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_OBJECT_JSON_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_OBJECT_JSON_H_

#include <nanobind/nanobind.h>

#include <string_view>

#include "json_buffer.h"

namespace tocsin::python {

// The UTF-8 of a str. Lone surrogates, which have none, come out as bytes that
// are not UTF-8, so that the engine counts them; `keep` then holds the bytes.
std::string_view Utf8Of(nanobind::handle text, nanobind::object* keep);

// Appends `value` as JSON: None, bool, int of any size, float, str, dict and
// other mappings, list, tuple, set; what has isoformat() (datetime, date) as
// that text; numbers of other packages by __index__ and __float__; UUID,
// Decimal, paths and addresses by str(). Raises TypeError for the rest, with
// nothing appended that counts. Deeper than any engine reads, the text ends in
// a form that every engine refuses.
void AppendJson(nanobind::handle value, JsonBuffer* out);

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_OBJECT_JSON_H_
