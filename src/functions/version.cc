// Versions of programs as texts that sort as the versions do.

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "src/functions/function.h"

namespace tocsin::functions {
namespace {

// Takes digits off the front of `rest`; "" if there are none. Zeros in front
// mean nothing.
std::string_view TakeDigits(std::string_view* rest) {
  size_t end = 0;
  while (end < rest->size() && absl::ascii_isdigit((*rest)[end])) ++end;
  std::string_view digits = rest->substr(0, end);
  rest->remove_prefix(end);
  while (digits.size() > 1 && digits[0] == '0') digits.remove_prefix(1);
  return digits;
}

// Of more digits the larger; of as many, as texts.
void AddDigits(std::string_view digits, std::string* key) {
  *key += static_cast<char>(std::min<size_t>(digits.size(), 99));
  *key += digits;
}

// Three numbers, then what was before the release, which has `\x01` where a
// release has `\x02`. What is no version comes last, as a text.
Value VersionKey(const Call& call) {
  const std::optional<std::string> text = base::TextOf(call.arguments[0]);
  if (!text) return {};
  std::string key = "\x01";
  std::string_view rest = *text;
  for (int part = 0; part < 3; ++part) {
    if (part > 0) {
      if (!rest.starts_with('.')) return Value::String("\x02" + *text);
      rest.remove_prefix(1);
    }
    const std::string_view digits = TakeDigits(&rest);
    if (digits.empty()) return Value::String("\x02" + *text);
    AddDigits(digits, &key);
  }
  // What was built does not count.
  rest = rest.substr(0, rest.find('+'));
  if (rest.empty()) return Value::String(key + "\x02");
  if (!rest.starts_with('-')) return Value::String("\x02" + *text);
  rest.remove_prefix(1);
  key += "\x01";
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find('.'));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    const bool number =
        !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
          return absl::ascii_isdigit(c);
        });
    key += number ? "\x01" : "\x02";
    std::string_view digits = word;
    if (number) {
      AddDigits(TakeDigits(&digits), &key);
    } else {
      key += word;
    }
  }
  return Value::String(std::move(key));
}

}  // namespace

std::vector<Function> VersionFunctions() {
  return {
      {.name = "versionKey",
       .parameters = {{"version", ValueType::kString}},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "A text that sorts as versions do: 1.9.0 before "
                      "1.10.0-beta before 1.10.0.",
       .example = "versionKey(\"1.10.0-beta\") > versionKey(\"1.9.0\")",
       .example_result = "true",
       .call = VersionKey},
  };
}

}  // namespace tocsin::functions
