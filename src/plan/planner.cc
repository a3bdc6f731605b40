#include "src/plan/planner.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/hash/hash.h"
#include "absl/types/span.h"
#include "src/base/case_fold.h"
#include "src/base/digest.h"
#include "src/base/json_writer.h"
#include "src/base/string_map.h"
#include "src/base/text_arena.h"
#include "src/plan/correlations.h"
#include "src/plan/detectors.h"
#include "src/plan/expressions.h"
#include "src/plan/guards.h"
#include "src/plan/mapping_index.h"
#include "src/plan/outcomes.h"

namespace tocsin::plan {
namespace {

// The order of enumerators in `ir` and `program` is the same; a new one must
// be added to both.
template <typename To, typename From>
To Same(From value) {
  return static_cast<To>(static_cast<int>(value));
}
static_assert(static_cast<int>(ir::TestOp::kExpression) ==
              static_cast<int>(program::TestOp::kExpression));
static_assert(static_cast<int>(ir::CompareOp::kGe) ==
              static_cast<int>(program::CompareOp::kGe));
static_assert(static_cast<int>(ir::FieldRelation::kEndsWith) ==
              static_cast<int>(program::FieldRelation::kEndsWith));
static_assert(static_cast<int>(ir::TimePart::kYear) ==
              static_cast<int>(program::TimePart::kYear));
static_assert(static_cast<int>(ir::Expr::kTest) ==
              static_cast<int>(program::Node::kTest));

// Folds literals and brings tokens to one form: no empty literal, no two
// literals and no two runs side by side.
base::Pattern Normalize(base::Pattern pattern) {
  base::Pattern normal;
  normal.cased = pattern.cased;
  normal.tokens.reserve(pattern.tokens.size());
  for (base::PatternToken& token : pattern.tokens) {
    if (!pattern.cased) token.text = base::Fold(token.text);
    const bool literal = token.kind == base::PatternToken::kLiteral;
    if (literal && token.text.empty()) continue;
    if (!normal.tokens.empty() && normal.tokens.back().kind == token.kind) {
      if (token.kind == base::PatternToken::kAnyRun) continue;
      if (literal) {
        normal.tokens.back().text += token.text;
        continue;
      }
    }
    normal.tokens.push_back(std::move(token));
  }
  return normal;
}

// Bytes that are equal for two tests exactly if the tests mean the same.
class KeyWriter {
 public:
  template <typename Enum>
  KeyWriter& Add(Enum value)
    requires(std::is_enum_v<Enum> || std::is_same_v<Enum, bool>)
  {
    return AddInt(static_cast<int64_t>(value));
  }
  KeyWriter& AddInt(int64_t value) {
    char digits[24];
    const std::to_chars_result end =
        std::to_chars(std::begin(digits), std::end(digits), value);
    key_.append(digits, end.ptr);
    key_ += ';';
    return *this;
  }
  KeyWriter& AddText(std::string_view text) {
    AddInt(static_cast<int64_t>(text.size()));
    key_ += text;
    return *this;
  }
  KeyWriter& AddNumber(const base::Number& number) {
    Add(number.kind).AddInt(number.int_value);
    std::string text;
    base::AppendJsonDouble(number.double_value, &text);
    return AddText(text).AddText(number.text);
  }
  std::string_view key() const { return key_; }
  void Clear() { key_.clear(); }

