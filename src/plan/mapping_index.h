// MappingIndex: the mappings of a field, by its name.

#ifndef TOCSIN_SRC_PLAN_MAPPING_INDEX_H_
#define TOCSIN_SRC_PLAN_MAPPING_INDEX_H_

#include <cstddef>
#include <string>
#include <vector>

#include "src/base/field_mapping.h"
#include "src/base/string_map.h"

namespace tocsin::plan {

class MappingIndex {
 public:
  explicit MappingIndex(std::vector<base::FieldMapping> mappings);

  // Those of a field in their order, with the name put in where they are
  // patterns.
  std::vector<base::FieldMapping> Of(const std::string& field) const;

 private:
  std::vector<base::FieldMapping> mappings_;
  base::StringMap<std::vector<size_t>> by_name_;
  std::vector<size_t> patterns_;
};

}  // namespace tocsin::plan

#endif  // TOCSIN_SRC_PLAN_MAPPING_INDEX_H_
