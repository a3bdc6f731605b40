#include "times.h"

#include <datetime.h>  // Of Python; declares a static table that is filled here.

#include <cstdint>

namespace tocsin::python {

namespace nb = nanobind;

void ImportDatetime() {
  PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) throw nb::python_error();
}

nb::object ToDatetime(Timestamp time) {
  const absl::Time moment = absl::FromUnixNanos(time.nanos());
  const absl::CivilSecond civil =
      absl::ToCivilSecond(moment, absl::UTCTimeZone());
  const int64_t micros = absl::ToInt64Microseconds(
      moment - absl::FromCivil(civil, absl::UTCTimeZone()));
  PyObject* datetime = PyDateTimeAPI->DateTime_FromDateAndTime(
      static_cast<int>(civil.year()), civil.month(), civil.day(), civil.hour(),
      civil.minute(), civil.second(), static_cast<int>(micros),
      PyDateTime_TimeZone_UTC, PyDateTimeAPI->DateTimeType);
  if (datetime == nullptr) throw nb::python_error();
  return nb::steal(datetime);
}

absl::Duration ToDuration(nb::handle delta) {
  if (PyDelta_Check(delta.ptr()) == 0) {
    throw nb::type_error("expected a datetime.timedelta");
  }
  return absl::Hours(24) * PyDateTime_DELTA_GET_DAYS(delta.ptr()) +
         absl::Seconds(PyDateTime_DELTA_GET_SECONDS(delta.ptr())) +
         absl::Microseconds(PyDateTime_DELTA_GET_MICROSECONDS(delta.ptr()));
}

Timestamp ToTimestamp(nb::handle time) {
  if (PyLong_Check(time.ptr())) {
    const long long nanos = PyLong_AsLongLong(time.ptr());
    if (nanos == -1 && PyErr_Occurred() != nullptr) throw nb::python_error();
    return Timestamp(nanos);
  }
  if (PyDateTime_Check(time.ptr()) == 0) {
    throw nb::type_error(
        "expected a datetime.datetime, or an int: nanoseconds since 1970");
  }
  const nb::object offset = time.attr("utcoffset")();
  if (offset.is_none()) {
    throw nb::value_error(
        "this datetime has no time zone; give it one, as "
        "datetime.timezone.utc");
  }
  PyObject* const t = time.ptr();
  const absl::CivilSecond civil(
      PyDateTime_GET_YEAR(t), PyDateTime_GET_MONTH(t), PyDateTime_GET_DAY(t),
      PyDateTime_DATE_GET_HOUR(t), PyDateTime_DATE_GET_MINUTE(t),
      PyDateTime_DATE_GET_SECOND(t));
  return Timestamp(
      absl::ToUnixNanos(absl::FromCivil(civil, absl::UTCTimeZone()) +
                        absl::Microseconds(PyDateTime_DATE_GET_MICROSECOND(t)) -
                        ToDuration(offset)));
}

}  // namespace tocsin::python