 private:
  std::string key_;
};

// `pattern` is the normal form of the test's.
void WriteKey(const ir::Test& test, const base::Pattern& pattern,
              KeyWriter* writer) {
  KeyWriter& key = *writer;
  key.Clear();
  key.Add(test.op).Add(test.any_field);
  if (!test.any_field) key.AddText(test.field);
  switch (test.op) {
    case ir::TestOp::kPattern:
      key.Add(pattern.cased);
      for (const base::PatternToken& token : pattern.tokens) {
        key.Add(token.kind).AddText(token.text);
      }
      break;
    case ir::TestOp::kCompare:
      key.Add(test.compare).AddNumber(test.number);
      break;
    case ir::TestOp::kBool:
    case ir::TestOp::kExists:
      key.Add(test.flag);
      break;
    case ir::TestOp::kRegex:
      key.AddText(test.regex);
      break;
    case ir::TestOp::kCidr:
      for (const base::IpNetwork& network : test.networks) {
        key.AddInt(network.prefix);
        key.AddText(
            {reinterpret_cast<const char*>(network.address.bytes.data()),
             network.address.bytes.size()});
      }
      break;
    case ir::TestOp::kNull:
      break;
    case ir::TestOp::kFieldRef:
      key.AddText(test.other_field).Add(test.relation).Add(test.cased);
      break;
    case ir::TestOp::kTimePart:
      key.Add(test.part).Add(test.compare).AddNumber(test.number);
      break;
    case ir::TestOp::kExpression:
      key.AddText(Print(*test.expression));
      break;
  }
}

// Whether a rule sees events through mappings.
bool IsMapped(const ir::Expr& expr) {
  return (expr.kind == ir::Expr::kTest && expr.test.mapped) ||
         std::any_of(expr.children.begin(), expr.children.end(), IsMapped);
}

// A node that may be in the program already.
struct NewNode {
  program::Node node;  // `first` and `count` are set for tests only.
  std::span<const program::NodeId> children;
};

}  // namespace

class Planner::Impl {
 public:
  explicit Impl(std::shared_ptr<const MappingIndex> mappings)
      : mappings_(std::move(mappings)),
        program_(std::make_unique<program::Program>()),
        nodes_(0, NodeHash{program_.get()}, NodeEqual{program_.get()}) {
    labels_.emplace("", 0);
  }

  void AddRule(ir::Rule rule) {
    if (rule.role == ir::RuleRole::kCondition) {
      if (conditions_ == nullptr) {
        conditions_ = std::make_unique<Impl>(mappings_);
      }
      numbers_.push_back({.is_condition = true,
                          .number = static_cast<uint32_t>(
                              conditions_->program_->rules.size())});
      rule.role = ir::RuleRole::kStep;
      conditions_->AddRule(std::move(rule));
      return;
    }
    numbers_.push_back(
        {.is_condition = false,
         .number = static_cast<uint32_t>(program_->rules.size())});
    base::Digest digest;
    const LogSource& source = rule.info.log_source;
    digest.Add(source.product).Add(source.category).Add(source.service);
    const bool mapped = IsMapped(rule.condition);
    const program::NodeId root = AddExpr(rule.condition, &digest);
    rule.info.content_hash = digest.Hex();
    program::Rule planned = {.role = Same<program::RuleRole>(rule.role),
                             .reads_anomalies = rule.reads_anomalies,
                             .root = root};
    if (rule.outcome != nullptr) {
      planned.outcome = static_cast<uint32_t>(program_->outcomes.size());
      program_->outcomes.push_back(
          PlanOutcome(*rule.outcome, [&](const std::string& name) {
            return AddCorrelationField(name, mapped);
          }));
    }
    planned.reads_alerts = rule.reads_alerts;
    program_->has_alert_readers |= rule.reads_alerts;
    program_->rules.push_back(planned);
    program_->infos.push_back(std::move(rule.info));
  }

  void AddCorrelation(ir::Correlation rule) {
    const auto number = [&](const std::string& field) {
      return AddCorrelationField(field, rule.mapped);
    };
    for (const ir::ComputedField& computed : rule.computed) {
      const size_t known = program_->correlation_fields.size();
      const uint32_t field = number(computed.name);
      if (field < known) continue;  // Another rule has it too.
      program_->computed_fields.push_back(
          {field, PlanExpression(*computed.expression, number)});
    }
    program::Correlation planned = PlanCorrelation(rule, number);
    planned.outcome = PlanOutcome(rule, planned);
    program_->correlations.push_back(std::move(planned));
    correlations_.push_back(std::move(rule));
  }

