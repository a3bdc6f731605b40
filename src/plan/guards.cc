#include "src/plan/guards.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "src/base/case_fold.h"
#include "src/base/common_text.h"
#include "src/base/json_writer.h"
#include "src/base/number.h"
#include "src/plan/needed_texts.h"

namespace tocsin::plan {
namespace {

using program::Literal;
using program::Node;
using program::NodeId;
using program::Program;
using program::Test;
using program::TestOp;

// A set of literals, one of which must occur, and what it costs to look.
struct Option {
  absl::InlinedVector<uint32_t, 4> literals;
  double cost = 0;     // Of all literals together,
  double dearest = 0;  // and of the dearest of them.
};

// What is known of a subtree: guards of each sort, all of which hold for events
// that it matches, the cheapest first.
struct Options {
  std::vector<Option> anchored;
  std::vector<Option> inner;

  bool none() const { return anchored.empty() && inner.empty(); }
};

// How many characters of a literal tell something; a common piece counts as
// two.
size_t TellingSize(std::string_view text) {
  size_t size = 0;
  while (!text.empty()) {
    const size_t common = base::CommonPieceAt(text);
    text.remove_prefix(std::max<size_t>(common, 1));
    size += common > 0 ? 2 : 1;
  }
  return size;
}

// Letters and digits stand everywhere; so do blanks, dots and slashes.
bool IsRareSign(std::string_view text) {
  static constexpr std::string_view kRare = "`^$&|<>{}%!;*?~";
  return text.size() == 1 && kRare.find(text[0]) != std::string_view::npos;
}

constexpr double kTellsNothing = 2000;

// Guesses of what a literal costs: the work of finding it, and the events in
// which it occurs though the rule does not match. Only their order matters.
double CostOf(const Literal& literal) {
  const size_t size = TellingSize(literal.text);
  if (literal.anchor != Literal::kAnywhere) {
    if (size <= 1) return 30;
    return size < 4 ? 8 : size < 6 ? 3 : 1;
  }
  double cost = 2;
  if (size < 6) cost = 6;
  if (size < 4) cost = 40;
  if (size < 3) cost = 200;
  if (size < 2) cost = IsRareSign(literal.text) ? 200 : kTellsNothing;
  // Keywords are looked for in the whole event.
  return literal.field == program::kAnyField ? cost * 4 : cost;
}

class GuardFinder {
 public:
  explicit GuardFinder(Program* program)
      : program_(program),
        of_test_(program->tests.size()),
        literals_(program->tests.size(), LiteralHash{program},
                  LiteralEqual{program}) {}

  void Run() {
    for (program::Rule& rule : program_->rules) {
      Options place;
      const Options& options = OfNode(rule.root, false, &place);
      rule.first_guard = static_cast<uint32_t>(program_->guards.size());
      for (const Option& option : options.anchored) Store(option, false);
      for (const Option& option : options.inner) {
        if (option.dearest < kTellsNothing) Store(option, true);
      }
      rule.guard_count =
          static_cast<uint32_t>(program_->guards.size()) - rule.first_guard;
      if (TellLittle(options)) AskForTests(&rule);
    }
  }

 private:
  // Whether many events may hold what guards a rule.
  static bool TellLittle(const Options& options) {
    static constexpr double kCostOfLittle = 30;
    const auto tells_little = [](const Option& option) {
      return option.cost / static_cast<double>(option.literals.size()) >=
             kCostOfLittle;
    };
    return std::all_of(options.anchored.begin(), options.anchored.end(),
                       tells_little) &&
           std::all_of(options.inner.begin(), options.inner.end(),
                       tells_little);
  }

