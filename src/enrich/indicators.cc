#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "simdjson.h"
#include "src/base/ip_network.h"
#include "src/base/json_writer.h"
#include "src/base/string_map.h"
#include "src/enrich/csv_rows.h"
#include "src/enrich/stix_pattern.h"
#include "tocsin/enrich.h"

namespace tocsin {
namespace {

using base::IpAddress;
using base::IpNetwork;

// A name that is longer is none; so a look-up of its parents is bounded.
constexpr size_t kMaxDomain = 253;

std::string_view Trim(std::string_view text) {
  return base::FromAbsl(absl::StripAsciiWhitespace(base::ToAbsl(text)));
}

// As indicators are compared.
std::string Plain(std::string_view written) {
  std::string text =
      absl::StrReplaceAll(absl::AsciiStrToLower(base::ToAbsl(Trim(written))),
                          {{"[.]", "."}, {"[:]", ":"}});
  if (text.starts_with("hxxp")) text.replace(0, 4, "http");
  if (text.find('/') == std::string::npos) {
    while (text.ends_with('.')) text.pop_back();
  }
  return text;
}

IpAddress Masked(IpAddress address, int prefix) {
  for (int i = 0; i < 16; ++i) {
    const int bits = std::clamp(prefix - 8 * i, 0, 8);
    address.bytes[static_cast<size_t>(i)] &=
        static_cast<uint8_t>(0xFF00 >> bits);
  }
  return address;
}

struct AddressHash {
  size_t operator()(const IpAddress& address) const {
    return absl::HashOf(address.bytes);
  }
};

void AppendMember(std::string_view name, std::string_view text,
                  std::string* members) {
  if (!members->empty()) members->push_back(',');
  base::AppendJsonString(name, members);
  members->push_back(':');
  base::AppendJsonString(text, members);
}

std::string ListMember(std::string_view list) {
  std::string members;
  AppendMember("list", list, &members);
  return members;
}

constexpr std::array kStixMembers = {"name", "indicator_types", "confidence",
                                     "valid_from", "valid_until"};

// What is known of an indicator of STIX, as members.
std::string StixMembers(const simdjson::dom::object& object,
                        std::string_view list) {
  std::string members = ListMember(list);
  std::string_view id;
  if (object["id"].get(id) != simdjson::SUCCESS) id = {};
  AppendMember("stix_id", id, &members);
  for (const char* name : kStixMembers) {
    simdjson::dom::element value;
    if (object[name].get(value) != simdjson::SUCCESS) continue;
    absl::StrAppend(&members, ",\"", name, "\":", simdjson::minify(value));
  }
  return members;
}

}  // namespace

struct Indicators::Impl {
  // What an entry says: its text, and members that it shares with others.
  struct Entry {
    std::string indicator;
    uint32_t known = 0;
  };
  // Networks of one length; of length 128 they are addresses.
  struct Networks {
    int prefix = 0;
    absl::flat_hash_map<IpAddress, Entry, AddressHash> entries;
  };

  Networks& OfPrefix(int prefix) {
    const auto place =
        std::lower_bound(networks.begin(), networks.end(), prefix,
                         [](const Networks& n, int p) { return n.prefix > p; });
    if (place != networks.end() && place->prefix == prefix) return *place;
    return *networks.insert(place, Networks{prefix, {}});
  }

  uint32_t Keep(std::string_view members) {
    if (known.empty() || known.back() != members) known.emplace_back(members);
    return static_cast<uint32_t>(known.size() - 1);
  }

  const Entry* FindAddress(const IpAddress& address) const {
    for (const Networks& of_length : networks) {
      const auto found =
          of_length.entries.find(Masked(address, of_length.prefix));
      if (found == of_length.entries.end()) continue;
      // `::/0` and its like hold no address of IPv4, whatever its encoding.
      const IpNetwork network{found->first, of_length.prefix};
      if (network.Contains(address)) return &found->second;
    }
    return nullptr;
  }

  // The name, or else a parent of it, but no top-level domain.
  std::optional<std::pair<std::string_view, uint32_t>> FindName(
      std::string_view name) const {
    if (const auto it = names.find(name); it != names.end()) {
      return std::pair(std::string_view(it->first), it->second);
    }
    if (name.size() > kMaxDomain || name.find('/') != std::string_view::npos) {
      return std::nullopt;
    }
    while (true) {
      const size_t dot = name.find('.');
      if (dot == std::string_view::npos) return std::nullopt;
      name.remove_prefix(dot + 1);
      if (name.find('.') == std::string_view::npos) return std::nullopt;
      if (const auto it = names.find(name); it != names.end()) {
        return std::pair(std::string_view(it->first), it->second);
      }
    }
  }

