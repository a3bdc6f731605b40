#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "src/base/ip_network.h"
#include "src/base/json_items.h"
#include "src/base/json_unescape.h"
#include "src/base/string_map.h"
#include "tocsin/enrich.h"

namespace tocsin {
namespace {

using base::JsonItems;

constexpr int64_t kMaxFile = int64_t{1} << 30;
constexpr std::string_view kThreat = "threatIntel";
constexpr std::string_view kPlace = "geoLocation";

// A descriptor that is closed at the end.
class File {
 public:
  explicit File(const std::string& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  constexpr size_t kStep = size_t{64} << 10;
  const File file(path);
  if (file.descriptor() < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  std::string text;
  while (true) {
    const size_t before = text.size();
    text.resize(before + std::max(kStep, before / 2));
    const ssize_t got =
        ::read(file.descriptor(), text.data() + before, text.size() - before);
    if (got < 0 && errno != EINTR) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
    }
    text.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return text;
    if (static_cast<int64_t>(text.size()) > kMaxFile) {
      return absl::ResourceExhaustedError(
          absl::StrCat(path, ": longer than ", kMaxFile, " bytes"));
    }
  }
}

// What a field of an event holds: the literal key first, then the path.
// Recursion goes as deep as the field has dots.
std::string_view FindField(std::string_view object, std::string_view field) {
  std::string_view literal;
  std::string_view nested;
  JsonItems items(object);
  while (items.Next()) {
    const std::string_view key = items.key();
    if (key == field) {
      literal = items.value();
    } else if (field.size() > key.size() && field.starts_with(key) &&
               field[key.size()] == '.' && items.value().starts_with('{')) {
      nested = FindField(items.value(), field.substr(key.size() + 1));
    }
  }
  return literal.empty() || literal == "null" ? nested : literal;
}

// The text of a JSON string; empty if `value` is none.
std::string TextOf(std::string_view value) {
  if (value.size() < 2 || value[0] != '"') return {};
  std::string text(value.substr(1, value.size() - 2));
  text.resize(base::UnescapeJsonInPlace(text.data(), text.size()));
  return text;
}

bool IsKnownMember(std::string_view key, bool has_threat, bool has_place) {
  return (has_threat && key == kThreat) || (has_place && key == kPlace);
}

}  // namespace

struct Enricher::Impl {
  // What is to be added to the event at hand; empty: nothing.
  std::string threat;
  std::string place_json;
  std::string out;

  EnricherOptions options;
  std::vector<std::shared_ptr<const Indicators>> indicators;
  std::vector<std::shared_ptr<const Places>> places;
  std::shared_ptr<Indicators> own;  // Of files.

  void LookUp(std::string_view value) {
    if (value.starts_with('[')) {
      JsonItems items(value);
      while (items.Next()) LookUpText(items.value());
    } else {
      LookUpText(value);
    }
  }

  void LookUpText(std::string_view value) {
    const std::string text = TextOf(value);
    if (!base::ParseIpAddress(text)) return;
    for (const auto& list : indicators) {
      if (!threat.empty() || list->Find(text, &threat)) break;
    }
    if (!place_json.empty()) return;
    Place place;
    bool found = false;
    for (const auto& table : places) found |= table->Find(text, &place);
    if (found) AppendPlaceJson(place, &place_json);
  }

  void AppendMember(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (out.size() > 1) out.push_back(',');
    out.append("\"").append(name).append("\":").append(value);
  }

  // The members of `object` but those that are to be replaced.
  void AppendMembers(std::string_view object) {
    JsonItems items(object);
    bool is_replaced = false;
    const bool has_threat = !threat.empty();
    const bool has_place = !place_json.empty();
    while (items.Next()) {
      is_replaced |= IsKnownMember(items.key(), has_threat, has_place);
    }
    if (!is_replaced) {
      out.append(object.substr(0, object.size() - 1));
      return;
    }
    out.push_back('{');
    items = JsonItems(object);
    while (items.Next()) {
      if (!IsKnownMember(items.key(), has_threat, has_place)) {
        AppendMember(items.key(), items.value());
      }
    }
  }
};

Enricher::Enricher(EnricherOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
}
Enricher::~Enricher() = default;
Enricher::Enricher(Enricher&&) noexcept = default;
Enricher& Enricher::operator=(Enricher&&) noexcept = default;

absl::Status Enricher::AddFile(const std::string& path) {
  if (path.ends_with(".mmdb")) {
    absl::StatusOr<Places> places = Places::Open(path);
    if (!places.ok()) return places.status();
    Add(std::make_shared<const Places>(*std::move(places)));
    return absl::OkStatus();
  }
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  if (impl_->own == nullptr) {
    impl_->own = std::make_shared<Indicators>();
    Add(std::shared_ptr<const Indicators>(impl_->own));
  }
  const std::string name = std::filesystem::path(path).filename().string();
  if (path.ends_with(".csv")) return impl_->own->AddCsv(*text, name);
  if (path.ends_with(".json")) return impl_->own->AddStix(*text, name);
  impl_->own->AddText(*text, name);
  return absl::OkStatus();
}

void Enricher::Add(std::shared_ptr<const Indicators> indicators) {
  impl_->indicators.push_back(std::move(indicators));
}
void Enricher::Add(std::shared_ptr<const Places> places) {
  impl_->places.push_back(std::move(places));
}

std::string_view Enricher::Enrich(std::string_view json) {
  const std::string_view object = base::TrimJsonBlanks(json);
  if (!object.starts_with('{')) return json;
  impl_->threat.clear();
  impl_->place_json.clear();
  for (const std::string& field : impl_->options.fields) {
    const std::string_view value = FindField(object, field);
    if (!value.empty()) impl_->LookUp(value);
  }
  if (impl_->threat.empty() && impl_->place_json.empty()) return json;
  if (base::WholeJsonValueSize(object) != object.size()) return json;
  impl_->out.clear();
  impl_->AppendMembers(object);
  impl_->AppendMember(kThreat, impl_->threat);
  impl_->AppendMember(kPlace, impl_->place_json);
  impl_->out.push_back('}');
  return impl_->out;
}

}  // namespace tocsin
