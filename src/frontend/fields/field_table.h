// Tables of fields: files in which users say how fields that rules ask for
// follow from those of their events.
//
//   fields:
//     - logsource: {product: acme, category: proxy}
//       when: {acme.kind: [login, logout]}
//       map:
//         event.category: {value: authentication}
//         user.name: acme.who
//         process.name: {from: acme.exe, as: file_name}
//         event.outcome: {from: acme.code, words: {"0": success, "*": failure}}
//
// docs/formats/ecs.md has all that may stand there.

#ifndef TOCSIN_SRC_FRONTEND_FIELDS_FIELD_TABLE_H_
#define TOCSIN_SRC_FRONTEND_FIELDS_FIELD_TABLE_H_

#include <vector>

#include "src/base/field_mapping.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace tocsin::fields {

// In the order of the file. What is wrong is left out, and told.
std::vector<base::FieldMapping> ParseFieldTables(const text::Source& source,
                                                 Diagnostics* diagnostics);

}  // namespace tocsin::fields

#endif  // TOCSIN_SRC_FRONTEND_FIELDS_FIELD_TABLE_H_
