// Classifier: which log sources an event belongs to.

#ifndef TOCSIN_SRC_LOGSOURCE_CLASSIFIER_H_
#define TOCSIN_SRC_LOGSOURCE_CLASSIFIER_H_

#include <cstddef>
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
// events show them, once each; their number is the id, below kMaxEventKinds.
// Lives as long as the Classifier.
struct EventKind {
  uint32_t id = 0;
  bool known = false;  // Some recogniser matched.
  // The kind of all events past the bound on kinds. It covers every rule:
  // events made to exhaust the table do not hide from any.
  bool covers_every_rule = false;
  std::vector<std::string> products;
  std::vector<std::string> categories;
  std::vector<std::string> services;
  // In the order in which they are tried: several may serve one rule's field.
  std::vector<FieldRename> renames;

  // Whether a rule for `rule` applies to events of this kind. `meets_all`:
  // unknown sources meet every rule.
  bool Covers(const LogSource& rule, bool meets_all = false) const;
};

inline constexpr size_t kMaxEventKinds = 1024;

// The words that the built-in table knows, each once. A host may add others.
struct Vocabulary {
  std::vector<std::string_view> products;
  std::vector<std::string_view> categories;
  std::vector<std::string_view> services;
};
const Vocabulary& BuiltinVocabulary();

class Classifier {
 public:
  // `declared` is added to every event. A declared Windows service also stands
  // in for the channel that an event does not carry.
  Classifier(std::span<const LogSourceRecognizer> extra,
             const std::optional<LogSource>& declared);
  ~Classifier();

  // Looks at the event through `find`, which appends the values of a field and
  // tells whether it exists (as EventView::Find). Never null. Asks for a field
  // at most once. Allocates only for a kind not seen before. The answer, and
  // what is asked next, follow from the values found: events that agree in
  // them are of one kind.
  const EventKind* Classify(
      absl::FunctionRef<bool(std::string_view field,
                             std::vector<FieldValue>* values)>
          find);

  // The same, for a caller that wants to know which values the answer rests on:
  // where it is enough that a field has a value that is not null, `exists` is
  // asked.
  const EventKind* Classify(
      absl::FunctionRef<bool(std::string_view field,
                             std::vector<FieldValue>* values)>
          find,
      absl::FunctionRef<bool(std::string_view field)> exists);

  // All names that Classify may ask for, and those that renames look up.
  std::vector<std::string> FieldNames() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::logsource

#endif  // TOCSIN_SRC_LOGSOURCE_CLASSIFIER_H_
