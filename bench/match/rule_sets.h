// The sets of rules that benches run.

#ifndef TOCSIN_BENCH_MATCH_RULE_SETS_H_
#define TOCSIN_BENCH_MATCH_RULE_SETS_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tocsin/rule_set.h"

namespace tocsin::bench {

enum class RuleSetName {
  k100,    // Spread over rules/.
  k1000,   // The same.
  kCore,   // rules/, 3,141 of them.
  kAll,    // Every folder of active rules, 3,780 files; 25 do not load, for
           // want of a pipeline that fills their placeholders.
  k30000,  // kAll, then more that are made from them.
};
inline constexpr RuleSetName kRuleSets[] = {
    RuleSetName::k100, RuleSetName::k1000, RuleSetName::kCore,
    RuleSetName::kAll, RuleSetName::k30000};

// "100", "1000", "3141", "3780", "30000".
const char* NameOf(RuleSetName name);

// The folders of active rules, in the order in which they are loaded.
std::vector<std::string> ActiveRuleFolders(const std::string& folder);

// Paths and texts of a set's rules. A made rule is a real one of which the
// words that are rare among all rules were replaced by others, the same ones
// at each run: its fields, modifiers, conditions and lengths are real.
std::vector<std::pair<std::string, std::string>> RuleTexts(
    const std::string& folder, RuleSetName name);

// Compiles a set. Without `keyword_rule` it lacks the rule that looks for
// keywords in each Windows event whatever its kind.
std::shared_ptr<const RuleSet> CompileRules(const std::string& folder,
                                            RuleSetName name,
                                            bool keyword_rule);

}  // namespace tocsin::bench

#endif  // TOCSIN_BENCH_MATCH_RULE_SETS_H_
