// Exception lists: items as Kibana exports them beside the rules.
//
// An item holds for an event if all its entries do. What an item of one of its
// lists holds for is no event for a rule: neither a step of a sequence nor one
// of those that must be missing.

#ifndef TOCSIN_SRC_FRONTEND_ELASTIC_EXCEPTIONS_H_
#define TOCSIN_SRC_FRONTEND_ELASTIC_EXCEPTIONS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/string_map.h"
#include "src/frontend/elastic/value.h"
#include "src/frontend/kql/field_types.h"
#include "src/ir/predicate.h"
#include "src/text/reporter.h"

namespace tocsin::elastic {

// Whether an object of a file is an item, or the list that items belong to.
bool IsExceptionItem(const Value& object);
bool IsExceptionList(const Value& object);

class ExceptionLists {
 public:
  struct List {
    std::vector<ir::Expr> items;
    int64_t nodes = 0;       // Of all items.
    bool is_broken = false;  // An item was refused, which was told.
  };

  // REQUIRES: `object` is an item.
  void AddItem(const Value& object, const kql::FieldTypes& types,
               text::Reporter* reporter);
  void AddList(const Value& object);

  // Null: there is none of this id.
  const List* Find(std::string_view id) const;

 private:
  base::StringMap<List> lists_;
};

}  // namespace tocsin::elastic

#endif  // TOCSIN_SRC_FRONTEND_ELASTIC_EXCEPTIONS_H_
