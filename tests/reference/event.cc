#include "tests/reference/event.h"

#include <set>
#include <utility>

#include "src/base/json_writer.h"

namespace tocsin::reference {
namespace {

void Write(const Value& value, std::string* out) {
  switch (value.kind) {
    case Value::kNull:
      *out += "null";
      break;
    case Value::kBool:
      *out += value.flag ? "true" : "false";
      break;
    case Value::kNumber:
      *out += value.text;
      break;
    case Value::kString:
      base::AppendJsonString(value.text, out);
      break;
    case Value::kArray:
      *out += '[';
      for (size_t i = 0; i < value.items.size(); ++i) {
        if (i > 0) *out += ',';
        Write(value.items[i], out);
      }
      *out += ']';
      break;
    case Value::kObject:
      *out += '{';
      for (size_t i = 0; i < value.members.size(); ++i) {
        if (i > 0) *out += ',';
        base::AppendJsonString(value.members[i].key, out);
        *out += ':';
        Write(value.members[i].value, out);
      }
      *out += '}';
      break;
  }
}

void AddElements(const Value& value, Found* found) {
  if (value.kind != Value::kArray) {
    found->values.push_back(&value);
    return;
  }
  for (const Value& item : value.items) AddElements(item, found);
}

void FindBelow(const Value& value, std::string_view field, Found* found) {
  if (value.kind == Value::kArray) {
    for (const Value& item : value.items) FindBelow(item, field, found);
    return;
  }
  if (const Value* literal = value.Member(field)) {
    found->exists = true;
    AddElements(*literal, found);
    return;
  }
  const size_t dot = field.find('.');
  if (dot == std::string_view::npos) return;
  if (const Value* parent = value.Member(field.substr(0, dot))) {
    FindBelow(*parent, field.substr(dot + 1), found);
  }
}

void AddScalars(const Value& value, std::vector<const Value*>* scalars) {
  switch (value.kind) {
    case Value::kNull:
      break;
    case Value::kArray:
      for (const Value& item : value.items) AddScalars(item, scalars);
      break;
    case Value::kObject: {
      std::set<std::string_view> seen;
      for (const Value::Entry& member : value.members) {
        if (!seen.insert(member.key).second) continue;
        AddScalars(*value.Member(member.key), scalars);
      }
      break;
    }
    default:
      scalars->push_back(&value);
  }
}

}  // namespace

Value Value::Null() { return Value(); }

Value Value::Bool(bool flag) {
  Value value;
  value.kind = kBool;
  value.flag = flag;
  return value;
}

Value Value::Number(std::string text) {
  Value value;
  value.kind = kNumber;
  value.text = std::move(text);
  return value;
}

Value Value::String(std::string text) {
  Value value;
  value.kind = kString;
  value.text = std::move(text);
  return value;
}

Value Value::Array(std::vector<Value> items) {
  Value value;
  value.kind = kArray;
  value.items = std::move(items);
  return value;
}

Value Value::Object(std::vector<Entry> members) {
  Value value;
  value.kind = kObject;
  value.members = std::move(members);
  return value;
}

const Value* Value::Member(std::string_view key) const {
  if (kind != kObject) return nullptr;
  for (size_t i = members.size(); i > 0; --i) {
    if (members[i - 1].key == key) return &members[i - 1].value;
  }
  return nullptr;
}

std::string ToJson(const Value& value) {
  std::string json;
  Write(value, &json);
  return json;
}

Found Find(const Value& event, std::string_view field) {
  Found found;
  FindBelow(event, field, &found);
  return found;
}

std::vector<const Value*> Scalars(const Value& event) {
  std::vector<const Value*> scalars;
  AddScalars(event, &scalars);
  return scalars;
}

}  // namespace tocsin::reference