  void AddJob(const ir::DetectorJob& job) {
    program::DetectorJob planned = PlanDetectors(job);
    for (const std::string& field : planned.fields) {
      planned.field_numbers.push_back(AddCorrelationField(field, job.mapped));
    }
    if (job.filter.has_value()) planned.filter = *job.filter;
    program_->jobs.push_back(std::move(planned));
    program_->job_infos.push_back({.id = job.id,
                                   .description = job.description,
                                   .format = job.format,
                                   .path = job.path,
                                   .line = job.line,
                                   .content_hash = ir::Print(job)});
  }

  std::unique_ptr<program::Program> Take() {
    for (ir::Correlation& rule : correlations_) {
      program_->correlation_infos.push_back(std::move(rule.info));
    }
    if (conditions_ != nullptr) program_->conditions = conditions_->Take();
    for (program::Correlation& rule : program_->correlations) Renumber(&rule);
    for (size_t i = 0; i < correlations_.size(); ++i) HashCorrelation(i);
    for (size_t i = 0; i < program_->jobs.size(); ++i) {
      uint32_t& filter = program_->jobs[i].filter;
      std::string& hash = program_->job_infos[i].content_hash;
      base::Digest digest;
      digest.Add("job").Add(hash);
      if (filter != program::kNoField) {
        digest.Add(InfoOf(filter).content_hash);
        filter = numbers_[filter].number;
      }
      hash = digest.Hex();
    }
    return std::move(program_);
  }

 private:
  // Where a rule that was added is now.
  struct Number {
    bool is_condition = false;
    uint32_t number = 0;
  };

  const RuleInfo& InfoOf(uint32_t added) const {
    const Number& at = numbers_[added];
    return (at.is_condition ? *program_->conditions : *program_)
        .infos[at.number];
  }

  // Correlations name rules by the order in which they were added.
  void Renumber(program::Correlation* rule) const {
    const auto renumber = [this](uint32_t* added) {
      if (*added != program::kNoRule) *added = numbers_[*added].number;
    };
    for (program::CorrelationStep& step : rule->steps) {
      if (step.source == program::CorrelationStep::kRule) {
        renumber(&step.source_index);
      }
      renumber(&step.condition);
    }
    renumber(&rule->where);
    for (program::SequenceStage& stage : rule->stages) {
      renumber(&stage.condition);
    }
  }

  // Adds a subtree to the program, and its meaning to `digest`. Labels are not
  // meaning: to rename a selection changes no match.
  program::NodeId AddExpr(ir::Expr& expr, base::Digest* digest) {
    digest->AddInt(expr.kind);
    program::Node node;
    node.kind = Same<program::Node::Kind>(expr.kind);
    node.label = Intern(expr.label, &labels_, &program_->labels);
    if (expr.kind == ir::Expr::kTest) {
      node.first = AddTest(expr.test, digest);
      return InternNode({node, {}});
    }
    digest->AddInt(static_cast<int64_t>(expr.children.size()));
    absl::InlinedVector<program::NodeId, 16> children;
    children.reserve(expr.children.size());
    for (ir::Expr& child : expr.children) {
      children.push_back(AddExpr(child, digest));
    }
    // Of `and` and `or` the order means nothing: what is dear to evaluate is
    // asked last, and mostly not at all.
    std::stable_partition(
        children.begin(), children.end(),
        [this](program::NodeId child) { return !HasExpression(child); });
    return InternNode({node, children});
  }

  // Whether an expression is to be evaluated for a node.
  bool HasExpression(program::NodeId id) const {
    return id < has_expression_.size() && has_expression_[id];
  }

  program::NodeId InternNode(const NewNode& added) {
    const auto id = static_cast<program::NodeId>(program_->nodes.size());
    const auto place =
        nodes_.lazy_emplace(added, [id](const auto& make) { make(id); });
    if (*place != id) return *place;
    has_expression_.push_back(added.node.kind == program::Node::kTest
                                  ? program_->tests[added.node.first].op ==
                                        program::TestOp::kExpression
                                  : std::any_of(added.children.begin(),
                                                added.children.end(),
                                                [this](program::NodeId child) {
                                                  return HasExpression(child);
                                                }));
    program::Node node = added.node;
    if (node.kind != program::Node::kTest) {
      node.first = static_cast<uint32_t>(program_->children.size());
      node.count = static_cast<uint32_t>(added.children.size());
      program_->children.insert(program_->children.end(),
                                added.children.begin(), added.children.end());
    }
    program_->nodes.push_back(node);
    return id;
  }

