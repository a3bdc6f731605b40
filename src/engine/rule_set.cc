#include "tocsin/rule_set.h"

#include <utility>

#include "src/program/program.h"

namespace tocsin {

RuleSet::RuleSet(std::unique_ptr<const program::Program> program)
    : program_(std::move(program)) {
  lists_all_ = program_->correlations.empty() && program_->jobs.empty();
  if (lists_all_) return;
  for (size_t i = 0; i < program_->rules.size(); ++i) {
    if (program_->rules[i].role != program::RuleRole::kStep) {
      listed_.push_back(program_->infos[i]);
    }
  }
  listed_.insert(listed_.end(), program_->correlation_infos.begin(),
                 program_->correlation_infos.end());
}

RuleSet::~RuleSet() = default;

std::span<const RuleInfo> RuleSet::rules() const {
  return lists_all_ ? std::span(program_->infos) : std::span(listed_);
}

std::span<const JobInfo> RuleSet::jobs() const { return program_->job_infos; }

std::span<const std::string> RuleSet::fields() const {
  return program_->fields;
}

}  // namespace tocsin
