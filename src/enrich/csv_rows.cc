#include "src/enrich/csv_rows.h"

#include <algorithm>
#include <cstddef>

namespace tocsin::enrich {

bool CsvRows::Next() {
  while (!rest_.empty()) {
    const size_t line = std::min(rest_.find('\n'), rest_.size());
    const bool is_row = !rest_.starts_with('#') &&
                        rest_.substr(0, line).find_first_not_of(" \t\r") !=
                            std::string_view::npos;
    if (is_row) break;
    rest_.remove_prefix(std::min(line + 1, rest_.size()));
  }
  if (rest_.empty()) return false;
  cells_.clear();
  while (true) {
    ReadCell();
    if (rest_.starts_with(',')) {
      rest_.remove_prefix(1);
      continue;
    }
    if (!rest_.empty()) rest_.remove_prefix(1);  // The line break.
    return true;
  }
}

// Up to the comma or line break behind it.
void CsvRows::ReadCell() {
  std::string& cell = cells_.emplace_back();
  if (rest_.starts_with('"')) {
    rest_.remove_prefix(1);
    while (true) {
      const size_t size = std::min(rest_.find('"'), rest_.size());
      cell.append(rest_.substr(0, size));
      rest_.remove_prefix(std::min(size + 1, rest_.size()));
      if (!rest_.starts_with('"')) break;
      cell.push_back('"');
      rest_.remove_prefix(1);
    }
  }
  const size_t size = std::min(rest_.find_first_of(",\n"), rest_.size());
  cell.append(rest_.substr(0, size));
  rest_.remove_prefix(size);
  if (cell.ends_with('\r')) cell.pop_back();
}

}  // namespace tocsin::enrich