  void AskForTests(program::Rule* rule) {
    static constexpr size_t kMaxAsked = 64;
    std::vector<uint32_t> literals;
    CollectLiterals(rule->root, &literals);
    std::sort(literals.begin(), literals.end());
    literals.erase(std::unique(literals.begin(), literals.end()),
                   literals.end());
    if (literals.size() > kMaxAsked) return;
    rule->first_asked = static_cast<uint32_t>(program_->guard_literals.size());
    rule->asked_count = static_cast<uint32_t>(literals.size());
    program_->guard_literals.insert(program_->guard_literals.end(),
                                    literals.begin(), literals.end());
  }

  // The literals that decide tests below a node.
  void CollectLiterals(NodeId id, std::vector<uint32_t>* literals) {
    const Node& node = program_->nodes[id];
    if (node.kind == Node::kTest) {
      OfTest(node.first);
      const uint32_t literal = program_->tests[node.first].literal;
      if (literal != program::kNoLiteral) literals->push_back(literal);
      return;
    }
    for (uint32_t i = 0; i < node.count; ++i) {
      CollectLiterals(program_->children[node.first + i], literals);
    }
  }

  void Store(const Option& option, bool inner) {
    absl::InlinedVector<uint32_t, 4> literals = option.literals;
    std::sort(literals.begin(), literals.end());
    literals.erase(std::unique(literals.begin(), literals.end()),
                   literals.end());
    program::Guard guard;
    guard.first = static_cast<uint32_t>(program_->guard_literals.size());
    guard.count = static_cast<uint32_t>(literals.size());
    guard.inner = inner;
    program_->guard_literals.insert(program_->guard_literals.end(),
                                    literals.begin(), literals.end());
    program_->guards.push_back(guard);
  }

  // `negated`: the subtree stands under an odd number of nots; nothing needs
  // to occur for a test to be false. What is not kept for a later question is
  // put into `place`.
  const Options& OfNode(NodeId id, bool negated, Options* place) {
    const Node& node = program_->nodes[id];
    if (node.kind == Node::kTest) {
      return negated ? *place : OfTest(node.first);
    }
    const std::span<const NodeId> children(
        program_->children.data() + node.first, node.count);
    switch (node.kind) {
      case Node::kTrue:
      case Node::kFalse:
        // A constant needs no guard; a rule that never matches costs nothing
        // worth saving.
        break;
      case Node::kTest:
        break;
      case Node::kNot:
        return OfNode(children[0], !negated, place);
      case Node::kAnd:
        *place = negated ? AnyOf(children, true) : AllOf(children, false);
        break;
      case Node::kOr:
        *place = negated ? AllOf(children, true) : AnyOf(children, false);
        break;
    }
    return *place;
  }

  // All children must hold, so all their guards do: the cheapest are kept.
  Options AllOf(std::span<const NodeId> children, bool negated) {
    Options all;
    for (const NodeId child : children) {
      Options place;
      const Options& options = OfNode(child, negated, &place);
      all.anchored.insert(all.anchored.end(), options.anchored.begin(),
                          options.anchored.end());
      all.inner.insert(all.inner.end(), options.inner.begin(),
                       options.inner.end());
    }
    KeepCheapest(program::kMaxAnchoredGuards, &all.anchored);
    KeepCheapest(program::kMaxInnerGuards, &all.inner);
    return all;
  }

  static void KeepCheapest(size_t count, std::vector<Option>* options) {
    std::stable_sort(
        options->begin(), options->end(),
        [](const Option& a, const Option& b) { return a.cost < b.cost; });
    if (options->size() > count) options->resize(count);
  }

