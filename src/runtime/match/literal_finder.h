// LiteralFinder: which of many literals stand in a value.
//
// Built once for literals that rules ask for in one field, then asked for each
// value. Whole, leading and trailing literals are found by the value's first
// and last eight bytes, inner ones by a GramScanner. Values are looked at as
// scan texts (see scan_text.h), that is mostly as they stand in the event, or
// as plain folded texts. Answers are exact. Cost: a few ns for the anchored and
// a GramScanner's for the inner literals, whatever their number.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_LITERAL_FINDER_H_
#define TOCSIN_SRC_RUNTIME_MATCH_LITERAL_FINDER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/program/program.h"
#include "src/runtime/match/gram_scanner.h"

namespace tocsin::runtime {

class LiteralFinder {
 public:
  using Anchor = program::Literal::Anchor;
  using Form = GramScanner::Form;

  explicit LiteralFinder(Form form)
      : form_(form), inner_(form), non_ascii_(form) {}

  // `text` is folded. Equal literals may be added with several ids. An empty
  // one must be kWhole.
  void Add(Anchor anchor, std::string_view text, uint32_t id);

  // Call once, after the last Add and before Find.
  void Build();

  bool has_anchored() const { return !anchored_.empty(); }
  bool has_inner() const { return !inner_.empty() || !non_ascii_.empty(); }

  // Appends the ids of the literals that stand in `text`, of the form given.
  void FindAnchored(std::string_view text, std::vector<uint32_t>* ids) const;
  // `is_ascii`: the text is known to be ASCII.
  void FindInner(std::string_view text, bool is_ascii,
                 std::vector<uint32_t>* ids) {
    inner_.Find(text, ids);
    if (!is_ascii) non_ascii_.Find(text, ids);
  }

  bool has_numbers() const { return !numbers_.empty(); }
  // Ids of all kNumber literals: what a number in another form may equal.
  const std::vector<uint32_t>& numbers() const { return numbers_; }

 private:
  struct Literal {
    uint64_t key = 0;  // Made of its anchor and of up to 16 bytes of its text.
    uint32_t id = 0;
    uint32_t begin = 0;  // Of its text in texts_.
    uint32_t size = 0;
    Anchor anchor = Anchor::kWhole;
  };
  // Which key sizes occur, for literals at the start and at the end.
  static constexpr std::array<size_t, 4> kEdges = {8, 4, 2, 1};

  static uint64_t WholeKey(uint64_t first, uint64_t last, size_t size) {
    return Mix(first, last + size * 4);
  }
  static uint64_t EdgeKey(Anchor anchor, uint64_t bytes, size_t size) {
    return Mix(bytes, size * 4 + static_cast<uint64_t>(anchor));
  }
  static uint64_t Mix(uint64_t a, uint64_t b) {
    const uint64_t x = (a ^ b * 0x9E3779B97F4A7C15u) * 0xD6E8FEB86659FD93u;
    return (x ^ x >> 32) * 0xD6E8FEB86659FD93u;
  }

  uint64_t LoadBytes(const char* data, size_t size) const;
  uint64_t KeyOf(const Literal& literal) const;
  void LookUp(uint64_t key, std::string_view text,
              std::vector<uint32_t>* ids) const;
  bool Stands(const Literal& literal, std::string_view text) const;

  Form form_;
  std::string texts_;
  // Sorted by key after Build. A key's first is at first_[its top bits] or
  // behind; where the filter has no bit of it there is none.
  std::vector<Literal> anchored_;
  std::vector<uint32_t> first_;
  std::vector<uint64_t> filter_;
  int first_bits_ = 0;
  int filter_bits_ = 0;
  bool has_whole_ = false;
  std::array<bool, 4> starts_{};  // By place in kEdges.
  std::array<bool, 4> ends_{};
  std::vector<uint32_t> numbers_;
  GramScanner inner_;
  GramScanner non_ascii_;  // Inner literals that are not ASCII.
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_LITERAL_FINDER_H_
