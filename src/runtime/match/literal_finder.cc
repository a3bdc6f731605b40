#include "src/runtime/match/literal_finder.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace tocsin::runtime {
namespace {

// How often a byte stands in text, roughly: 0 rare, 3 common. Only guides the
// choice of the bytes that a literal is found by.
int Commonness(unsigned char c) {
  static constexpr std::string_view kCommon = "etaoinsrlcdmup\\ ./";
  static constexpr std::string_view kUsual = "hgfbwvy-_:0123456789";
  const char byte = static_cast<char>(c);
  if (kCommon.find(byte) != std::string_view::npos) return 3;
  if (kUsual.find(byte) != std::string_view::npos) return 2;
  return c >= 'a' && c <= 'z' ? 1 : 0;
}

}  // namespace

uint64_t LiteralFinder::Load(const char* data, size_t size) {
  uint64_t bytes = 0;
  std::memcpy(&bytes, data, size);
  return bytes;
}

uint64_t LiteralFinder::WholeKey(std::string_view text) {
  return absl::Hash<absl::string_view>()(
      absl::string_view(text.data(), text.size()));
}

void LiteralFinder::Add(Anchor anchor, std::string_view text, uint32_t id) {
  Pending pending;
  pending.anchor = anchor;
  pending.entry.id = id;
  pending.entry.begin = static_cast<uint32_t>(texts_.size());
  pending.entry.size = static_cast<uint32_t>(text.size());
  texts_ += text;
  pending_.push_back(pending);
  if (anchor == Anchor::kNumber) numbers_.push_back(id);
}

void LiteralFinder::BuildTable(std::vector<std::pair<uint64_t, Entry>> keyed,
                               Table* table) {
  std::stable_sort(
      keyed.begin(), keyed.end(),
      [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [key, entry] : keyed) {
    Bucket& bucket = (*table)[key];
    if (bucket.count == 0) {
      bucket.first = static_cast<uint32_t>(entries_.size());
    }
    ++bucket.count;
    entries_.push_back(entry);
  }
}

// The offset in a literal of the `width` bytes that fewest literals and least
// text share.
size_t LiteralFinder::RarestGram(
    const Entry& entry, int width,
    const absl::flat_hash_map<uint32_t, uint32_t>& uses) const {
  const std::string_view text = TextOf(entry);
  size_t best = 0;
  int64_t best_score = -1;
  for (size_t i = 0; i + static_cast<size_t>(width) <= text.size(); ++i) {
    int common = 0;
    for (int k = 0; k < width; ++k) {
      common += Commonness(
          static_cast<unsigned char>(text[i + static_cast<size_t>(k)]));
    }
    uint32_t gram = 0;
    std::memcpy(&gram, text.data() + i, static_cast<size_t>(width));
    const auto found = uses.find(gram);
    const int64_t used = found == uses.end() ? 0 : found->second;
    const int64_t score = int64_t{common} * 8 + std::min<int64_t>(used, 64);
    if (best_score < 0 || score < best_score) {
      best = i;
      best_score = score;
    }
  }
  return best;
}

void LiteralFinder::BuildGrams() {
  for (int width = 1; width <= 4; ++width) {
    absl::flat_hash_map<uint32_t, uint32_t> uses;
    std::vector<Entry> literals;
    for (const Pending& pending : pending_) {
      if (pending.anchor != Anchor::kAnywhere) continue;
      const auto size = static_cast<int>(std::min<uint32_t>(
          pending.entry.size, 4));
      if (size != width) continue;
      literals.push_back(pending.entry);
      const std::string_view text = TextOf(pending.entry);
      for (size_t i = 0; i + static_cast<size_t>(width) <= text.size(); ++i) {
        uint32_t gram = 0;
        std::memcpy(&gram, text.data() + i, static_cast<size_t>(width));
        ++uses[gram];
      }
    }
    if (literals.empty()) continue;
    Grams& grams = grams_[static_cast<size_t>(width)];
    grams.width = width;
    grams.bitmap.assign((size_t{1} << kBitmapBits) / 64, 0);
    std::vector<std::pair<uint64_t, Entry>> keyed;
    for (Entry& entry : literals) {
      entry.offset = static_cast<uint32_t>(RarestGram(entry, width, uses));
      uint32_t gram = 0;
      std::memcpy(&gram, texts_.data() + entry.begin + entry.offset,
                  static_cast<size_t>(width));
      const uint32_t hash = GramHash(gram);
      grams.bitmap[hash >> 6] |= uint64_t{1} << (hash & 63);
      keyed.emplace_back(gram, entry);
    }
    BuildTable(std::move(keyed), &grams.table);
  }
}

void LiteralFinder::Build() {
  std::vector<std::pair<uint64_t, Entry>> whole;
  std::vector<std::pair<uint64_t, Entry>> start;
  std::vector<std::pair<uint64_t, Entry>> end;
  for (const Pending& pending : pending_) {
    Entry entry = pending.entry;
    const std::string_view text = TextOf(entry);
    const size_t edge = std::min<size_t>(text.size(), 8);
    switch (pending.anchor) {
      case Anchor::kWhole:
      case Anchor::kNumber:
        whole.emplace_back(WholeKey(text), entry);
        break;
      case Anchor::kStart:
        start.emplace_back(EdgeKey(Load(text.data(), edge), edge), entry);
        start_sizes_[edge] = true;
        break;
      case Anchor::kEnd:
        entry.offset = static_cast<uint32_t>(text.size() - edge);
        end.emplace_back(
            EdgeKey(Load(text.data() + entry.offset, edge), edge), entry);
        end_sizes_[edge] = true;
        break;
      case Anchor::kAnywhere:
        break;
    }
  }
  BuildTable(std::move(whole), &whole_);
  BuildTable(std::move(start), &start_);
  BuildTable(std::move(end), &end_);
  BuildGrams();
  pending_.clear();
  pending_.shrink_to_fit();
}

}  // namespace tocsin::runtime
