#include <iostream>

#include "tocsin/tocsin.h"

int main() {
  tocsin::Compiler compiler;
  compiler.AddText(R"(
title: Login by kim
logsource: {category: authentication}
detection:
  selection: {user: kim, action: login}
  condition: selection
)",
                   "login.yml");
  const tocsin::CompileResult compiled = compiler.Compile();
  for (const tocsin::Diagnostic& diagnostic : compiled.diagnostics) {
    std::cerr << tocsin::RenderDiagnostic(diagnostic);
  }
  tocsin::CallbackSink sink([](const tocsin::Detection& detection) {
    std::cout << detection.rule().title << " at "
              << tocsin::FormatTimestamp(detection.time()) << "\n";
  });
  tocsin::Engine engine(compiled.rules, sink, {.routing = false});
  engine.Feed(tocsin::Event::Json(
      R"({"@timestamp":"2026-01-15T10:20:30Z","user":"kim","action":"login"})"));
  return engine.stats().detections == 1 ? 0 : 1;
}
