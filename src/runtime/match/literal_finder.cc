#include "src/runtime/match/literal_finder.h"

#include <algorithm>
#include <cstring>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "src/runtime/match/scan_text.h"

namespace tocsin::runtime {
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
        end.emplace_back(EdgeKey(Load(text.data() + entry.offset, edge), edge),
                         entry);
        end_sizes_[edge] = true;
        break;
      case Anchor::kAnywhere:
        AddInner(text, entry.id);
        break;
    }
  }
  BuildTable(std::move(whole), &whole_);
  BuildTable(std::move(start), &start_);
  BuildTable(std::move(end), &end_);
  inner_.Build();
  pending_.clear();
  pending_.shrink_to_fit();
}

void LiteralFinder::Verify(const Table& table, uint64_t key,
                           std::string_view text, size_t at,
                           std::vector<uint32_t>* ids) const {
  const auto found = table.find(key);
  if (found == table.end()) return;
  for (uint32_t i = 0; i < found->second.count; ++i) {
    const Entry& entry = entries_[found->second.first + i];
    if (at < entry.offset) continue;
    const size_t begin = at - entry.offset;
    if (begin + entry.size <= text.size() &&
        text.substr(begin, entry.size) == TextOf(entry)) {
      ids->push_back(entry.id);
    }
  }
}

void LiteralFinder::FindAnchored(std::string_view text,
                                 std::vector<uint32_t>* ids) const {
  if (!whole_.empty()) {
    const auto found = whole_.find(WholeKey(text));
    if (found != whole_.end()) {
      for (uint32_t i = 0; i < found->second.count; ++i) {
        const Entry& entry = entries_[found->second.first + i];
        if (TextOf(entry) == text) ids->push_back(entry.id);
      }
    }
  }
  for (size_t size = 1; size <= 8 && size <= text.size(); ++size) {
    if (start_sizes_[size]) {
      Verify(start_, EdgeKey(Load(text.data(), size), size), text, 0, ids);
    }
    if (end_sizes_[size]) {
      const size_t at = text.size() - size;
      Verify(end_, EdgeKey(Load(text.data() + at, size), size), text, at, ids);
    }
  }
}

void LiteralFinder::AddInner(std::string_view text, uint32_t id) {
  const std::string piece = LongestScanPiece(text, domain_ == Domain::kEvents);
  if (piece.empty()) {
    always_.push_back(id);
  } else {
    inner_.Add(piece, id);
  }
}

void LiteralFinder::FindInner(std::string_view scan_text,
                              std::vector<uint32_t>* ids) const {
  ids->insert(ids->end(), always_.begin(), always_.end());
  inner_.Find(scan_text, ids);
}

}  // namespace tocsin::runtime
