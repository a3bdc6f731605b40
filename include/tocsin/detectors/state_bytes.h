// StateWriter and StateReader: how a detector becomes bytes and comes back.
//
//   std::string bytes;
//   tocsin::detectors::StateWriter out(&bytes);
//   series.Save(&out);
//
//   tocsin::detectors::StateReader in(bytes);
//   tocsin::detectors::MetricSeries restored;
//   if (!restored.Load(&in)) return;  // `bytes` are not those of a series.
//
// Numbers have a fixed width and the low byte first, on every machine. There is
// no digest: who keeps the bytes adds one, once for all that is kept.
//
// A reader never reads beyond its bytes. The first thing wrong is remembered:
// from then on all numbers are 0, so that a caller asks once, at the end.

#ifndef TOCSIN_DETECTORS_STATE_BYTES_H_
#define TOCSIN_DETECTORS_STATE_BYTES_H_

#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::detectors {

class StateWriter {
 public:
  // Appends to `out`, which must outlive the writer.
  explicit StateWriter(std::string* out) : out_(*out) {}

  void Put8(uint8_t value) { PutFixed(value, 1); }
  void Put16(uint16_t value) { PutFixed(value, 2); }
  void Put32(uint32_t value) { PutFixed(value, 4); }
  void Put64(uint64_t value) { PutFixed(value, 8); }
  void PutFloat(float value) { Put32(std::bit_cast<uint32_t>(value)); }
  void PutDouble(double value) { Put64(std::bit_cast<uint64_t>(value)); }
  void PutText(std::string_view text) {
    Put32(static_cast<uint32_t>(text.size()));
    out_.append(text);
  }

 private:
  void PutFixed(uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
      out_.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
    }
  }

  std::string& out_;
};

class StateReader {
 public:
  // `bytes` must outlive the reader; texts are views into them.
  explicit StateReader(std::string_view bytes) : rest_(bytes) {}

  uint8_t Get8() { return static_cast<uint8_t>(GetFixed(1)); }
  uint16_t Get16() { return static_cast<uint16_t>(GetFixed(2)); }
  uint32_t Get32() { return static_cast<uint32_t>(GetFixed(4)); }
  uint64_t Get64() { return GetFixed(8); }

  // Not finite is wrong: no model ever holds such a number.
  float GetFloat() { return Finite(std::bit_cast<float>(Get32())); }
  double GetDouble() { return Finite(std::bit_cast<double>(Get64())); }

  // The same, of a number that must lie within [least, most].
  double GetWithin(double least, double most) {
    const double value = GetDouble();
    if (value < least || value > most) ok_ = false;
    return ok_ ? value : 0;
  }

  std::string_view GetText() {
    const size_t size = Get32();
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }

  // A count of things of which each takes at least `least_bytes`, at least 1: a
  // false one costs no memory and no time.
  size_t GetCount(size_t least_bytes) {
    const uint64_t count = Get64();
    if (count > rest_.size() / least_bytes) ok_ = false;
    return ok_ ? static_cast<size_t>(count) : 0;
  }

  void Fail() { ok_ = false; }
  bool ok() const { return ok_; }
  size_t remaining() const { return rest_.size(); }

 private:
  uint64_t GetFixed(size_t bytes) {
    if (!ok_ || rest_.size() < bytes) {
      ok_ = false;
      return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; ++i) {
      value |= static_cast<uint64_t>(static_cast<uint8_t>(rest_[i])) << (8 * i);
    }
    rest_.remove_prefix(bytes);
    return value;
  }

  template <std::floating_point Number>
  Number Finite(Number value) {
    if (!std::isfinite(value)) ok_ = false;
    return ok_ ? value : 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace tocsin::detectors

#endif  // TOCSIN_DETECTORS_STATE_BYTES_H_
