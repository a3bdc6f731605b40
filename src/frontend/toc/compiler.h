// The inside of CompileToc: what its parts share.

#ifndef TOCSIN_SRC_FRONTEND_TOC_COMPILER_H_
#define TOCSIN_SRC_FRONTEND_TOC_COMPILER_H_

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "src/base/string_map.h"
#include "src/frontend/toc/module.h"
#include "src/ir/correlation.h"

namespace tocsin::toc {

// One rule, and how far it has come.
struct RuleEntry {
  enum State : uint8_t { kWaiting, kOpen, kLoaded, kRefused };

  const Rule* rule = nullptr;
  Module* module = nullptr;
  bool broken = false;  // Something of it could not be read.
  State state = kWaiting;
  bool is_correlation = false;
  uint32_t index = 0;
};

// What a source turned out to be.
struct ResolvedSource {
  enum Kind : uint8_t { kEvents, kCorrelation, kAlerts, kRisks };

  Kind kind = kEvents;
  LogSource log_source;
  ir::Expr condition;  // kEvents; for the others what they must match too.
  bool has_condition = false;
  uint32_t correlation = 0;
  bool is_own = false;  // A correlation that stands in the rule itself.
  bool reads_anomalies = false;  // Records of detectors.
  // Where the fields are known: all there are. Empty: any.
  std::vector<std::string> fields;
  // Below a rule that makes a detection of its own.
  std::string table;  // The list of `matches`.
};

// Of what the source takes, only what satisfies `more`, too.
void Narrow(ir::Expr more, ResolvedSource* resolved);

// A step as patterns know it.
struct RuleStep {
  std::string name;
  Span span;  // Where it is defined, in the rule; or where named.
  const Source* source = nullptr;
  ResolvedSource resolved;
  bool usable = false;
  bool used = false;
  bool shared = false;
};

class Compiler {
 public:
  Compiler(const TocOptions& options, ir::RuleList* list,
           Diagnostics* diagnostics)
      : options_(options), list_(*list), diagnostics_(diagnostics) {}

  void Add(const std::shared_ptr<const text::Source>& source);
  TocResult Run();

 private:
  friend class RuleCompiler;

  Module* FindOrRead(const std::string& path);
  void ResolveImports(Module* module, int depth);
  void Compile(RuleEntry* entry);
  void CheckUnusedSteps();
  void CompileDetectors();
  void NameRules();
  void CollectExceptions();
  void Tell(Diagnostics problems, Module* module);
  // By name, id or title. Null if there is none.
  RuleEntry* FindRule(std::string_view name);
  // A rule of another format; its index, or nullopt.
  std::optional<uint32_t> FindOther(std::string_view name) const;
  // A correlation of another format.
  std::optional<uint32_t> FindOtherCorrelation(std::string_view name) const;
  std::vector<std::string_view> RuleNames() const;

  const TocOptions& options_;
  ir::RuleList& list_;
  size_t others_ = 0;  // Rules of other formats, at the list's front.
  size_t other_correlations_ = 0;
  Diagnostics* diagnostics_;
  std::deque<Module> modules_;
  std::vector<Module*> roots_;  // Those whose rules are wanted.
  base::StringMap<Module*> by_path_;
  std::deque<RuleEntry> entries_;
  std::vector<RuleEntry*> open_;
  Diagnostics rule_problems_;  // Of the rule that is being compiled.
  absl::flat_hash_map<const Module*, size_t> told_;
  base::StringMap<RuleEntry*> rules_by_name_;
  using Exceptions = std::vector<std::pair<const Except*, Module*>>;
  base::StringMap<Exceptions> exceptions_by_rule_;
  base::StringMap<Exceptions> exceptions_by_tag_;
  absl::flat_hash_map<const Module*, std::vector<const Except*>>
      exceptions_by_file_;
  // Shared steps as they turned out; nullopt: with an error.
  absl::flat_hash_map<const Step*, std::optional<ResolvedSource>> shared_steps_;
  TocResult result_;
};

inline absl::Duration ToDuration(const Amount& amount) {
  return absl::Nanoseconds(amount.value.int_value);
}

// A level of rules as RuleInfo has it.
std::string LevelOf(std::string_view word);

// Lists an exception that holds for ever.
void WarnOfNoEnd(const Except& except, text::Reporter* reporter);

// Compiles one rule.
class RuleCompiler {
 public:
  RuleCompiler(Compiler* compiler, RuleEntry* entry);

  // Looks at a shared step that no rule uses.
  void CheckSharedStep(const SharedStep& step);

  // Adds it to the list. False: it has an error, which was told.
  bool Run();

  // Adds the job that a detector is; the same.
  bool AddDetector(const Detector& detector);

 private:
  // --- compile_detector.cc --------------------------------------------------
  void AddFind(const Detector::Find& find,
               const std::vector<base::DetectorRule>& rules,
               ir::DetectorJob* job);
  bool AddFilter(const Source& from, ir::DetectorJob* job);
  bool CheckRecordFields(const Expression& when, const ir::DetectorJob& job);
  bool AddAlert(const Detector& detector, const ir::DetectorJob& job);

  // --- compile_rule.cc ------------------------------------------------------
  void ReadClauses();
  void ReadFacts(const Clause& clause);
  void CheckExamples();
  void CheckExample(const Example& example);
  void CheckRespond(const Respond& respond);
  void WarnOfNoEffect(const Clause& clause, std::string_view what);
  void CollectFields(const Expression& e, std::vector<Field>* fields) const;
  void CheckStepNames();
  bool RunDetect();
  ir::Expr ExceptionsFor(std::string_view step);
  void AddRule(ir::Expr condition, const LogSource& log_source);

