#include "rules.h"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <utility>

#include "tocsin/diagnostic.h"

namespace tocsin::python {
namespace {

namespace nb = nanobind;

const char* NameOf(Severity severity) {
  if (severity == Severity::kError) return "error";
  return severity == Severity::kWarning ? "warning" : "note";
}

// What a class holds for Python: a pointer, so that a rule can live in its set.
struct RuleObject {
  SharedRule rule;
};

nb::list DiagnosticsOf(const CompileResult& result) {
  nb::list list;
  for (const Diagnostic& diagnostic : result.diagnostics) {
    list.append(nb::cast(diagnostic));
  }
  return list;
}

std::string Render(const CompileResult& result) {
  std::string text = std::to_string(result.refused) + " of " +
                     std::to_string(result.documents) +
                     " documents could not be loaded\n";
  for (const Diagnostic& diagnostic : result.diagnostics) {
    if (diagnostic.severity == Severity::kError) {
      text += RenderDiagnostic(diagnostic);
    }
  }
  return text;
}

CompiledRules Compile(Compiler& compiler, bool strict) {
  CompileResult result = compiler.Compile();
  if (strict && !result.ok()) {
    const nb::object type =
        nb::module_::import_("tocsin._errors").attr("RuleError");
    const nb::object error = type(Render(result), DiagnosticsOf(result));
    PyErr_SetObject(type.ptr(), error.ptr());
    throw nb::python_error();
  }
  return {std::move(result)};
}

void Check(const absl::Status& status) {
  if (!status.ok()) Raise(status, "Error");
}

// A property of RuleInfo by the same name.
template <typename Member>
void AddRuleMember(nb::class_<RuleObject>& rule, const char* name,
                   Member RuleInfo::* member, const char* doc) {
  rule.def_prop_ro(
      name,
      [member](const RuleObject& object) -> const Member& {
        return (*object.rule).*member;
      },
      doc);
}

void BindRule(nb::module_& module) {
  nb::class_<RuleObject> rule(
      module, "Rule", nb::is_final(),
      "What a rule's author wrote about it. Texts are \"\" and lists empty "
      "where the rule does not say.");
  AddRuleMember(rule, "id", &RuleInfo::id,
                "The author's; for a rule without one, a hash of its text.");
  AddRuleMember(rule, "name", &RuleInfo::name, "Name for other rules.");
  AddRuleMember(rule, "title", &RuleInfo::title, "Title for people.");
  AddRuleMember(rule, "description", &RuleInfo::description, "Description.");
  AddRuleMember(rule, "level", &RuleInfo::level,
                "`informational`, `low`, `medium`, `high`, `critical`, or "
                "what the rule says.");
  AddRuleMember(rule, "status", &RuleInfo::status,
                "`stable`, `test`, `experimental`, ...");
  AddRuleMember(rule, "author", &RuleInfo::author, "Author.");
  AddRuleMember(rule, "date", &RuleInfo::date, "Date, as written.");
  AddRuleMember(rule, "modified", &RuleInfo::modified, "Date, as written.");
  AddRuleMember(rule, "tags", &RuleInfo::tags, "As `attack.t1110`.");
  AddRuleMember(rule, "references", &RuleInfo::references, "References.");
  AddRuleMember(rule, "false_positives", &RuleInfo::false_positives,
                "What else may look like this.");
  AddRuleMember(rule, "next_steps", &RuleInfo::next_steps,
                "For who looks at what it finds.");
  AddRuleMember(rule, "fields", &RuleInfo::fields,
                "Fields its author wants shown.");
  AddRuleMember(rule, "format", &RuleInfo::format, "As `sigma`.");
  AddRuleMember(rule, "type", &RuleInfo::type,
                "Of Elastic's rules: `query`, `eql`, `threshold`, ...");
  AddRuleMember(rule, "risk_score", &RuleInfo::risk_score,
                "Of Elastic's rules, 0 to 100; else -1.");
  AddRuleMember(rule, "is_building_block", &RuleInfo::is_building_block,
                "What it finds is for other rules.");
  AddRuleMember(rule, "path", &RuleInfo::path,
                "The file, as given to the compiler.");
  AddRuleMember(rule, "line", &RuleInfo::line,
                "Line of its first key, from 1 on.");
  AddRuleMember(rule, "content_hash", &RuleInfo::content_hash,
                "Hex digest over what decides the rule's matches; part of "
                "detection ids. A change of comment, title or place leaves "
                "it.");
  rule.def_prop_ro(
          "log_source",
          [](const RuleObject& object) {
            nb::dict source;
            source["product"] = object.rule->log_source.product;
            source["category"] = object.rule->log_source.category;
            source["service"] = object.rule->log_source.service;
            return source;
          },
          nb::sig("def log_source(self) -> dict[str, str]"),
          "`product`, `category` and `service`; \"\" means any.")
      .def(
          "__eq__",
          [](const RuleObject& a, nb::handle other) {
            if (!nb::isinstance<RuleObject>(other)) return false;
            const SharedRule& b = nb::cast<const RuleObject&>(other).rule;
            return a.rule == b ||
                   (a.rule->id == b->id &&
                    a.rule->content_hash == b->content_hash &&
                    a.rule->path == b->path && a.rule->line == b->line);
          },
          nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__hash__",
           [](const RuleObject& object) {
             return static_cast<Py_hash_t>(
                 std::hash<std::string>()(object.rule->id));
           })
      .def("__repr__", [](const RuleObject& object) {
        return "<Rule " + object.rule->id + " " + object.rule->title + ">";
      });
}

void BindJob(nb::module_& module) {
  nb::class_<JobInfo>(module, "Job", nb::is_final(),
                      "A job of detectors (docs/anomaly.md).")
      .def_ro("id", &JobInfo::id, "Its id.")
      .def_ro("description", &JobInfo::description, "Description.")
      .def_ro("format", &JobInfo::format, "`elastic` or `toc`.")
      .def_ro("path", &JobInfo::path, "The file, as given to the compiler.")
      .def_ro("line", &JobInfo::line, "Line of the file, from 1 on.")
      .def_ro("content_hash", &JobInfo::content_hash,
              "Hex digest over what decides the job's results.")
      .def("__repr__",
           [](const JobInfo& job) { return "<Job " + job.id + ">"; });
}

void BindDiagnostic(nb::module_& module) {
  nb::class_<Diagnostic>(module, "Diagnostic", nb::is_final(),
                         "What the compiler has to say about a rule's text. "
                         "`str()` gives it as the program shows it.")
      .def_prop_ro(
          "severity", [](const Diagnostic& d) { return NameOf(d.severity); },
          nb::sig("def severity(self) -> Literal['error', 'warning', 'note']"),
          "`error`: the document is not loaded. `warning`: it is, and probably "
          "does not do what its author meant.")
      .def_ro("code", &Diagnostic::code, "As `T014`; see docs/diagnostics.")
      .def_ro("path", &Diagnostic::path, "As given to the compiler.")
      .def_ro("line", &Diagnostic::line,
              "From 1 on; 0: about the file as a whole.")
      .def_ro("column", &Diagnostic::column,
              "In characters, from 1 on; 0 with line 0.")
      .def_ro("length", &Diagnostic::length, "Characters it is about.")
      .def_ro("message", &Diagnostic::message, "One lower-case sentence.")
      .def_ro("source_line", &Diagnostic::source_line, "The author's line.")
      .def_ro("help", &Diagnostic::help, "What to do next; may be empty.")
      .def_ro("rule_id", &Diagnostic::rule_id, "The rule, where known.")
      .def_ro("rule_title", &Diagnostic::rule_title, "Its title.")
      .def("__str__", &RenderDiagnostic)
      .def("__repr__", [](const Diagnostic& d) {
        return "<Diagnostic " + std::string(NameOf(d.severity)) + " " + d.code +
               " " + d.path + ":" + std::to_string(d.line) + ": " + d.message +
               ">";
      });
}

void BindRuleSet(nb::module_& module) {
  nb::class_<CompiledRules>(
      module, "RuleSet", nb::is_final(),
      "Compiled rules. Immutable: share one among any number of engines and "
      "threads.")
      .def_prop_ro(
          "rules",
          [](const CompiledRules& self) {
            nb::list list;
            for (const RuleInfo& rule : self.result.rules->rules()) {
              list.append(MakeRule(self.result.rules, &rule));
            }
            return list;
          },
          nb::sig("def rules(self) -> list[Rule]"),
          "Rules over one event in the order they were given, then "
          "correlations. A new list each time.")
      .def_prop_ro(
          "diagnostics",
          [](const CompiledRules& self) { return DiagnosticsOf(self.result); },
          nb::sig("def diagnostics(self) -> list[Diagnostic]"),
          "What the compiler had to say, in the order of files, then lines.")
      .def_prop_ro(
          "fields",
          [](const CompiledRules& self) {
            nb::list list;
            for (const std::string& field : self.result.rules->fields()) {
              list.append(nb::str(field.data(), field.size()));
            }
            return list;
          },
          nb::sig("def fields(self) -> list[str]"),
          "Names of all fields that some rule looks at, each once.")
      .def_prop_ro(
          "jobs",
          [](const CompiledRules& self) {
            nb::list list;
            for (const JobInfo& job : self.result.rules->jobs()) {
              list.append(nb::cast(job));
            }
            return list;
          },
          nb::sig("def jobs(self) -> list[Job]"),
          "Jobs of detectors, in the order they were given.")
      .def_prop_ro(
          "documents",
          [](const CompiledRules& self) { return self.result.documents; },
          "Documents that were given: loaded as rules or filters, or refused.")
      .def_prop_ro(
          "refused",
          [](const CompiledRules& self) { return self.result.refused; },
          "Documents that could not be loaded; `diagnostics` tells why.")
      .def("__len__",
           [](const CompiledRules& self) {
             return self.result.rules->rules().size();
           })
      .def(
          "__iter__",
          [](nb::handle self) { return nb::iter(self.attr("rules")); },
          nb::sig("def __iter__(self) -> Iterator[Rule]"))
      .def("__repr__", [](const CompiledRules& self) {
        return "<RuleSet: " +
               std::to_string(self.result.rules->rules().size()) + " rules, " +
               std::to_string(self.result.refused) + " refused>";
      });
}

void BindCompiler(nb::module_& module) {
  nb::class_<Compiler>(
      module, "Compiler", nb::is_final(),
      "Takes rule files and texts, returns a RuleSet. `tocsin.compile` does "
      "for most.\n\n"
      "A file's name tells its format: `.toc` is Tocsin's own language, `.eql` "
      "and `.kql` one query, `.toml` and `.ndjson` rules of Elastic, any other "
      "Sigma. `max_file_bytes`: a longer rule "
      "file is refused. `endpoint_eql`: queries in EQL may also be written as "
      "Elastic's endpoint has it.")
      .def(
          "__init__",
          [](Compiler* self, int64_t max_file_bytes, bool endpoint_eql) {
            new (self) Compiler({.max_file_bytes = max_file_bytes,
                                 .endpoint_eql = endpoint_eql});
          },
          nb::arg("max_file_bytes") = CompilerOptions().max_file_bytes,
          nb::arg("endpoint_eql") = false)
      .def(
          "add_path",
          [](Compiler& self, const std::filesystem::path& path) {
            Check(self.AddPath(path.string()));
          },
          nb::arg("path"),
          nb::sig("def add_path(self, path: str | os.PathLike[str]) -> None"),
          "Adds a rule file, or all below a folder in the order of their "
          "paths. OSError if it cannot be read; what is wrong inside is a "
          "diagnostic.")
      .def("add_text", &Compiler::AddText, nb::arg("text"),
           nb::arg("path") = "rule.yml",
           "Adds the documents of `text`. `path` names it in diagnostics and "
           "tells its format.")
      .def(
          "set_file",
          [](Compiler& self, const std::filesystem::path& path,
             std::string_view text) { self.SetFile(path.string(), text); },
          nb::arg("path"), nb::arg("text"),
          nb::sig("def set_file(self, path: str | os.PathLike[str], text: str) "
                  "-> None"),
          "What rules get when they name the file `path`, as an import or a "
          "list, in place of what stands on disk.")
      .def(
          "add_pipeline_path",
          [](Compiler& self, const std::filesystem::path& path) {
            Check(self.AddPipelinePath(path.string()));
          },
          nb::arg("path"),
          nb::sig("def add_pipeline_path(self, path: str | os.PathLike[str]) "
                  "-> None"),
          "Adds a processing pipeline for Sigma rules. OSError if it cannot "
          "be read.")
      .def("add_pipeline_text", &Compiler::AddPipelineText, nb::arg("text"),
           nb::arg("path") = "pipeline.yml", "The same of a text.")
      .def(
          "add_fields_path",
          [](Compiler& self, const std::filesystem::path& path) {
            Check(self.AddFieldsPath(path.string()));
          },
          nb::arg("path"),
          nb::sig("def add_fields_path(self, path: str | os.PathLike[str]) -> "
                  "None"),
          "Adds tables of fields: how those that rules in EQL, KQL and "
          "Elastic's formats ask for follow from those of events. OSError if "
          "the file cannot be read.")
      .def("add_fields_text", &Compiler::AddFieldsText, nb::arg("text"),
           nb::arg("path") = "fields.yml", "The same of a text.")
      .def("compile", &Compile, nb::kw_only(), nb::arg("strict") = false,
           "Compiles all that was added; may be called again after more was. A "
           "bad rule is left out and reported in `diagnostics`; with "
           "`strict`, RuleError is raised. About 0.1 ms and 20 KB a rule.");
}

}  // namespace

nb::object MakeRule(const std::shared_ptr<const RuleSet>& rules,
                    const RuleInfo* rule) {
  return nb::cast(RuleObject{SharedRule(rules, rule)});
}

void Raise(const absl::Status& status, const char* otherwise) {
  const std::string message(status.message().data(), status.message().size());
  nb::object type;
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      type = nb::borrow(PyExc_FileNotFoundError);
      break;
    case absl::StatusCode::kPermissionDenied:
      type = nb::borrow(PyExc_PermissionError);
      break;
    default:
      type = nb::module_::import_("tocsin._errors").attr(otherwise);
  }
  PyErr_SetString(type.ptr(), message.c_str());
  throw nb::python_error();
}

void BindRules(nb::module_& module) {
  BindDiagnostic(module);
  BindRule(module);
  BindJob(module);
  BindRuleSet(module);
  BindCompiler(module);
}

}  // namespace tocsin::python
