// Diagnostic: what a compiler has to say about a rule's text.
//
//   for (const tocsin::Diagnostic& d : compiled.diagnostics) {
//     std::cerr << tocsin::RenderDiagnostic(d);
//   }
//
// prints, place first:
//
//   rules/brute_force.yml:9:19: error[T014]: unknown modifier `startwith`
//      9 |         user.name|startwith: adm
//        |                   ^^^^^^^^^
//      = help: did you mean `startswith`?
//
// Lines and columns are those of the file the author edits, 1-based; columns
// count characters, not bytes. Codes never change meaning; docs/diagnostics/
// has a page for each. Plain values, free to copy and keep.

#ifndef TOCSIN_DIAGNOSTIC_H_
#define TOCSIN_DIAGNOSTIC_H_

#include <string>
#include <vector>

namespace tocsin {

enum class Severity {
  kError,    // The document is not loaded.
  kWarning,  // It is loaded, and probably does not do what its author meant.
  kNote,     // It is loaded; what is told decides nothing here.
};

struct Diagnostic {
  Severity severity = Severity::kError;
  std::string code;         // "T014".
  std::string path;         // As given to the compiler; "" for a string.
  int line = 0;             // 1-based; 0: about the file as a whole.
  int column = 0;           // 1-based, in characters; 0 with line 0.
  int length = 0;           // Characters to underline, on that line; 0: none.
  std::string message;      // One lower-case sentence, no full stop.
  std::string source_line;  // The author's line, as is; 400 characters around
                            // the place for a longer one.
  std::string help;         // What to do next; may be empty.
  std::string rule_id;      // The rule it is about, where known.
  std::string rule_title;

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

using Diagnostics = std::vector<Diagnostic>;

// The form shown above, ending in a newline. Control characters of the source
// line are shown as spaces, so a rule cannot write to a reader's terminal.
std::string RenderDiagnostic(const Diagnostic& diagnostic);

// One JSON object, without a newline, with the member names of the struct.
std::string DiagnosticToJson(const Diagnostic& diagnostic);

}  // namespace tocsin

#endif  // TOCSIN_DIAGNOSTIC_H_
