#include "src/functions/function.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "src/base/regex.h"

namespace tocsin::functions {
namespace {

// Elements that a call looks at, over all combinations of its arrays.
constexpr size_t kMaxCombinations = 256;
constexpr size_t kMaxRegexes = 256;
constexpr size_t kMaxZones = 256;

std::string Lower(std::string_view name) {
  return absl::AsciiStrToLower(base::ToAbsl(name));
}

std::vector<Function> MakeTable() {
  std::vector<Function> table;
  for (std::vector<Function> (*group)() :
       {TextFunctions, NetworkFunctions, DomainFunctions, EncodingFunctions,
        LikenessFunctions, ListFunctions, ArrayFunctions, TimeFunctions,
        PlaceFunctions, NumberFunctions, VersionFunctions}) {
    std::vector<Function> functions = group();
    std::move(functions.begin(), functions.end(), std::back_inserter(table));
  }
  return table;
}

Value CallPlain(const Function& function, const Call& call) {
  if (function.nulls == Nulls::kGiveNull) {
    for (const Value& argument : call.arguments) {
      if (argument.is_null()) return {};
    }
  }
  return function.call(call);
}

}  // namespace

const RE2* Context::Regex(std::string_view pattern, bool folded, bool whole) {
  std::string text = folded ? "(?is)" : "(?s)";
  if (whole) text += "\\A(?:";
  text += pattern;
  if (whole) text += ")\\z";
  const auto found = regexes_.find(text);
  if (found == regexes_.end()) {
    // A pattern is nearly always a constant of a rule; were it made from
    // events, memory must stay bounded.
    if (regexes_.size() >= kMaxRegexes) regexes_.clear();
    auto made = std::make_unique<RE2>(text, base::RegexOptions());
    const RE2* const regex = made.get();
    regexes_.emplace(std::move(text), std::move(made));
    return regex->ok() ? regex : nullptr;
  }
  return found->second->ok() ? found->second.get() : nullptr;
}

bool IsZoneName(std::string_view name) {
  constexpr size_t kLongest = 64;
  const auto fits = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '/' ||
           c == '_' || c == '-' || c == '+';
  };
  return !name.empty() && name.size() <= kLongest && name[0] != '/' &&
         name != "localtime" && std::all_of(name.begin(), name.end(), fits);
}

const absl::TimeZone* Context::Zone(std::string_view name) {
  const auto found = zones_.find(name);
  if (found != zones_.end()) return found->second ? &*found->second : nullptr;
  if (!IsZoneName(name)) return nullptr;
  if (zones_.size() >= kMaxZones) zones_.clear();
  absl::TimeZone zone;
  std::optional<absl::TimeZone>& known = zones_[std::string(name)];
  if (absl::LoadTimeZone(std::string(name), &zone)) known = zone;
  return known ? &*known : nullptr;
}

std::optional<size_t> Function::list_parameter() const {
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (make_index != nullptr && parameters[i].name == "list") return i;
  }
  return std::nullopt;
}

const Parameter& Function::ParameterOf(size_t argument, size_t count) const {
  const size_t size = parameters.size();
  if (!repeats_before_last) return parameters[std::min(argument, size - 1)];
  if (argument + 1 == count) return parameters[size - 1];
  return parameters[std::min(argument, size - 2)];
}

std::string Function::Signature() const {
  std::string out(name);
  if (has_folding) out += '~';
  out += '(';
  std::string close;
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (static_cast<int>(i) >= least) {
      out += '[';
      close += ']';
    }
    if (i > 0) out += ", ";
    out += parameters[i].name;
    const size_t repeated = parameters.size() - (repeats_before_last ? 2u : 1u);
    if ((repeats || repeats_before_last) && i == repeated) out += "...";
  }
  return out + close + ')';
}

const std::vector<Function>& AllFunctions() {
  static const auto& table = *new std::vector<Function>(MakeTable());
  return table;
}

const Function* FindFunction(std::string_view name) {
  static const auto& by_name = *[] {
    auto* map = new base::StringMap<const Function*>();
    for (const Function& function : AllFunctions()) {
      map->emplace(Lower(function.name), &function);
    }
    return map;
  }();
  const auto found = by_name.find(Lower(name));
  return found == by_name.end() ? nullptr : found->second;
}

Value CallFunction(const Function& function, const Call& call) {
  const auto is_array = [](const Value& value) { return value.is_array(); };
  if (function.takes_arrays ||
      std::none_of(call.arguments.begin(), call.arguments.end(), is_array)) {
    return CallPlain(function, call);
  }
  // Every combination of elements.
  std::vector<Value> arguments(call.arguments.begin(), call.arguments.end());
  std::vector<size_t> at(arguments.size(), 0);
  std::vector<Value> results;
  while (results.size() < kMaxCombinations) {
    for (size_t i = 0; i < at.size(); ++i) {
      const Value& whole = call.arguments[i];
      if (!whole.is_array()) continue;
      if (whole.items.empty()) return Value::Array({});
      arguments[i] = whole.items[at[i]];
    }
    Call one = call;
    one.arguments = arguments;
    results.push_back(CallPlain(function, one));
    size_t i = 0;
    for (; i < at.size(); ++i) {
      if (!call.arguments[i].is_array()) continue;
      if (++at[i] < call.arguments[i].items.size()) break;
      at[i] = 0;
    }
    if (i == at.size()) break;
  }
  return Value::Array(std::move(results));
}

}  // namespace tocsin::functions
