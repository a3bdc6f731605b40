// Enricher: what is known of addresses, joined to events, from tables in
// memory: lists of indicators, and databases of places.
//
//   tocsin::Enricher enricher;
//   absl::Status status = enricher.AddFile("feeds/scanners.csv");
//   if (!status.ok()) return Fail(status);
//   for (std::string_view line : lines) {
//     engine.Feed(tocsin::Event::Json(enricher.Enrich(line)));
//   }
//
// An event whose `sourceIPAddress` or `source.ip` a list knows gets
// `threatIntel`, and one that a database of MaxMind knows `geoLocation`, as
// objects, so that rules can ask for them. Nothing here reaches for the
// network.
//
// Indicators are compared in lower case, whether they are written as reports
// write them (`192[.]0[.]2[.]1`, `hxxps://`) or not. Of one that stands in
// several lists what was added first is found; of networks that hold an
// address, the smallest; a domain by its parents too.
//
// Cost: a walk over the members of an event, and a look-up of some 100 ns a
// length of prefix that there is. Thread-compatible: const members may run at
// once, but an Enricher is one thread's.

#ifndef TOCSIN_ENRICH_H_
#define TOCSIN_ENRICH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tocsin {

// Lists of indicators: addresses, networks, domains, URLs, hashes. Some 200
// bytes each, and what is known of it.
class Indicators {
 public:
  Indicators();
  ~Indicators();
  Indicators(Indicators&&) noexcept;
  Indicators& operator=(Indicators&&) noexcept;

  // Adds one. `known`: members of a JSON object without its braces, as
  // `"list":"scanners"`; they are not checked. An empty one is skipped.
  void Add(std::string_view indicator, std::string_view known = {});

  // A list with an indicator a line; `#` and `;` begin comments. `list` is
  // found as member `list`.
  void AddText(std::string_view text, std::string_view list);

  // A table with a header line; its other columns are what is known, as texts.
  // Lines that begin with `#` are comments. `column` holds the indicator; if
  // empty, the first does. InvalidArgument if there is no such column.
  absl::Status AddCsv(std::string_view text, std::string_view list,
                      std::string_view column = {});

  // The indicators of a STIX 2 bundle whose patterns are values, or values
  // joined by OR; others, and those that were revoked, are skipped. Known are
  // `stix_id`, `name`, `indicator_types`, `confidence`, `valid_from` and
  // `valid_until`. InvalidArgument for what is no bundle.
  absl::Status AddStix(std::string_view text, std::string_view list);

  // Looks for an address, domain, URL or hash; appends what is known of it, a
  // JSON object with `indicator`, as it stands in the list. False, and nothing,
  // if nothing is known.
  bool Find(std::string_view value, std::string* json) const;

  size_t size() const;

  // Entries that were not understood, or had been revoked.
  int64_t skipped() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What a database knows of an address; empty where it does not tell.
struct Place {
  std::string country_code;  // "SE"
  std::string country;       // In English.
  std::string city;          // In English.
  std::optional<double> latitude;
  std::optional<double> longitude;
  std::optional<int64_t> asn;
  std::string organization;
};

// A database in MaxMind's form: City, Country, ASN and their like. Read in
// place, from a mapping of its file.
class Places {
 public:
  // NotFound, PermissionDenied; InvalidArgument for what is no such database;
  // Unimplemented if Tocsin was built without libmaxminddb.
  static absl::StatusOr<Places> Open(const std::string& path);

  ~Places();
  Places(Places&&) noexcept;
  Places& operator=(Places&&) noexcept;

  // Sets those members of `place` that are empty and that the database tells;
  // returns whether there were any.
  bool Find(std::string_view address, Place* place) const;

 private:
  struct Impl;
  explicit Places(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// Appends `place` as a JSON object with the members `countryCode`, `country`,
// `city`, `latitude`, `longitude`, `asn`, `organization`, as far as they are
// known.
void AppendPlaceJson(const Place& place, std::string* out);

struct EnricherOptions {
  // Fields whose values are looked for, in this order: the literal key first,
  // then the path. Text that is no address is passed over.
  std::vector<std::string> fields = {"sourceIPAddress", "source.ip"};
};

class Enricher {
 public:
  explicit Enricher(EnricherOptions options = {});
  ~Enricher();
  Enricher(Enricher&&) noexcept;
  Enricher& operator=(Enricher&&) noexcept;

  // Adds a file by its name: `.mmdb` is a database of places, `.csv` a table,
  // `.json` a STIX bundle, all else a list. Longer ones than 1 GiB are refused.
  absl::Status AddFile(const std::string& path);

  // Adds tables that are shared. Of several lists, what the first knows is
  // added; of several databases, what one knows is added to the others.
  void Add(std::shared_ptr<const Indicators> indicators);
  void Add(std::shared_ptr<const Places> places);

  // `json` with what is known of it added behind its other members, in place
  // of members of the same name; `json` itself where nothing is known, or it
  // is no JSON object. Valid until the next call.
  std::string_view Enrich(std::string_view json);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin

#endif  // TOCSIN_ENRICH_H_
