// The parser of rule files.

#ifndef TOCSIN_SRC_FRONTEND_TOC_PARSE_H_
#define TOCSIN_SRC_FRONTEND_TOC_PARSE_H_

#include "src/frontend/toc/ast.h"
#include "src/text/reporter.h"

namespace tocsin::toc {

// Reads a whole file. All problems are told; an item that has one is `broken`.
// Cost: linear in the text; depth and size of conditions are bounded.
File Parse(const text::Source& source, text::Reporter* reporter);

}  // namespace tocsin::toc

#endif  // TOCSIN_SRC_FRONTEND_TOC_PARSE_H_
