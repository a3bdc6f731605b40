#include "enrich.h"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "findings.h"
#include "rules.h"
#include "tocsin/enrich.h"

namespace tocsin::python {
namespace {

namespace nb = nanobind;

void Check(const absl::Status& status) {
  if (!status.ok()) Raise(status, "TableError");
}

nb::object FindIndicator(const Indicators& indicators, std::string_view value) {
  std::string json;
  if (!indicators.Find(value, &json)) return nb::none();
  return ParseJson(json);
}

nb::object FindPlace(const Places& places, std::string_view address) {
  Place place;
  if (!places.Find(address, &place)) return nb::none();
  std::string json;
  AppendPlaceJson(place, &json);
  return ParseJson(json);
}

void OpenPlaces(Places* self, const std::filesystem::path& path) {
  absl::StatusOr<Places> places = Places::Open(path.string());
  if (!places.ok()) Raise(places.status(), "TableError");
  new (self) Places(*std::move(places));
}

void MakeEnricher(Enricher* self, std::vector<std::string> fields,
                  const std::vector<std::shared_ptr<Indicators>>& lists,
                  const std::vector<std::shared_ptr<Places>>& databases) {
  new (self) Enricher(EnricherOptions{.fields = std::move(fields)});
  for (const auto& list : lists) {
    self->Add(std::shared_ptr<const Indicators>(list));
  }
  for (const auto& database : databases) {
    self->Add(std::shared_ptr<const Places>(database));
  }
}

// The same object where nothing is known.
nb::bytes Enrich(Enricher& enricher, const nb::bytes& event) {
  const std::string_view json(event.c_str(), event.size());
  const std::string_view enriched = enricher.Enrich(json);
  if (enriched.data() == json.data()) return event;
  return nb::bytes(enriched.data(), enriched.size());
}

}  // namespace

void BindEnrich(nb::module_& module) {
  nb::class_<Indicators>(module, "IndicatorTable", nb::is_final(),
                         "What tocsin.enrich.Indicators stands on.")
      .def(nb::init<>())
      .def("add", &Indicators::Add, nb::arg("indicator"), nb::arg("known"),
           "`known`: members of a JSON object, without its braces.")
      .def("add_text", &Indicators::AddText, nb::arg("text"), nb::arg("name"),
           "A list with an indicator a line.")
      .def(
          "add_csv",
          [](Indicators& self, std::string_view text, std::string_view name,
             std::string_view column) {
            Check(self.AddCsv(text, name, column));
          },
          nb::arg("text"), nb::arg("name"), nb::arg("column"),
          "A table with a header line.")
      .def(
          "add_stix",
          [](Indicators& self, std::string_view text, std::string_view name) {
            Check(self.AddStix(text, name));
          },
          nb::arg("text"), nb::arg("name"), "A STIX 2 bundle.")
      .def("find", &FindIndicator, nb::arg("value"),
           nb::sig("def find(self, value: str) -> dict[str, Any] | None"),
           "What is known of a value.")
      .def_prop_ro("skipped", &Indicators::skipped,
                   "Entries that were not understood.")
      .def("__len__", &Indicators::size);

  nb::class_<Places>(
      module, "Places", nb::is_final(),
      "A database of places in MaxMind's form: City, Country, ASN.\n\n"
      "Read in place, from a mapping of its file. Raises OSError if that "
      "cannot be opened, TableError if it is no such database.")
      .def("__init__", &OpenPlaces, nb::arg("path"),
           nb::sig("def __init__(self, path: str | os.PathLike[str]) -> None"))
      .def("find", &FindPlace, nb::arg("address"),
           nb::sig("def find(self, address: str) -> dict[str, Any] | None"),
           "What is known of an address: `countryCode`, `country`, `city`, "
           "`latitude`, `longitude`, `asn`, `organization`; or None.");

  nb::class_<Enricher>(module, "Enricher", nb::is_final(),
                       "What tocsin.enrich.by_address stands on.")
      .def("__init__", &MakeEnricher, nb::arg("fields"), nb::arg("lists"),
           nb::arg("databases"),
           nb::sig("def __init__(self, fields: list[str], lists: "
                   "list[IndicatorTable], databases: list[Places]) -> None"))
      .def("enrich", &Enrich, nb::arg("event"),
           nb::sig("def enrich(self, event: bytes) -> bytes"),
           "The event with what is known of it; itself where nothing is.");
}

}  // namespace tocsin::python
