// A text as a pipeline, applied to rules and a filter that hold one item of
// each sort.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/frontend/sigma/sigma.h"
#include "src/ir/rule.h"
#include "src/text/source.h"

namespace {

using tocsin::text::Source;
using Sources = std::vector<std::shared_ptr<const Source>>;

constexpr char kRule[] = R"(title: Of everything
id: 00000000-0000-4000-8000-000000000001
name: everything
status: test
level: high
date: 2026-01-10
tags: [attack.t1059]
fields: [Image, User]
logsource: {product: windows, category: process_creation}
detection:
  selection:
    EventID: [1, 4688]
    Image|endswith: ['\cmd.exe', '\a*b\?.exe']
    CommandLine|contains|all: ['x', '-y']
    Hashes|contains: [MD5=00000000000000000000000000000001, 'SHA1=01']
    Details: null
    Same|fieldref: Image
    Ip|cidr: [192.0.2.0/24]
    Path|re|i: '^c:.*%a%'
    Size|gt: 5
    Flag: true
    Encoded|base64offset|contains: 'http'
  alternatives:
    - User|contains: [kim, 5, true]
    - Host|windash: '-x'
      Exact|cased|startswith: Abc
    - a keyword
  other_a: {b|neq: c}
  other_b: [one, two*]
  condition: selection and (alternatives or not 1 of other_*)
)";

constexpr char kPlaceholders[] = R"(title: Of placeholders
logsource: {product: windows}
detection:
  selection:
    User|expand: ['%admins%', 'adm-%name%-\%%n%']
    Host|re|expand: '^%admins%\.\%$'
    Ip|cidr|expand: '%n%'
    File|endswith|expand: 'C:\\%name%*'
  condition: selection
)";

constexpr char kFilter[] = R"(title: Of the same
logsource: {product: windows}
filter:
  rules: any
  selection: {User: adm-kim, Image|endswith: '\a.exe'}
  condition: not selection
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Sources kRules = {
      std::make_shared<const Source>("rule.yml", kRule),
      std::make_shared<const Source>("placeholders.yml", kPlaceholders),
      std::make_shared<const Source>("filter.yml", kFilter)};
  const Sources pipelines = {std::make_shared<const Source>(
      "pipeline.yml", std::string(reinterpret_cast<const char*>(data), size))};
  tocsin::Diagnostics diagnostics;
  const tocsin::sigma::SigmaResult result =
      tocsin::sigma::CompileSigma(kRules, pipelines, &diagnostics);
  for (const tocsin::ir::Rule& rule : result.rules) {
    if (!tocsin::ir::Verify(rule).empty()) __builtin_trap();
  }
  // A rule is loaded or there is a reason.
  bool has_error = false;
  for (const tocsin::Diagnostic& diagnostic : diagnostics) {
    tocsin::RenderDiagnostic(diagnostic);
    has_error |= diagnostic.severity == tocsin::Severity::kError;
  }
  if (result.rules.size() < 2 && !has_error) __builtin_trap();
  return 0;
}
