#include "src/plan/guards.h"

#include <re2/filtered_re2.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "src/base/case_fold.h"
#include "src/base/json_writer.h"
#include "src/base/number.h"
#include "src/base/regex.h"
#include "src/base/string_map.h"

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
  std::vector<uint32_t> literals;
  double cost = 0;
};

// What is known of a subtree: guards of each sort, all of which hold for events
// that it matches, the cheapest first.
struct Options {
  std::vector<Option> anchored;
  std::vector<Option> inner;

  bool none() const { return anchored.empty() && inner.empty(); }
};

// Words that many events hold, so that to find them says little.
bool SaysLittle(std::string_view text) {
  return text.size() <= 1 || text == "true" || text == "false";
}

// Guesses of what a literal costs: the work of finding it, and the events in
// which it occurs though the rule does not match. Only their order matters.
double CostOf(const Literal& literal) {
  const size_t size = literal.text.size();
  if (literal.anchor != Literal::kAnywhere) {
    if (SaysLittle(literal.text)) return 30;
    return size < 4 ? 8 : size < 6 ? 3 : 1;
  }
  double cost = 2;
  if (size < 6) cost = 6;
  if (size < 4) cost = 40;
  if (size < 3) cost = 200;
  if (size < 2) cost = 2000;
  // Keywords are looked for in the whole event.
  return literal.field == program::kAnyField ? cost * 4 : cost;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80;
  });
}

class GuardFinder {
 public:
  explicit GuardFinder(Program* program)
      : program_(program), of_test_(program->tests.size()) {}

  void Run() {
    for (program::Rule& rule : program_->rules) {
      const Options options = OfNode(rule.root, false);
      rule.first_guard = static_cast<uint32_t>(program_->guards.size());
      for (const Option& option : options.anchored) Store(option, false);
      for (const Option& option : options.inner) Store(option, true);
      rule.guard_count =
          static_cast<uint32_t>(program_->guards.size()) - rule.first_guard;
    }
  }

 private:
  void Store(const Option& option, bool inner) {
    std::vector<uint32_t> literals = option.literals;
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
  // to occur for a test to be false.
  Options OfNode(NodeId id, bool negated) {
    const Node& node = program_->nodes[id];
    const std::span<const NodeId> children(
        program_->children.data() + node.first, node.count);
    switch (node.kind) {
      case Node::kTrue:
      case Node::kFalse:
        // A constant needs no guard; a rule that never matches costs nothing
        // worth saving.
        return {};
      case Node::kTest:
        return negated ? Options() : OfTest(node.first);
      case Node::kNot:
        return OfNode(children[0], !negated);
      case Node::kAnd:
        return negated ? AnyOf(children, true) : AllOf(children, false);
      case Node::kOr:
        return negated ? AllOf(children, true) : AnyOf(children, false);
    }
    return {};
  }

  // All children must hold, so all their guards do: the cheapest are kept.
  Options AllOf(std::span<const NodeId> children, bool negated) {
    Options all;
    for (const NodeId child : children) {
      Options options = OfNode(child, negated);
      std::move(options.anchored.begin(), options.anchored.end(),
                std::back_inserter(all.anchored));
      std::move(options.inner.begin(), options.inner.end(),
                std::back_inserter(all.inner));
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

  // One child must hold: each must have a guard, and the guard is their union.
  Options AnyOf(std::span<const NodeId> children, bool negated) {
    Option anchored;
    Option inner;
    bool all_anchored = true;
    bool any_inner = false;
    for (const NodeId child : children) {
      const Options options = OfNode(child, negated);
      if (options.none()) return {};
      if (options.anchored.empty()) {
        all_anchored = false;
      } else {
        Join(options.anchored[0], &anchored);
      }
      any_inner = any_inner || !options.inner.empty();
      Join(options.inner.empty() ? options.anchored[0] : options.inner[0],
           &inner);
    }
    Options result;
    if (children.empty()) return result;
    if (all_anchored) result.anchored.push_back(std::move(anchored));
    if (any_inner) result.inner.push_back(std::move(inner));
    return result;
  }

  static void Join(const Option& option, Option* into) {
    into->literals.insert(into->literals.end(), option.literals.begin(),
                          option.literals.end());
    into->cost += option.cost;
  }

  const Options& OfTest(program::TestId id) {
    std::optional<Options>& known = of_test_[id];
    if (!known) known = Compute(program_->tests[id]);
    return *known;
  }

  Options Compute(const Test& test) {
    switch (test.op) {
      case TestOp::kPattern:
        return OfPattern(test);
      case TestOp::kRegex:
        return OfRegex(test);
      case TestOp::kBool:
        return Of(
            {{test.field, Literal::kWhole, test.flag ? "true" : "false"}});
      case TestOp::kCompare:
        return test.compare == program::CompareOp::kEq ? OfNumber(test)
                                                       : Options();
      case TestOp::kCidr:
      case TestOp::kNull:
      case TestOp::kExists:
      case TestOp::kFieldRef:
      case TestOp::kTimePart:
        return {};
    }
    return {};
  }

  // The longest literal; at the ends of the pattern it is anchored.
  Options OfPattern(const Test& test) {
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
    return Of({literal});
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
    std::vector<Literal> literals = {
        {test.field, Literal::kNumber, base::Fold(decimal)}};
    const std::string written = base::Fold(test.number.text);
    if (!written.empty() && written != literals[0].text) {
      literals.push_back({test.field, Literal::kNumber, written});
    }
    return Of(literals);
  }

  // RE2 works out which texts a match must hold. A match may need several at
  // once; one of all of them is enough here.
  Options OfRegex(const Test& test) {
    static constexpr int kMinLiteral = 3;
    re2::FilteredRE2 filter(kMinLiteral);
    int id;
    if (filter.Add(re2::StringPiece(test.regex), base::RegexOptions(), &id) !=
        RE2::NoError) {
      return {};
    }
    std::vector<std::string> atoms;
    filter.Compile(&atoms);
    std::vector<Literal> literals;
    for (const std::string& atom : atoms) {
      // Beyond ASCII, RE2's lower case and case folding may differ.
      if (!IsAscii(atom)) return {};
      literals.push_back({test.field, Literal::kAnywhere, base::Fold(atom)});
    }
    return Of(literals);
  }

  Options Of(const std::vector<Literal>& literals) {
    if (literals.empty()) return {};
    Option option;
    bool inner = false;
    for (const Literal& literal : literals) {
      if (literal.text.empty() && literal.anchor != Literal::kWhole) return {};
      inner = inner || literal.anchor == Literal::kAnywhere;
      option.literals.push_back(Intern(literal));
      option.cost += CostOf(literal);
    }
    Options options;
    (inner ? options.inner : options.anchored).push_back(std::move(option));
    return options;
  }

  uint32_t Intern(const Literal& literal) {
    std::string key =
        absl::StrCat(literal.field, ";", static_cast<int>(literal.anchor), ";");
    key += literal.text;
    const auto id = static_cast<uint32_t>(program_->literals.size());
    const auto [entry, is_new] = literals_.try_emplace(std::move(key), id);
    if (is_new) program_->literals.push_back(literal);
    return entry->second;
  }

  Program* program_;
  std::vector<std::optional<Options>> of_test_;
  base::StringMap<uint32_t> literals_;
};

}  // namespace

void AddGuards(Program* program) { GuardFinder(program).Run(); }

}  // namespace tocsin::plan