  // One child must hold: each must have a guard, and what guards them is the
  // union. Several unions, of the children's best guards, of their second best
  // and so on, all hold.
  Options AnyOf(std::span<const NodeId> children, bool negated) {
    std::vector<Options> places(children.size());
    std::vector<const Options*> of_children;
    of_children.reserve(children.size());
    bool all_anchored = true;
    bool any_inner = false;
    size_t ranks[2] = {0, 0};  // Anchored and inner.
    for (const NodeId child : children) {
      const Options& options =
          OfNode(child, negated, &places[of_children.size()]);
      if (options.none()) return {};
      all_anchored = all_anchored && !options.anchored.empty();
      any_inner = any_inner || !options.inner.empty();
      ranks[0] = std::max(ranks[0], options.anchored.size());
      ranks[1] = std::max(ranks[1], options.inner.size());
      of_children.push_back(&options);
    }
    Options result;
    if (all_anchored) {
      for (size_t rank = 0; rank < ranks[0]; ++rank) {
        Option option;
        for (const Options* of_child : of_children) {
          Join(AtRank(of_child->anchored, rank), &option);
        }
        result.anchored.push_back(std::move(option));
      }
    }
    if (any_inner) {
      for (size_t rank = 0; rank < ranks[1]; ++rank) {
        Option option;
        for (const Options* of_child : of_children) {
          Join(AtRank(of_child->inner.empty() ? of_child->anchored
                                              : of_child->inner,
                      rank),
               &option);
        }
        result.inner.push_back(std::move(option));
      }
    }
    KeepCheapest(program::kMaxAnchoredGuards, &result.anchored);
    KeepCheapest(program::kMaxInnerGuards, &result.inner);
    return result;
  }

  static const Option& AtRank(const std::vector<Option>& options, size_t rank) {
    return options[std::min(rank, options.size() - 1)];
  }

  static void Join(const Option& option, Option* into) {
    into->literals.insert(into->literals.end(), option.literals.begin(),
                          option.literals.end());
    into->cost += option.cost;
    into->dearest = std::max(into->dearest, option.dearest);
  }

  const Options& OfTest(program::TestId id) {
    std::optional<Options>& known = of_test_[id];
    if (!known) known = Compute(&program_->tests[id]);
    return *known;
  }

  Options Compute(Test* of) {
    const Test& test = *of;
    switch (test.op) {
      case TestOp::kPattern:
        return OfPattern(of);
      case TestOp::kRegex:
        return OfRegex(test);
      case TestOp::kBool:
        return OfAny({Intern(
            {test.field, Literal::kWhole, test.flag ? "true" : "false"})});
      case TestOp::kCompare:
        return test.compare == program::CompareOp::kEq ? OfNumber(test)
                                                       : Options();
      case TestOp::kCidr:
      case TestOp::kNull:
      case TestOp::kExists:
      case TestOp::kFieldRef:
      case TestOp::kTimePart:
      case TestOp::kExpression:
        return {};
    }
    return {};
  }

  // The longest literal; at the ends of the pattern it is anchored.
  Options OfPattern(Test* of) {
    const Test& test = *of;
    const std::vector<base::PatternToken>& tokens = test.pattern.tokens;
    const base::PatternToken* longest = nullptr;
    for (const base::PatternToken& token : tokens) {
      if (token.kind != base::PatternToken::kLiteral) continue;
      if (longest == nullptr || token.text.size() > longest->text.size()) {
        longest = &token;
      }
    }
    if (longest == nullptr) return {};
    Literal literal;
    literal.field = test.field;
    literal.text =
        test.pattern.cased ? base::Fold(longest->text) : longest->text;
    const bool first = longest == &tokens.front();
    const bool last = longest == &tokens.back();
    if (test.field == program::kAnyField) {
      literal.anchor = Literal::kAnywhere;
    } else if (first && last) {
      literal.anchor = Literal::kWhole;
    } else if (first) {
      literal.anchor = Literal::kStart;
    } else if (last) {
      literal.anchor = Literal::kEnd;
    } else {
      literal.anchor = Literal::kAnywhere;
    }
    const uint32_t id = Intern(std::move(literal));
    if (IsLiteralAlone(test)) {
      of->literal = id;
    } else {
      of->needed = id;
    }
    return OfAny({id});
  }