  // --- compile_source.cc ----------------------------------------------------
  bool Resolve(const Source& source, Module* module, ResolvedSource* resolved,
               int depth);
  bool ResolveNamed(const Source& source, Module* module,
                    ResolvedSource* resolved, int depth);
  bool ResolveLogSource(const Source& source, ResolvedSource* resolved);
  bool ResolveRule(const Source& source, ResolvedSource* resolved);
  void ReadCorrelation(uint32_t number, ResolvedSource* resolved);
  bool ResolveSigma(const Source& source, Module* module,
                    ResolvedSource* resolved);
  bool ResolveQuery(const Source& source, Module* module,
                    ResolvedSource* resolved);
  bool ResolveDetector(const Source& source, Module* module,
                       ResolvedSource* resolved);
  ir::Expr IsMarked(const Source& source) const;
  void TakeMarked(const Source& source, ResolvedSource* resolved) const;
  void TakeMarkedFindings(RuleStep* step) const;
  bool DetectFindings(ResolvedSource resolved);
  bool DetectSequence(uint32_t number);
  std::shared_ptr<const text::Source> SigmaSource(const Source& source,
                                                  const Module& module) const;
  bool AddWhere(const Source& source, Module* module, bool shared,
                ResolvedSource* resolved);
  bool AddMatches(const Expression& table, Module* module,
                  ResolvedSource* resolved);
  void WarnOfNegation(const Expression& where, Module* module);
  ir::Expr Category(const std::string& word) const;

  // --- compile_when.cc, compile_group.cc
  // ------------------------------------------------------
  bool RunWhen();
  bool CheckLoneStep();
  bool CheckWindow();
  std::optional<ir::StepIndex> UseStep(const Word& name);
  std::vector<ir::StepIndex> UseSteps(const Truth& truth);
  void LowerPattern();
  void LowerTruthPattern();
  void LowerChain();
  ir::Truth LowerTruth(const Truth& truth);
  ir::Term LowerTerm(const Truth& truth, const Truth* other);
  void CheckCompared(const Truth& truth, const ir::Measure& measure);
  ir::Measure LowerMeasure(const Truth& truth);
  std::optional<ir::Term> ExpandMacro(const Truth& truth);
  void PositiveSteps(const Truth& truth, bool positive,
                     std::vector<ir::StepIndex>* steps);
  void LowerWindow();
  void LowerGroup();
  void WarnOfNever();
  std::optional<std::string> FieldName(const Expression& of);
  void LowerKey(const std::vector<Expression>& names);
  void LowerEachOf(const By& by);
  bool IsAbsent(ir::StepIndex step) const;
  void CollectWhereFields(const Expression& e, bool is_checked,
                          std::vector<std::string>* inner);
  void AddWhereField(const Expression& e, bool is_checked,
                     const std::vector<std::string>& inner);
  void LowerWhere();
  void LowerFire();
  void LowerShown();
  void LowerShownCall(const Show::Item& item);
  void WarnOfUnusedSteps();
  bool AddCorrelation();

  // --- compile_outcome.cc ---------------------------------------------------
  void LowerOutcome();
  bool HasFields(const Expression& of);
  std::shared_ptr<const Expression> LowerForFinding(const Expression& written,
                                                    bool is_condition);
  void LowerRisk(const Risk& risk, ir::Outcome* outcome);
  void LowerRespond(const Respond& respond, ir::Outcome* outcome);
  void LowerMessage(const Texts& texts, ir::Outcome* outcome);
  void NameWhatIsNew(ir::Outcome* outcome);
  std::optional<Truth> ReadMeasure(std::string_view written, Span place);
  bool KeepsMeasures() const;
  void AddShown(const Truth& measure, std::string name);
  std::vector<ir::SuppressPolicy::Key> OutcomeKeys(const By& by);

  // --- compile_message.cc ---------------------------------------------------
  void CheckMessages();
  void CheckMessage(const Word& message, Span span);
  bool IsKnownValue(std::string_view name) const;
  std::vector<std::string> KnownValues() const;

  void Error(std::string_view code, Span span, std::string message,
             std::string help = {});
  void Warning(std::string_view code, Span span, std::string message,
               std::string help = {});
  std::string Written(Span span) const;

  Compiler& compiler_;
  RuleEntry& entry_;
  const Rule& rule_;
  Module& module_;
  text::Reporter reporter_;
  ModuleScope scope_;  // With the steps of the rule.
  RuleInfo info_;
  std::vector<RuleStep> steps_;
  const When* when_ = nullptr;
  const Source* detect_ = nullptr;
  const Fire* fire_ = nullptr;
  const Suppress* suppress_ = nullptr;
  const Incident* incident_ = nullptr;
  ir::Outcome outcome_;
  std::string detect_table_;
  bool messages_checked_ = false;
  bool is_shown_ = false;  // The measure that is lowered is one of `show`.
  bool examples_checked_ = false;
  ir::Correlation correlation_;
  std::optional<ir::Expr> where_;
  int errors_ = 0;
};

}  // namespace tocsin::toc

#endif  // TOCSIN_SRC_FRONTEND_TOC_COMPILER_H_