  program::TestId AddTest(ir::Test& from, base::Digest* digest) {
    base::Pattern pattern = Normalize(std::move(from.pattern));
    WriteKey(from, pattern, &key_);
    digest->Add(key_.key());
    // How a test sees events is no part of what it says.
    if (from.mapped) key_.Add(true);
    const std::string_view key = key_.key();
    if (const auto known = tests_.find(key); known != tests_.end()) {
      return known->second;
    }
    const auto id = static_cast<program::TestId>(program_->tests.size());
    tests_.emplace(keys_.Copy(key), id);

    program::Test test;
    test.op = Same<program::TestOp>(from.op);
    if (!from.any_field) test.field = AddField(from.field, from.mapped);
    test.pattern = std::move(pattern);
    test.compare = Same<program::CompareOp>(from.compare);
    test.number = std::move(from.number);
    test.regex = std::move(from.regex);
    test.networks = std::move(from.networks);
    test.flag = from.flag;
    if (from.op == ir::TestOp::kFieldRef) {
      test.other_field = AddField(from.other_field, from.mapped);
    }
    test.relation = Same<program::FieldRelation>(from.relation);
    test.cased = from.cased;
    test.part = Same<program::TimePart>(from.part);
    if (from.op == ir::TestOp::kExpression) {
      test.expression = static_cast<uint32_t>(program_->expressions.size());
      program_->expressions.push_back(
          PlanExpression(*from.expression, [&](const std::string& name) {
            return AddField(name, from.mapped);
          }));
    }
    program_->tests.push_back(std::move(test));
    return id;
  }

  program::FieldId AddField(const std::string& name, bool mapped) {
    return InternField(name, mapped, &fields_, &program_->fields,
                       &program_->mappings);
  }

  // A field that has mappings is apart from the one of the same name that is
  // looked up without.
  uint32_t InternField(
      const std::string& name, bool mapped, base::StringMap<uint32_t>* map,
      std::vector<std::string>* list,
      std::vector<std::vector<base::FieldMapping>>* of_fields) {
    std::vector<base::FieldMapping> mappings;
    if (mapped) mappings = mappings_->Of(name);
    if (mappings.empty()) return Intern(name, map, list);
    const auto id = static_cast<uint32_t>(list->size());
    // No name of a field begins with a NUL.
    const auto [entry, is_new] =
        map->try_emplace(std::string(1, '\0') + name, id);
    if (!is_new) return entry->second;
    list->push_back(name);
    of_fields->resize(list->size());
    of_fields->back() = std::move(mappings);
    return id;
  }

  uint32_t AddCorrelationField(const std::string& name, bool mapped) {
    return InternField(name, mapped, &correlation_fields_,
                       &program_->correlation_fields,
                       &program_->correlation_mappings);
  }

  static uint32_t Intern(const std::string& text,
                         base::StringMap<uint32_t>* map,
                         std::vector<std::string>* list) {
    const auto id = static_cast<uint32_t>(list->size());
    const auto [entry, is_new] = map->try_emplace(text, id);
    if (is_new) list->push_back(text);
    return entry->second;
  }

  // Nodes of the program are found by what they are.
  struct NodeHash {
    using is_transparent = void;
    const program::Program* program;
    size_t operator()(const NewNode& added) const {
      const bool is_test = added.node.kind == program::Node::kTest;
      return absl::HashOf(
          added.node.kind, added.node.label, is_test ? added.node.first : 0,
          absl::MakeConstSpan(added.children.data(), added.children.size()));
    }
    size_t operator()(program::NodeId id) const {
      return (*this)(Stored(*program, id));
    }
  };
  struct NodeEqual {
    using is_transparent = void;
    const program::Program* program;
    bool operator()(program::NodeId a, program::NodeId b) const {
      return a == b;
    }
    bool operator()(program::NodeId id, const NewNode& added) const {
      const NewNode stored = Stored(*program, id);
      return stored.node.kind == added.node.kind &&
             stored.node.label == added.node.label &&
             (added.node.kind != program::Node::kTest ||
              stored.node.first == added.node.first) &&
             std::equal(stored.children.begin(), stored.children.end(),
                        added.children.begin(), added.children.end());
    }
  };

