// An event as a plain tree: the model that the naive evaluator reads.

#ifndef TOCSIN_TESTS_REFERENCE_EVENT_H_
#define TOCSIN_TESTS_REFERENCE_EVENT_H_

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::reference {

struct Value {
  struct Entry;
  enum Kind { kNull, kBool, kNumber, kString, kArray, kObject };

  Kind kind = kNull;
  bool flag = false;         // kBool.
  std::string text;          // kString; kNumber: as JSON writes it.
  std::vector<Value> items;  // kArray.
  // kObject, in order; a key may occur again, then the last counts.
  std::vector<Entry> members;

  static Value Null();
  static Value Bool(bool flag);
  static Value Number(std::string text);
  static Value String(std::string text);
  static Value Array(std::vector<Value> items);
  static Value Object(std::vector<Entry> members);

  // The value of the last member named `key`; null if there is none.
  const Value* Member(std::string_view key) const;
};

struct Value::Entry {
  std::string key;
  Value value;
};

// The event as JSON text.
std::string ToJson(const Value& value);

// What a field name means in an event.
struct Found {
  bool exists = false;
  std::vector<const Value*> values;  // Elements of arrays one by one.
};
Found Find(const Value& event, std::string_view field);

// Every scalar of the event that is not null.
std::vector<const Value*> Scalars(const Value& event);

}  // namespace tocsin::reference

#endif  // TOCSIN_TESTS_REFERENCE_EVENT_H_
