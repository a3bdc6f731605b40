// TextArena: texts that live until Clear, without an allocation each.

#ifndef TOCSIN_SRC_BASE_TEXT_ARENA_H_
#define TOCSIN_SRC_BASE_TEXT_ARENA_H_

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace tocsin::base {

class TextArena {
 public:
  // A copy of `text` that stays where it is until Clear.
  std::string_view Copy(std::string_view text) {
    if (text.empty()) return {};
    char* const place = Allocate(text.size());
    std::memcpy(place, text.data(), text.size());
    return {place, text.size()};
  }

  // Room for `size` bytes, at least one, that stays until Clear.
  char* Allocate(size_t size) {
    if (size > kBlockBytes) {
      large_.push_back(std::make_unique_for_overwrite<char[]>(size));
      return large_.back().get();
    }
    if (blocks_.empty() || size > kBlockBytes - used_) {
      if (!blocks_.empty()) ++block_;
      if (block_ == blocks_.size()) {
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlockBytes));
      }
      used_ = 0;
    }
    char* const place = blocks_[block_].get() + used_;
    used_ += size;
    return place;
  }

  // Forgets all texts. Memory is kept for the next ones, but what an unusually
  // large event took is given back.
  void Clear() {
    large_.clear();
    if (blocks_.size() > kKeptBlocks) blocks_.resize(kKeptBlocks);
    block_ = 0;
    used_ = 0;
  }

 private:
  static constexpr size_t kBlockBytes = size_t{64} << 10;
  static constexpr size_t kKeptBlocks = 16;

  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<std::unique_ptr<char[]>> large_;  // Texts longer than a block.
  size_t block_ = 0;                            // The one being filled.
  size_t used_ = 0;                             // Bytes of it.
};

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_TEXT_ARENA_H_
