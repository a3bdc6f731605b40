// The three-valued logic of conditions over values: true, false, null.
//
// Of an array any element satisfies a test; `!=` is the negation of the whole.

#ifndef TOCSIN_SRC_FUNCTIONS_LOGIC_H_
#define TOCSIN_SRC_FUNCTIONS_LOGIC_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "src/base/value.h"
#include "src/functions/function.h"

namespace tocsin::functions {

enum class Comparison : uint8_t { kEq, kNe, kLt, kLe, kGt, kGe };

// null where one side is null or an empty array.
Value CompareValues(Comparison op, const Value& a, const Value& b, bool folded);

// Whether the value's text matches the regular expression as a whole.
Value MatchRegex(const Value& value, std::string_view regex, bool folded,
                 Context* context);

// Whether a value is null, for `== null`: also an empty array, and one of
// nulls only.
bool IsNothing(const Value& value);

Value NotValue(const Value& value);
// false dominates null in `and`, true in `or`.
Value AndValues(const Value& a, const Value& b);
Value OrValues(const Value& a, const Value& b);

// What a value is as a condition: true and false as they are, the texts "true"
// and "false", of an array any element; else null.
Value ToCondition(const Value& value);

// A pattern of `:` and `like` as a regular expression: `*` any run, `?` one
// character.
std::string WildcardRegex(std::string_view pattern);

}  // namespace tocsin::functions

#endif  // TOCSIN_SRC_FUNCTIONS_LOGIC_H_
