#include <bit>

#include "src/base/digest.h"
#include "src/state/snapshot_reader.h"
#include "src/state/snapshot_writer.h"

namespace tocsin::state {
namespace {

// Keys of groups hold numbers as they lie in memory.
static_assert(std::endian::native == std::endian::little);

// Of a section: kind, size, digest.
constexpr size_t kSizeAt = 4;
constexpr size_t kDigestAt = kSizeAt + 8;
constexpr size_t kDigestBytes = 16;
constexpr size_t kBodyAt = kDigestAt + kDigestBytes;

// `head`: kind and size.
std::string DigestOf(std::string_view head, std::string_view body) {
  return base::Digest().Add(head).Add(body).Bytes();
}

}  // namespace

void SnapshotWriter::BeginSection(uint32_t kind) {
  section_ = out_.size();
  Put32(kind);
  out_.append(kBodyAt - kSizeAt, '\0');
}

void SnapshotWriter::EndSection() {
  ++sections_;
  Set64(section_ + kSizeAt, out_.size() - section_ - kBodyAt);
  const std::string_view all = std::string_view(out_).substr(section_);
  const std::string digest =
      DigestOf(all.substr(0, kDigestAt), all.substr(kBodyAt));
  out_.replace(section_ + kDigestAt, kDigestBytes, digest);
}

void SnapshotReader::Fail(std::string_view reason) {
  if (!ok()) return;
  error_ = reason;
  rest_ = {};
}

std::string_view SnapshotReader::Take(size_t bytes) {
  if (bytes > rest_.size()) {
    Fail("ends too early");
    return {};
  }
  const std::string_view taken = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return taken;
}

uint64_t SnapshotReader::GetFixed(size_t bytes) {
  uint64_t value = 0;
  size_t shift = 0;
  for (const char c : Take(bytes)) {
    value |= uint64_t{static_cast<unsigned char>(c)} << shift;
    shift += 8;
  }
  return value;
}

bool SnapshotReader::GetBool() {
  const uint8_t value = Get8();
  if (value > 1) Fail("has a truth that is neither 0 nor 1");
  return value == 1;
}

std::string_view SnapshotReader::GetText() { return Take(Get32()); }

uint64_t SnapshotReader::GetCount(size_t least_bytes) {
  const uint64_t count = Get64();
  if (count > rest_.size() / least_bytes) {
    Fail("counts more than it holds");
    return 0;
  }
  return count;
}

int64_t SnapshotReader::GetCounter() {
  const int64_t value = GetInt();
  if (value < 0 || value > INT64_MAX / 2) Fail("has a counter out of range");
  return ok() ? value : 0;
}

bool SnapshotReader::GetSection(Section* section) {
  if (rest_.empty()) return false;
  const std::string_view all = rest_;
  section->kind = Get32();
  const uint64_t size = Get64();
  const std::string_view digest = Take(kDigestBytes);
  section->body = Take(size);
  if (!ok()) return false;
  if (DigestOf(all.substr(0, kDigestAt), section->body) != digest) {
    Fail("has a section that does not match its digest");
    return false;
  }
  return true;
}

}  // namespace tocsin::state
