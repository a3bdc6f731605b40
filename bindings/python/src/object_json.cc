#include "object_json.h"

#include <string>

namespace tocsin::python {
namespace {

namespace nb = nanobind;

// Engines read 256 levels, so one more is malformed for all of them.
constexpr int kMostDepth = 300;

void AppendValue(nb::handle value, int depth, JsonBuffer* out);

void AppendText(nb::handle text, JsonBuffer* out) {
  nb::object keep;
  out->AppendString(Utf8Of(text, &keep));
}

// Integers beyond 64 bits keep all their digits.
void AppendInt(nb::handle value, JsonBuffer* out) {
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
  if (overflow == 0) {
    if (number == -1 && PyErr_Occurred() != nullptr) throw nb::python_error();
    out->AppendInteger(number);
    return;
  }
  // Not str(): a subclass may say what it likes.
  const nb::object text = nb::steal(PyNumber_ToBase(value.ptr(), 10));
  if (!text.is_valid()) throw nb::python_error();
  nb::object keep;
  out->Append(Utf8Of(text, &keep));
}

void AppendFloat(nb::handle value, JsonBuffer* out) {
  const double number = PyFloat_AsDouble(value.ptr());
  if (number == -1.0 && PyErr_Occurred() != nullptr) throw nb::python_error();
  out->AppendNumber(number);
}

// Keys as json.dumps writes them.
void AppendKey(nb::handle key, JsonBuffer* out) {
  if (PyUnicode_Check(key.ptr())) {
    AppendText(key, out);
  } else if (key.is_none()) {
    out->Append("\"null\"");
  } else if (PyBool_Check(key.ptr())) {
    out->Append(key.ptr() == Py_True ? "\"true\"" : "\"false\"");
  } else if (PyLong_Check(key.ptr()) || PyFloat_Check(key.ptr())) {
    AppendText(nb::str(key), out);
  } else {
    throw nb::type_error(
        "keys of an event must be str, int, float, bool or "
        "None");
  }
  out->Append(':');
}

// Values are held while Python code may run: that code can change the dict.
void AppendDict(nb::handle dict, int depth, JsonBuffer* out) {
  out->Append('{');
  PyObject* key = nullptr;
  PyObject* value = nullptr;
  Py_ssize_t position = 0;
  while (PyDict_Next(dict.ptr(), &position, &key, &value) != 0) {
    const nb::object held_value = nb::borrow(value);
    if (PyUnicode_CheckExact(key)) {
      AppendKey(key, out);
    } else {
      AppendKey(nb::borrow(key), out);
    }
    AppendValue(held_value, depth + 1, out);
    out->Append(',');
  }
  out->DropComma();
  out->Append('}');
}

void AppendSequence(nb::handle sequence, int depth, JsonBuffer* out) {
  out->Append('[');
  // The size is asked for each time, for the same reason.
  const bool is_list = PyList_Check(sequence.ptr());
  const auto size = [&] {
    return is_list ? PyList_GET_SIZE(sequence.ptr())
                   : PyTuple_GET_SIZE(sequence.ptr());
  };
  for (Py_ssize_t i = 0; i < size(); ++i) {
    const nb::object item =
        nb::borrow(is_list ? PyList_GET_ITEM(sequence.ptr(), i)
                           : PyTuple_GET_ITEM(sequence.ptr(), i));
    AppendValue(item, depth + 1, out);
    out->Append(',');
  }
  out->DropComma();
  out->Append(']');
}

void AppendIterable(nb::handle items, int depth, JsonBuffer* out) {
  out->Append('[');
  for (nb::handle item : nb::iter(items)) {
    AppendValue(item, depth + 1, out);
    out->Append(',');
  }
  out->DropComma();
  out->Append(']');
}

bool Is(nb::handle value, const char* module, const char* type) {
  return nb::isinstance(value, nb::module_::import_(module).attr(type));
}

// Types that are rare in events; asked in the order of what is likely.
void AppendOther(nb::handle value, int depth, JsonBuffer* out) {
  if (nb::hasattr(value, "isoformat")) {
    AppendText(nb::str(value.attr("isoformat")()), out);
  } else if (PyIndex_Check(value.ptr()) != 0) {
    const nb::object number = nb::steal(PyNumber_Index(value.ptr()));
    if (!number.is_valid()) throw nb::python_error();
    AppendInt(number, out);
  } else if (PyAnySet_Check(value.ptr()) != 0) {
    AppendIterable(value, depth, out);
  } else if (Is(value, "collections.abc", "Mapping")) {
    AppendDict(nb::module_::import_("builtins").attr("dict")(value), depth,
               out);
  } else if (Is(value, "decimal", "Decimal")) {
    // As a number where JSON has one of that form.
    const nb::object text = nb::str(value);
    if (nb::cast<bool>(value.attr("is_finite")())) {
      nb::object keep;
      out->Append(Utf8Of(text, &keep));
    } else {
      out->Append("null");
    }
  } else if (Is(value, "uuid", "UUID") || Is(value, "os", "PathLike") ||
             nb::hasattr(value, "packed")) {
    AppendText(nb::str(value), out);
  } else if (nb::hasattr(value, "tolist")) {  // Arrays and bools of numpy.
    AppendValue(value.attr("tolist")(), depth + 1, out);
  } else if (nb::hasattr(value, "__float__")) {
    const nb::object number = nb::steal(PyNumber_Float(value.ptr()));
    if (!number.is_valid()) throw nb::python_error();
    AppendFloat(number, out);
  } else {
    const std::string type = nb::cast<std::string>(
        nb::str(nb::handle(reinterpret_cast<PyObject*>(Py_TYPE(value.ptr())))
                    .attr("__name__")));
    throw nb::type_error(
        ("an event cannot hold a value of type " + type).c_str());
  }
}

void AppendValue(nb::handle value, int depth, JsonBuffer* out) {
  PyObject* const object = value.ptr();
  if (PyUnicode_Check(object)) {
    AppendText(value, out);
  } else if (value.is_none()) {
    out->Append("null");
  } else if (PyBool_Check(object)) {
    out->Append(object == Py_True ? "true" : "false");
  } else if (PyLong_Check(object)) {
    AppendInt(value, out);
  } else if (PyFloat_Check(object)) {
    AppendFloat(value, out);
  } else if (depth > kMostDepth) {
    out->Append("null");
  } else if (PyDict_Check(object)) {
    AppendDict(value, depth, out);
  } else if (PyList_Check(object) || PyTuple_Check(object)) {
    AppendSequence(value, depth, out);
  } else {
    AppendOther(value, depth, out);
  }
}

}  // namespace

std::string_view Utf8Of(nb::handle text, nb::object* keep) {
  Py_ssize_t size = 0;
  const char* bytes = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
  if (bytes == nullptr) {
    PyErr_Clear();
    *keep = nb::steal(
        PyUnicode_AsEncodedString(text.ptr(), "utf-8", "surrogatepass"));
    if (!keep->is_valid()) throw nb::python_error();
    bytes = PyBytes_AS_STRING(keep->ptr());
    size = PyBytes_GET_SIZE(keep->ptr());
  }
  return {bytes, static_cast<size_t>(size)};
}

void AppendJson(nb::handle value, JsonBuffer* out) {
  AppendValue(value, 0, out);
}

}  // namespace tocsin::python
