#include "src/runtime/event/field_index.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tocsin::runtime {

namespace {

// Top-level keys of nested EVTX and winlogbeat events (see EventView).
bool BeginsOddShape(std::string_view key) {
  return key == "Event" || key == "System" || key == "winlog" ||
         key.starts_with("winlog.");
}

}  // namespace

constinit const std::array<std::array<uint64_t, 2>, 16> FieldIndex::kHeadMasks =
    [] {
      std::array<std::array<uint64_t, 2>, 16> masks{};
      for (size_t size = 0; size < masks.size(); ++size) {
        std::array<unsigned char, 16> bytes{};
        for (size_t i = 0; i < size; ++i) bytes[i] = 0xFF;
        masks[size] = std::bit_cast<std::array<uint64_t, 2>>(bytes);
      }
      return masks;
    }();

FieldIndex::FieldIndex(std::span<const std::string> names)
    : size_(names.size()) {
  for (uint32_t field = 0; field < names.size(); ++field) {
    AddName(&root_, names[field], field);
  }
}

FieldIndex::Key* FieldIndex::Add(Node* node, std::string_view text) {
  std::unique_ptr<Key>& key = node->keys[std::string(text)];
  if (key == nullptr) {
    key = std::make_unique<Key>();
    key->text = std::string(text);
    key->odd = node == &root_ && BeginsOddShape(text);
    key->size = static_cast<uint32_t>(text.size()) & kNoSize;
    std::memcpy(key->head.data(), text.data(),
                std::min(text.size(), sizeof(key->head)));
    if (text.size() > sizeof(key->tail)) {
      std::memcpy(key->tail.data(),
                  text.data() + text.size() - sizeof(key->tail),
                  sizeof(key->tail));
    }
  }
  return key.get();
}

// Hangs `name` below `node` in each way it can be cut at its dots. The number
// of ways is bounded: events that could hold a name with more dots are left to
// the tree reader.
void FieldIndex::AddName(Node* node, std::string_view name, uint32_t field) {
  static constexpr int kMaxDotsCutEveryWay = 6;
  Key* const whole = Add(node, name);
  if (whole->field == kNoField) whole->field = field;
  const bool too_many =
      std::count(name.begin(), name.end(), '.') > kMaxDotsCutEveryWay;
  for (size_t dot = name.find('.'); dot != std::string_view::npos;
       dot = name.find('.', dot + 1)) {
    if (dot == 0 || dot + 1 == name.size()) continue;
    Key* key = Add(node, name.substr(0, dot));
    if (too_many) {
      key->odd = true;
      continue;
    }
    if (key->child == nullptr) {
      nodes_.push_back(std::make_unique<Node>());
      key->child = nodes_.back().get();
    }
    AddName(key->child, name.substr(dot + 1), field);
  }
}

FieldIndex::Key* FieldIndex::Find(Node* node, std::string_view text) {
  const auto it = node->keys.find(text);
  if (it != node->keys.end()) return it->second.get();
  if (unknown_keys_ >= kMaxUnknownKeys || text.size() > kMaxKeyBytes) {
    nothing_ = Key();
    nothing_.size = kNoSize;  // As a guess it stands for no key, not for "".
    nothing_.odd = node == &root_ && BeginsOddShape(text);
    return &nothing_;
  }
  ++unknown_keys_;
  return Add(node, text);
}

}  // namespace tocsin::runtime
