#include "src/frontend/elastic/elastic.h"

#include <deque>
#include <optional>
#include <string_view>
#include <utility>

#include "src/base/string_map.h"
#include "src/frontend/elastic/exceptions.h"
#include "src/frontend/elastic/lower.h"
#include "src/frontend/elastic/read.h"
#include "src/frontend/elastic/rule.h"
#include "src/frontend/kql/field_types.h"
#include "src/text/reporter.h"

namespace tocsin::elastic {
namespace {

using text::Quoted;
using SourcePtr = std::shared_ptr<const text::Source>;

// One rule, or what should be one, and its file.
struct Document {
  const text::Source* source = nullptr;
  Value value;
};

class ElasticCompiler {
 public:
  ElasticCompiler(const ElasticOptions& options, ir::RuleList* list,
                  Diagnostics* diagnostics)
      : options_(options),
        types_(kql::FieldTypes::Ecs()),
        list_(*list),
        diagnostics_(*diagnostics) {}

  void Read(const text::Source& source) {
    text::Reporter reporter(source, &diagnostics_);
    if (source.path().ends_with(".toml")) {
      std::optional<Value> file = ReadToml(&reporter);
      if (!file) {
        ++result_.documents;
      } else {
        AddToml(source, *std::move(file), &reporter);
      }
      return;
    }
    int broken = 0;
    std::vector<Value> values = ReadJson(&reporter, &broken);
    result_.documents += broken;
    if (values.empty() && broken == 0) {
      reporter.Error("T601", {{1, 1}, 0}, "there is no rule in this file");
      ++result_.documents;
    }
    for (Value& value : values) AddJson(source, std::move(value), &reporter);
  }

  ElasticResult Compile() {
    for (const Document& document : documents_) {
      ++result_.documents;
      text::Reporter reporter(*document.source, &diagnostics_);
      const Value* title = document.value.Find("name");
      reporter.set_rule(RuleIdOf(document.value),
                        title == nullptr ? "" : title->text);
      std::optional<Rule> rule = ReadRule(document.value, &reporter);
      if (!rule || !IsFirst(*rule, &reporter)) continue;
      const LowerContext context = {options_, types_, exceptions_,
                                    &exception_budget_};
      if (LowerRule(*rule, context, &reporter, &list_)) ++result_.loaded;
    }
    return result_;
  }

 private:
  // The table `rule`, with what `metadata` says of it.
  void AddToml(const text::Source& source, Value file,
               text::Reporter* reporter) {
    Value* rule = nullptr;
    for (Member& member : file.members) {
      if (member.name == "rule" && member.value.is_object()) {
        rule = &member.value;
      }
    }
    if (rule == nullptr) {
      reporter->Error("T601", {{1, 1}, 0}, "there is no rule in this file",
                      "a rule is a table `[rule]`");
      ++result_.documents;
      return;
    }
    if (const Value* metadata = file.Find("metadata")) {
      for (const Member& member : metadata->members) {
        const bool is_wanted = member.name == "maturity" ||
                               member.name == "creation_date" ||
                               member.name == "updated_date";
        if (is_wanted && rule->Find(member.name) == nullptr) {
          rule->members.push_back(member);
        }
      }
    }
    documents_.push_back({&source, std::move(*rule)});
  }

  void AddJson(const text::Source& source, Value value,
               text::Reporter* reporter) {
    if (IsExceptionItem(value)) {
      exceptions_.AddItem(value, types_, reporter);
    } else if (IsExceptionList(value)) {
      exceptions_.AddList(value);
    } else if (LooksLikeRule(value)) {
      documents_.push_back({&source, std::move(value)});
    } else if (!IsRest(value)) {
      reporter->Error("T601",
                      source.RangeOf({value.span.begin, value.span.begin + 1}),
                      "this is no rule: it has neither `type` nor `rule_id`");
      ++result_.documents;
    }
  }

  // The last line of an export, and connectors of its actions.
  static bool IsRest(const Value& value) {
    return value.is_object() &&
           (value.Find("exported_count") != nullptr ||
            value.Find("exported_rules_count") != nullptr ||
            value.Find("actionTypeId") != nullptr ||
            value.Find("attributes") != nullptr);
  }

  bool IsFirst(const Rule& rule, text::Reporter* reporter) {
    if (ids_.insert(rule.info.id).second) return true;
    const Value* id = rule.object->Find("rule_id");
    reporter->Error(
        "T613",
        reporter->source().RangeOf((id == nullptr ? *rule.object : *id).span),
        "there is another rule with the id " + Quoted(rule.info.id),
        "the one that was read first is loaded");
    return false;
  }

  const ElasticOptions& options_;
  const kql::FieldTypes& types_;
  ir::RuleList& list_;
  Diagnostics& diagnostics_;
  std::deque<Document> documents_;
  ExceptionLists exceptions_;
  int64_t exception_budget_ = kMaxExceptionNodes;
  base::StringSet ids_;
  ElasticResult result_;
};

}  // namespace

bool IsElasticFile(const text::Source& source) {
  const std::string& path = source.path();
  if (path.ends_with(".toml") || path.ends_with(".ndjson")) return true;
  if (!path.ends_with(".json")) return false;
  // Both ids are members of such a rule only; a word of a text is no harm where
  // the other is a rule of Sigma, which has `detection` or `correlation`.
  const std::string_view text = source.text();
  const auto has = [&](std::string_view name) {
    return text.find(name) != std::string_view::npos;
  };
  return (has("\"rule_id\"") || has("\"risk_score\"")) &&
         !has("\"detection\":") && !has("\"correlation\":");
}

ElasticResult CompileElastic(const std::vector<SourcePtr>& sources,
                             const ElasticOptions& options, ir::RuleList* list,
                             Diagnostics* diagnostics) {
  ElasticCompiler compiler(options, list, diagnostics);
  for (const SourcePtr& source : sources) compiler.Read(*source);
  return compiler.Compile();
}

}  // namespace tocsin::elastic
