#include "src/engine/rule_size.h"

#include <cstddef>

namespace tocsin::engine {
namespace {

using program::Node;
using program::NodeId;
using program::Program;

int64_t SizeOf(const program::Test& test) {
  size_t size = sizeof(test) + test.regex.size() + test.number.text.size() +
                test.networks.size() * sizeof(base::IpNetwork);
  for (const base::PatternToken& token : test.pattern.tokens) {
    size += sizeof(token) + token.text.size();
  }
  return static_cast<int64_t>(size);
}

class RuleSizer {
 public:
  explicit RuleSizer(const Program& program)
      : program_(program),
        node_seen_(program.nodes.size()),
        test_seen_(program.tests.size()) {}

  // `stamp` differs from rule to rule and is not 0.
  int64_t Of(const program::Rule& rule, uint32_t stamp) {
    stamp_ = stamp;
    return static_cast<int64_t>(sizeof(rule)) + OfGuards(rule) +
           OfNode(rule.root);
  }

 private:
  int64_t OfGuards(const program::Rule& rule) const {
    size_t size = rule.guard_count * sizeof(program::Guard);
    for (uint32_t i = 0; i < rule.guard_count; ++i) {
      const program::Guard& guard = program_.guards[rule.first_guard + i];
      for (uint32_t j = 0; j < guard.count; ++j) {
        const uint32_t literal = program_.guard_literals[guard.first + j];
        size += sizeof(literal) + sizeof(program::Literal) +
                program_.literals[literal].text.size();
      }
    }
    return static_cast<int64_t>(size);
  }

  int64_t OfNode(NodeId id) {
    if (node_seen_[id] == stamp_) return 0;
    node_seen_[id] = stamp_;
    const Node& node = program_.nodes[id];
    int64_t size = sizeof(node);
    if (node.kind == Node::kTest) {
      if (test_seen_[node.first] == stamp_) return size;
      test_seen_[node.first] = stamp_;
      return size + SizeOf(program_.tests[node.first]);
    }
    for (uint32_t i = 0; i < node.count; ++i) {
      const NodeId child = program_.children[node.first + i];
      size += static_cast<int64_t>(sizeof(child)) + OfNode(child);
    }
    return size;
  }

  const Program& program_;
  std::vector<uint32_t> node_seen_;  // The stamp of the last rule that had it.
  std::vector<uint32_t> test_seen_;
  uint32_t stamp_ = 0;
};

}  // namespace

std::vector<int64_t> RuleSizes(const Program& program) {
  RuleSizer sizer(program);
  std::vector<int64_t> sizes;
  sizes.reserve(program.rules.size());
  for (const program::Rule& rule : program.rules) {
    sizes.push_back(sizer.Of(rule, static_cast<uint32_t>(sizes.size() + 1)));
  }
  return sizes;
}

}  // namespace tocsin::engine
