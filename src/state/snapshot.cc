#include "src/state/snapshot.h"

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"

namespace tocsin::state {
namespace {

constexpr std::string_view kMagic = "TOCSTATE";
constexpr size_t kCountAt = 8 + 4;  // Behind magic and version.

}  // namespace

void BeginSnapshot(SnapshotWriter* out) {
  out->PutBytes(kMagic);
  out->Put32(kSnapshotVersion);
  out->Put32(0);
}

void EndSnapshot(size_t begin, SnapshotWriter* out) {
  out->Set32(begin + kCountAt, out->sections());
}

absl::StatusOr<std::vector<SnapshotReader::Section>> OpenSnapshot(
    std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) {
    return absl::InvalidArgumentError("these bytes are no snapshot");
  }
  SnapshotReader in(bytes.substr(kMagic.size()));
  const uint32_t version = in.Get32();
  const uint32_t count = in.Get32();
  if (in.ok() && version != kSnapshotVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("the snapshot has version ", version, ", and version ",
                     kSnapshotVersion, " is read here"));
  }
  std::vector<SnapshotReader::Section> sections;
  SnapshotReader::Section section;
  while (in.GetSection(&section)) sections.push_back(section);
  if (in.ok() && sections.size() != count) in.Fail("lacks sections");
  if (!in.ok()) return SnapshotError(in.error());
  return sections;
}

absl::Status SnapshotError(std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("the snapshot ", base::ToAbsl(reason)));
}

absl::Status FinishReading(const SnapshotReader& in) {
  if (!in.ok()) return SnapshotError(in.error());
  if (in.remaining() > 0) {
    return SnapshotError("has more in a section than belongs there");
  }
  return absl::OkStatus();
}

}  // namespace tocsin::state
