// GramCensus: how often four neighbouring bytes stand in some texts, roughly.
//
// What is rare in a stream is what its literals are best looked for by, and no
// guess knows a stream as well as the stream itself. Counts are kept by hash,
// in 32 KiB: another gram's may be among them.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_GRAM_CENSUS_H_
#define TOCSIN_SRC_RUNTIME_MATCH_GRAM_CENSUS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace tocsin::runtime {

class GramCensus {
 public:
  // Grams are told apart but for bits of `ignored`.
  explicit GramCensus(uint32_t ignored) : ignored_(ignored) {}

  void Add(std::string_view text) {
    for (size_t i = 0; i + 4 <= text.size(); ++i) {
      ++counts_[PlaceOf(text.data() + i)];
    }
    bytes_ += text.size();
  }

  size_t bytes() const { return bytes_; }  // Of all texts.

  uint32_t CountOf(const char* gram) const { return counts_[PlaceOf(gram)]; }

 private:
  static constexpr int kBits = 13;

  size_t PlaceOf(const char* data) const {
    uint32_t gram;
    std::memcpy(&gram, data, 4);
    return (gram | ignored_) * 0x9E3779B1u >> (32 - kBits);
  }

  uint32_t ignored_;
  size_t bytes_ = 0;
  std::vector<uint32_t> counts_ = std::vector<uint32_t>(size_t{1} << kBits);
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_GRAM_CENSUS_H_
