// LiteralFinder: which of many literals stand in a value.
//
// Built once for the literals that guard rules by one field, then asked for
// each new value. Whole, leading and trailing literals are found by hashes of
// the value's first and last eight bytes, inner ones by a GramScanner over the
// value's raw bytes (see scan_text.h), which errs on the side of finding. Cost:
// a few ns for the anchored and a GramScanner's for the inner literals,
// whatever their number.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_LITERAL_FINDER_H_
#define TOCSIN_SRC_RUNTIME_MATCH_LITERAL_FINDER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "src/program/program.h"
#include "src/runtime/match/gram_scanner.h"

namespace tocsin::runtime {

class LiteralFinder {
 public:
  using Anchor = program::Literal::Anchor;

  // What inner literals are looked for in: texts for which HidesAnyText is
  // false, or whole events for which HidesAsciiText is.
  enum class Domain { kValues, kEvents };

  explicit LiteralFinder(Domain domain = Domain::kValues) : domain_(domain) {}

  // `text` is folded. Equal literals may be added with several ids. Empty ones
  // match the empty value if they are kWhole or kNumber, and are not added
  // otherwise.
  void Add(Anchor anchor, std::string_view text, uint32_t id);

  // Call once, after the last Add and before Find.
  void Build();

  bool has_anchored() const {
    return !whole_.empty() || !start_.empty() || !end_.empty();
  }
  bool has_inner() const { return !inner_.empty() || !always_.empty(); }

  // Appends the id of each anchored literal that stands in the folded `text`,
  // perhaps more than once.
  void FindAnchored(std::string_view text, std::vector<uint32_t>* ids) const;

  // Appends the ids of inner literals that may stand in `scan_text`, perhaps
  // more than once. The text must not hide any.
  void FindInner(std::string_view scan_text, std::vector<uint32_t>* ids) const;

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

  struct Pending {
    Anchor anchor;
    Entry entry;
  };

  static uint64_t Load(const char* data, size_t size);
  static uint64_t WholeKey(std::string_view text);
  static uint64_t EdgeKey(uint64_t bytes, size_t size) {
    return bytes * 0x9E3779B97F4A7C15u + size;
  }

  std::string_view TextOf(const Entry& entry) const {
    return std::string_view(texts_).substr(entry.begin, entry.size);
  }
  void AddInner(std::string_view text, uint32_t id);
  void BuildTable(std::vector<std::pair<uint64_t, Entry>> keyed, Table* table);
  void Verify(const Table& table, uint64_t key, std::string_view text,
              size_t at, std::vector<uint32_t>* ids) const;

  Domain domain_;
  std::string texts_;
  std::vector<Entry> entries_;
  std::vector<Pending> pending_;
  std::vector<uint32_t> numbers_;
  Table whole_;
  Table start_;
  Table end_;
  std::array<bool, 9> start_sizes_{};  // Key sizes that occur, 1 to 8.
  std::array<bool, 9> end_sizes_{};
  GramScanner inner_{GramScanner::Case::kLowerBit};
  std::vector<uint32_t> always_;  // Inner literals without a piece to look for.
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_LITERAL_FINDER_H_
