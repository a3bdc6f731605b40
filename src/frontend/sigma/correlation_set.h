// All correlations of a compilation: what they refer to, which of them can be
// loaded, and what becomes of the rules that they count.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_CORRELATION_SET_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_CORRELATION_SET_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/frontend/sigma/correlation.h"
#include "src/frontend/sigma/correlation_lower.h"
#include "src/frontend/sigma/pipeline.h"
#include "src/ir/correlation.h"
#include "src/ir/rule.h"
#include "tocsin/diagnostic.h"

namespace tocsin::sigma {

class CorrelationSet {
 public:
  // `document` is a correlation of file number `file`.
  void Add(Document document, size_t file);

  bool empty() const { return entries_.empty(); }

  // Finds what each refers to among `rules` and the others, and lowers it. One
  // that refers to nothing, to itself over any others, or to one that cannot be
  // loaded is lost. `rules` is looked at during the call only.
  void Resolve(const std::vector<Document>& rules,
               const PipelineSet& pipelines);

  // Whether a correlation that may still be loaded counts the rule.
  bool Counts(size_t rule) const { return counted_[rule]; }

  // The rule cannot be loaded. Before Settle.
  void Lose(size_t rule) { lost_rules_[rule] = true; }

  // Loses the correlations that refer to lost rules, and those that refer to
  // them.
  void Settle(size_t rule_count);

  // What becomes of a match of the rule. After Settle.
  ir::RuleRole RoleOf(size_t rule) const { return roles_[rule]; }

  // The correlations that are loaded, in order; `rule_numbers` says which
  // number each rule has got. Called once, last.
  std::vector<ir::Correlation> Take(const std::vector<uint32_t>& rule_numbers);

  // Calls `tell(problems, file)` for each correlation.
  template <typename Tell>
  void Report(Tell tell) {
    for (Entry& entry : entries_) tell(std::move(entry.problems), entry.file);
  }

 private:
  struct Entry {
    Document document;
    size_t file = 0;
    Diagnostics problems;
    std::vector<Link> links;
    std::vector<std::vector<ir::StepIndex>> places;  // By reference.
    std::optional<ir::Correlation> lowered;
    bool is_lost = false;
  };

  template <typename ByName>
  void FindLinks(const ByName& by_name, const std::vector<Document>& rules,
                 Entry* entry);
  void LoseRings();
  void LoseDependent(Entry* entry);
  void Fail(Entry* entry, std::string_view code, text::Range range,
            std::string message, std::string help = {});

  std::vector<Entry> entries_;
  std::vector<size_t> order_;  // Those not in rings: what is counted first.
  std::vector<bool> counted_;
  std::vector<bool> lost_rules_;
  std::vector<ir::RuleRole> roles_;
};

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_CORRELATION_SET_H_
