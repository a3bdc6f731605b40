// CsvRows: the rows of a CSV text (RFC 4180), one at a time.

#ifndef TOCSIN_SRC_ENRICH_CSV_ROWS_H_
#define TOCSIN_SRC_ENRICH_CSV_ROWS_H_

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::enrich {

class CsvRows {
 public:
  explicit CsvRows(std::string_view text) : rest_(text) {}

  // Moves to the next row; false behind the last. Empty lines, and lines that
  // begin with `#`, are none.
  bool Next();

  const std::vector<std::string>& cells() const { return cells_; }

 private:
  void ReadCell();

  std::string_view rest_;
  std::vector<std::string> cells_;
};

}  // namespace tocsin::enrich

#endif  // TOCSIN_SRC_ENRICH_CSV_ROWS_H_
