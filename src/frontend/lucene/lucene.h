// The Lucene front end: query strings as Elasticsearch's `query_string` reads
// them with its default settings, and Kibana where it is set to Lucene.
//
//   process.name:(cmd.exe OR powershell.exe) AND NOT user.id:"S-1-5-18"
//
// AND, OR and NOT are not those of logic: they mark the parts beside them as
// wanted, optional or forbidden, and a part that is optional beside a wanted
// one decides nothing. docs/formats/lucene.md has the meaning.
//
// How a value is compared depends on the type of its field, as in KQL; what is
// wrong with a value is told by KQL's codes (T503, T505, T506).

#ifndef TOCSIN_SRC_FRONTEND_LUCENE_LUCENE_H_
#define TOCSIN_SRC_FRONTEND_LUCENE_LUCENE_H_

#include <optional>

#include "src/frontend/kql/field_types.h"
#include "src/ir/predicate.h"
#include "src/text/reporter.h"
#include "src/text/source.h"

namespace tocsin::lucene {

// Compiles the bytes `span` of the reporter's source, which may be a file that
// has the query somewhere in it. An empty query matches every event. nullopt:
// an error was told.
std::optional<ir::Expr> Compile(text::Span span, const kql::FieldTypes& types,
                                text::Reporter* reporter);

}  // namespace tocsin::lucene

#endif  // TOCSIN_SRC_FRONTEND_LUCENE_LUCENE_H_
