// LiteralFinder: which of many literals stand in a text.
//
// Built once for the literals that guard rules by one field, then asked for each
// new value. Whole, leading and trailing literals are found by hashes of the
// value's first and last eight bytes; inner ones by one pass that looks up each
// four bytes (three, two, one for shorter literals) in a bitmap and verifies
// what shows. Cost of Find: a few ns for the anchored, about 1 ns a byte for
// the inner literals, whatever their number.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_LITERAL_FINDER_H_
#define TOCSIN_SRC_RUNTIME_MATCH_LITERAL_FINDER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "src/program/program.h"

namespace tocsin::runtime {

class LiteralFinder {
 public:
  using Anchor = program::Literal::Anchor;

  // `text` is folded. Equal literals may be added with several ids. Empty ones
  // match the empty value if they are kWhole or kNumber, and are not added otherwise.
  void Add(Anchor anchor, std::string_view text, uint32_t id);

  // Call once, after the last Add and before Find.
  void Build();

  // Calls `hit(id)` for each literal that stands in the folded `text`, perhaps
  // more than once.
  template <typename Hit>
  void Find(std::string_view text, Hit hit) const;

  bool has_numbers() const { return !numbers_.empty(); }
  // Ids of all kNumber literals: what a number in another form may equal.
  const std::vector<uint32_t>& numbers() const { return numbers_; }

 private:
  // A literal, and where in it the bytes it was found by stand.
  struct Entry {
    uint32_t id = 0;
    uint32_t begin = 0;  // Of its text in texts_.
    uint32_t size = 0;
    uint32_t offset = 0;
  };
  // Entries that share a key, one behind the other in entries_.
  struct Bucket {
    uint32_t first = 0;
    uint32_t count = 0;
  };
  using Table = absl::flat_hash_map<uint64_t, Bucket>;

  // Literals found by `width` bytes anywhere in a text.
  struct Grams {
    int width = 0;
    Table table;
    std::vector<uint64_t> bitmap;  // kBitmapBits bits, by GramHash.
    bool empty() const { return table.empty(); }
  };

  struct Pending {
    Anchor anchor;
    Entry entry;
  };

  static constexpr int kBitmapBits = 16;

  static uint64_t Load(const char* data, size_t size);
  static uint32_t GramHash(uint32_t gram) {
    return (gram * 0x9E3779B1u) >> (32 - kBitmapBits);
  }
  static uint64_t WholeKey(std::string_view text);
  static uint64_t EdgeKey(uint64_t bytes, size_t size) {
    return bytes * 0x9E3779B97F4A7C15u + size;
  }

  std::string_view TextOf(const Entry& entry) const {
    return std::string_view(texts_).substr(entry.begin, entry.size);
  }
  void BuildTable(std::vector<std::pair<uint64_t, Entry>> keyed, Table* table);
  void BuildGrams();
  size_t RarestGram(const Entry& entry, int width,
                    const absl::flat_hash_map<uint32_t, uint32_t>& uses) const;

  template <typename Hit>
  void Verify(const Table& table, uint64_t key, std::string_view text,
              size_t at, Hit& hit) const;
  template <int kWidth, typename Hit>
  void FindGrams(const Grams& grams, std::string_view text, Hit& hit) const;

  std::string texts_;
  std::vector<Entry> entries_;
  std::vector<Pending> pending_;
  std::vector<uint32_t> numbers_;
  Table whole_;
  Table start_;
  Table end_;
  std::array<bool, 9> start_sizes_{};  // Key sizes that occur, 1 to 8.
  std::array<bool, 9> end_sizes_{};
  std::array<Grams, 5> grams_;  // By width, 1 to 4.
};

template <typename Hit>
void LiteralFinder::Verify(const Table& table, uint64_t key,
                           std::string_view text, size_t at, Hit& hit) const {
  const auto found = table.find(key);
  if (found == table.end()) return;
  for (uint32_t i = 0; i < found->second.count; ++i) {
    const Entry& entry = entries_[found->second.first + i];
    if (at < entry.offset) continue;
    const size_t begin = at - entry.offset;
    if (begin + entry.size <= text.size() &&
        std::memcmp(text.data() + begin, texts_.data() + entry.begin,
                    entry.size) == 0) {
      hit(entry.id);
    }
  }
}

template <int kWidth, typename Hit>
void LiteralFinder::FindGrams(const Grams& grams, std::string_view text,
                              Hit& hit) const {
  if (grams.empty() || text.size() < kWidth) return;
  const uint64_t* const bitmap = grams.bitmap.data();
  const char* const data = text.data();
  const size_t end = text.size() - kWidth;
  for (size_t i = 0; i <= end; ++i) {
    uint32_t gram = 0;
    std::memcpy(&gram, data + i, kWidth);
    const uint32_t hash = GramHash(gram);
    if ((bitmap[hash >> 6] >> (hash & 63) & 1) != 0) [[unlikely]] {
      Verify(grams.table, gram, text, i, hit);
    }
  }
}

template <typename Hit>
void LiteralFinder::Find(std::string_view text, Hit hit) const {
  if (!whole_.empty()) {
    const auto found = whole_.find(WholeKey(text));
    if (found != whole_.end()) {
      for (uint32_t i = 0; i < found->second.count; ++i) {
        const Entry& entry = entries_[found->second.first + i];
        if (TextOf(entry) == text) hit(entry.id);
      }
    }
  }
  for (size_t size = 1; size <= 8 && size <= text.size(); ++size) {
    if (start_sizes_[size]) {
      Verify(start_, EdgeKey(Load(text.data(), size), size), text, 0, hit);
    }
    if (end_sizes_[size]) {
      const size_t at = text.size() - size;
      Verify(end_, EdgeKey(Load(text.data() + at, size), size), text, at, hit);
    }
  }
  FindGrams<4>(grams_[4], text, hit);
  FindGrams<3>(grams_[3], text, hit);
  FindGrams<2>(grams_[2], text, hit);
  FindGrams<1>(grams_[1], text, hit);
}

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_LITERAL_FINDER_H_
