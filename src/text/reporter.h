// Reporter: collects the diagnostics of one document, at most kMaxDiagnostics
// of them: a hostile file must not turn into a flood of messages.

#ifndef TOCSIN_SRC_TEXT_REPORTER_H_
#define TOCSIN_SRC_TEXT_REPORTER_H_

#include <span>
#include <string>
#include <string_view>

#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace tocsin::text {

class Reporter {
 public:
  static constexpr int kMaxDiagnostics = 100;

  // Both must outlive the reporter.
  Reporter(const Source& source, Diagnostics* diagnostics)
      : source_(source), diagnostics_(diagnostics) {}

  // `code` is "T014"; `message` one lower-case sentence; `help` may be empty.
  void Error(std::string_view code, Range range, std::string message,
             std::string help = {});
  void Warning(std::string_view code, Range range, std::string message,
               std::string help = {});

  void Note(std::string_view code, Range range, std::string message,
            std::string help = {});

  // Put into every later diagnostic, cut if it is long.
  void set_rule(std::string id, std::string title);

  // A reporter for places in another file, about the same rule; its errors are
  // counted apart.
  Reporter ForSource(const Source& source) const {
    Reporter other(source, diagnostics_);
    other.rule_id_ = rule_id_;
    other.rule_title_ = rule_title_;
    return other;
  }

  // Errors reported, those past the limit included.
  int errors() const { return errors_; }
  // Whether further warnings are dropped: no need to think of good advice.
  bool full() const { return added_ >= kMaxDiagnostics; }
  const Source& source() const { return source_; }
  Diagnostics* diagnostics() const { return diagnostics_; }

 private:
  void Add(Severity severity, std::string_view code, Range range,
           std::string message, std::string help);

  const Source& source_;
  Diagnostics* diagnostics_;
  std::string rule_id_;
  std::string rule_title_;
  int errors_ = 0;
  int added_ = 0;
};

// `name` in back-ticks for a message, cut if it is long.
std::string Quoted(std::string_view name);

// "did you mean `x`?" for the candidate nearest to `word`, else "". Nearest: by
// letters added, dropped, changed or swapped with their neighbour, case aside;
// at most a third of the length of `word`, or one for a short word.
std::string DidYouMean(std::string_view word,
                       std::span<const std::string_view> candidates);

}  // namespace tocsin::text

#endif  // TOCSIN_SRC_TEXT_REPORTER_H_
