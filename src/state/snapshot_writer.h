// SnapshotWriter: state as bytes that outlive the process, and
// SnapshotReader's counterpart.
//
//   SnapshotWriter out(&bytes);
//   out.BeginSection(kRuleSection);
//   out.PutText(rule.id);
//   out.Put64(group_count);
//   out.EndSection();
//
// Numbers have a fixed width and the low byte first; a text is its length and
// its bytes. What is written is the meaning of state, not its place in memory,
// so that memory can be laid out another way and old bytes still be read: no
// handles, no empty places, rings from the oldest on. docs/state_format.md has
// the layout.

#ifndef TOCSIN_SRC_STATE_SNAPSHOT_WRITER_H_
#define TOCSIN_SRC_STATE_SNAPSHOT_WRITER_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::state {

class SnapshotWriter {
 public:
  // Appends to `out`, which must outlive the writer.
  explicit SnapshotWriter(std::string* out) : out_(*out) {}

  void Put8(uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void PutBool(bool value) { Put8(value ? 1 : 0); }
  void Put32(uint32_t value) { PutFixed(value, 4); }
  void Put64(uint64_t value) { PutFixed(value, 8); }
  void PutInt(int64_t value) { Put64(static_cast<uint64_t>(value)); }
  void PutDouble(double value) { Put64(std::bit_cast<uint64_t>(value)); }
  void PutText(std::string_view text) {
    Put32(static_cast<uint32_t>(text.size()));
    out_.append(text);
  }

  void PutBytes(std::string_view bytes) { out_.append(bytes); }

  // A place for a number that is known only later.
  size_t Reserve64() {
    Put64(0);
    return out_.size() - 8;
  }
  void Set64(size_t place, uint64_t value) { SetFixed(place, value, 8); }
  void Set32(size_t place, uint32_t value) { SetFixed(place, value, 4); }

  // A section: kind, size, digest of both and of what is put until EndSection.
  // Sections do not nest.
  void BeginSection(uint32_t kind);
  void EndSection();
  uint32_t sections() const { return sections_; }  // Ended so far.

 private:
  void PutFixed(uint64_t value, size_t bytes) {
    char text[8];
    for (size_t i = 0; i < bytes; ++i) {
      text[i] = static_cast<char>(value >> (8 * i) & 0xFF);
    }
    out_.append(text, bytes);
  }

  void SetFixed(size_t place, uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) {
      out_[place + i] = static_cast<char>(value >> (8 * i) & 0xFF);
    }
  }

  std::string& out_;
  uint32_t sections_ = 0;
  size_t section_ = 0;  // Where the open one begins.
};

}  // namespace tocsin::state

#endif  // TOCSIN_SRC_STATE_SNAPSHOT_WRITER_H_
