#include "file_input.h"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "rules.h"
#include "tocsin/event_reader.h"

namespace tocsin::python {
namespace {

namespace nb = nanobind;

// After so many events Ctrl-C is looked for.
constexpr int kSignalEvents = 20'000;

// Reads from an object of Python, taking the lock for as long as that takes.
class ObjectSource : public ByteSource {
 public:
  // `failure` is set to what the object raised.
  ObjectSource(nb::object read, std::optional<nb::python_error>* failure)
      : read_(std::move(read)), failure_(failure) {}
  ~ObjectSource() override {
    const nb::gil_scoped_acquire acquire;
    read_.reset();
  }

  absl::StatusOr<size_t> Read(char* buffer, size_t capacity) override {
    const nb::gil_scoped_acquire acquire;
    try {
      const nb::object bytes = read_(capacity);
      if (!PyBytes_Check(bytes.ptr())) {
        PyErr_SetString(PyExc_TypeError, "read() must return bytes");
        throw nb::python_error();
      }
      const auto size = static_cast<size_t>(PyBytes_GET_SIZE(bytes.ptr()));
      if (size > capacity) {
        PyErr_SetString(PyExc_ValueError,
                        "read() returned more than it was "
                        "asked for");
        throw nb::python_error();
      }
      std::memcpy(buffer, PyBytes_AS_STRING(bytes.ptr()), size);
      return size;
    } catch (nb::python_error& error) {
      failure_->emplace(std::move(error));
      return absl::UnavailableError("read() raised an exception");
    }
  }

 private:
  nb::object read_;
  std::optional<nb::python_error>* failure_;
};

InputFormat ToInputFormat(const std::string& name) {
  if (name == "auto") return InputFormat::kAuto;
  if (name == "ndjson") return InputFormat::kNdjson;
  if (name == "lines") return InputFormat::kLines;
  throw nb::value_error("format: expected auto, ndjson or lines");
}

// Returns false at the end.
bool FeedSome(EventReader* reader, EventFeeder* feeder, std::string_view file) {
  for (int i = 0; i < kSignalEvents; ++i) {
    switch (reader->Next()) {
      case EventReader::kEvent: {
        const InputEvent& event = reader->event();
        feeder->FeedEvent(Event::Json(event.json).set_origin(file, event.line),
                          event.line, event.column);
        continue;
      }
      case EventReader::kError:
        feeder->AddError(reader->error().line, reader->error().column,
                         reader->error().reason);
        continue;
      case EventReader::kEnd:
        return false;
    }
  }
  return true;
}

}  // namespace

void FeedFile(nb::handle source, const std::string& format,
              size_t max_event_bytes, EventFeeder* feeder) {
  const EventReaderOptions options{
      .format = ToInputFormat(format),
      .max_event_bytes = std::max(max_event_bytes, size_t{1} << 10)};
  std::string name;
  std::optional<nb::python_error> failure;
  std::unique_ptr<ByteSource> bytes;
  if (PyBytes_Check(source.ptr())) {
    bytes = FromBytes({PyBytes_AS_STRING(source.ptr()),
                       static_cast<size_t>(PyBytes_GET_SIZE(source.ptr()))});
  } else if (nb::hasattr(source, "read")) {
    bytes = std::make_unique<ObjectSource>(source.attr("read"), &failure);
  } else {
    name = nb::cast<std::filesystem::path>(source).string();
    absl::StatusOr<std::unique_ptr<ByteSource>> opened = OpenFile(name);
    if (!opened.ok()) Raise(opened.status(), "Error");
    bytes = *std::move(opened);
  }
  feeder->BeginCall();
  EventReader reader(std::move(bytes), options);
  for (bool more = true; more;) {
    {
      const nb::gil_scoped_release release;
      more = FeedSome(&reader, feeder, name);
    }
    if (failure.has_value()) throw nb::python_error(std::move(*failure));
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
  }
}

}  // namespace tocsin::python
