// Index patterns as a condition on events.

#ifndef TOCSIN_SRC_FRONTEND_ELASTIC_ROUTING_H_
#define TOCSIN_SRC_FRONTEND_ELASTIC_ROUTING_H_

#include <string>
#include <vector>

#include "src/ir/predicate.h"

namespace tocsin::elastic {

// Holds for an event unless the event says of which data stream it is, by the
// three members of `data_stream`, or of which index, by `_index`, and no
// pattern is for that. True: the patterns are for everything.
ir::Expr RouteTo(const std::vector<std::string>& patterns);

// Whether the patterns are for the alerts of rules too.
bool ReachesAlerts(const std::vector<std::string>& patterns);

}  // namespace tocsin::elastic

#endif  // TOCSIN_SRC_FRONTEND_ELASTIC_ROUTING_H_