  // Whether the test is true exactly where its literal stands.
  static bool IsLiteralAlone(const Test& test) {
    if (test.pattern.cased) return false;
    // Keywords are looked for anywhere in a value.
    if (test.field == program::kAnyField && test.pattern.tokens.size() < 3) {
      return false;
    }
    size_t literals = 0;
    for (const base::PatternToken& token : test.pattern.tokens) {
      if (token.kind == base::PatternToken::kLiteral) {
        ++literals;
      } else if (token.kind != base::PatternToken::kAnyRun) {
        return false;
      }
    }
    return literals == 1;
  }

  // The value's number is the rule's, in whatever form, or its text is.
  Options OfNumber(const Test& test) {
    if (test.field == program::kAnyField) return {};
    std::string decimal;
    if (test.number.kind == base::Number::kInt) {
      decimal = absl::StrCat(test.number.int_value);
    } else if (test.number.kind == base::Number::kUint) {
      decimal = absl::StrCat(static_cast<uint64_t>(test.number.int_value));
    } else {
      base::AppendJsonDouble(test.number.double_value, &decimal);
    }
    decimal = base::Fold(decimal);
    std::string written = base::Fold(test.number.text);
    const bool differs = !written.empty() && written != decimal;
    const uint32_t id =
        Intern({test.field, Literal::kNumber, std::move(decimal)});
    if (!differs) return OfAny({id});
    return OfAny(
        {id, Intern({test.field, Literal::kNumber, std::move(written)})});
  }

  // RE2 works out which sets of texts a match needs; see NeededTexts.
  Options OfRegex(const Test& test) {
    Options options;
    for (const std::vector<std::string>& texts : NeededTexts(test.regex)) {
      std::vector<uint32_t> literals;
      for (const std::string& text : texts) {
        literals.push_back(
            Intern({test.field, Literal::kAnywhere, base::Fold(text)}));
      }
      Options of_texts = OfAny(literals);
      std::move(of_texts.inner.begin(), of_texts.inner.end(),
                std::back_inserter(options.inner));
    }
    KeepCheapest(program::kMaxInnerGuards, &options.inner);
    return options;
  }

  Options OfAny(std::initializer_list<uint32_t> literals) const {
    return OfAny(std::span<const uint32_t>(literals.begin(), literals.size()));
  }

  // The guard that asks for one of these literals.
  Options OfAny(std::span<const uint32_t> literals) const {
    if (literals.empty()) return {};
    Option option;
    bool inner = false;
    for (const uint32_t id : literals) {
      inner = inner || program_->literals[id].anchor == Literal::kAnywhere;
      option.literals.push_back(id);
      option.cost += costs_[id];
      option.dearest = std::max(option.dearest, costs_[id]);
    }
    Options options;
    (inner ? options.inner : options.anchored).push_back(std::move(option));
    return options;
  }

  uint32_t Intern(Literal literal) {
    const auto id = static_cast<uint32_t>(program_->literals.size());
    const auto place =
        literals_.lazy_emplace(literal, [id](const auto& make) { make(id); });
    if (*place == id) {
      costs_.push_back(CostOf(literal));
      program_->literals.push_back(std::move(literal));
    }
    return *place;
  }

  // Literals that are stored already are found by what they are.
  struct LiteralHash {
    using is_transparent = void;
    const Program* program;
    size_t operator()(const Literal& literal) const {
      return absl::HashOf(literal.field, literal.anchor, literal.text);
    }
    size_t operator()(uint32_t id) const {
      return (*this)(program->literals[id]);
    }
  };
  struct LiteralEqual {
    using is_transparent = void;
    const Program* program;
    bool operator()(uint32_t a, uint32_t b) const { return a == b; }
    bool operator()(uint32_t id, const Literal& literal) const {
      return program->literals[id] == literal;
    }
  };

  Program* program_;
  std::vector<std::optional<Options>> of_test_;
  // Program::literals by their contents, and what each costs.
  absl::flat_hash_set<uint32_t, LiteralHash, LiteralEqual> literals_;
  std::vector<double> costs_;
};

}  // namespace

void AddGuards(Program* program) { GuardFinder(program).Run(); }

}  // namespace tocsin::plan
