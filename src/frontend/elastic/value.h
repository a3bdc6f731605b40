// Value: what a rule file in TOML or JSON holds, with the places of it.

#ifndef TOCSIN_SRC_FRONTEND_ELASTIC_VALUE_H_
#define TOCSIN_SRC_FRONTEND_ELASTIC_VALUE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/text/source.h"

namespace tocsin::elastic {

// Where a stretch of a string that was written with escapes stands in its
// file: bytes from `at` on are those of the file from `offset` on.
struct Piece {
  uint32_t at = 0;
  uint32_t offset = 0;
};

struct Member;

struct Value {
  enum Kind : uint8_t {
    kNull,
    kBool,
    kInt,
    kDouble,
    kString,
    kArray,
    kObject,
  };

  Kind kind = kNull;
  bool flag = false;
  int64_t integer = 0;
  double number = 0;  // Also of kInt.
  std::string text;   // kString.
  // kString; none: only the span is known.
  std::vector<Piece> pieces;
  std::vector<Value> items;     // kArray.
  std::vector<Member> members;  // kObject, in the order of the file.
  text::Span span;

  bool is_object() const { return kind == kObject; }
  bool is_array() const { return kind == kArray; }
  bool is_string() const { return kind == kString; }
  bool is_number() const { return kind == kInt || kind == kDouble; }

  // Null if it is no object, or has no such member.
  const Value* Find(std::string_view name) const;
};

struct Member {
  std::string name;
  text::Span name_span;
  Value value;
};

inline const Value* Value::Find(std::string_view name) const {
  for (const Member& member : members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

// "a list", for messages.
std::string_view Describe(Value::Kind kind);

}  // namespace tocsin::elastic

#endif  // TOCSIN_SRC_FRONTEND_ELASTIC_VALUE_H_
