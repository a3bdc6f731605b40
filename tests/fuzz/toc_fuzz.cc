// Any text as a rule file: parsed, checked, lowered, laid out twice, and run
// over a few events.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "src/engine/inline_queries.h"
#include "src/frontend/sigma/sigma.h"
#include "src/frontend/toc/format.h"
#include "src/frontend/toc/parse.h"
#include "src/frontend/toc/toc.h"
#include "src/plan/planner.h"
#include "src/text/reporter.h"
#include "tocsin/engine.h"
#include "tocsin/rule_set.h"
#include "tocsin/sink.h"

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

// Every file that a rule names is a table, and the Sigma rules of both.
TocOptions Options() {
  TocOptions options;
  options.read_file =
      [](const std::string& path) -> std::optional<std::string> {
    if (path.find("none") != std::string::npos) return std::nullopt;
    return "a,b,c\nweb1,192.0.2.1,3\n192.0.2.0/24,x.example.com,\n,,\n";
  };
  options.compile_sigma = [](const std::shared_ptr<const text::Source>& source,
                             Diagnostics* diagnostics) {
    return sigma::CompileSigma({source}, {}, diagnostics).rules;
  };
  tocsin::engine::TakeInlineQueries(&options);
  return options;
}

// Fields of many kinds, under the names that rules of the corpus use.
constexpr const char* kEvents[] = {
    R"({"event.category":"process","event":{"kind":"beat","outcome":"failure"},
        "user":{"name":"kim"},"host.name":"web1","source.ip":"192.0.2.7",
        "process":{"name":"CertUtil.exe","args":["a","-b"]},"kind":"beat",
        "a":[{"b":1,"x":[{"y":"k"}]},{"b":[2,3]}],"m":[[1,2],[3]],"x":7,"k":"v",
        "url.domain":"paypa1","destination":{"ip":"::1","port":443}})",
    R"({"event.category":["network","authentication"],"event.outcome":"success",
        "user.name":["kim","lee",null],"host":{"name":"h2","ip":["10.0.0.1"]},
        "a":"text","x":1e300,"y":-9223372036854775808,"k":null,"m":[],
        "network.bytes":18446744073709551615,"message":"\u00e9 \ud83d\ude00"})",
    R"({})",
};

void Run(ir::RuleList list) {
  const auto rules =
      std::make_shared<const RuleSet>(plan::PlanList(std::move(list)));
  CallbackSink sink([](const Detection& d) { d.matched(); },
                    [](const tocsin::Incident&) {});
  Engine engine(rules, sink, {.routing = false});
  constexpr int64_t kBegin = 1'767'225'600'000'000'000;
  constexpr int64_t kMinute = 60'000'000'000;
  for (int64_t i = 0; i < 6; ++i) {
    Event event = Event::Json(kEvents[i % 3]);
    if (!engine.Feed(event.set_time(Timestamp(kBegin + i * kMinute))).ok()) {
      std::abort();
    }
  }
  engine.AdvanceTo(Timestamp(INT64_MAX));
}

void CheckCompilation(const std::string& text) {
  ir::RuleList list;
  Diagnostics diagnostics;
  const TocResult result =
      CompileToc({std::make_shared<const text::Source>("fuzz.toc", text)},
                 Options(), &list, &diagnostics);
  if (static_cast<int>(result.rules.size()) > result.documents) std::abort();
  for (const ir::Rule& rule : list.rules) {
    if (!Verify(rule).empty()) std::abort();
  }
  for (size_t i = 0; i < list.correlations.size(); ++i) {
    if (!Verify(list, i).empty()) std::abort();
  }
  for (const Diagnostic& d : diagnostics) RenderDiagnostic(d);
  Run(std::move(list));
}

}  // namespace
}  // namespace tocsin::toc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  tocsin::toc::CheckLayout(text);
  tocsin::toc::CheckCompilation(text);
  return 0;
}
