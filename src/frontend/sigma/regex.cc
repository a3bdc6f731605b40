#include "src/frontend/sigma/regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "absl/strings/ascii.h"
#include "src/base/regex.h"
#include "src/base/utf8.h"

namespace tocsin::sigma {
namespace {

using text::Quoted;

// A construct that cannot be had in linear time, or that RE2 lacks.
struct Construct {
  std::string_view start;
  std::string_view name;
};

constexpr Construct kGroups[] = {
    {"(?=", "look-ahead"},
    {"(?!", "negative look-ahead"},
    {"(?<=", "look-behind"},
    {"(?<!", "negative look-behind"},
    {"(?>", "an atomic group"},
    {"(?(", "a conditional group"},
    {"(?|", "a branch-reset group"},
    {"(?R", "recursion"},
    {"(?&", "recursion"},
    {"(?#", "a comment"},
    {"(?P=", "a back-reference"},
};

constexpr Construct kEscapes[] = {
    {"\\k", "a back-reference"},
    {"\\g", "a back-reference"},
    {"\\G", "the end of the last match"},
    {"\\K", "a reset of the match's start"},
    {"\\R", "a line break of any kind"},
    {"\\h", "a blank of any kind"},
    {"\\H", "a class of all but blanks"},
    {"\\N", "a class of all but line breaks"},
    {"\\X", "a grapheme"},
    {"\\Z", "the end before a last line break"},
    {"\\e", "the escape character"},
    {"\\u", "a character by its number"},
    {"\\c", "a control character"},
};

// A longer one is no work of a person.
constexpr size_t kMaxLength = 16 * 1024;

// Even the smallest regex takes its time.
int64_t CostOf(const RE2& compiled) {
  constexpr int64_t kLeast = 100;
  constexpr int64_t kTooLarge = 50'000;
  if (compiled.ok()) return std::max<int64_t>(kLeast, compiled.ProgramSize());
  return compiled.error_code() == RE2::ErrorPatternTooLarge ? kTooLarge
                                                            : kLeast;
}

struct Problem {
  size_t offset = 0;
  size_t length = 0;
  std::string message;
  std::string help;
};

constexpr std::string_view kGroupHelp =
    "say it with selections: one more item, or a selection under `not`";

std::string_view HelpFor(const Construct& construct) {
  const std::string_view start = construct.start;
  if (start == "\\h") return "write `[ \\t]`";
  if (start == "\\R") return "write `\\r?\\n`";
  if (start == "\\Z") return "write `\\z`, or `$`";
  if (start == "\\e") return "write `\\x1b`";
  if (start == "\\u") return "write `\\x{2014}`, with the number in braces";
  if (start == "(?>") return "write `(?:`: nothing is tried twice here anyway";
  if (start == "(?#") return "put the comment into YAML, after `#`";
  return kGroupHelp;
}

Problem Unsupported(const Construct& construct, size_t offset) {
  return {offset, construct.start.size(),
          std::string(construct.name) + " " + Quoted(construct.start) +
              " is not supported in regular expressions",
          std::string(HelpFor(construct))};
}

// Where a character class that starts at `i` ends: the index of its `]`.
size_t EndOfClass(std::string_view regex, size_t i) {
  ++i;
  if (i < regex.size() && regex[i] == '^') ++i;
  if (i < regex.size() && regex[i] == ']') ++i;
  for (; i < regex.size() && regex[i] != ']'; ++i) {
    if (regex[i] == '\\') {
      ++i;
    } else if (regex.substr(i).starts_with("[:")) {
      const size_t end = regex.find(":]", i);
      if (end != std::string_view::npos) i = end + 1;
    }
  }
  return i;
}

// The first thing in `regex` that other engines have and RE2 has not.
std::optional<Problem> FindUnsupported(std::string_view regex) {
  for (size_t i = 0; i < regex.size(); ++i) {
    const std::string_view rest = regex.substr(i);
    if (regex[i] == '[') {
      i = EndOfClass(regex, i);
    } else if (regex[i] == '\\') {
      if (rest.size() > 1 && rest[1] >= '1' && rest[1] <= '9') {
        return Problem{i, 2,
                       "back-reference " + Quoted(rest.substr(0, 2)) +
                           " is not supported in regular expressions",
                       "compare two fields with `fieldref`, or write the "
                       "alternatives out"};
      }
      for (const Construct& construct : kEscapes) {
        if (rest.starts_with(construct.start)) return Unsupported(construct, i);
      }
      ++i;
    } else if (regex[i] == '(') {
      for (const Construct& construct : kGroups) {
        if (rest.starts_with(construct.start)) return Unsupported(construct, i);
      }
      if (rest.size() > 2 && rest[1] == '?' && absl::ascii_isdigit(rest[2])) {
        return Unsupported({rest.substr(0, 3), "recursion"}, i);
      }
    } else if (i > 0 && regex[i] == '+' &&
               (regex[i - 1] == '+' || regex[i - 1] == '*' ||
                regex[i - 1] == '?' || regex[i - 1] == '}') &&
               !(i > 1 && regex[i - 2] == '\\')) {
      return Problem{i - 1, 2,
                     "possessive quantifier " + Quoted(regex.substr(i - 1, 2)) +
                         " is not supported in regular expressions",
                     "leave the second `+` away: nothing is tried twice here "
                     "anyway"};
    }
  }
  return std::nullopt;
}

// What RE2 says, in the words of the other messages.
Problem Describe(std::string_view regex, const RE2& compiled) {
  if (std::optional<Problem> problem = FindUnsupported(regex)) return *problem;
  Problem problem;
  const std::string& part = compiled.error_arg();
  const size_t at = part.empty() ? std::string_view::npos : regex.find(part);
  if (at != std::string_view::npos) {
    problem.offset = at;
    problem.length = part.size();
  }
  switch (compiled.error_code()) {
    case RE2::ErrorPatternTooLarge:
      problem.message =
          "the regular expression is too large once its "
          "repetitions are counted";
      problem.help = "use smaller `{n,m}`, or `*`";
      return problem;
    case RE2::ErrorRepeatSize:
      problem.message = "repetition " + Quoted(part) + " is out of range";
      problem.help = "at most 1000 repetitions can be asked for; use `*`";
      return problem;
    case RE2::ErrorMissingParen:
      problem.message = "a `(` of the regular expression is not closed";
      break;
    case RE2::ErrorUnexpectedParen:
      problem.message = "a `)` of the regular expression is not opened";
      break;
    case RE2::ErrorMissingBracket:
      problem.message = "a `[` of the regular expression is not closed";
      break;
    case RE2::ErrorTrailingBackslash:
      problem.message = "the regular expression ends in a lone `\\`";
      break;
    case RE2::ErrorRepeatArgument:
    case RE2::ErrorRepeatOp:
      problem.message = "quantifier " + Quoted(part) + " has nothing to repeat";
      break;
    case RE2::ErrorBadEscape:
      problem.message =
          "unknown escape " + Quoted(part) + " in the regular expression";
      break;
    case RE2::ErrorBadCharClass:
    case RE2::ErrorBadCharRange:
      problem.message =
          "bad character class " + Quoted(part) + " in the regular expression";
      break;
    default:
      problem.message = "bad regular expression";
      if (!part.empty()) problem.message += " at " + Quoted(part);
  }
  problem.help = "put a backslash before a character that is meant as it is";
  return problem;
}

// The place of bytes [offset, offset + length) of a value, if its text stands
// in the file as it is; else the whole value.
text::Range PlaceIn(const Value& value, const Problem& problem,
                    const text::Source& source) {
  const std::string_view line = source.Line(value.range.start.line);
  const size_t line_start = source.Offset({value.range.start.line, 1});
  const size_t begin =
      source.Offset(value.range.start) - line_start + (value.quoted ? 1 : 0);
  if (problem.length == 0 || begin > line.size() ||
      !line.substr(begin).starts_with(value.text)) {
    return value.range;
  }
  const std::string_view text = value.text;
  text::Range range;
  range.start = value.range.start;
  range.start.column +=
      (value.quoted ? 1 : 0) +
      static_cast<int>(base::CountCodePoints(text.substr(0, problem.offset)));
  range.length = static_cast<int>(
      base::CountCodePoints(text.substr(problem.offset, problem.length)));
  return range;
}

// `(?<name>` is RE2's `(?P<name>`.
std::string WithPythonGroups(std::string_view regex) {
  std::string out;
  out.reserve(regex.size());
  for (size_t i = 0; i < regex.size(); ++i) {
    if (regex[i] == '\\' && i + 1 < regex.size()) {
      out += regex[i++];
    } else if (regex[i] == '[') {
      const size_t end = std::min(EndOfClass(regex, i), regex.size() - 1);
      out += regex.substr(i, end - i);
      i = end;
    } else if (regex.substr(i).starts_with("(?<") && i + 3 < regex.size() &&
               regex[i + 3] != '=' && regex[i + 3] != '!') {
      out += "(?P<";
      i += 2;
      continue;
    }
    out += regex[i];
  }
  return out;
}

}  // namespace

std::optional<std::string> CheckRegex(const Value& value,
                                      const RegexOptions& options,
                                      Budget* budget,
                                      text::Reporter* reporter) {
  if (value.text.size() > kMaxLength) {
    reporter->Error("T018", value.range,
                    "the regular expression is longer than " +
                        std::to_string(kMaxLength) + " bytes",
                    "split it into several values");
    return std::nullopt;
  }
  if (budget->regex_instructions <= 0) {
    reporter->Error("T027", value.range,
                    "the regular expressions of this file are too large "
                    "together",
                    "split the file, or use smaller repetitions");
    return std::nullopt;
  }
  std::string flags;
  if (options.ignore_case) flags += 'i';
  if (options.multi_line) flags += 'm';
  if (options.dot_all) flags += 's';
  std::string regex = WithPythonGroups(value.text);
  if (!flags.empty()) regex.insert(0, "(?" + flags + ")");
  auto compiled = std::make_unique<RE2>(regex, base::RegexOptions());
  budget->regex_instructions -= CostOf(*compiled);
  if (compiled->ok() && (options.at_start || options.at_end)) {
    // Anchored only now: brackets must balance without those added here.
    if (options.at_start) regex = "\\A(?:" + regex + ")";
    if (options.at_end) regex = "(?:" + regex + ")\\z";
    // What just fits may not fit with its anchors.
    compiled = std::make_unique<RE2>(regex, base::RegexOptions());
  }
  if (compiled->ok()) return regex;
  const Problem problem = Describe(value.text, *compiled);
  reporter->Error("T018", PlaceIn(value, problem, reporter->source()),
                  problem.message, problem.help);
  return std::nullopt;
}

}  // namespace tocsin::sigma