  static NewNode Stored(const program::Program& program, program::NodeId id) {
    const program::Node& node = program.nodes[id];
    if (node.kind == program::Node::kTest) return {node, {}};
    return {node, {program.children.data() + node.first, node.count}};
  }

  // The digest of a correlation is that of its own form and of all it reads.
  // REQUIRES: it is in no ring.
  void HashCorrelation(size_t number) {
    std::string& hash = program_->correlation_infos[number].content_hash;
    if (!hash.empty()) return;
    ir::Correlation plain = correlations_[number];
    base::Digest digest;
    const auto add_rule = [&](std::optional<uint32_t>* rule) {
      if (!rule->has_value()) return;
      digest.Add(InfoOf(**rule).content_hash);
      *rule = 0;  // Where it stands among others does not matter.
    };
    for (ir::Step& step : plain.steps) {
      if (step.source == ir::Step::kRule) {
        digest.Add(InfoOf(step.source_index).content_hash);
      } else if (step.source == ir::Step::kCorrelation) {
        HashCorrelation(step.source_index);
        digest.Add(program_->correlation_infos[step.source_index].content_hash);
      }
      step.source_index = 0;
      add_rule(&step.condition);
    }
    add_rule(&plain.where);
    for (ir::SequenceStage& stage : plain.pattern.stages) {
      add_rule(&stage.condition);
    }
    hash = digest.Add("correlation").Add(ir::Print(plain)).Hex();
  }

  std::shared_ptr<const MappingIndex> mappings_;
  std::unique_ptr<program::Program> program_;
  std::unique_ptr<Impl> conditions_;
  std::vector<Number> numbers_;  // By the order of AddRule.
  std::vector<ir::Correlation> correlations_;
  base::StringMap<uint32_t> correlation_fields_;
  base::StringMap<uint32_t> fields_;
  base::StringMap<uint32_t> labels_;
  std::vector<bool> has_expression_;  // By NodeId.
  KeyWriter key_;
  base::TextArena keys_;
  absl::flat_hash_map<std::string_view, program::TestId, base::StringHash>
      tests_;  // By their keys.
  absl::flat_hash_set<program::NodeId, NodeHash, NodeEqual> nodes_;
};

Planner::Planner(std::vector<base::FieldMapping> mappings)
    : impl_(std::make_unique<Impl>(
          std::make_shared<const MappingIndex>(std::move(mappings)))) {}
Planner::~Planner() = default;

void Planner::Add(ir::Rule rule) { impl_->AddRule(std::move(rule)); }

void Planner::AddCorrelation(ir::Correlation correlation) {
  impl_->AddCorrelation(std::move(correlation));
}

void Planner::AddJob(ir::DetectorJob job) { impl_->AddJob(job); }

std::unique_ptr<program::Program> Planner::Finish() {
  std::unique_ptr<program::Program> program = impl_->Take();
  impl_.reset();  // Makes room for what guards need.
  AddGuards(program.get());
  return program;
}

std::unique_ptr<program::Program> Plan(std::vector<ir::Rule> rules) {
  Planner planner;
  for (ir::Rule& rule : rules) planner.Add(std::move(rule));
  return planner.Finish();
}

std::unique_ptr<program::Program> PlanList(ir::RuleList list) {
  Planner planner;
  for (ir::Rule& rule : list.rules) planner.Add(std::move(rule));
  for (ir::Correlation& correlation : list.correlations) {
    planner.AddCorrelation(std::move(correlation));
  }
  for (ir::DetectorJob& job : list.jobs) planner.AddJob(std::move(job));
  return planner.Finish();
}

}  // namespace tocsin::plan
