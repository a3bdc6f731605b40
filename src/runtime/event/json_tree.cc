#include "src/runtime/event/json_tree.h"

#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "simdjson.h"
#include "src/base/json_unescape.h"
#include "src/base/number.h"
#include "src/base/string_map.h"
#include "src/base/utf8.h"

namespace tocsin::runtime {
namespace {

namespace ondemand = simdjson::ondemand;

// Objects with more members than this find theirs by hash: an object of a
// million keys must not cost a million squared.
constexpr uint32_t kFewMembers = 16;

// Memory beyond this is given back before the next event.
constexpr size_t kKeptBytes = size_t{4} << 20;
constexpr size_t kKeptNodes = size_t{1} << 16;

// simdjson counts in 32 bits, and so do the nodes.
constexpr size_t kMaxJsonBytes = size_t{0xFFFFFFFF} - 4096;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsJsonSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view TrimRight(std::string_view token) {
  while (!token.empty() && IsJsonSpace(token.back())) token.remove_suffix(1);
  return token;
}

struct Failure {
  std::string_view error;
  size_t offset = 0;
};

// Where and why the brackets or strings of `json` do not add up to one object.
// Runs on malformed text only; the parser tells that it is, not where.
Failure ExplainImbalance(std::string_view json) {
  int64_t depth = 0;
  size_t i = 0;
  while (i < json.size()) {
    const char c = json[i];
    if (c == '"') {
      const size_t start = i++;
      while (i < json.size() && json[i] != '"') {
        if (static_cast<unsigned char>(json[i]) < 0x20) {
          return {"control character in a string", i};
        }
        i += json[i] == '\\' ? 2 : 1;
      }
      if (i >= json.size()) return {"string is not closed", start};
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (--depth < 0) return {"closing bracket without an opening one", i};
    } else if (depth == 0 && !IsJsonSpace(c)) {
      return {"text behind the object", i};
    }
    ++i;
    if (depth == 0 && (c == '}' || c == ']')) {
      while (i < json.size() && IsJsonSpace(json[i])) ++i;
      if (i < json.size()) return {"text behind the object", i};
    }
  }
  if (depth > 0) return {"object is not closed", json.size()};
  return {"malformed JSON", 0};
}

// Turns an offset in the repaired text into one in the original.
size_t OriginalOffset(std::string_view original, size_t repaired_offset) {
  size_t in_original = 0;
  size_t in_repaired = 0;
  std::string character;
  while (in_original < original.size() && in_repaired < repaired_offset) {
    const base::CodePoint c = base::DecodeUtf8(original.substr(in_original));
    character.clear();
    base::AppendUtf8(c.value, &character);
    in_repaired += character.size();
    in_original += static_cast<size_t>(c.length);
  }
  return in_original;
}

}  // namespace

// Walks the document that simdjson has indexed and fills the list of nodes.
class JsonTree::Parser {
 public:
  LoadResult Parse(std::string_view json, std::vector<JsonNode>* nodes);

  const char* text() const { return buffer_.data(); }

  // The member of the root by hash; nullopt if it has few members, which are
  // found by looking.
  std::optional<uint32_t> FindInRoot(std::string_view key) const;

 private:
  // What went wrong lies in failure_.
  bool ParseOnce(std::string_view json, bool* invalid_utf8);
  void CopyPadded(std::string_view json);
  void GiveBackMemory();

  bool AddObject(ondemand::object object, uint32_t self, int depth);
  bool AddArray(ondemand::array array, uint32_t self, int depth);
  bool AddValue(ondemand::value value, JsonNode node, int depth);
  bool AddScalar(std::string_view token, JsonNode node);
  // Unescapes the string whose opening quote is at `quote`.
  bool ReadString(const char* quote, uint32_t* offset, uint32_t* size);
  // Returns whether members_ holds the members of `object`.
  bool ShadowRepeatedKeys(uint32_t object, uint32_t member_count);

