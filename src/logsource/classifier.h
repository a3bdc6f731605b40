// Classifier: which log sources an event belongs to.

#ifndef TOCSIN_SRC_LOGSOURCE_CLASSIFIER_H_
#define TOCSIN_SRC_LOGSOURCE_CLASSIFIER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "tocsin/field_value.h"
#include "tocsin/log_source.h"

namespace tocsin::logsource {

// One kind of event: everything routing needs to know of it. Kinds are made as
// events show them, once each; their number is the id. Lives as long as the
// Classifier.
struct EventKind {
  uint32_t id = 0;
  bool known = false;  // Some recogniser matched.
  std::vector<std::string> products;
  std::vector<std::string> categories;
  std::vector<std::string> services;
  std::vector<FieldRename> renames;

  // Whether a rule for `rule` applies to events of this kind. `meets_all`:
  // unknown sources meet every rule.
  bool Covers(const LogSource& rule, bool meets_all = false) const;
};

class Classifier {
 public:
  // `declared` is added to every event.
  Classifier(std::span<const LogSourceRecognizer> extra,
             const std::optional<LogSource>& declared);
  ~Classifier();

  // Looks at the event through `find`, which appends the values of a field and
  // tells whether it exists (as EventView::Find). Never null. Allocates only
  // for a kind not seen before.
  const EventKind* Classify(
      absl::FunctionRef<bool(std::string_view field,
                             std::vector<FieldValue>* values)>
          find);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::logsource

#endif  // TOCSIN_SRC_LOGSOURCE_CLASSIFIER_H_
