#include <cerrno>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "src/base/ip_network.h"
#include "src/base/json_writer.h"
#include "src/base/string_map.h"
#include "tocsin/enrich.h"

#ifdef TOCSIN_HAVE_MAXMINDDB
#include <maxminddb.h>
#include <netinet/in.h>

#include <cstring>
#endif

namespace tocsin {

#ifdef TOCSIN_HAVE_MAXMINDDB

namespace {

class Record {
 public:
  explicit Record(MMDB_entry_s entry) : entry_(entry) {}

  template <typename... Keys>
  void Text(std::string* text, bool* found, Keys... keys) {
    MMDB_entry_data_s data;
    if (!text->empty() || !Get(&data, keys...)) return;
    if (data.type != MMDB_DATA_TYPE_UTF8_STRING) return;
    text->assign(data.utf8_string, data.data_size);
    *found |= !text->empty();
  }

  template <typename... Keys>
  void Double(std::optional<double>* value, bool* found, Keys... keys) {
    MMDB_entry_data_s data;
    if (value->has_value() || !Get(&data, keys...)) return;
    if (data.type != MMDB_DATA_TYPE_DOUBLE) return;
    *value = data.double_value;
    *found = true;
  }

  template <typename... Keys>
  void Uint(std::optional<int64_t>* value, bool* found, Keys... keys) {
    MMDB_entry_data_s data;
    if (value->has_value() || !Get(&data, keys...)) return;
    if (data.type != MMDB_DATA_TYPE_UINT32) return;
    *value = data.uint32;
    *found = true;
  }

 private:
  template <typename... Keys>
  bool Get(MMDB_entry_data_s* data, Keys... keys) {
    return MMDB_get_value(&entry_, data, keys...,
                          static_cast<const char*>(nullptr)) == MMDB_SUCCESS &&
           data->has_data;
  }

  MMDB_entry_s entry_;
};

absl::Status OpenError(const std::string& path, int code) {
  if (errno != 0 && (code == MMDB_FILE_OPEN_ERROR || code == MMDB_IO_ERROR)) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": not a database of places: ", MMDB_strerror(code)));
}

}  // namespace

struct Places::Impl {
  Impl() = default;
  ~Impl() {
    if (is_open) MMDB_close(&database);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // A database of IPv4 alone has none of IPv6.
  MMDB_lookup_result_s LookUp(const base::IpAddress& address) {
    constexpr size_t kIpv4At = 12;
    int code = MMDB_SUCCESS;
    const bool is_ipv4 =
        base::IpNetwork{.address = MappedZero(), .prefix = 96}.Contains(
            address);
    if (is_ipv4) {
      sockaddr_in query{};
      query.sin_family = AF_INET;
      std::memcpy(&query.sin_addr, address.bytes.data() + kIpv4At, 4);
      return Checked(MMDB_lookup_sockaddr(
                         &database, reinterpret_cast<sockaddr*>(&query), &code),
                     code);
    }
    sockaddr_in6 query{};
    query.sin6_family = AF_INET6;
    std::memcpy(&query.sin6_addr, address.bytes.data(), 16);
    return Checked(MMDB_lookup_sockaddr(
                       &database, reinterpret_cast<sockaddr*>(&query), &code),
                   code);
  }

  static base::IpAddress MappedZero() {
    base::IpAddress zero;
    zero.bytes[10] = zero.bytes[11] = 0xFF;
    return zero;
  }

  static MMDB_lookup_result_s Checked(MMDB_lookup_result_s result, int code) {
    if (code != MMDB_SUCCESS) result.found_entry = false;
    return result;
  }

  MMDB_s database{};
  bool is_open = false;
};

absl::StatusOr<Places> Places::Open(const std::string& path) {
  auto impl = std::make_unique<Impl>();
  errno = 0;
  const int code = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &impl->database);
  if (code != MMDB_SUCCESS) return OpenError(path, code);
  impl->is_open = true;
  return Places(std::move(impl));
}

bool Places::Find(std::string_view address, Place* place) const {
  const std::optional<base::IpAddress> parsed = base::ParseIpAddress(address);
  if (!parsed) return false;
  const MMDB_lookup_result_s result = impl_->LookUp(*parsed);
  if (!result.found_entry) return false;
  Record record(result.entry);
  bool found = false;
  record.Text(&place->country_code, &found, "country", "iso_code");
  record.Text(&place->country, &found, "country", "names", "en");
  record.Text(&place->city, &found, "city", "names", "en");
  record.Double(&place->latitude, &found, "location", "latitude");
  record.Double(&place->longitude, &found, "location", "longitude");
  record.Uint(&place->asn, &found, "autonomous_system_number");
  record.Text(&place->organization, &found, "autonomous_system_organization");
  return found;
}

#else

struct Places::Impl {};

absl::StatusOr<Places> Places::Open(const std::string& path) {
  return absl::UnimplementedError(absl::StrCat(
      path, ": a database of places, and this build has no libmaxminddb"));
}

bool Places::Find(std::string_view, Place*) const { return false; }

#endif  // TOCSIN_HAVE_MAXMINDDB

Places::Places(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Places::~Places() = default;
Places::Places(Places&&) noexcept = default;
Places& Places::operator=(Places&&) noexcept = default;

void AppendPlaceJson(const Place& place, std::string* out) {
  char separator = '{';
  const auto key = [&](std::string_view name) {
    out->push_back(std::exchange(separator, ','));
    base::AppendJsonString(name, out);
    out->push_back(':');
  };
  const auto text = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    key(name);
    base::AppendJsonString(value, out);
  };
  const auto number = [&](std::string_view name, std::optional<double> value) {
    if (!value) return;
    key(name);
    base::AppendJsonDouble(*value, out);
  };
  text("countryCode", place.country_code);
  text("country", place.country);
  text("city", place.city);
  number("latitude", place.latitude);
  number("longitude", place.longitude);
  if (place.asn) {
    key("asn");
    absl::StrAppend(out, *place.asn);
  }
  text("organization", place.organization);
  if (separator == '{') out->push_back('{');
  out->push_back('}');
}

}  // namespace tocsin
