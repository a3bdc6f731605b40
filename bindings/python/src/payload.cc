#include "payload.h"

#include <nanobind/stl/string_view.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "rules.h"
#include "tocsin/payload.h"

namespace tocsin::python {
namespace {

namespace nb = nanobind;

nb::bytes Bytes(std::string_view text) {
  return nb::bytes(text.data(), text.size());
}

// (items, control messages, log groups); an item is (line, event).
nb::tuple Parts(absl::StatusOr<Payload> payload) {
  if (!payload.ok()) Raise(payload.status(), "PayloadError");
  nb::list items;
  for (const PayloadItem& item : payload->items()) {
    const nb::bytes line = Bytes(item.line);
    const bool is_same = item.line.data() == item.event.data() &&
                         item.line.size() == item.event.size();
    items.append(nb::make_tuple(line, is_same ? line : Bytes(item.event)));
  }
  nb::list log_groups;
  for (const std::string& group : payload->log_groups()) {
    // Of outside bytes, and a name: what is not UTF-8 in it does not matter.
    log_groups.append(nb::steal(PyUnicode_DecodeUTF8(
        group.data(), static_cast<Py_ssize_t>(group.size()), "replace")));
  }
  return nb::make_tuple(items, payload->control_messages(), log_groups);
}

nb::tuple Decode(const nb::bytes& data, size_t max_bytes) {
  const std::string_view bytes(data.c_str(), data.size());
  absl::StatusOr<Payload> payload = [&] {
    const nb::gil_scoped_release release;
    return Payload::Decode(bytes, {.max_bytes = max_bytes});
  }();
  return Parts(std::move(payload));
}

nb::tuple DecodeBase64(std::string_view text, size_t max_bytes) {
  absl::StatusOr<Payload> payload = [&] {
    const nb::gil_scoped_release release;
    return Payload::FromBase64(text, {.max_bytes = max_bytes});
  }();
  return Parts(std::move(payload));
}

}  // namespace

void BindPayload(nb::module_& module) {
  constexpr const char* kDoc =
      "The items of a record, its control messages and its log groups.";
  module.def("decode_payload", &Decode, nb::arg("data"), nb::arg("max_bytes"),
             nb::sig("def decode_payload(data: bytes, max_bytes: int) -> "
                     "tuple[list[tuple[bytes, bytes]], int, list[str]]"),
             kDoc);
  module.def("decode_base64_payload", &DecodeBase64, nb::arg("text"),
             nb::arg("max_bytes"),
             nb::sig("def decode_base64_payload(text: str, max_bytes: int) -> "
                     "tuple[list[tuple[bytes, bytes]], int, list[str]]"),
             kDoc);
}

}  // namespace tocsin::python
