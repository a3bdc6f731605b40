// docs/sigma.md: each rule compiles, with the pipeline or filter that follows
// it, and fires at the events below it as the page says; its tables are those
// of the code.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "src/frontend/sigma/modifiers.h"
#include "src/frontend/sigma/pipeline_conditions.h"
#include "src/frontend/sigma/transformations.h"
#include "tests/frontend/golden.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/event.h"
#include "tocsin/sink.h"

namespace tocsin::sigma {
namespace {

using ::testing::HasSubstr;

std::string Page() {
  return tocsin::testing::ReadFile(TOCSIN_SOURCE_DIR "/docs/sigma.md");
}

// A rule of the page and what stands below it.
struct Example {
  int line = 0;
  std::string rule;
  std::string expected_code;  // Of one that is refused.
  std::string filter;
  std::string pipeline;
  std::string events;  // Lines "match {...}" and "no match {...}".
};

std::vector<Example> ReadExamples() {
  std::vector<Example> examples;
  std::string ignored;
  std::string* block = nullptr;
  std::istringstream page(Page());
  int number = 0;
  for (std::string line; std::getline(page, line);) {
    ++number;
    if (!line.starts_with("```")) {
      if (block != nullptr) *block += line + "\n";
      continue;
    }
    if (block != nullptr) {
      block = nullptr;
    } else if (line == "```yaml sigma-rule" ||
               line.starts_with("```yaml sigma-refused ")) {
      Example& example = examples.emplace_back();
      example.line = number + 1;
      if (line != "```yaml sigma-rule") {
        example.expected_code = line.substr(line.rfind(' ') + 1);
      }
      block = &example.rule;
    } else if (line == "```yaml sigma-filter") {
      block = &examples.back().filter;
    } else if (line == "```yaml sigma-pipeline") {
      block = &examples.back().pipeline;
    } else if (line == "```text sigma-events") {
      block = &examples.back().events;
    } else {
      ADD_FAILURE() << "docs/sigma.md:" << number << ": what is " << line;
      block = &ignored;
    }
  }
  return examples;
}

CompileResult CompileExample(const Example& example) {
  Compiler compiler;
  compiler.AddText(example.rule, "rule.yml");
  if (!example.filter.empty()) compiler.AddText(example.filter, "filter.yml");
  if (!example.pipeline.empty()) {
    compiler.AddPipelineText(example.pipeline, "pipeline.yml");
  }
  return compiler.Compile();
}

TEST(SigmaPageTest, RulesCompileAndAnswerAsThePageSays) {
  int answers = 0;
  for (const Example& example : ReadExamples()) {
    SCOPED_TRACE("docs/sigma.md:" + std::to_string(example.line));
    const CompileResult compiled = CompileExample(example);
    std::string problems;
    for (const Diagnostic& d : compiled.diagnostics) {
      problems += RenderDiagnostic(d);
    }
    if (!example.expected_code.empty()) {
      EXPECT_EQ(compiled.rules_loaded, 0);
      EXPECT_THAT(problems, HasSubstr("error[" + example.expected_code + "]"));
      continue;
    }
    EXPECT_EQ(problems, "");
    int documents = 1;
    for (size_t at = 0;
         (at = example.rule.find("\n---\n", at)) != std::string::npos; ++at) {
      ++documents;
    }
    EXPECT_EQ(compiled.rules_loaded, documents);
    int fired = 0;
    CallbackSink sink([&](const tocsin::Detection&) { ++fired; },
                      [&](const tocsin::Incident&) { ++fired; });
    Engine engine(compiled.rules, sink, {.routing = false});
    std::istringstream events(example.events);
    for (std::string line; std::getline(events, line);) {
      const size_t event = line.find('{');
      ASSERT_NE(event, std::string::npos) << line;
      fired = 0;
      engine.Feed(Event::Json(line.substr(event)));
      EXPECT_EQ(fired, line.starts_with("match") ? 1 : 0) << line;
      ++answers;
    }
  }
  EXPECT_GT(answers, 40);
}

TEST(SigmaPageTest, TablesHoldEveryKindThereIs) {
  const std::string page = Page();
  for (const ModifierInfo& modifier : Modifiers()) {
    EXPECT_THAT(page, HasSubstr("`" + std::string(modifier.name) + "`"));
  }
  for (const TransformationKind& kind : TransformationKinds()) {
    EXPECT_THAT(page, HasSubstr("| `" + std::string(kind.name) + "` | " +
                                std::string(kind.description) + " |\n"));
  }
  for (const ConditionKind& kind : ConditionKinds()) {
    EXPECT_THAT(page, HasSubstr(" | `" + std::string(kind.name) + "` | " +
                                std::string(kind.description) + " |\n"));
  }
}

}  // namespace
}  // namespace tocsin::sigma
