// How much texts are like each other, or like noise.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "src/base/utf8.h"
#include "src/functions/function.h"

namespace tocsin::functions {
namespace {

constexpr size_t kMaxCompared = 256;

std::vector<char32_t> Characters(std::string_view text) {
  std::vector<char32_t> out;
  while (!text.empty()) {
    const base::CodePoint c = base::DecodeUtf8(text);
    out.push_back(c.value);
    text.remove_prefix(static_cast<size_t>(c.length));
  }
  return out;
}

Value Entropy(const Call& call) {
  const std::optional<std::string> text = base::TextOf(call.arguments[0]);
  if (!text) return {};
  if (text->empty()) return Value::Double(0);
  std::array<double, 256> counts{};
  for (const char c : *text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const double count : counts) {
    if (count == 0) continue;
    const double share = count / static_cast<double>(text->size());
    bits -= share * std::log2(share);
  }
  return Value::Double(bits);
}

// The distance, or `limit` + 1 if it is more.
int64_t Distance(const std::vector<char32_t>& a, const std::vector<char32_t>& b,
                 int64_t limit) {
  const auto sizes =
      static_cast<int64_t>(a.size()) - static_cast<int64_t>(b.size());
  if (std::abs(sizes) > limit) return limit + 1;
  std::vector<int64_t> row(b.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = static_cast<int64_t>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    int64_t diagonal = row[0];
    row[0] = static_cast<int64_t>(i);
    int64_t least = row[0];
    for (size_t j = 1; j < row.size(); ++j) {
      const int64_t above = row[j];
      const int64_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, changed});
      diagonal = above;
      least = std::min(least, row[j]);
    }
    if (least > limit) return limit + 1;
  }
  return std::min(row.back(), limit + 1);
}

Value Levenshtein(const Call& call) {
  const std::optional<std::string> a = base::TextOf(call.arguments[0]);
  const std::optional<std::string> b = base::TextOf(call.arguments[1]);
  if (!a || !b) return {};
  const std::vector<char32_t> left = Characters(*a);
  const std::vector<char32_t> right = Characters(*b);
  int64_t limit = static_cast<int64_t>(kMaxCompared);
  if (call.arguments.size() > 2) {
    if (call.arguments[2].kind != base::ValueKind::kInt) return {};
    limit = std::clamp<int64_t>(call.arguments[2].int_value, 0, limit);
  }
  if (left.size() > kMaxCompared || right.size() > kMaxCompared) return {};
  return Value::Int(Distance(left, right, limit));
}

}  // namespace

std::vector<Function> LikenessFunctions() {
  return {
      {.name = "entropy",
       .parameters = {{"s", ValueType::kString}},
       .result = ValueType::kNumber,
       .cost = Cost::kLinear,
       .description = "Bits a byte of the text; of an empty text 0.",
       .example = "entropy(\"aabb\")",
       .example_result = "1",
       .call = Entropy},
      {.name = "levenshtein",
       .parameters = {{"a", ValueType::kString},
                      {"b", ValueType::kString},
                      {"max", ValueType::kNumber}},
       .least = 2,
       .result = ValueType::kNumber,
       .cost = Cost::kHeavy,
       .description = "How many letters must be added, dropped or changed; "
                      "`max` + 1 if more than `max`. Null for texts of over "
                      "256 characters.",
       .example = "levenshtein(\"paypal\", \"paypa1\")",
       .example_result = "1",
       .call = Levenshtein},
  };
}

}  // namespace tocsin::functions
