#include "src/frontend/sigma/pipeline.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/frontend/sigma/pipeline_yaml.h"
#include "src/frontend/sigma/transformations.h"

namespace tocsin::sigma {
namespace {

struct Pipeline {
  std::string name;
  int priority = 0;
  Variables variables;
  std::vector<std::unique_ptr<Step>> steps;
};

Variable ReadVariable(const text::YamlNode& node) {
  Variable variable;
  auto add = [&](const text::YamlNode& scalar) {
    variable.values.push_back(ValueFromYaml(scalar));
    variable.usable = variable.usable && scalar.is_scalar() &&
                      variable.values.back().kind != Value::kNull;
  };
  if (!node.is_sequence()) {
    add(node);
  } else {
    for (const text::YamlNode& item : node.items) add(item);
  }
  return variable;
}

void WarnOfIgnored(std::string_view key, const std::string& why,
                   MapReader* reader) {
  if (reader->Find(key) == nullptr) return;
  reader->reporter()->Warning(
      "T067", reader->RangeOf(key),
      absl::StrCat("`", base::ToAbsl(key), "` is ignored: ", why));
}

}  // namespace

struct PipelineSet::Impl {
  std::vector<Pipeline> pipelines;  // In the order of application.
  Variables variables;              // Of all of them; the last one wins.
};

PipelineSet::PipelineSet() : impl_(std::make_unique<Impl>()) {}
PipelineSet::~PipelineSet() = default;
PipelineSet::PipelineSet(PipelineSet&&) noexcept = default;
PipelineSet& PipelineSet::operator=(PipelineSet&&) noexcept = default;

bool PipelineSet::Add(const text::YamlDocument& yaml,
                      std::shared_ptr<const text::Source> source,
                      text::Reporter* reporter) {
  const int errors = reporter->errors();
  MapReader reader(yaml.root, "pipeline", reporter);
  Pipeline pipeline;
  pipeline.name = reader.String("name").value_or(source->path());
  pipeline.priority = reader.Int("priority").value_or(0);
  WarnOfIgnored("allowed_backends", "rules are not turned into queries here",
                &reader);
  WarnOfIgnored("postprocessing",
                "it changes the text of queries, which there are none of here",
                &reader);
  WarnOfIgnored("finalizers",
                "they change the text of queries, which there are none of here",
                &reader);
  if (const text::YamlNode* variables = reader.Find("vars");
      variables != nullptr && !variables->is_null()) {
    if (!variables->is_mapping()) {
      reader.Error("T063", "vars",
                   "expected a mapping of variables for `vars`");
    } else {
      for (const auto& [name, value] : variables->entries) {
        pipeline.variables.emplace(name.value, ReadVariable(value));
      }
    }
  }
  if (const text::YamlNode* steps = reader.Find("transformations");
      steps != nullptr && !steps->is_null()) {
    PipelineFile file{.source = std::move(source)};
    pipeline.steps = ParseSteps(*steps, &file, reporter);
  }
  reader.ReportUnknownKeys();
  if (reporter->errors() > errors) return false;

  auto place = std::upper_bound(
      impl_->pipelines.begin(), impl_->pipelines.end(), pipeline.priority,
      [](int priority, const Pipeline& p) { return priority < p.priority; });
  impl_->pipelines.insert(place, std::move(pipeline));
  impl_->variables.clear();
  for (const Pipeline& p : impl_->pipelines) {
    for (const auto& [name, variable] : p.variables) {
      impl_->variables.insert_or_assign(name, variable);
    }
  }
  return true;
}

bool PipelineSet::empty() const { return impl_->pipelines.empty(); }

bool PipelineSet::Apply(Document* rule, text::Reporter* reporter) const {
  RuleState state;
  state.rule = rule;
  state.reporter = reporter;
  for (const Pipeline& pipeline : impl_->pipelines) {
    for (const std::unique_ptr<Step>& step : pipeline.steps) {
      if (!step->Apply(pipeline.name, impl_->variables, &state)) return false;
    }
  }
  return true;
}

}  // namespace tocsin::sigma
