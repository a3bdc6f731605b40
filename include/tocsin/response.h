// Response: what a rule asks the host to do about what it found.
//
//   tocsin::CallbackSink sink(
//       on_detection, on_incident, on_suppressed,
//       [&](const tocsin::Response& response) {
//         if (response.action() == "require_mfa") Ask(response);
//       });
//
// for rules that say `respond require_mfa(user = user.name) needs approval`.
// Tocsin does nothing of it: the host acts, or asks a person first.
// Views are valid during the call that hands it out.

#ifndef TOCSIN_RESPONSE_H_
#define TOCSIN_RESPONSE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "tocsin/rule_set.h"
#include "tocsin/timestamp.h"

namespace tocsin {

// Of the type that the action's parameter has: texts, addresses, networks and
// domains are strings. Monostate: the finding has no such value.
using ResponseValue = std::variant<std::monostate, bool, int64_t, double,
                                   std::string, absl::Duration, Timestamp>;

struct ResponseArgument {
  std::string name;
  ResponseValue value;
};

class Response {
 public:
  // Made by engines.
  struct Data {
    const RuleInfo* rule = nullptr;
    std::string id;
    std::string detection_id;
    Timestamp time;
    std::string action;
    std::vector<ResponseArgument> arguments;
    bool needs_approval = false;
  };
  explicit Response(const Data& data) : data_(&data) {}

  const RuleInfo& rule() const { return *data_->rule; }

  // 32 hex digits: of the detection, the action and its place in the rule. The
  // same after a restart or a replay, so that nothing is done twice.
  std::string_view id() const { return data_->id; }

  // Detection::id() or Incident::id() of what it is about, and its time.
  std::string_view detection_id() const { return data_->detection_id; }
  Timestamp time() const { return data_->time; }

  std::string_view action() const { return data_->action; }
  std::span<const ResponseArgument> arguments() const {
    return data_->arguments;
  }

  // The rule's author wants a person to be asked.
  bool needs_approval() const { return data_->needs_approval; }

 private:
  const Data* data_;
};

}  // namespace tocsin

#endif  // TOCSIN_RESPONSE_H_
