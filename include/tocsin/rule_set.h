// RuleSet: compiled rules. Immutable; made by a Compiler, used by Engines.
//
//   for (const tocsin::RuleInfo& rule : rules->rules()) {
//     std::cout << rule.level << "  " << rule.title << "\n";
//   }
//
// Share one among any number of engines and threads; it must outlive none of
// them, since engines hold a shared_ptr.

#ifndef TOCSIN_RULE_SET_H_
#define TOCSIN_RULE_SET_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tocsin/log_source.h"

namespace tocsin {

namespace program {
struct Program;
}

// A tactic of ATT&CK, or of another framework, and techniques of it.
struct RuleThreat {
  struct Technique {
    std::string id;
    std::string name;
    std::vector<Technique> parts;  // Of a technique: its sub-techniques.
  };
  std::string framework;
  std::string tactic_id;
  std::string tactic_name;
  std::vector<Technique> techniques;
};

// What a rule's author wrote about it. Empty where the rule does not say.
struct RuleInfo {
  std::string id;  // The author's; for a rule without one, a hash of its text.
  std::string name;
  std::string title;
  std::string description;
  std::string level;   // Sigma: informational, low, medium, high, critical.
  std::string status;  // Sigma: stable, test, experimental, ...
  std::string author;
  std::string date;
  std::string modified;
  std::vector<std::string> tags;
  std::vector<std::string> references;
  std::vector<std::string> false_positives;
  std::vector<std::string> next_steps;  // For who looks at what it finds.
  std::vector<std::string> fields;      // Fields its author wants shown.
  LogSource log_source;
  std::string format;               // "sigma".
  std::string type;                 // Elastic: query, eql, threshold, ...
  std::vector<RuleThreat> threats;  // Elastic; other formats have tags.
  std::string path;                 // The file, as given to the compiler.
  int line = 0;                     // 1-based line of the document's first key.
  // Hex digest over what decides the rule's matches; part of detection ids. A
  // change of comment, title or position leaves it.
  std::string content_hash;
  // How much what it finds weighs, from 0 to 100; less than 0: it does not say.
  double risk_score = -1;
  // What it finds is for other rules to build on, and not for people.
  bool is_building_block = false;
};

// A job of detectors (docs/anomaly.md).
struct JobInfo {
  std::string id;
  std::string description;
  std::string format;  // "elastic", "toc".
  std::string path;
  int line = 0;
  // Hex digest over what decides the job's results.
  std::string content_hash;
};

class RuleSet {
 public:
  explicit RuleSet(std::unique_ptr<const program::Program> program);
  ~RuleSet();
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  // Rules over one event in the order the compiler was given them, then
  // correlations.
  std::span<const RuleInfo> rules() const;

  // Jobs of detectors, in the order the compiler was given them.
  std::span<const JobInfo> jobs() const;

  // Names of all fields that some rule looks at, each once.
  std::span<const std::string> fields() const;

  // Internal: what engines run.
  const program::Program& program() const { return *program_; }

 private:
  std::unique_ptr<const program::Program> program_;
  std::vector<RuleInfo> listed_;  // rules() where that is not all of them.
  bool lists_all_ = true;
};

}  // namespace tocsin

#endif  // TOCSIN_RULE_SET_H_
