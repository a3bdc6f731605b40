// OddKeys: the values of keys that are more than one each.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_ODD_KEYS_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_ODD_KEYS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::runtime {

// The different values of each part of a key, as bytes of keys, one part after
// the other. Keeps its memory.
class OddKeys {
 public:
  struct Place {
    uint32_t begin;
    uint32_t size;
  };

  void Clear() {
    bytes_.clear();
    places_.clear();
    part_ends_.clear();
  }
  // A value of the part that is being made.
  void Add(std::string_view value) {
    places_.push_back({static_cast<uint32_t>(bytes_.size()),
                       static_cast<uint32_t>(value.size())});
    bytes_ += value;
  }
  bool is_empty() const { return places_.size() == PartBegin(); }

  // Orders the part, and drops what is there twice or beyond `most`. Returns
  // how many were beyond.
  size_t FinishPart(size_t most) {
    const auto begin =
        places_.begin() + static_cast<std::ptrdiff_t>(PartBegin());
    std::sort(begin, places_.end(), [&](const Place& a, const Place& b) {
      return Bytes(a) < Bytes(b);
    });
    places_.erase(std::unique(begin, places_.end(),
                              [&](const Place& a, const Place& b) {
                                return Bytes(a) == Bytes(b);
                              }),
                  places_.end());
    const size_t count = places_.size() - PartBegin();
    const size_t cut = count > most ? count - most : 0;
    places_.resize(places_.size() - cut);
    part_ends_.push_back(places_.size());
    return cut;
  }

  std::span<const Place> Values(size_t part) const {
    const size_t begin = part == 0 ? 0 : part_ends_[part - 1];
    return {places_.data() + begin, part_ends_[part] - begin};
  }
  std::string_view Bytes(const Place& place) const {
    return std::string_view(bytes_).substr(place.begin, place.size);
  }

 private:
  size_t PartBegin() const {
    return part_ends_.empty() ? 0 : part_ends_.back();
  }

  std::string bytes_;
  std::vector<Place> places_;
  std::vector<size_t> part_ends_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_ODD_KEYS_H_
