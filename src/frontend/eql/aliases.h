// Aliases: names of a sequence's steps, by which later ones look at their
// events.
//
//   sequence by host.id
//     [file where event.type == "creation"] as event0
//     [process where process.executable == event0.file.path]
//
// What a step says of others is no predicate on one event. It is taken out of
// the step's condition, so that the rest is, and becomes a condition of its
// own.

#ifndef TOCSIN_SRC_FRONTEND_EQL_ALIASES_H_
#define TOCSIN_SRC_FRONTEND_EQL_ALIASES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/ir/correlation.h"
#include "src/ir/expression.h"
#include "src/text/reporter.h"

namespace tocsin::eql {

class Aliases {
 public:
  // `allowed`: the dialect has them.
  explicit Aliases(bool allowed) : allowed_(allowed) {}

  // Step number `step`, which correlations call `name`.
  void Add(const std::string& alias, uint32_t step, const std::string& name) {
    aliases_.push_back({alias, step, name});
  }

  // Takes the parts of a condition that look at steps added before out of it;
  // `own` is what the step calls itself, if anything. An alias that nothing has
  // is told.
  std::vector<ir::Expression> TakeOut(const std::string& own,
                                      ir::Expression* condition,
                                      text::Reporter* reporter) const;

  // Puts names of steps in front of all fields: for an alias that of its step,
  // else `name`, of step number `step`. Adds them to `fields`, each once.
  void NameSteps(uint32_t step, const std::string& name, ir::Expression* e,
                 std::vector<ir::WhereField>* fields) const;

 private:
  struct Alias {
    std::string alias;
    uint32_t step = 0;
    std::string name;
  };

  const Alias* Of(const ir::Expression& field) const;
  bool Mentions(const ir::Expression& e) const;
  void TellUnknown(const ir::Expression& e, text::Reporter* reporter) const;

  bool allowed_;
  std::vector<Alias> aliases_;
};

}  // namespace tocsin::eql

#endif  // TOCSIN_SRC_FRONTEND_EQL_ALIASES_H_
