// How much texts are like each other, or like noise.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "src/base/case_fold.h"
#include "src/base/utf8.h"
#include "src/functions/function.h"
#include "src/functions/skeleton.h"

namespace tocsin::functions {
namespace {

constexpr size_t kMaxCompared = 256;
// A list is compared as a whole, event by event.
constexpr int64_t kMaxSimilar = 16;

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

// The distance, or `limit` + 1 if it is more. Cost: the length times the limit,
// or until it is clear that it is more.
int64_t Distance(const std::vector<char32_t>& a, const std::vector<char32_t>& b,
                 int64_t limit) {
  const auto rows = static_cast<int64_t>(a.size());
  const auto columns = static_cast<int64_t>(b.size());
  const int64_t beyond = limit + 1;
  if (std::abs(rows - columns) > limit) return beyond;
  // Only what lies so near to the diagonal can be within the limit.
  std::vector<int64_t> row(b.size() + 1, beyond);
  for (int64_t j = 0; j <= std::min(columns, limit); ++j) {
    row[static_cast<size_t>(j)] = j;
  }
  for (int64_t i = 1; i <= rows; ++i) {
    const int64_t first = std::max<int64_t>(1, i - limit);
    const int64_t last = std::min(columns, i + limit);
    int64_t diagonal = row[static_cast<size_t>(first - 1)];
    row[static_cast<size_t>(first - 1)] = first == 1 && i <= limit ? i : beyond;
    int64_t least = row[static_cast<size_t>(first - 1)];
    for (int64_t j = first; j <= last; ++j) {
      int64_t& here = row[static_cast<size_t>(j)];
      // Behind the last of the row above nothing was worked out.
      const int64_t above = j == i + limit ? beyond : here;
      const bool same =
          a[static_cast<size_t>(i - 1)] == b[static_cast<size_t>(j - 1)];
      here = std::min({above + 1, row[static_cast<size_t>(j - 1)] + 1,
                       diagonal + (same ? 0 : 1), beyond});
      diagonal = above;
      least = std::min(least, here);
    }
    if (least > limit) return beyond;
  }
  return row.back();
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

Value SkeletonOf(const Call& call) {
  const std::optional<std::string> text = base::TextOf(call.arguments[0]);
  if (!text) return {};
  std::string skeleton = Skeleton(*text);
  if (skeleton.size() > kMaxTextBytes) skeleton.resize(kMaxTextBytes);
  return Value::String(base::RepairUtf8(skeleton));
}

// Elements by what they look like, and by what they are.
void IndexSkeletons(const base::ListRows& list, size_t /*keys*/,
                    base::StringMap<std::vector<uint32_t>>* index) {
  for (size_t row = 0; row < list.rows.size(); ++row) {
    const std::optional<std::string> text = base::TextOf(list.rows[row][0]);
    if (!text) continue;
    (*index)["~" + Skeleton(*text)].push_back(static_cast<uint32_t>(row));
    (*index)["=" + base::Fold(*text)].push_back(static_cast<uint32_t>(row));
  }
}

Value HomoglyphOf(const Call& call) {
  const std::optional<std::string> text = base::TextOf(call.arguments[0]);
  if (!text || call.table == nullptr || text->size() > kMaxTextBytes) return {};
  const auto first = [&](const std::string& key) -> std::optional<uint32_t> {
    const auto found = call.table->index.find(key);
    if (found == call.table->index.end()) return std::nullopt;
    for (const uint32_t row : found->second) {
      if (call.table->Holds(row, call.context->event_time)) return row;
    }
    return std::nullopt;
  };
  if (first("=" + base::Fold(*text))) return {};
  const std::optional<uint32_t> row = first("~" + Skeleton(*text));
  return row ? call.table->list->rows[*row][0] : Value();
}

void IndexNothing(const base::ListRows& /*list*/, size_t /*keys*/,
                  base::StringMap<std::vector<uint32_t>>* /*index*/) {}

Value SimilarTo(const Call& call) {
  const std::optional<std::string> text = base::TextOf(call.arguments[0]);
  const Value& most = call.arguments[2];
  if (!text || call.table == nullptr || text->size() > kMaxTextBytes ||
      most.kind != base::ValueKind::kInt || most.int_value < 0) {
    return {};
  }
  const auto read = [&](const std::string& s) {
    return Characters(call.folded ? base::Fold(s) : s);
  };
  const std::vector<char32_t> wanted = read(*text);
  if (wanted.size() > kMaxCompared) return {};
  int64_t limit = std::min(most.int_value, kMaxSimilar);
  const Value* nearest = nullptr;
  const base::ListRows& list = *call.table->list;
  for (uint32_t row = 0; row < list.rows.size() && limit >= 0; ++row) {
    const std::optional<std::string> element = base::TextOf(list.rows[row][0]);
    if (!element || !call.table->Holds(row, call.context->event_time)) continue;
    const std::vector<char32_t> characters = read(*element);
    if (characters.size() > kMaxCompared) continue;
    const int64_t distance = Distance(wanted, characters, limit);
    if (distance > limit) continue;
    nearest = &list.rows[row][0];
    limit = distance - 1;  // Of equal ones the first is taken.
  }
  return nearest == nullptr ? Value() : *nearest;
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
      {.name = "similarTo",
       .parameters = {{"s", ValueType::kString},
                      {"list", ValueType::kAny},
                      {"max", ValueType::kNumber}},
       .least = 3,
       .has_folding = true,
       .result = ValueType::kString,
       .cost = Cost::kHeavy,
       .description = "The element of the list that the text is nearest to, if "
                      "no more than `max` letters differ, 16 at most; else "
                      "null. For lists of up to 10000 elements.",
       .example = "similarTo(\"paypa1\", brands, 1)",
       .example_result = "\"paypal\"",
       .call = SimilarTo,
       .make_index = IndexNothing},
      {.name = "skeleton",
       .parameters = {{"s", ValueType::kString}},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "What the text looks like: letters that are taken for "
                      "each other become one, in small letters.",
       .example = "skeleton(\"PayPaI\") == skeleton(\"paypa1\")",
       .example_result = "true",
       .call = SkeletonOf},
      {.name = "homoglyphOf",
       .parameters = {{"s", ValueType::kString}, {"list", ValueType::kAny}},
       .least = 2,
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The element of the list that the text looks like "
                      "without being one of them; else null.",
       .example = "homoglyphOf(\"paypa1\", brands)",
       .example_result = "\"paypal\"",
       .call = HomoglyphOf,
       .make_index = IndexSkeletons},
  };
}

}  // namespace tocsin::functions
