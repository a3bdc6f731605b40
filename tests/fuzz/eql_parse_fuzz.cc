// Any text as an EQL query, in both dialects: parsed, checked, lowered, and run
// over a few events.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "src/engine/eql_replay.h"
#include "src/frontend/eql/eql.h"
#include "src/text/reporter.h"

namespace tocsin::eql {
namespace {

constexpr const char* kEvents[] = {
    R"({"event.category":"process","host.id":"h1","user.name":"kim",
        "process":{"name":"cmd.exe","args":["a","-b"],"pid":7},"unique_pid":1,
        "a":[{"b":1,"x":[{"y":"k"}]},{"b":[2,3]}],"x":7,"subtype":"create"})",
    R"({"event.category":["file","network"],"host.id":["h1","h2"],"x":null,
        "unique_pid":2,"unique_ppid":1,"subtype":"create","b":true,"c":1e300})",
    R"({})",
};

void CheckQuery(const std::string& text, const EqlOptions& options) {
  const text::Source source("fuzz.eql", text);
  Diagnostics diagnostics;
  ir::RuleList list;
  if (CompileEql(source, options, &list, &diagnostics)) {
    for (const ir::Rule& rule : list.rules) {
      if (!ir::Verify(rule).empty()) std::abort();
    }
    for (size_t i = 0; i < list.correlations.size(); ++i) {
      if (!ir::Verify(list, i).empty()) std::abort();
    }
  } else if (diagnostics.empty()) {
    std::abort();
  }
  for (const Diagnostic& d : diagnostics) RenderDiagnostic(d);
  diagnostics.clear();
  text::Reporter reporter(source, &diagnostics);
  engine::EqlReplayOptions replay_options;
  replay_options.eql = options;
  const auto replay =
      engine::EqlReplay::Compile(source, replay_options, &reporter);
  if (replay == nullptr) return;
  std::vector<engine::ReplayedEvent> events;
  for (int64_t i = 0; i < 9; ++i) {
    events.push_back({kEvents[i % 3], i * 1'000'000'000});
  }
  replay->Run(events);
}

}  // namespace
}  // namespace tocsin::eql

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  tocsin::eql::EqlOptions options;
  tocsin::eql::CheckQuery(text, options);
  options.dialect.language = tocsin::expression::Dialect::kEndgame;
  options.dialect.folds = true;
  tocsin::eql::CheckQuery(text, options);
  return 0;
}
