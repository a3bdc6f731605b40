// JsonTree: one JSON object as a flat list of nodes, in memory that is reused.
//
// Nodes stand in the order of the text: the first child of a container is the
// next node, the next sibling of a node begins at its `end`. Strings are
// unescaped in the tree's own copy of the text. Numbers keep their text; those
// beyond 64 bits or a double's range are doubles, infinite if need be. Of equal
// keys in one object the last wins; the others are marked `shadowed`.

#ifndef TOCSIN_SRC_RUNTIME_EVENT_JSON_TREE_H_
#define TOCSIN_SRC_RUNTIME_EVENT_JSON_TREE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "tocsin/field_value.h"

namespace tocsin::runtime {

// Deeper JSON is malformed. An object of scalars has depth 1.
inline constexpr int kMaxJsonDepth = 256;

struct LoadResult {
  std::string_view error;  // Empty: well-formed. A literal, lower-case.
  size_t error_offset = 0;
  bool repaired_utf8 = false;

  bool ok() const { return error.empty(); }
};

enum class JsonKind : uint8_t {
  kNull,
  kFalse,
  kTrue,
  kInt,
  kUint,
  kDouble,
  kString,
  kObject,
  kArray,
};

// Offsets and lengths count bytes of the tree's text.
struct JsonNode {
  union {
    int64_t int_value = 0;  // kInt; for kUint its bits.
    double double_value;
  };
  uint32_t key = 0;  // Member name; empty outside objects.
  uint32_t key_size = 0;
  uint32_t text = 0;  // Contents of a string, or a number as written.
  uint32_t text_size = 0;
  uint32_t end = 0;  // Index behind the last node of this value.
  JsonKind kind = JsonKind::kNull;
  bool shadowed = false;

  bool is_container() const { return kind >= JsonKind::kObject; }
};

class JsonTree {
 public:
  JsonTree();
  ~JsonTree();
  JsonTree(JsonTree&&) noexcept;
  JsonTree& operator=(JsonTree&&) noexcept;

  // Replaces the tree. After an error it is empty. `json` is copied.
  LoadResult Parse(std::string_view json);

  // Node 0 is the object itself.
  bool empty() const { return nodes_.empty(); }
  const JsonNode& node(uint32_t index) const { return nodes_[index]; }

  std::string_view key(const JsonNode& node) const {
    return std::string_view(text_ + node.key, node.key_size);
  }
  std::string_view text(const JsonNode& node) const {
    return std::string_view(text_ + node.text, node.text_size);
  }
  // An array is no value; it is seen as null here.
  FieldValue value(const JsonNode& node) const;

  // The member `key` of the object at `index`; 0 if there is none.
  uint32_t FindMember(uint32_t index, std::string_view key) const;

  // Calls `visit(index)` for the children of the container at `index`, without
  // shadowed ones.
  template <typename Visit>
  void ForEachChild(uint32_t index, Visit visit) const {
    const uint32_t end = nodes_[index].end;
    for (uint32_t i = index + 1; i < end; i = nodes_[i].end) {
      if (!nodes_[i].shadowed) visit(i);
    }
  }

 private:
  class Parser;

  std::vector<JsonNode> nodes_;
  const char* text_ = nullptr;
  std::unique_ptr<Parser> parser_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_EVENT_JSON_TREE_H_
