// Slab: all memory of keyed state, under one budget.
//
// Pieces of 16 bytes to some megabytes, named by 32-bit handles; sizes are
// rounded to classes, and a freed piece is used again for its class. Nothing is
// allocated from the system once pieces of the sizes in use lie free. Growing
// takes chunks, never moves what is there, and so never pauses.

#ifndef TOCSIN_SRC_STATE_SLAB_H_
#define TOCSIN_SRC_STATE_SLAB_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tocsin::state {

class Slab {
 public:
  using Handle = uint32_t;
  static constexpr Handle kNone = 0;

  // Never takes more than `budget` bytes of chunks.
  explicit Slab(size_t budget);

  // kNone if the budget does not allow it. `reserve`: bytes of the budget that
  // must be left over for others. The memory is not cleared.
  Handle Allocate(size_t bytes, size_t reserve = 0);

  // `bytes` as it was allocated.
  void Free(Handle handle, size_t bytes);

  std::byte* At(Handle handle) const {
    return chunks_[handle >> kUnitBits].memory.get() +
           (handle & kUnitMask) * kUnit;
  }
  template <typename T>
  T* At(Handle handle) const {
    return reinterpret_cast<T*>(At(handle));
  }

  // What a piece of `bytes` really takes.
  static size_t RoundUp(size_t bytes);

  size_t budget() const { return budget_; }
  size_t bytes_taken() const { return taken_; }
  size_t bytes_used() const { return used_; }

 private:
  static constexpr size_t kUnit = 16;
  static constexpr int kUnitBits = 16;
  static constexpr uint32_t kUnitMask = (1u << kUnitBits) - 1;
  static constexpr size_t kClasses = 128;

  struct Chunk {
    std::unique_ptr<std::byte[]> memory;
    size_t bytes = 0;
  };

  static size_t ClassOf(size_t bytes, size_t* rounded);
  uint32_t AddChunk(size_t bytes, size_t reserve);

  size_t budget_;
  size_t chunk_bytes_;
  size_t taken_ = 0;
  size_t used_ = 0;
  std::vector<Chunk> chunks_;
  std::vector<uint32_t> empty_chunks_;  // Numbers whose memory was given back.
  uint32_t current_ = 0;                // Chunk that is being cut.
  size_t cut_ = 0;                      // Bytes of it that are.
  std::array<Handle, kClasses> free_{};
};

}  // namespace tocsin::state

#endif  // TOCSIN_SRC_STATE_SLAB_H_