  std::vector<Networks> networks;  // The longest prefix first.
  base::StringMap<uint32_t> names;
  std::vector<std::string> known;
  size_t size = 0;
  int64_t skipped = 0;
};

Indicators::Indicators() : impl_(std::make_unique<Impl>()) {}
Indicators::~Indicators() = default;
Indicators::Indicators(Indicators&&) noexcept = default;
Indicators& Indicators::operator=(Indicators&&) noexcept = default;

void Indicators::Add(std::string_view indicator, std::string_view known) {
  std::string text = Plain(indicator);
  if (text.empty()) {
    ++impl_->skipped;
    return;
  }
  const uint32_t kept = impl_->Keep(known);
  bool is_new = false;
  if (const std::optional<IpNetwork> network = base::ParseIpNetwork(text)) {
    is_new =
        impl_->OfPrefix(network->prefix)
            .entries
            .try_emplace(network->address, Impl::Entry{std::move(text), kept})
            .second;
  } else {
    is_new = impl_->names.try_emplace(std::move(text), kept).second;
  }
  impl_->size += is_new ? 1 : 0;
}

void Indicators::AddText(std::string_view text, std::string_view list) {
  const std::string known = ListMember(list);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty()) {
    const size_t size = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, size);
    text.remove_prefix(std::min(size + 1, text.size()));
    line = Trim(line.substr(0, line.find_first_of("#;")));
    line = line.substr(0, line.find_first_of(" \t"));
    if (!line.empty()) Add(line, known);
  }
}

absl::Status Indicators::AddCsv(std::string_view text, std::string_view list,
                                std::string_view column) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  enrich::CsvRows rows(text);
  std::vector<std::string> names;
  if (rows.Next()) names = rows.cells();
  size_t indicator = 0;
  if (!column.empty()) {
    const auto it = std::find(names.begin(), names.end(), column);
    if (it == names.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          base::ToAbsl(list), ": no column `", base::ToAbsl(column), "`"));
    }
    indicator = static_cast<size_t>(it - names.begin());
  }
  while (rows.Next()) {
    std::string known = ListMember(list);
    const std::vector<std::string>& cells = rows.cells();
    for (size_t i = 0; i < std::min(cells.size(), names.size()); ++i) {
      if (i == indicator || names[i].empty() || cells[i].empty()) continue;
      AppendMember(names[i], cells[i], &known);
    }
    Add(indicator < cells.size() ? cells[indicator] : "", known);
  }
  return absl::OkStatus();
}

absl::Status Indicators::AddStix(std::string_view text, std::string_view list) {
  simdjson::dom::parser parser;
  simdjson::dom::array objects;
  if (parser.parse(text.data(), text.size())["objects"].get(objects) !=
      simdjson::SUCCESS) {
    return absl::InvalidArgumentError(
        absl::StrCat(base::ToAbsl(list), ": not a STIX bundle"));
  }
  for (const simdjson::dom::element element : objects) {
    simdjson::dom::object object;
    std::string_view type;
    if (element.get(object) != simdjson::SUCCESS ||
        object["type"].get(type) != simdjson::SUCCESS || type != "indicator") {
      continue;
    }
    std::string_view pattern;
    if (object["pattern"].get(pattern) != simdjson::SUCCESS) pattern = {};
    bool is_revoked = false;
    if (object["revoked"].get(is_revoked) != simdjson::SUCCESS) {
      is_revoked = false;
    }
    const std::vector<std::string> values = enrich::StixPatternValues(pattern);
    if (values.empty() || is_revoked) {
      ++impl_->skipped;
      continue;
    }
    const std::string known = StixMembers(object, list);
    for (const std::string& value : values) Add(value, known);
  }
  return absl::OkStatus();
}

bool Indicators::Find(std::string_view value, std::string* json) const {
  const std::string text = Plain(value);
  std::string_view indicator;
  uint32_t known = 0;
  if (const std::optional<IpAddress> address = base::ParseIpAddress(text)) {
    const Impl::Entry* entry = impl_->FindAddress(*address);
    if (entry == nullptr) return false;
    indicator = entry->indicator;
    known = entry->known;
  } else {
    const auto found = impl_->FindName(text);
    if (!found) return false;
    indicator = found->first;
    known = found->second;
  }
  json->append("{\"indicator\":");
  base::AppendJsonString(indicator, json);
  const std::string& members = impl_->known[known];
  if (!members.empty()) json->append(",").append(members);
  json->push_back('}');
  return true;
}

size_t Indicators::size() const { return impl_->size; }
int64_t Indicators::skipped() const { return impl_->skipped; }

}  // namespace tocsin
