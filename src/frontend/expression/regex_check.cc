#include <re2/re2.h>

#include "absl/strings/ascii.h"
#include "src/base/regex.h"
#include "src/frontend/expression/check.h"

namespace tocsin::expression {
namespace {

struct Construct {
  std::string_view start;
  std::string_view name;
};
constexpr Construct kConstructs[] = {
    {"(?=", "look-ahead"},           {"(?!", "look-ahead"},
    {"(?<=", "look-behind"},         {"(?<!", "look-behind"},
    {"(?>", "an atomic group"},      {"(?(", "a conditional group"},
    {"(?|", "a branch-reset group"}, {"(?P=", "a back-reference"},
    {"\\k", "a back-reference"},     {"\\g", "a back-reference"}};

// Behind the `]` of the class that begins at `at`.
size_t EndOfClass(std::string_view regex, size_t at) {
  ++at;
  if (at < regex.size() && regex[at] == '^') ++at;
  if (at < regex.size() && regex[at] == ']') ++at;
  for (; at < regex.size() && regex[at] != ']'; ++at) {
    if (regex[at] == '\\') ++at;
  }
  return at + 1;
}

}  // namespace

RegexProblem FindRegexProblem(std::string_view regex) {
  constexpr size_t kMaxLength = 16 * 1024;
  RegexProblem problem;
  if (regex.size() > kMaxLength) {
    problem.message = "the regular expression is too long";
    return problem;
  }
  for (size_t i = 0; i < regex.size();) {
    const std::string_view rest = regex.substr(i);
    if (regex[i] == '[') {
      i = EndOfClass(regex, i);
      continue;
    }
    const bool numbered =
        regex[i] == '\\' && rest.size() > 1 && rest[1] >= '1' && rest[1] <= '9';
    std::string_view name = numbered ? "a back-reference" : "";
    size_t length = 2;
    for (const Construct& construct : kConstructs) {
      if (name.empty() && rest.starts_with(construct.start)) {
        name = construct.name;
        length = construct.start.size();
      }
    }
    if (!name.empty()) {
      // To the end of a group, so that all of it can be seen.
      const size_t close = rest.find(')');
      if (rest[0] == '(' && close != std::string_view::npos) length = close + 1;
      problem.message =
          std::string(name) + " is not supported (regexes run in linear time)";
      problem.at = i;
      problem.length = length;
      problem.unsupported = true;
      return problem;
    }
    i += regex[i] == '\\' ? 2 : 1;
  }
  const RE2 compiled({regex.data(), regex.size()}, base::RegexOptions());
  if (compiled.ok()) return problem;
  problem.message = "the regular expression cannot be read: " +
                    absl::AsciiStrToLower(compiled.error());
  return problem;
}

}  // namespace tocsin::expression
