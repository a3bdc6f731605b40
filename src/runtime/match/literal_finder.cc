#include "src/runtime/match/literal_finder.h"

#include <algorithm>
#include <bit>

#include "src/base/ascii_fold.h"
#include "src/runtime/match/scan_text.h"

namespace tocsin::runtime {
namespace {

// Bits of the filter for each literal: one in so many is set.
constexpr size_t kFilterBitsPerLiteral = 16;

// Makes ASCII letters small, and some other characters the same: good enough
// for a key.
constexpr uint64_t kLowerBits = 0x2020202020202020u;

uint64_t LowBytes(uint64_t bytes, size_t size) {
  return size >= 8 ? bytes : bytes & ((uint64_t{1} << (8 * size)) - 1);
}

}  // namespace

void LiteralFinder::Add(Anchor anchor, std::string_view text, uint32_t id) {
  std::string form(text);
  if (form_ == Form::kScanText) {
    form.clear();
    AppendScanText(text, &form);
  }
  if (anchor == Anchor::kAnywhere) {
    (IsAscii(form) ? inner_ : non_ascii_).Add(form, id);
    return;
  }
  if (anchor == Anchor::kNumber) numbers_.push_back(id);
  Literal literal;
  literal.id = id;
  literal.begin = static_cast<uint32_t>(texts_.size());
  literal.size = static_cast<uint32_t>(form.size());
  literal.anchor = anchor == Anchor::kNumber ? Anchor::kWhole : anchor;
  texts_ += form;
  anchored_.push_back(literal);
}

uint64_t LiteralFinder::LoadBytes(const char* data, size_t size) const {
  const uint64_t bytes = base::LoadUpToEight(data, size);
  return form_ == Form::kScanText ? LowBytes(bytes | kLowerBits, size) : bytes;
}

uint64_t LiteralFinder::KeyOf(const Literal& literal) const {
  const char* const text = texts_.data() + literal.begin;
  const size_t edge = literal.size >= 8 ? 8 : std::bit_floor(literal.size);
  switch (literal.anchor) {
    case Anchor::kStart:
      return EdgeKey(Anchor::kStart, LoadBytes(text, edge), edge);
    case Anchor::kEnd:
      return EdgeKey(Anchor::kEnd, LoadBytes(text + literal.size - edge, edge),
                     edge);
    default: {
      const size_t size = std::min<size_t>(literal.size, 8);
      return WholeKey(LoadBytes(text, size),
                      LoadBytes(text + literal.size - size, size),
                      literal.size);
    }
  }
}

void LiteralFinder::Build() {
  inner_.Build();
  non_ascii_.Build();
  if (anchored_.empty()) return;
  const auto count = static_cast<uint32_t>(anchored_.size());
  first_bits_ = static_cast<int>(std::bit_width(count));
  filter_bits_ = std::max(
      9, static_cast<int>(std::bit_width(count * kFilterBitsPerLiteral - 1)));
  filter_.assign(size_t{1} << (filter_bits_ - 6), 0);
  for (Literal& literal : anchored_) {
    literal.key = KeyOf(literal);
    const uint64_t bit = literal.key & ((uint64_t{1} << filter_bits_) - 1);
    filter_[bit >> 6] |= uint64_t{1} << (bit & 63);
    const size_t edge =
        static_cast<size_t>(std::countl_zero(std::min(literal.size, 8u))) - 28;
    if (literal.anchor == Anchor::kStart) {
      starts_[edge] = true;
    } else if (literal.anchor == Anchor::kEnd) {
      ends_[edge] = true;
    } else {
      has_whole_ = true;
    }
  }
  std::sort(anchored_.begin(), anchored_.end(),
            [](const Literal& a, const Literal& b) {
              return a.key != b.key ? a.key < b.key : a.id < b.id;
            });
  first_.resize(size_t{1} << first_bits_);
  uint32_t at = 0;
  for (size_t top = 0; top < first_.size(); ++top) {
    while (at < count && anchored_[at].key >> (64 - first_bits_) < top) ++at;
    first_[top] = at;
  }
}

bool LiteralFinder::Stands(const Literal& literal,
                           std::string_view text) const {
  if (literal.size > text.size()) return false;
  size_t begin = 0;
  if (literal.anchor == Anchor::kWhole && literal.size != text.size()) {
    return false;
  }
  if (literal.anchor == Anchor::kEnd) begin = text.size() - literal.size;
  const char* const have = text.data() + begin;
  const char* const want = texts_.data() + literal.begin;
  if (form_ == Form::kPlain) {
    return std::string_view(have, literal.size) ==
           std::string_view(want, literal.size);
  }
  return base::EqualsFoldedAscii(have, want, literal.size) &&
         BeginsCharacter(text, begin);
}

inline void LiteralFinder::LookUp(uint64_t key, std::string_view text,
                                  std::vector<uint32_t>* ids) const {
  const uint64_t bit = key & ((uint64_t{1} << filter_bits_) - 1);
  if ((filter_[bit >> 6] >> (bit & 63) & 1) == 0) return;
  for (size_t i = first_[key >> (64 - first_bits_)];
       i < anchored_.size() && anchored_[i].key <= key; ++i) {
    if (anchored_[i].key == key && Stands(anchored_[i], text)) {
      ids->push_back(anchored_[i].id);
    }
  }
}

void LiteralFinder::FindAnchored(std::string_view text,
                                 std::vector<uint32_t>* ids) const {
  if (anchored_.empty()) return;
  const size_t edge = std::min<size_t>(text.size(), 8);
  const uint64_t first = LoadBytes(text.data(), edge);
  const uint64_t last = LoadBytes(text.data() + text.size() - edge, edge);
  if (has_whole_) LookUp(WholeKey(first, last, text.size()), text, ids);
  for (size_t i = 0; i < kEdges.size(); ++i) {
    const size_t size = kEdges[i];
    if (size > edge) continue;
    if (starts_[i]) {
      LookUp(EdgeKey(Anchor::kStart, LowBytes(first, size), size), text, ids);
    }
    if (ends_[i]) {
      LookUp(EdgeKey(Anchor::kEnd, last >> (8 * (edge - size)), size), text,
             ids);
    }
  }
}

}  // namespace tocsin::runtime
