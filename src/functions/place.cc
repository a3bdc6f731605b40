// Places on the earth, by degrees of latitude and longitude.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "src/functions/function.h"

namespace tocsin::functions {
namespace {

constexpr double kEarthRadiusKm = 6371.0088;

std::optional<Value> ToPoint(double latitude, double longitude) {
  const bool fits = latitude >= -90 && latitude <= 90 && longitude >= -180 &&
                    longitude <= 180;
  if (!fits) return std::nullopt;
  return Value::Point(latitude, longitude);
}

// point(lat, lon, whole): from members, or a text "lat,lon".
Value MakePoint(const Call& call) {
  const std::optional<double> latitude = base::DoubleOf(call.arguments[0]);
  const std::optional<double> longitude = base::DoubleOf(call.arguments[1]);
  if (latitude && longitude) {
    return ToPoint(*latitude, *longitude).value_or(Value());
  }
  if (call.arguments.size() < 3 || !call.arguments[2].is_string()) return {};
  const std::vector<std::string> parts =
      absl::StrSplit(call.arguments[2].text, ',');
  double first = 0;
  double second = 0;
  if (parts.size() != 2 || !absl::SimpleAtod(parts[0], &first) ||
      !absl::SimpleAtod(parts[1], &second)) {
    return {};
  }
  return ToPoint(first, second).value_or(Value());
}

std::optional<double> Distance(const Value& a, const Value& b) {
  if (a.kind != base::ValueKind::kPoint || b.kind != base::ValueKind::kPoint) {
    return std::nullopt;
  }
  const auto radians = [](double degrees) {
    return degrees * std::numbers::pi / 180;
  };
  const double lat_a = radians(a.double_value);
  const double lat_b = radians(b.double_value);
  const double half_lat = std::sin((lat_b - lat_a) / 2);
  const double half_lon = std::sin(radians(b.longitude - a.longitude) / 2);
  const double h = half_lat * half_lat +
                   std::cos(lat_a) * std::cos(lat_b) * half_lon * half_lon;
  return 2 * kEarthRadiusKm * std::asin(std::sqrt(std::min(1.0, h)));
}

Value GeoDistance(const Call& call) {
  const std::optional<double> km =
      Distance(call.arguments[0], call.arguments[1]);
  return km ? Value::Double(*km) : Value();
}

// geoSpeed(place, place, time, time): the same instant is taken for a second.
Value GeoSpeed(const Call& call) {
  const std::optional<double> km =
      Distance(call.arguments[0], call.arguments[1]);
  const std::optional<int64_t> begin = base::TimeOf(call.arguments[2]);
  const std::optional<int64_t> end = base::TimeOf(call.arguments[3]);
  if (!km || !begin || !end) return {};
  double seconds =
      std::abs(static_cast<double>(*end) - static_cast<double>(*begin)) / 1e9;
  if (seconds == 0) seconds = 1;
  return Value::Double(*km / seconds * 3600);
}

}  // namespace

std::vector<Function> PlaceFunctions() {
  return {
      {.name = "point",
       .parameters = {{"latitude", ValueType::kNumber},
                      {"longitude", ValueType::kNumber},
                      {"text", ValueType::kAny}},
       .least = 2,
       .result = ValueType::kPoint,
       .nulls = Nulls::kOwn,
       .description =
           "A place; without numbers the text \"latitude,longitude\" "
           "is read.",
       .example = "point(52.5, 13.4)",
       .example_result = "(52.5, 13.4)",
       .call = MakePoint},
      {.name = "geoDistance",
       .parameters = {{"p", ValueType::kPoint}, {"q", ValueType::kPoint}},
       .least = 2,
       .result = ValueType::kNumber,
       .description = "Kilometres between two places. A step stands for its "
                      "`source.geo.location`.",
       .example = "floor(geoDistance(point(52.52, 13.4), point(48.86, 2.35)))",
       .example_result = "877",
       .call = GeoDistance},
      {.name = "geoSpeed",
       .parameters = {{"p", ValueType::kPoint},
                      {"q", ValueType::kPoint},
                      {"from", ValueType::kTime},
                      {"to", ValueType::kTime}},
       .least = 4,
       .result = ValueType::kNumber,
       .description = "Kilometres an hour from one place and time to another. "
                      "Two steps stand for their places and times.",
       .example = "floor(geoSpeed(point(0, 0), point(0, 1), "
                  "2027-01-01T00:00:00Z, 2027-01-01T01:00:00Z))",
       .example_result = "111",
       .call = GeoSpeed},
  };
}

}  // namespace tocsin::functions
