// Rows of Arrow arrays as JSON: of a column of JSON text the text as it lies
// there, of a column of structs (a record batch is one) an object a row.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_ARROW_ROWS_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_ARROW_ROWS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arrow_abi.h"
#include "json_buffer.h"

namespace tocsin::python {

class ArrowRows {
 public:
  // Raises TypeError for a type that has no JSON, naming the column.
  explicit ArrowRows(const ArrowSchema& schema);
  ~ArrowRows();
  ArrowRows(ArrowRows&&) noexcept;
  ArrowRows& operator=(ArrowRows&&) noexcept;

  // Whether rows are JSON text; else they are records.
  bool is_text() const;

  // The text of a row; nothing for a null. REQUIRES: is_text(). Rows are those
  // of the array as its producer sees it, from 0 on.
  std::optional<std::string_view> Text(const ArrowArray& array,
                                       int64_t row) const;

  // Appends a row as one JSON object, or nothing for a null row. Nulls of its
  // fields are left out: a table has a null where the event had no such field.
  void AppendRecord(const ArrowArray& array, int64_t row,
                    JsonBuffer* out) const;

  struct Column;

 private:
  std::unique_ptr<Column> root_;
};

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_ARROW_ROWS_H_
