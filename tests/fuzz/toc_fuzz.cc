// Any text as a rule file: parsed, checked, lowered, laid out twice.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "src/frontend/toc/format.h"
#include "src/frontend/toc/parse.h"
#include "src/frontend/toc/toc.h"
#include "src/text/reporter.h"

namespace tocsin::toc {
namespace {

// The text laid out; "" if it has an error.
std::string Laid(const std::string& text) {
  const text::Source source("fuzz.toc", text);
  Diagnostics diagnostics;
  text::Reporter reporter(source, &diagnostics);
  const File file = Parse(source, &reporter);
  return reporter.errors() > 0 ? "" : Format(file, source);
}

void CheckLayout(const std::string& text) {
  const std::string once = Laid(text);
  if (!once.empty() && Laid(once) != once) std::abort();
}

void CheckCompilation(const std::string& text) {
  ir::RuleList list;
  Diagnostics diagnostics;
  const TocResult result =
      CompileToc({std::make_shared<const text::Source>("fuzz.toc", text)}, {},
                 &list, &diagnostics);
  if (static_cast<int>(result.rules.size()) > result.documents) std::abort();
  for (const ir::Rule& rule : list.rules) {
    if (!Verify(rule).empty()) std::abort();
  }
  for (size_t i = 0; i < list.correlations.size(); ++i) {
    if (!Verify(list, i).empty()) std::abort();
  }
  for (const Diagnostic& d : diagnostics) RenderDiagnostic(d);
}

}  // namespace
}  // namespace tocsin::toc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  tocsin::toc::CheckLayout(text);
  tocsin::toc::CheckCompilation(text);
  return 0;
}
