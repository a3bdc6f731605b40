// Slab: all memory of keyed state, under one budget.
//
// Pieces of 16 bytes to some megabytes, named by 32-bit handles; sizes are
// rounded to classes. A chunk of memory holds pieces of one class, and is given
// back when all of them are free: since old state is forgotten first, and lies
// together, memory of one class becomes that of another. Growing takes chunks,
// never moves what is there, and so never pauses.

#ifndef TOCSIN_SRC_STATE_SLAB_H_
#define TOCSIN_SRC_STATE_SLAB_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
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
    return memory_[handle >> kUnitBits] + (handle & kUnitMask) * kUnit;
  }
  template <typename T>
  T* At(Handle handle) const {
    return reinterpret_cast<T*>(At(handle));
  }

  size_t budget() const { return budget_; }
  size_t bytes_taken() const { return taken_; }
  size_t bytes_used() const { return used_; }

 private:
  static constexpr size_t kUnit = 16;
  static constexpr int kUnitBits = 12;
  static constexpr uint32_t kUnitMask = (1u << kUnitBits) - 1;
  static constexpr size_t kClasses = 96;
  static constexpr size_t kLargestChunk = kUnit << kUnitBits;

  // Pieces of 64 bytes are lines of the cache.
  static constexpr std::align_val_t kAlignment{64};
  struct Delete {
    void operator()(std::byte* memory) const {
      ::operator delete(memory, kAlignment);
    }
  };

  struct Chunk {
    std::unique_ptr<std::byte, Delete> memory;
    size_t bytes = 0;
    Handle free = kNone;   // The first free piece; each names the next.
    uint32_t cut = 0;      // Bytes that have been pieces.
    uint32_t pieces = 0;   // In use.
    uint32_t open_at = 0;  // Where it stands in its class's `open_` + 1.
    uint32_t piece_bytes = 0;
    uint32_t size_class = 0;
  };

  static size_t ClassOf(size_t bytes, size_t* rounded);
  // 0 if the budget does not allow it.
  uint32_t AddChunk(size_t bytes, size_t reserve);
  void DropChunk(uint32_t number);
  bool DropEmptyChunk();
  void Open(uint32_t number);
  void Close(uint32_t number);

  size_t budget_;
  size_t chunk_bytes_;
  size_t taken_ = 0;
  size_t used_ = 0;
  std::vector<Chunk> chunks_;
  std::vector<std::byte*> memory_;  // Of each chunk: all that At reads.
  std::vector<uint32_t> dropped_;   // Numbers that are free.
  // By class: chunks with free pieces.
  std::array<std::vector<uint32_t>, kClasses> open_;
};

}  // namespace tocsin::state

#endif  // TOCSIN_SRC_STATE_SLAB_H_
