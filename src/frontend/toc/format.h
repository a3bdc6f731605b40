// The formatter: one way to lay out a file, whatever its author's was.

#ifndef TOCSIN_SRC_FRONTEND_TOC_FORMAT_H_
#define TOCSIN_SRC_FRONTEND_TOC_FORMAT_H_

#include <string>
#include <string_view>

#include "src/frontend/toc/ast.h"

namespace tocsin::toc {

struct FormatOptions {
  // Sorts values of lists that take a line each.
  bool sort = false;
};

// The text of `file`, which was read from `source` with no error but those of
// IsMechanical. Format(Format(x)) is Format(x), and reads as x does.
std::string Format(const File& file, const text::Source& source,
                   const FormatOptions& options = {});

// Whether the error is a slip whose right form is known, so that the tree holds
// it and Format writes it: `=` for `==`, 'x' for "x", a window behind `by`.
bool IsMechanical(std::string_view code);

}  // namespace tocsin::toc

#endif  // TOCSIN_SRC_FRONTEND_TOC_FORMAT_H_
