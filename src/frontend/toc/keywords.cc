#include "src/frontend/toc/keywords.h"

#include <algorithm>
#include <array>

namespace tocsin::toc {
namespace {

constexpr Keyword kKeywords[] = {
    {"import", Keyword::kFile, "uses the names of another file as stem.name"},
    {"list", Keyword::kFile, "values under a name"},
    {"define", Keyword::kFile, "a condition under a name, with parameters"},
    {"action", Keyword::kFile, "what the host can do for `respond`"},
    {"calendar", Keyword::kFile, "stretches of time under a name"},
    {"rule", Keyword::kFile, "a rule, or as a source the events of one"},
    {"detector", Keyword::kFile, "a detector of anomalies"},
    {"except", Keyword::kFile, "removes events before rules see them"},
    {"id", Keyword::kRule, "the identity of the rule"},
    {"title", Keyword::kRule, "what the rule is called"},
    {"description", Keyword::kRule, "what it finds and why"},
    {"status", Keyword::kRule, "stable, test, experimental or deprecated"},
    {"version", Keyword::kRule, "a number that grows with each change"},
    {"author", Keyword::kRule, "who wrote it"},
    {"references", Keyword::kRule, "where to read more"},
    {"tags", Keyword::kRule, "techniques and controls it is about"},
    {"severity", Keyword::kRule, "info, low, medium, high or critical"},
    {"risk", Keyword::kRule, "points for each value of a field"},
    {"detect", Keyword::kRule, "one event is enough"},
    {"when", Keyword::kRule, "a pattern of several events"},
    {"fire", Keyword::kRule, "how often: every, edge, reset or throttle"},
    {"suppress", Keyword::kRule, "how long alike detections only count"},
    {"incident", Keyword::kRule, "which detections one incident holds"},
    {"message", Keyword::kRule, "the text of a detection"},
    {"show", Keyword::kRule, "measures to put into detections"},
    {"respond", Keyword::kRule, "an action to ask of the host"},
    {"falsepositives", Keyword::kRule, "what else looks like this"},
    {"next_steps", Keyword::kRule, "what to do about a detection"},
    {"example", Keyword::kRule, "events, and what they should give"},
    {"new", Keyword::kPattern, "values not seen before"},
    {"spike", Keyword::kPattern, "much more than in the past"},
    {"drop", Keyword::kPattern, "much less than in the past"},
    {"of", Keyword::kPattern, "the step that is measured"},
    {"with", Keyword::kPattern, "around each event of the step before"},
    {"then", Keyword::kPattern, "strictly after"},
    {"until", Keyword::kPattern, "an event that ends the sequence"},
    {"within", Keyword::kPattern, "a sliding window"},
    {"per", Keyword::kPattern, "windows side by side"},
    {"idle", Keyword::kPattern, "a session that ends in silence"},
    {"by", Keyword::kPattern, "the keys of groups"},
    {"learn", Keyword::kPattern, "how long `new` stays silent"},
    {"past", Keyword::kPattern, "how long the past is"},
    {"min", Keyword::kPattern, "the least that counts"},
    {"max", Keyword::kPattern, "the most there may be"},
    {"before", Keyword::kPattern, "the window ends at the event"},
    {"after", Keyword::kPattern, "the window begins at the event"},
    {"around", Keyword::kPattern, "the window lies on both sides"},
    {"half_open", Keyword::kPattern, "without its far end"},
    {"and", Keyword::kCondition, "both"},
    {"or", Keyword::kCondition, "one or both"},
    {"not", Keyword::kCondition, "the opposite; of null null"},
    {"in", Keyword::kCondition, "equal to one of"},
    {"like", Keyword::kCondition, "wildcards, letters as they are"},
    {"regex", Keyword::kCondition, "a regular expression of the whole value"},
    {"where", Keyword::kCondition, "begins a condition"},
    {"matches", Keyword::kCondition, "one row of a list fits"},
    {"true", Keyword::kCondition, "a value"},
    {"false", Keyword::kCondition, "a value"},
    {"null", Keyword::kCondition, "no value"},
    {"some", Keyword::kCondition, "of one element of an array"},
    {"every", Keyword::kCondition, "of all elements of an array"},
    {"any", Keyword::kOther, "every event"},
    {"alerts", Keyword::kOther, "detections read as events"},
    {"risks", Keyword::kOther, "points that other rules gave"},
    {"eql", Keyword::kOther, "a source written in EQL"},
    {"kql", Keyword::kOther, "a source written in KQL"},
    {"sigma", Keyword::kOther, "a source written as Sigma"},
    {"on", Keyword::kOther, "the field that is meant"},
    {"as", Keyword::kOther, "another name"},
    {"from", Keyword::kOther, "the file of a list"},
    {"columns", Keyword::kOther, "the columns of a list"},
    {"reload", Keyword::kOther, "how often a list may change"},
    {"expires", Keyword::kOther, "how long a row holds"},
    {"optional", Keyword::kOther, "the file may be missing"},
    {"cap", Keyword::kOther, "the most points"},
    {"each", Keyword::kOther, "groups that exist from the start"},
    {"offset", Keyword::kOther, "where windows begin"},
    {"needs", Keyword::kOther, "`needs approval`: a person decides"},
    {"approval", Keyword::kOther, "`needs approval`: a person decides"},
    {"if", Keyword::kOther, "only where a condition holds"},
    {"owner", Keyword::kOther, "who answers for an exception"},
    {"reason", Keyword::kOther, "why there is an exception"},
    {"ticket", Keyword::kOther, "where it was agreed"},
    {"never", Keyword::kOther, "an exception without end"},
    {"let", Keyword::kOther, "a record under a name"},
    {"at", Keyword::kOther, "an event at a time"},
    {"advance", Keyword::kOther, "moves the watermark"},
    {"expect", Keyword::kOther, "what was reported since the last one"},
    {"nothing", Keyword::kOther, "no detection"},
};

// In the order of Clause::Kind.
constexpr std::string_view kClauseWords[] = {
    "id",         "title",      "description", "status",   "version",
    "author",     "references", "tags",        "severity", "risk",
    "",           "detect",     "when",        "fire",     "suppress",
    "incident",   "message",    "show",        "respond",  "falsepositives",
    "next_steps", "except",     "example"};
static_assert(std::size(kClauseWords) == Clause::kExample + 1);

constexpr std::string_view kStepWords[] = {
    "any",  "alerts", "risks", "rule", "eql",  "kql",   "sigma",  "detector",
    "and",  "or",     "not",   "then", "with", "until", "within", "per",
    "idle", "by",     "where", "of",   "in",   "new",   "spike",  "drop"};

constexpr std::string_view kLevels[] = {"info", "low", "medium", "high",
                                        "critical"};
constexpr std::string_view kStatuses[] = {"stable", "test", "experimental",
                                          "deprecated"};
constexpr std::string_view kListTypes[] = {"string", "nocase",   "ip",
                                           "cidr",   "domain",   "number",
                                           "time",   "duration", "bool"};
static_assert(std::size(kListTypes) == static_cast<int>(ListType::kBool) + 1);

}  // namespace

std::span<const Keyword> Keywords() { return kKeywords; }

std::optional<Clause::Kind> ClauseOf(std::string_view word) {
  for (size_t i = 0; i < std::size(kClauseWords); ++i) {
    if (!word.empty() && kClauseWords[i] == word) {
      return static_cast<Clause::Kind>(i);
    }
  }
  return std::nullopt;
}

std::string_view WordOf(Clause::Kind kind) { return kClauseWords[kind]; }

bool BeginsItem(std::string_view word) {
  return std::any_of(
      std::begin(kKeywords), std::end(kKeywords), [&](const Keyword& keyword) {
        return keyword.place == Keyword::kFile && keyword.word == word;
      });
}

bool IsReservedForSteps(std::string_view word) {
  return std::find(std::begin(kStepWords), std::end(kStepWords), word) !=
         std::end(kStepWords);
}

std::span<const std::string_view> Levels() { return kLevels; }
std::span<const std::string_view> Statuses() { return kStatuses; }
std::span<const std::string_view> ListTypes() { return kListTypes; }

}  // namespace tocsin::toc
