// The functions that rules of all formats can call: one open table.
//
//   const Function* length = FindFunction("length");
//   Value three = CallFunction(*length, {.arguments = arguments,
//                                        .context = &context});
//
// Each has a description and an example that a test runs; the reference page is
// made from them. docs/howto/add_function.md has the steps to add one.
//
// A null argument gives null unless the function says otherwise. Of an array
// each element is looked at, and the result is an array again, unless the
// function takes arrays whole. A value that does not fit is null.

#ifndef TOCSIN_SRC_FUNCTIONS_FUNCTION_H_
#define TOCSIN_SRC_FUNCTIONS_FUNCTION_H_

#include <re2/re2.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "src/base/list_table.h"
#include "src/base/string_map.h"
#include "src/base/value.h"

namespace tocsin::functions {

using base::Value;
using base::ValueType;

// Longest text that a function makes; the rest is cut off.
inline constexpr size_t kMaxTextBytes = size_t{64} << 10;

// What calls of one evaluator share.
class Context {
 public:
  // The event's time in nanoseconds, where there is one.
  std::optional<int64_t> event_time;

  // The compiled form of `pattern`, which is anchored at both ends if `whole`.
  // Null if it does not compile. Remembers a bounded number of them.
  const RE2* Regex(std::string_view pattern, bool folded, bool whole);

  // The time zone of a rule's author: "Europe/Berlin", as the machine's table
  // has it. Null if it has not. Read from there when first asked for.
  const absl::TimeZone* Zone(std::string_view name);

 private:
  base::StringMap<std::unique_ptr<RE2>> regexes_;
  base::StringMap<std::optional<absl::TimeZone>> zones_;
};

struct Call {
  std::span<const Value> arguments;
  bool folded = false;         // The variant with `~`.
  Context* context = nullptr;  // REQUIRES: not null.

  // Of functions that take a list: that list, with the function's index.
  const base::ListTable* table = nullptr;

  // Which of the first 32 arguments are written in the rule, by bit. What a
  // sender chooses reads no file.
  uint32_t written = 0;

  bool is_written(size_t argument) const {
    return argument < 32 && (written >> argument & 1) != 0;
  }
};

enum class Cost : uint8_t {
  kConstant,
  kLinear,  // Grows with the text.
  kHeavy,   // Grows faster, or looks into a table.
};

enum class Nulls : uint8_t {
  kGiveNull,  // One null argument, and the result is.
  kOwn,       // The function says.
};

struct Parameter {
  std::string_view name;
  ValueType type = ValueType::kAny;
};

struct Function {
  std::string_view name;
  // If `repeats`, the last one may be given again and again; or, of those that
  // take a list with keys, the one before the last.
  std::vector<Parameter> parameters;
  int least = 1;  // Arguments it needs.
  bool repeats = false;
  bool repeats_before_last = false;
  bool has_folding = false;  // There is a variant with `~`.
  ValueType result = ValueType::kAny;
  Nulls nulls = Nulls::kGiveNull;
  bool takes_arrays = false;
  bool needs_event = false;  // Depends on more than its arguments.
  Cost cost = Cost::kConstant;
  std::string_view description;
  std::string_view example;
  std::string_view example_result;  // As PrintValue has it.
  Value (*call)(const Call& call) = nullptr;

  // Of functions with a parameter that is the name of a list: what of the list
  // is found by which text, when `keys` of its columns are looked for.
  void (*make_index)(const base::ListRows& list, size_t keys,
                     base::StringMap<std::vector<uint32_t>>* index) = nullptr;

  // The place of the list among the parameters.
  std::optional<size_t> list_parameter() const;
  // The parameter that argument number `argument` of `count` is.
  const Parameter& ParameterOf(size_t argument, size_t count) const;

  // "indexOf~(s, sub[, start])".
  std::string Signature() const;
  int most() const {
    return repeats || repeats_before_last ? 1000
                                          : static_cast<int>(parameters.size());
  }
};

// All functions, sorted by group.
const std::vector<Function>& AllFunctions();

// By name in any letter case; null if there is none.
const Function* FindFunction(std::string_view name);

// Whether `name` can be the name of a time zone. It says nothing of where its
// table lies.
bool IsZoneName(std::string_view name);
// Whether it is an offset from UTC: "+02:00".
bool IsZoneOffset(std::string_view zone);

// Calls `function` as rules do: nulls and arrays are seen to.
Value CallFunction(const Function& function, const Call& call);

// The groups of the table, each in its own file.
std::vector<Function> TextFunctions();
std::vector<Function> NetworkFunctions();
std::vector<Function> DomainFunctions();
std::vector<Function> EncodingFunctions();
std::vector<Function> LikenessFunctions();
std::vector<Function> ListFunctions();
std::vector<Function> ArrayFunctions();
std::vector<Function> TimeFunctions();
std::vector<Function> PlaceFunctions();
std::vector<Function> NumberFunctions();
std::vector<Function> VersionFunctions();

}  // namespace tocsin::functions

#endif  // TOCSIN_SRC_FUNCTIONS_FUNCTION_H_
