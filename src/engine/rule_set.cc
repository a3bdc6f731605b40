#include "tocsin/rule_set.h"

#include <utility>

#include "src/program/program.h"

namespace tocsin {

RuleSet::RuleSet(std::unique_ptr<const program::Program> program)
    : program_(std::move(program)) {}

RuleSet::~RuleSet() = default;

std::span<const RuleInfo> RuleSet::rules() const { return program_->infos; }

std::span<const std::string> RuleSet::fields() const {
  return program_->fields;
}

}  // namespace tocsin
