// Lists of rule files, as functions look things up in them. Plain data, made
// when rules are compiled and shared by all that name them.

#ifndef TOCSIN_SRC_BASE_LIST_TABLE_H_
#define TOCSIN_SRC_BASE_LIST_TABLE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/string_map.h"
#include "src/base/value.h"

namespace tocsin::base {

// What the elements of a list or of a column are.
enum class ElementType : uint8_t {
  kString,
  kNoCase,
  kIp,
  kCidr,
  kDomain,  // The name itself, and all below it.
  kNumber,
  kTime,
  kDuration,
  kBool,
};

// A list without columns has one, without a name.
struct ListRows {
  struct Column {
    std::string name;
    ElementType type = ElementType::kString;
  };

  std::vector<Column> columns;
  std::vector<std::vector<Value>> rows;  // Parallel to `columns`.

  // The column that says until when a row holds, by event time.
  std::optional<size_t> expires;
};

struct ListTable {
  std::shared_ptr<const ListRows> list;

  // Numbers of rows by what a function looks for, in order.
  StringMap<std::vector<uint32_t>> index;

  // Whether row `row` holds at `event_time`.
  bool Holds(uint32_t row, std::optional<int64_t> event_time) const {
    if (!list->expires) return true;
    const Value& until = list->rows[row][*list->expires];
    return until.is_null() || (event_time && *event_time < until.int_value);
  }
};

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_LIST_TABLE_H_
