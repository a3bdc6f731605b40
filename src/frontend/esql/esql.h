// ES|QL: queries of Elasticsearch that are one filter of events, or one
// aggregate over a window of them.
//
//   from logs-* | where event.action == "login-failure"
//   | stats n = count(*), users = count_distinct(user.name) by source.ip
//   | where n >= 20 and users >= 5
//
// A query without STATS becomes a rule over one event; one with STATS a
// correlation: its keys are the group, DATE_TRUNC or BUCKET of @timestamp among
// them is a fixed window, and else the window slides over the look-back of who
// runs the query. What is neither is refused with the name of the command.
// docs/formats/esql.md has the meaning.
//
//   RuleInfo info;  // Id, name and so on, from the rule file.
//   std::optional<esql::Lowered> rule = esql::Compile(
//       span_of_query, {.look_back = absl::Minutes(9)}, info, &reporter,
//       &list);

#ifndef TOCSIN_SRC_FRONTEND_ESQL_ESQL_H_
#define TOCSIN_SRC_FRONTEND_ESQL_ESQL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "src/frontend/kql/field_types.h"
#include "src/ir/correlation.h"
#include "src/ir/rule.h"
#include "src/text/reporter.h"
#include "src/text/source.h"

namespace tocsin::esql {

struct EsqlOptions {
  // How far back a run of the query looks: `from` of an Elastic rule less now.
  // The length of the sliding window of a STATS without a bucket of time.
  absl::Duration look_back = absl::Minutes(9);
  // Types of fields for KQL(), QSTR() and MATCH(); null: those of ECS.
  const kql::FieldTypes* types = nullptr;
};

struct Lowered {
  bool is_correlation = false;
  uint32_t index = 0;                // Into RuleList::rules or ::correlations.
  std::vector<std::string> indexes;  // FROM: patterns of index names.
};

// Compiles the bytes `span` of the reporter's source, which may be a file that
// has the query somewhere in it. A rule or, with its step, a correlation of
// `info` is added to `list`. nullopt: an error was told, and nothing is added.
std::optional<Lowered> Compile(text::Span span, const EsqlOptions& options,
                               const RuleInfo& info, text::Reporter* reporter,
                               ir::RuleList* list);

// A file of one query: its name is that of the rule. False: an error was told.
bool CompileEsql(const text::Source& source, const EsqlOptions& options,
                 ir::RuleList* list, Diagnostics* diagnostics);

}  // namespace tocsin::esql

#endif  // TOCSIN_SRC_FRONTEND_ESQL_ESQL_H_
