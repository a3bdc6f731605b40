// Compiler: rule files and strings in, a RuleSet and Diagnostics out.
//
//   tocsin::Compiler compiler;
//   absl::Status added = compiler.AddPath("rules/");  // A file or a folder.
//   if (!added.ok()) return Fail(added);
//   compiler.AddText(my_rule_text, "inline");         // Or a string.
//   tocsin::CompileResult compiled = compiler.Compile();
//   std::cerr << compiled.rules->rules().size() << " rules\n";
//
// A bad rule costs that rule, never the set: it is left out and reported in
// `diagnostics`. Every document that was added is loaded or reported.
// Compile sees all that was added before: filters refer to rules of other
// files. Texts are copied and kept until the Compiler is gone; a RuleSet needs
// neither them nor it. Thread-compatible.
// Cost: about 0.1 ms and 20 KB a rule. What hostile text can cost is bounded:
// by `max_file_bytes`, and by the limits of docs/sigma.md.

#ifndef TOCSIN_COMPILER_H_
#define TOCSIN_COMPILER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "tocsin/diagnostic.h"
#include "tocsin/rule_set.h"

namespace tocsin {

struct CompilerOptions {
  // A rule or pipeline file longer than this is refused.
  int64_t max_file_bytes = int64_t{16} << 20;

  // For tests of rules, and no stream: where a step of Tocsin's own rules takes
  // what another rule or a query finds, events can say that they are that.
  // TestRules (authoring.h) runs examples so.
  bool take_examples = false;

  // Queries in EQL may also be written as Elastic's endpoint has it
  // (docs/formats/eql.md, "The endpoint").
  bool endpoint_eql = false;
};

struct CompileResult {
  // Never null; without rules if none could be loaded.
  std::shared_ptr<const RuleSet> rules;

  // In the order of files, then lines.
  Diagnostics diagnostics;

  // Documents found, by what became of them; the first is the sum of the rest.
  int documents = 0;
  int rules_loaded = 0;  // Correlations among them.
  int filters_loaded = 0;
  int jobs_loaded = 0;
  int refused = 0;

  bool ok() const { return refused == 0; }
};

class Compiler {
 public:
  explicit Compiler(CompilerOptions options = {});
  ~Compiler();
  Compiler(Compiler&&) noexcept;
  Compiler& operator=(Compiler&&) noexcept;

  // Adds a rule file, or every .yml, .yaml, .toc, .eql, .esql, .kql, .toml and
  // .ndjson file below a folder, in byte order of their paths, and every .json
  // file that is a job of anomaly detection (docs/anomaly.md). A .toc file is
  // read as Tocsin's own rule language (docs/rule-language.md), an .eql, .esql
  // or .kql file as one query in EQL, ES|QL or KQL, a .toml, .ndjson or .json
  // file as rules of Elastic (docs/formats/), any other, and a .json file that
  // is none, as Sigma. NotFound if there is nothing there; what is wrong inside
  // a file is a diagnostic of Compile.
  absl::Status AddPath(const std::string& path);

  // Adds the documents of `text`. `path` names it in diagnostics, and tells the
  // format as above; files that it imports are looked for beside it.
  void AddText(std::string_view text, std::string_view path);

  // What rules get when they name the file `path`, as an import or a list, in
  // place of what stands on disk: for tables that the host keeps elsewhere. A
  // rule's paths are relative to the folder of its own file. Given again, the
  // new text counts from the next Compile on.
  void SetFile(std::string_view path, std::string_view text);

  // Adds a processing pipeline (docs/sigma.md, "Pipelines"). Pipelines are
  // applied to Sigma rules in order of their priority, then of addition. If one
  // cannot be used no Sigma rule is loaded: rules that miss their pipeline stay
  // silent.
  absl::Status AddPipelinePath(const std::string& path);
  void AddPipelineText(std::string_view text, std::string_view path);

  // Adds tables of fields (docs/formats/ecs.md): how fields that rules in EQL,
  // KQL and Elastic's formats ask for follow from those of events. They come
  // before the built-in ones; of what is wrong the diagnostics tell, and it is
  // left out.
  absl::Status AddFieldsPath(const std::string& path);
  void AddFieldsText(std::string_view text, std::string_view path);

  // Compiles all that was added. May be called again after more was added.
  CompileResult Compile();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin

#endif  // TOCSIN_COMPILER_H_
