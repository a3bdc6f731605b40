#include "arrow_input.h"

#include <algorithm>
#include <string>

#include "arrow_abi.h"
#include "arrow_rows.h"
#include "json_buffer.h"

namespace tocsin::python {
namespace {

namespace nb = nanobind;

// After so many rows Ctrl-C is looked for.
constexpr int64_t kSignalRows = 20'000;

template <typename Struct>
Struct& Content(nb::handle capsule, const char* name) {
  void* content = PyCapsule_GetPointer(capsule.ptr(), name);
  if (content == nullptr) throw nb::python_error();
  return *static_cast<Struct*>(content);
}

void FeedRows(const ArrowRows& rows, const ArrowArray& array, int64_t begin,
              int64_t end, JsonBuffer* record, EventFeeder* feeder) {
  for (int64_t row = begin; row < end; ++row) {
    if (rows.is_text()) {
      feeder->FeedLine(rows.Text(array, row).value_or(""));
    } else {
      record->Clear();
      rows.AppendRecord(array, row, record);
      feeder->FeedLine(record->text());
    }
  }
}

void FeedArray(const ArrowRows& rows, const ArrowArray& array,
               EventFeeder* feeder) {
  JsonBuffer record;
  for (int64_t begin = 0; begin < array.length; begin += kSignalRows) {
    const int64_t end = std::min(begin + kSignalRows, array.length);
    if (end - begin < 8) {  // Too few to be worth it.
      FeedRows(rows, array, begin, end, &record, feeder);
    } else {
      const nb::gil_scoped_release release;
      FeedRows(rows, array, begin, end, &record, feeder);
    }
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
  }
}

void FeedStream(ArrowArrayStream& stream, EventFeeder* feeder) {
  const auto check = [&](int code) {
    if (code == 0) return;
    if (PyErr_Occurred() != nullptr) throw nb::python_error();
    const char* reason = stream.get_last_error(&stream);
    throw nb::value_error(
        ("the Arrow stream failed: " +
         std::string(reason == nullptr ? "no reason given" : reason))
            .c_str());
  };
  ArrowOwned<ArrowSchema> schema;
  check(stream.get_schema(&stream, schema.get()));
  const ArrowRows rows(*schema);
  while (true) {
    ArrowOwned<ArrowArray> array;
    check(stream.get_next(&stream, array.get()));
    if (array.released()) return;
    FeedArray(rows, *array, feeder);
  }
}

}  // namespace

bool IsArrow(nb::handle object) {
  return nb::hasattr(object, "__arrow_c_stream__") ||
         nb::hasattr(object, "__arrow_c_array__");
}

void FeedArrow(nb::handle object, EventFeeder* feeder) {
  if (nb::hasattr(object, "__arrow_c_array__")) {
    const nb::tuple capsules =
        nb::cast<nb::tuple>(object.attr("__arrow_c_array__")());
    const ArrowRows rows(Content<ArrowSchema>(capsules[0], "arrow_schema"));
    FeedArray(rows, Content<ArrowArray>(capsules[1], "arrow_array"), feeder);
    return;
  }
  const nb::object capsule = object.attr("__arrow_c_stream__")();
  FeedStream(Content<ArrowArrayStream>(capsule, "arrow_array_stream"), feeder);
}

}  // namespace tocsin::python
