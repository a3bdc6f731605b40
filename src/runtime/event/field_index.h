// FieldIndex: the names of all fields that matter, arranged for finding them in
// one pass over a JSON text.
//
// A field `a.b` may stand as the literal key "a.b" or as the path a -> b, so
// the names form a tree of keys: each node is an object's place, each key of
// it leads to a field, to a node below, or to nothing of interest. Keys that
// lead nowhere are remembered too (up to a bound), since events repeat their
// keys in the same order: the key after the last one is guessed from the event
// before and costs one comparison.

#ifndef TOCSIN_SRC_RUNTIME_EVENT_FIELD_INDEX_H_
#define TOCSIN_SRC_RUNTIME_EVENT_FIELD_INDEX_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/string_map.h"

namespace tocsin::runtime {

inline constexpr uint32_t kNoField = 0xFFFFFFFF;

class FieldIndex {
 public:
  struct Node;
  struct Key;

  // The two keys that came last at some place, the latest first.
  struct Guess {
    Key* first = nullptr;
    Key* second = nullptr;
  };

  // What a guess has to look at fits one cache line.
  struct alignas(64) Key {
    std::array<uint64_t, 2> head{};  // First 16 bytes of `text`, zero-padded.
    std::array<uint64_t, 2> tail{};  // Its last 16, if it is longer than that.
    uint32_t size : 31 = 0;          // Of `text`.
    uint32_t odd : 1 = 0;       // Begins a shape only the tree reader knows.
    uint32_t field = kNoField;  // The field whose value this key holds.
    Node* child = nullptr;      // Where fields below this key are looked for.
    Guess next;                 // What followed last time.
    std::string text;           // As it stands between the quotes.
  };

  struct Node {
    base::StringMap<std::unique_ptr<Key>> keys;
    Guess first;  // Keys that objects here began with.
  };

  // Fields are numbered by their place in `names`; of equal names, the first is
  // the field.
  explicit FieldIndex(std::span<const std::string> names);

  size_t size() const { return size_; }
  Node* root() { return &root_; }

  // The key `text` of `node`. Adds an unknown one, so that it can be guessed;
  // once the bound is reached, returns a shared key that means nothing.
  Key* Find(Node* node, std::string_view text);

  // Whether `key` stands at `text`, of which 16 bytes, and as many as the key
  // has, can be read.
  static bool Matches(const Key& key, const char* text) {
    std::array<uint64_t, 2> bytes;
    std::memcpy(bytes.data(), text, sizeof(bytes));
    uint64_t first = bytes[0] ^ key.head[0];
    uint64_t second = bytes[1] ^ key.head[1];
    if (key.size < 16) {  // What stands behind the key does not count.
      first &= kHeadMasks[key.size][0];
      second &= kHeadMasks[key.size][1];
    }
    if ((first | second) != 0) return false;
    if (key.size <= 16) return true;
    std::memcpy(bytes.data(), text + key.size - 16, sizeof(bytes));
    if (bytes != key.tail) return false;
    return key.size <= 32 ||
           std::memcmp(text + 16, key.text.data() + 16, key.size - 32) == 0;
  }

 private:
  static constexpr size_t kMaxUnknownKeys = 4096;
  static constexpr size_t kMaxKeyBytes = 128;
  static constexpr uint32_t kNoSize = (uint32_t{1} << 31) - 1;
  // By size: which bytes of a head the key takes.
  static const std::array<std::array<uint64_t, 2>, 16> kHeadMasks;

  Key* Add(Node* node, std::string_view text);
  void AddName(Node* node, std::string_view name, uint32_t field);

  size_t size_;
  size_t unknown_keys_ = 0;
  Node root_;
  Key nothing_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_EVENT_FIELD_INDEX_H_
