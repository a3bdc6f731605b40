// Bytes as events, one a line, against rules of every sort: the matcher with
// its indexes and layouts finds what the plain one finds. Each event is matched
// three times, so that what is remembered of it is used.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "src/plan/planner.h"
#include "src/program/program.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/match/event_matcher.h"
#include "src/runtime/match/matcher.h"
#include "tests/reference/build.h"
#include "tocsin/event.h"

namespace {

using tocsin::Event;
using tocsin::ir::Expr;
using namespace tocsin::reference;

std::vector<tocsin::ir::Rule> Rules() {
  std::vector<Expr> conditions = {
      Text("a", "*\\cmd.exe"),
      Text("a", "c:\\temp*"),
      Text("a", "*nop*"),
      Text("a", "*b*"),
      Text("a", "*\\\\*"),
      Text("a", "*say \"hi\"*"),
      Text("a", "line\nbreak"),
      Text("a", ""),
      Text("a", "*"),
      Text("a", "*ß*"),
      Text("a", "k*s"),
      CasedText("a", "*Nop*"),
      Text("b", "true"),
      NumberIs("b", "10"),
      NumberIs("b", "1.5"),
      Keyword("*erase*"),
      Keyword("*a\\b*"),
      Keyword("*true*"),
      Keyword("10"),
      Regex("a", "(?i)foo.*bar|x{3}"),
      Regex("a", ".{20,}"),
      Null("b"),
      And({Keyword("*erase*"), Not(Keyword("*format*"))}),
      And({Text("a", "*one*"), Text("a.b", "*two*"), Not(Text("b", "*3*"))}),
      Or({Text("a", "*mimikatz*"), And({Text("b", "x*"), Text("a", "*y")})}),
      Not(Text("a", "*seven77*")),
      And({Text("a", "*"),
           Not(Or({Text("a", "*aa*"), Text("a", "*bb*"), Text("a", "*cc*"),
                   Text("a", "*dd*"), Text("a", "*ee*"), Text("a", "*ff*"),
                   Text("a", "*gg*")}))}),
  };
  std::vector<tocsin::ir::Rule> rules;
  for (Expr& condition : conditions) {
    rules.push_back(RuleOf(std::move(condition)));
  }
  return rules;
}

const tocsin::program::Program& Program() {
  static const auto* const program = tocsin::plan::Plan(Rules()).release();
  return *program;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto* const plain = new tocsin::runtime::Matcher(Program());
  tocsin::runtime::EventMatcherOptions options;
  options.routing = false;
  tocsin::runtime::EventMatcher matcher(Program(), options);
  tocsin::runtime::EventView view;

  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size() - 1);
    const Event event = Event::Json(rest.substr(0, end + 1));
    rest.remove_prefix(end + 1);
    const bool is_read = view.Load(event).ok();
    std::vector<uint32_t> expected;
    if (is_read) {
      plain->Begin(view, {});
      for (uint32_t i = 0; i < Program().rules.size(); ++i) {
        if (plain->Matches(i)) expected.push_back(i);
      }
    }
    for (int time = 0; time < 3; ++time) {
      if (matcher.Load(event).ok() != is_read) std::abort();
      if (!is_read) continue;
      const std::span<const uint32_t> found = matcher.Match();
      if (!std::equal(found.begin(), found.end(), expected.begin(),
                      expected.end())) {
        std::abort();
      }
    }
  }
  return 0;
}
