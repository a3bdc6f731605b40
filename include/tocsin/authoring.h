// Tools for authors of rules in Tocsin's own language (.toc files).
//
//   tocsin::FormattedRules laid = tocsin::FormatRules(text, "rules/auth.toc");
//   if (laid.ok) Save(laid.text);
//   for (const tocsin::Diagnostic& d : laid.diagnostics) {
//     std::cerr << tocsin::RenderDiagnostic(d);
//   }
//
// Pure functions of their arguments: no file is read or written but those that
// rules name, no clock is read. They may be called from any thread.
// Cost: linear in the text, some microseconds a line.

#ifndef TOCSIN_AUTHORING_H_
#define TOCSIN_AUTHORING_H_

#include <string>
#include <string_view>
#include <vector>

#include "tocsin/diagnostic.h"

namespace tocsin {

struct FormatRulesOptions {
  // Writes the right form of slips that have only one: `=` for `==`, 'x' for
  // "x", a window behind `by`. Without, they are errors as any other.
  bool fix = false;

  // Sorts the values of lists that take a line each.
  bool sort = false;
};

struct FormattedRules {
  // Whether `text` may replace what was given. Else it is what was given.
  bool ok = false;
  std::string text;
  // What is wrong with it, those included that `fix` mended.
  Diagnostics diagnostics;
};

// Lays out a file. Comments are kept; a file that is laid out already does not
// change, and what rules mean never does.
FormattedRules FormatRules(std::string_view text, std::string_view path,
                           const FormatRulesOptions& options = {});

// What the rules of the files do, with each default written out: window and its
// boundaries, order, how often a rule fires, keys, what is kept for each. One
// paragraph a rule; with `name` of that rule only. Of a .kql file its query in
// canonical form. Files are given as to Compiler::AddText: path and text.
struct RuleText {
  std::string path;
  std::string text;
};
struct ExplainedRules {
  std::string text;
  Diagnostics diagnostics;
  int rules = 0;  // That were explained.
};
ExplainedRules ExplainRules(const std::vector<RuleText>& files,
                            std::string_view name = {});

// One `example` of a rule, and how it went.
struct ExampleResult {
  enum Outcome {
    kPassed,
    kFailed,  // Something else was reported than it expects.
    kNotRun,  // Its rule is not loaded, or it asks for what is not built yet.
  };
  std::string rule;
  std::string example;
  std::string path;
  int line = 0;  // Of the example.
  Outcome outcome = kPassed;
  std::string problem;   // One sentence; empty if it passed.
  int problem_line = 0;  // Of the expectation that failed.
};

struct TestedRules {
  std::vector<ExampleResult> examples;  // In the order of files and lines.
  Diagnostics diagnostics;
};

// Runs the examples of all rules of the files, each on an engine of its own.
// Cost: an engine for each example, and its events.
TestedRules TestRules(const std::vector<RuleText>& files);

// A grammar of the language for editors, in TextMate's JSON form.
std::string RuleLanguageGrammar();

}  // namespace tocsin

#endif  // TOCSIN_AUTHORING_H_
