#ifndef TOCSIN_SRC_FRONTEND_LUCENE_PARSER_H_
#define TOCSIN_SRC_FRONTEND_LUCENE_PARSER_H_

#include "src/frontend/lucene/ast.h"
#include "src/text/reporter.h"
#include "src/text/source.h"

namespace tocsin::lucene {

// Reads the bytes `span` of the reporter's source, which are UTF-8. What is
// wrong is told; then the tree is of no use.
Node Parse(text::Span span, text::Reporter* reporter);

}  // namespace tocsin::lucene

#endif  // TOCSIN_SRC_FRONTEND_LUCENE_PARSER_H_