  std::string_view KeyOf(const JsonNode& node) const {
    return std::string_view(buffer_.data() + node.key, node.key_size);
  }
  uint32_t OffsetOf(const char* at) const {
    return static_cast<uint32_t>(at - buffer_.data());
  }
  bool Fail(std::string_view error, size_t offset) {
    failure_ = {error, offset};
    return false;
  }
  // For what simdjson finds while it walks.
  bool FailWalking(simdjson::error_code code);

  std::vector<JsonNode>* nodes_ = nullptr;
  std::vector<char> buffer_;
  size_t size_ = 0;  // Of the text; padding follows.
  ondemand::parser parser_;
  ondemand::document document_;
  absl::flat_hash_map<absl::string_view, uint32_t> members_;
  bool root_is_hashed_ = false;
  Failure failure_;
};

LoadResult JsonTree::Parser::Parse(std::string_view json,
                                   std::vector<JsonNode>* nodes) {
  nodes_ = nodes;
  GiveBackMemory();
  size_t skipped = 0;
  if (json.starts_with(kByteOrderMark)) {
    skipped = kByteOrderMark.size();
    json.remove_prefix(skipped);
  }
  LoadResult result;
  if (ParseOnce(json, &result.repaired_utf8)) return result;
  if (result.repaired_utf8) {
    bool still_invalid = false;
    if (ParseOnce(base::RepairUtf8(json), &still_invalid)) return result;
    failure_.offset = OriginalOffset(json, failure_.offset);
  }
  nodes_->clear();
  result.error = failure_.error;
  result.error_offset = failure_.offset + skipped;
  return result;
}

std::optional<uint32_t> JsonTree::Parser::FindInRoot(
    std::string_view key) const {
  if (!root_is_hashed_) return std::nullopt;
  const auto it = members_.find(base::ToAbsl(key));
  return it == members_.end() ? 0 : it->second;
}

bool JsonTree::Parser::ParseOnce(std::string_view json, bool* invalid_utf8) {
  nodes_->clear();
  root_is_hashed_ = false;
  if (json.size() > kMaxJsonBytes) return Fail("event is too long", 0);
  CopyPadded(json);
  const simdjson::error_code error =
      parser_
          .iterate(simdjson::padded_string_view(buffer_.data(), size_,
                                                buffer_.size()))
          .get(document_);
  switch (error) {
    case simdjson::SUCCESS:
      break;
    case simdjson::EMPTY:
      return Fail("no JSON object, only blanks", 0);
    case simdjson::UTF8_ERROR:
      *invalid_utf8 = true;
      return Fail("invalid UTF-8", 0);
    case simdjson::MEMALLOC:
      return Fail("event is too long", 0);
    default:
      failure_ = ExplainImbalance(json);
      return false;
  }
  std::string_view token;
  if (document_.raw_json_token().get(token) != simdjson::SUCCESS ||
      token.empty() || token[0] != '{') {
    return Fail("not a JSON object", json.find_first_not_of(" \t\n\r"));
  }
  ondemand::object root;
  if (document_.get_object().get(root) != simdjson::SUCCESS) {
    failure_ = ExplainImbalance(json);
    return false;
  }
  nodes_->emplace_back().kind = JsonKind::kObject;
  if (!AddObject(root, 0, 1)) return false;
  const char* behind = nullptr;
  if (document_.current_location().get(behind) == simdjson::SUCCESS) {
    return Fail("text behind the object", OffsetOf(behind));
  }
  return true;
}

void JsonTree::Parser::CopyPadded(std::string_view json) {
  size_ = json.size();
  const size_t needed = size_ + simdjson::SIMDJSON_PADDING;
  if (buffer_.size() < needed) buffer_.resize(needed + needed / 2);
  if (size_ > 0) std::memcpy(buffer_.data(), json.data(), size_);
  std::memset(buffer_.data() + size_, 0, simdjson::SIMDJSON_PADDING);
}

void JsonTree::Parser::GiveBackMemory() {
  if (buffer_.size() > kKeptBytes) {
    std::vector<char>().swap(buffer_);
    parser_ = ondemand::parser();
  }
  if (nodes_->capacity() > kKeptNodes) std::vector<JsonNode>().swap(*nodes_);
}

bool JsonTree::Parser::FailWalking(simdjson::error_code code) {
  const char* at = nullptr;
  size_t offset = size_;
  if (document_.current_location().get(at) == simdjson::SUCCESS) {
    offset = OffsetOf(at);
  }
  if (code == simdjson::INCOMPLETE_ARRAY_OR_OBJECT) {
    return Fail("object is not closed", offset);
  }
  return Fail("malformed JSON", offset);
}

bool JsonTree::Parser::AddObject(ondemand::object object, uint32_t self,
                                 int depth) {
  uint32_t members = 0;
  for (auto result : object) {
    ondemand::field field;
    if (const auto error = std::move(result).get(field))
      return FailWalking(error);
    JsonNode node;
    if (!ReadString(field.key().raw() - 1, &node.key, &node.key_size) ||
        !AddValue(field.value(), node, depth)) {
      return false;
    }
    ++members;
  }
  (*nodes_)[self].end = static_cast<uint32_t>(nodes_->size());
  const bool hashed = ShadowRepeatedKeys(self, members);
  if (self == 0) root_is_hashed_ = hashed;
  return true;
}

bool JsonTree::Parser::AddArray(ondemand::array array, uint32_t self,
                                int depth) {
  // Elements carry the key of their array.
  JsonNode element;
  element.key = (*nodes_)[self].key;
  element.key_size = (*nodes_)[self].key_size;
  for (auto result : array) {
    ondemand::value value;
    if (const auto error = std::move(result).get(value))
      return FailWalking(error);
    if (!AddValue(value, element, depth)) return false;
  }
  (*nodes_)[self].end = static_cast<uint32_t>(nodes_->size());
  return true;
}

bool JsonTree::Parser::AddValue(ondemand::value value, JsonNode node,
                                int depth) {
  const std::string_view token = TrimRight(value.raw_json_token());
  const char first = token.empty() ? '\0' : token[0];
  if (first == '"') {
    // Taken, not left to be skipped over: skipping takes a string before a
    // colon for a key, also in an array.
    ondemand::raw_json_string taken;
    if (const auto error = value.get_raw_json_string().get(taken)) {
      return FailWalking(error);
    }
  }
  if (first != '{' && first != '[') return AddScalar(token, node);
  if (depth >= kMaxJsonDepth) {
    return Fail("depth limit: objects and arrays nested more than 256 deep",
                OffsetOf(token.data()));
  }
  const auto self = static_cast<uint32_t>(nodes_->size());
  node.kind = first == '{' ? JsonKind::kObject : JsonKind::kArray;
  nodes_->push_back(node);
  if (first == '{') {
    ondemand::object object;
    if (const auto error = value.get_object().get(object)) {
      return FailWalking(error);
    }
    return AddObject(object, self, depth + 1);
  }
  ondemand::array array;
  if (const auto error = value.get_array().get(array)) {
    return FailWalking(error);
  }
  return AddArray(array, self, depth + 1);
}

bool JsonTree::Parser::AddScalar(std::string_view token, JsonNode node) {
  node.text = OffsetOf(token.data());
  node.text_size = static_cast<uint32_t>(token.size());
  node.end = static_cast<uint32_t>(nodes_->size() + 1);
  if (token.starts_with('"')) {
    node.kind = JsonKind::kString;
    if (!ReadString(token.data(), &node.text, &node.text_size)) return false;
  } else if (token == "null") {
    node.kind = JsonKind::kNull;
  } else if (token == "true") {
    node.kind = JsonKind::kTrue;
  } else if (token == "false") {
    node.kind = JsonKind::kFalse;
  } else if (const auto number = base::ParseNumberValue(token)) {
    switch (number->kind()) {
      case FieldKind::kInt:
        node.kind = JsonKind::kInt;
        node.int_value = number->int_value();
        break;
      case FieldKind::kUint:
        node.kind = JsonKind::kUint;
        node.int_value = static_cast<int64_t>(number->uint_value());
        break;
      default:
        node.kind = JsonKind::kDouble;
        node.double_value = number->double_value();
    }
  } else {
    return Fail("expected a JSON value", node.text);
  }
  nodes_->push_back(node);
  return true;
}

bool JsonTree::Parser::ReadString(const char* quote, uint32_t* offset,
                                  uint32_t* size) {
  *offset = OffsetOf(quote + 1);
  char* const begin = buffer_.data() + *offset;
  char* end = begin;
  bool escaped = false;
  // The index stands on closed strings only, so there is a quote to come.
  while (*end != '"') {
    if (*end == '\\') {
      escaped = true;
      ++end;
    }
    ++end;
  }
  *size = static_cast<uint32_t>(end - begin);
  if (!escaped) return true;
  *size = static_cast<uint32_t>(base::UnescapeJsonInPlace(begin, *size));
  return true;
}

bool JsonTree::Parser::ShadowRepeatedKeys(uint32_t object,
                                          uint32_t member_count) {
  std::vector<JsonNode>& nodes = *nodes_;
  const uint32_t end = nodes[object].end;
  if (member_count <= kFewMembers) {
    for (uint32_t i = object + 1; i < end; i = nodes[i].end) {
      for (uint32_t j = nodes[i].end; j < end; j = nodes[j].end) {
        if (KeyOf(nodes[i]) == KeyOf(nodes[j])) nodes[i].shadowed = true;
      }
    }
    return false;
  }
  members_.clear();
  for (uint32_t i = object + 1; i < end; i = nodes[i].end) {
    const auto [it, is_new] =
        members_.try_emplace(base::ToAbsl(KeyOf(nodes[i])), i);
    if (is_new) continue;
    nodes[it->second].shadowed = true;
    it->second = i;
  }
  return true;
}

JsonTree::JsonTree() : parser_(std::make_unique<Parser>()) {}
JsonTree::~JsonTree() = default;
JsonTree::JsonTree(JsonTree&&) noexcept = default;
JsonTree& JsonTree::operator=(JsonTree&&) noexcept = default;

LoadResult JsonTree::Parse(std::string_view json) {
  const LoadResult result = parser_->Parse(json, &nodes_);
  text_ = parser_->text();
  return result;
}

FieldValue JsonTree::value(const JsonNode& node) const {
  switch (node.kind) {
    case JsonKind::kNull:
    case JsonKind::kArray:
      return FieldValue::Null();
    case JsonKind::kFalse:
      return FieldValue::Bool(false);
    case JsonKind::kTrue:
      return FieldValue::Bool(true);
    case JsonKind::kInt:
      return FieldValue::Int(node.int_value, text(node));
    case JsonKind::kUint:
      return FieldValue::Uint(static_cast<uint64_t>(node.int_value),
                              text(node));
    case JsonKind::kDouble:
      return FieldValue::Double(node.double_value, text(node));
    case JsonKind::kString:
      return FieldValue::String(text(node));
    case JsonKind::kObject:
      return FieldValue::Object();
  }
  return FieldValue::Null();
}

uint32_t JsonTree::FindMember(uint32_t index, std::string_view key) const {
  if (index == 0) {
    if (const auto found = parser_->FindInRoot(key)) return *found;
  }
  const uint32_t end = nodes_[index].end;
  for (uint32_t i = index + 1; i < end; i = nodes_[i].end) {
    if (!nodes_[i].shadowed && this->key(nodes_[i]) == key) return i;
  }
  return 0;
}

}  // namespace tocsin::runtime
