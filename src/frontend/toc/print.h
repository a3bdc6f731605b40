// Printing parts of the tree: one line each, in the form of the formatter.

#ifndef TOCSIN_SRC_FRONTEND_TOC_PRINT_H_
#define TOCSIN_SRC_FRONTEND_TOC_PRINT_H_

#include <string>

#include "src/frontend/toc/ast.h"

namespace tocsin::toc {

// Amounts and texts are printed as they were written, for which their source is
// needed.
class Printer {
 public:
  explicit Printer(const text::Source& source) : source_(source) {}

  std::string Print(const Amount& amount) const;
  // A string with its quotes, in double ones.
  std::string PrintText(const Word& text) const;
  std::string Print(const Truth& truth) const;
  std::string Print(const Pattern& pattern) const;
  std::string Print(const Window& window) const;
  std::string Print(const By& by) const;
  std::string Print(const Fire& fire) const;
  // The base of a source, without `where` and `matches`.
  std::string PrintBase(const Source& source) const;

 private:
  const text::Source& source_;
};

}  // namespace tocsin::toc

#endif  // TOCSIN_SRC_FRONTEND_TOC_PRINT_H_
