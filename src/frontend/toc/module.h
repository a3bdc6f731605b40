// Module: one rule file and the names that mean something in it.

#ifndef TOCSIN_SRC_FRONTEND_TOC_MODULE_H_
#define TOCSIN_SRC_FRONTEND_TOC_MODULE_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/string_map.h"
#include "src/frontend/expression/check.h"
#include "src/frontend/toc/ast.h"
#include "src/frontend/toc/toc.h"
#include "src/text/reporter.h"

namespace tocsin::toc {

struct TocList {
  expression::NamedList values;
  std::vector<Column> columns;
  int line = 0;
};

class Module;

// A shared step, and the file it is of.
struct SharedStep {
  const Step* step = nullptr;
  Module* module = nullptr;
};

class Module {
 public:
  Module(std::shared_ptr<const text::Source> source, Diagnostics* diagnostics);
  void Load(const TocOptions& options);
  // When all imports are known: puts names into macros.
  void FinishMacros();

  // Makes names of `other` known as `stem`.name.
  void AddImport(std::string stem, Module* other) {
    imports_.emplace(std::move(stem), other);
  }

  const text::Source& source() const { return *source_; }
  const std::shared_ptr<const text::Source>& shared_source() const {
    return source_;
  }
  File& file() { return file_; }
  text::Reporter& reporter() { return reporter_; }
  text::Reporter ReporterTo(Diagnostics* diagnostics) const {
    return text::Reporter(*source_, diagnostics);
  }
  int line_of(Span span) const { return source_->LineOf(span.begin); }

  // Names of this file, and `stem.name` of imports. Null if there is none.
  const TocList* FindList(std::string_view name) const;
  const expression::Macro* FindMacro(std::string_view name) const;
  std::optional<SharedStep> FindStep(std::string_view name);
  const Action* FindAction(std::string_view name) const;

  std::string SuggestList(std::string_view name) const;
  std::vector<std::string_view> MacroNames() const;
  std::vector<std::string_view> StepNames() const;
  // The name that a detector has where it is defined.
  std::optional<std::string> FindDetector(std::string_view name);
  std::vector<std::string_view> DetectorNames() const;
  std::vector<std::string_view> ActionNames() const;

 private:
  void AddNames(const TocOptions& options);
  bool IsNew(const Word& name, std::string_view what);
  void AddList(const List& list, const TocOptions& options);
  void ReadList(const List& list, const TocOptions& options, TocList* into,
                base::ListRows* rows);
  bool ReadRows(const List& list, const std::string& text, TocList* into,
                base::ListRows* rows);
  std::optional<base::Value> ReadElement(const std::string& text,
                                         ListType type) const;

  // The import that the first part of `name` is; `*name` loses it.
  Module* ImportOf(std::string_view* name) const;

  std::shared_ptr<const text::Source> source_;
  text::Reporter reporter_;
  File file_;
  base::StringMap<std::string> places_;  // Of names, for "defined twice".
  base::StringMap<TocList> lists_;
  base::StringMap<expression::Macro> macros_;
  base::StringMap<const Step*> steps_;
  base::StringMap<const Action*> actions_;
  base::StringMap<Module*> imports_;
};

// `path` as seen from the folder of the file at `from`.
std::string PathFrom(std::string_view from, std::string_view path);

// "lists" for "rules/lists.toc".
std::string StemOf(std::string_view path);

// What is read where a condition stands: names of a module, and steps.
class ModuleScope : public expression::Scope {
 public:
  explicit ModuleScope(const Module& module) : module_(module) {}

  const expression::Macro* FindMacro(std::string_view name) const override {
    return module_.FindMacro(name);
  }
  const expression::NamedList* FindList(std::string_view name) const override {
    const TocList* const list = module_.FindList(name);
    return list == nullptr ? nullptr : &list->values;
  }
  std::string SuggestList(std::string_view name) const override {
    return module_.SuggestList(name);
  }
  std::vector<std::string_view> MacroNames() const override {
    return module_.MacroNames();
  }
  bool IsStep(std::string_view name) const override {
    return steps_.contains(name);
  }

  void AddStep(const std::string& name) { steps_.insert(name); }

 private:
  const Module& module_;
  base::StringSet steps_;
};

}  // namespace tocsin::toc

#endif  // TOCSIN_SRC_FRONTEND_TOC_MODULE_H_
