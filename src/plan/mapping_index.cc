#include "src/plan/mapping_index.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tocsin::plan {
namespace {

std::string_view PrefixOf(std::string_view pattern) {
  pattern.remove_suffix(1);
  return pattern;
}

// The mapping that `pattern` is for `field`.
base::FieldMapping ForField(base::FieldMapping pattern,
                            const std::string& field) {
  const std::string rest = field.substr(PrefixOf(pattern.field).size());
  for (std::string& from : pattern.from) {
    if (from.ends_with('*')) from = std::string(PrefixOf(from)) + rest;
  }
  pattern.field = field;
  return pattern;
}

}  // namespace

MappingIndex::MappingIndex(std::vector<base::FieldMapping> mappings)
    : mappings_(std::move(mappings)) {
  for (size_t i = 0; i < mappings_.size(); ++i) {
    if (mappings_[i].is_pattern()) {
      patterns_.push_back(i);
    } else {
      by_name_[mappings_[i].field].push_back(i);
    }
  }
}

std::vector<base::FieldMapping> MappingIndex::Of(
    const std::string& field) const {
  std::vector<size_t> found;
  if (const auto of_name = by_name_.find(field); of_name != by_name_.end()) {
    found = of_name->second;
  }
  for (const size_t i : patterns_) {
    const std::string& pattern = mappings_[i].field;
    if (field.size() >= pattern.size() &&
        field.starts_with(PrefixOf(pattern))) {
      found.push_back(i);
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<base::FieldMapping> mappings;
  for (const size_t i : found) {
    mappings.push_back(mappings_[i].is_pattern() ? ForField(mappings_[i], field)
                                                 : mappings_[i]);
  }
  return mappings;
}

}  // namespace tocsin::plan
