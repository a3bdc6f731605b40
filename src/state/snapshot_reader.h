// SnapshotReader: reads what a SnapshotWriter wrote, or what someone says it
// did.
//
//   SnapshotReader in(section.body);
//   const std::string_view id = in.GetText();
//   for (uint64_t left = in.GetCount(kLeastGroupBytes); left > 0; --left) ...
//   if (!in.ok()) return in.error();
//
// Never reads beyond its bytes. The first thing wrong is remembered; from then
// on all numbers are 0 and all texts empty, so a caller can read on and ask
// once, before it believes what it read. Counts are checked against the bytes
// that are left, so a false one costs no memory and no time.

#ifndef TOCSIN_SRC_STATE_SNAPSHOT_READER_H_
#define TOCSIN_SRC_STATE_SNAPSHOT_READER_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::state {

class SnapshotReader {
 public:
  // `bytes` must outlive the reader; texts are views into them.
  explicit SnapshotReader(std::string_view bytes) : rest_(bytes) {}

  uint8_t Get8() { return static_cast<uint8_t>(GetFixed(1)); }
  bool GetBool();
  uint32_t Get32() { return static_cast<uint32_t>(GetFixed(4)); }
  uint64_t Get64() { return GetFixed(8); }
  int64_t GetInt() { return static_cast<int64_t>(GetFixed(8)); }
  double GetDouble() { return std::bit_cast<double>(GetFixed(8)); }
  std::string_view GetText();
  std::string_view GetBytes(size_t size) { return Take(size); }

  // A count of things of which each takes at least `least_bytes`, at least 1.
  uint64_t GetCount(size_t least_bytes);

  // A counter: never negative, and with room to count on.
  int64_t GetCounter();

  // The next section. False at the end of the bytes, or if something is wrong
  // with it: then ok() tells which.
  struct Section {
    uint32_t kind = 0;
    std::string_view body;
  };
  bool GetSection(Section* section);

  // Reading fails if the caller finds that what was read cannot be. The first
  // reason is kept.
  void Fail(std::string_view reason);

  bool ok() const { return error_.empty(); }
  const std::string& error() const { return error_; }
  size_t remaining() const { return rest_.size(); }

 private:
  uint64_t GetFixed(size_t bytes);
  std::string_view Take(size_t bytes);

  std::string_view rest_;
  std::string error_;
};

}  // namespace tocsin::state

#endif  // TOCSIN_SRC_STATE_SNAPSHOT_READER_H_
