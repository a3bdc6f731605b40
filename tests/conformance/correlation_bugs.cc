// Reports of faults in windows, thresholds, sequences, late events and state,
// entry by entry: bug_reports.tsv names the test of each, and this suite runs
// them or, where it is a plain test, makes sure that it is there.

#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/conformance/correlation_cases.h"
#include "tests/conformance/suite.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"

namespace tocsin::conformance {
namespace {

using std::string;
using std::string_view;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'767'225'600 * kSecond;  // 2026-01-01T00:00:00Z.

// --- Rules and streams
// --------------------------------------------------------

string SigmaRule(const string& name) {
  return absl::StrCat("\n---\ntitle: ", name, "\nname: ", name,
                      "\nlogsource: {product: example}\ndetection: {s: {kind: ",
                      name, "}, condition: s}\n");
}

CompileResult CompileRules(const string& rules) {
  Compiler compiler;
  if (rules.starts_with("title:")) {
    compiler.AddText(rules + SigmaRule("a") + SigmaRule("b") + SigmaRule("c"),
                     "rules.yml");
    return compiler.Compile();
  }
  string text = rules + "\n";
  for (const char* step : {"a", "b", "c", "d", "e", "f"}) {
    absl::StrAppend(&text, step, " = any where kind == \"", step, "\"\n");
  }
  compiler.AddText(text, "rules.toc");
  return compiler.Compile();
}

// "3" and "0.5" are numbers, "null" is null, all else is text.
string JsonValue(absl::string_view text) {
  double number = 0;
  if (text == "null" || absl::SimpleAtod(text, &number)) return string(text);
  return absl::StrCat("\"", text, "\"");
}

string JsonEvent(const std::vector<string>& words) {
  string json = absl::StrCat("{\"kind\":\"", words[1], "\"");
  for (size_t i = 2; i < words.size(); ++i) {
    const std::pair<string, string> field =
        absl::StrSplit(words[i], absl::MaxSplits('=', 1));
    std::vector<string> values;
    for (absl::string_view value : absl::StrSplit(field.second, ',')) {
      values.push_back(JsonValue(value));
    }
    absl::StrAppend(&json, ",\"", field.first, "\":");
    const string all = absl::StrJoin(values, ",");
    absl::StrAppend(&json, values.size() == 1 ? all : "[" + all + "]");
  }
  return json + "}";
}

int64_t Moment(const string& seconds) {
  return kStart + static_cast<int64_t>(std::stod(seconds) * 1000 + 0.5) *
                      (kSecond / 1000);
}

class Lines : public Sink {
 public:
  void OnDetection(const Detection&) override {}
  void OnIncident(const Incident& incident) override {
    if (incident.change() == IncidentChange::kClosed) return;
    const RuleInfo& rule = incident.rule();
    const int64_t millis = (incident.time().nanos() - kStart) / 1'000'000;
    string line = absl::StrCat(millis / 1000);
    if (millis % 1000 != 0) {
      line = absl::StrFormat("%d.%03d", millis / 1000, millis % 1000);
      while (line.ends_with('0')) line.pop_back();
    }
    absl::StrAppend(&line, " ", rule.name.empty() ? rule.title : rule.name);
    for (const IncidentKey& key : incident.keys()) {
      absl::StrAppend(&line, " ", key.name, "=", key.value);
    }
    if (incident.revised()) line += " revised";
    if (!incident.exact()) line += " inexact";
    lines.push_back(line);
    ids.emplace_back(incident.id());
  }

  std::vector<string> lines;
  std::vector<string> ids;
};

void FeedAll(absl::string_view events, Engine* engine, Lines* lines) {
  for (absl::string_view each : absl::StrSplit(events, "; ")) {
    const std::vector<string> words = absl::StrSplit(each, ' ');
    if (words[0] == "advance") {
      engine->AdvanceTo(Timestamp(Moment(words[1])));
      lines->lines.emplace_back("|");
      continue;
    }
    const string json = JsonEvent(words);
    Event event = Event::Json(json);
    engine->Feed(event.set_time(Timestamp(Moment(words[0]))));
  }
}

bool Holds(const CorrelationCase& test, string* why) {
  const CompileResult compiled = CompileRules(string(test.rules));
  if (!compiled.ok()) {
    for (const Diagnostic& d : compiled.diagnostics)
      *why += RenderDiagnostic(d);
    return false;
  }
  Lines fired;
  Engine engine(compiled.rules, fired,
                {.routing = false, .lateness = test.lateness});
  FeedAll({test.events.data(), test.events.size()}, &engine, &fired);
  const string found = absl::StrJoin(fired.lines, "; ");
  if (found == test.fired && engine.stats().late == test.late) return true;
  *why = absl::StrCat("  ", string(test.rules), "\n  on ", string(test.events),
                      "\n  wants `", string(test.fired), "`, ", test.late,
                      " late\n  found `", found, "`, ", engine.stats().late,
                      " late\n");
  return false;
}

// --- Checks that are no stream
// -------------------------------------------------

// Times that are a field of its own, in one unit, for all kinds of rules.
bool AllRulesReadOneTime() {
  const CompileResult compiled = CompileRules(
      "rule threshold { when a >= 2 within 10s }\n"
      "rule sequence { when a then b within 10s }\n"
      "rule first { when new (user) of a learn 1s within 10s }\n");
  Lines fired;
  Engine engine(compiled.rules, fired,
                {.routing = false,
                 .time_field = "ts",
                 .time_format = TimeFormat::kEpochMillis});
  for (const char* json : {R"({"kind":"a","user":"kim","ts":1000})",
                           R"({"kind":"a","user":"lee","ts":11000})",
                           R"({"kind":"b","ts":21001})"}) {
    engine.Feed(Event::Json(json));
  }
  std::set<string> rules;
  for (const string& line : fired.lines) {
    rules.insert(line.substr(line.find(' ') + 1));
  }
  return rules == std::set<string>{"first", "threshold"};
}

// One stream, and its parts by key on eight threads over one rule set.
bool ThreadsFindWhatOneThreadFinds() {
  constexpr int kPairs = 10'000;
  constexpr int kThreads = 8;
  const CompileResult compiled =
      CompileRules("rule r { when a >= 2 within 180s by src, dst }");
  std::vector<string> events;
  for (int i = 0; i < 3 * kPairs; ++i) {
    const int pair = i % kPairs;
    events.push_back(absl::StrCat(R"({"kind":"a","src":"s)", pair % 100,
                                  R"(","dst":"d)", pair / 100, "\"}"));
  }
  const auto play = [&](int part, int parts, Lines* fired) {
    Engine engine(compiled.rules, *fired, {.routing = false});
    for (size_t i = 0; i < events.size(); ++i) {
      if (static_cast<int>(i) % kPairs % parts != part) continue;
      Event event = Event::Json(events[i]);
      engine.Feed(event.set_time(
          Timestamp(kStart + static_cast<int64_t>(i) * (kSecond / 1000))));
    }
  };
  Lines alone;
  play(0, 1, &alone);
  std::vector<Lines> shares(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back(play, i, kThreads, &shares[static_cast<size_t>(i)]);
  }
  std::vector<string> together;
  for (int i = 0; i < kThreads; ++i) {
    const auto at = static_cast<size_t>(i);
    threads[at].join();
    together.insert(together.end(), shares[at].ids.begin(),
                    shares[at].ids.end());
  }
  std::sort(alone.ids.begin(), alone.ids.end());
  std::sort(together.begin(), together.end());
  return alone.ids.size() == kPairs && alone.ids == together;
}

bool AMissingReferenceIsNamedWithItsPlace() {
  const CompileResult compiled = CompileRules(
      "title: r\n"
      "correlation:\n"
      "  type: event_count\n"
      "  rules: [no-such-rule]\n"
      "  timespan: 1m\n"
      "  condition: {gte: 2}\n");
  return std::any_of(compiled.diagnostics.begin(), compiled.diagnostics.end(),
                     [](const Diagnostic& d) {
                       return d.severity == Severity::kError &&
                              d.path == "rules.yml" && d.line == 4 &&
                              d.message.find("no-such-rule") != string::npos;
                     });
}

// What cannot be read is refused with a reason, and the rules that run stay as
// they are: a rule set is not changed by compiling another.
bool AListThatCannotBeReadStopsNothing() {
  const CompileResult running =
      CompileRules("rule r { when a >= 2 within 1m }");
  Lines fired;
  Engine engine(running.rules, fired, {.routing = false});
  FeedAll("0 a", &engine, &fired);
  const CompileResult reloaded = CompileRules(
      "list bad from \"no_such_file.txt\"\n"
      "rule r { x = any where ip in bad when x >= 2 within 1m }");
  FeedAll("1 a", &engine, &fired);
  return !reloaded.ok() && reloaded.rules_loaded == 0 &&
         fired.lines == std::vector<string>{"1 r"};
}

size_t BytesInUse() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// Whether `round`, again and again, takes no more memory than at first.
bool StaysFlat(int rounds, const std::function<void(int)>& round) {
  constexpr size_t kSlack = size_t{256} << 10;
  const int warm = std::max(1, rounds / 4);
  for (int i = 0; i < warm; ++i) round(i);
  const size_t before = BytesInUse();
  for (int i = warm; i < rounds; ++i) round(i);
  return BytesInUse() <= before + kSlack;
}

// One key, an event a second, and windows of a month: what is kept is what the
// rule asks for, not what lies in the window.
bool LongWindowsKeepNoEvents() {
  const CompileResult compiled = CompileRules(
      "rule count { when a >= 5 within 30d fire reset }\n"
      "rule chain { when a >= 3 then b within 30d }\n"
      "rule absent { when a then not a2 within 12h }\n"
      "a2 = any where kind == \"a\"\n");
  Lines fired;
  Engine engine(compiled.rules, fired, {.routing = false});
  const string json = R"({"kind":"a"})";
  int64_t second = 0;
  return StaysFlat(40, [&](int) {
    for (int i = 0; i < 25'000; ++i) {
      Event event = Event::Json(json);
      engine.Feed(event.set_time(Timestamp(kStart + ++second * kSecond)));
    }
    fired.lines.clear();
    fired.ids.clear();
  });
}

// Keys that fall silent are forgotten when their windows have passed, whatever
// the pattern, and a month of new keys takes no more memory than its days.
bool SilentKeysAreForgotten() {
  const CompileResult compiled = CompileRules(
      "rule count { when a >= 3 within 10m by user }\n"
      "rule chain { when a then b within 10m by user }\n"
      "rule absent { when a then not b within 10m by user }\n"
      "rule values { when distinct(ip) of a >= 3 within 10m by user }\n"
      "rule both { when a and b within 10m by user }\n"
      "rule open { when a and not b within 10m by user }\n"
      "rule fixed { when a >= 3 per 10m by user }\n"
      "rule idle { when a >= 3 idle 10m by user }\n");
  Lines fired;
  Engine engine(compiled.rules, fired, {.routing = false});
  int64_t minute = 0;
  int64_t most = 0;
  const bool flat = StaysFlat(30, [&](int) {
    for (int i = 0; i < 24 * 60; ++i) {
      const string json = absl::StrCat(
          R"({"kind":"a","ip":"192.0.2.1","user":"u)", ++minute, "\"}");
      Event event = Event::Json(json);
      engine.Feed(event.set_time(Timestamp(kStart + minute * 60 * kSecond)));
    }
    fired.lines.clear();
    fired.ids.clear();
    for (const CorrelationStats& stats : engine.correlation_stats()) {
      most = std::max(most, stats.groups);
    }
  });
  engine.AdvanceTo(Timestamp(kStart + (minute + 60) * 60 * kSecond));
  int64_t left = 0;
  for (const CorrelationStats& stats : engine.correlation_stats()) {
    left += stats.groups;
  }
  if (!flat || most > 64 || left > 0) {
    std::printf("flat %d, most %ld, left %ld\n", flat, most, left);
  }
  return flat && most <= 64 && left == 0;
}

bool ReloadsLeakNothing() {
  string rules;
  for (int i = 0; i < 500; ++i) {
    absl::StrAppend(&rules, "rule r", i, " { x = any where n == ", i,
                    " and search(t, \"a[0-9]+", i,
                    "\") when x >= 3 within 5m by user }\n");
  }
  return StaysFlat(12, [&](int) {
    const CompileResult compiled = CompileRules(rules);
    Lines fired;
    Engine engine(compiled.rules, fired, {.routing = false});
    FeedAll("0 a n=7 t=a17 user=kim", &engine, &fired);
  });
}

bool IdsHaveOneLengthAndAreStable() {
  const string user(400, 'k');
  std::set<string> ids;
  for (int i = 0; i < 2; ++i) {
    const CompileResult compiled =
        CompileRules("rule r { when a >= 1 within 1m by user }");
    Lines fired;
    Engine engine(compiled.rules, fired, {.routing = false});
    FeedAll(absl::StrCat("0 a user=", user), &engine, &fired);
    if (fired.ids.size() != 1 || fired.ids[0].size() != 32) return false;
    ids.insert(fired.ids[0]);
  }
  return ids.size() == 1;
}

// "No quiet time" is said by another policy, never by a zero that means more.
bool AThrottleOfNothingIsNoHiddenDefault() {
  const CompileResult compiled =
      CompileRules("rule r { when a >= 1 within 1m fire throttle 0s }");
  if (!compiled.ok()) return true;
  Lines fired;
  Engine engine(compiled.rules, fired, {.routing = false});
  FeedAll("0 a; 1 a; 2 a", &engine, &fired);
  return fired.lines.size() == 3;
}

// Two events, a restart, two events: together they are four. The host's place
// in its input comes back with the state.
bool ARestartSplitsNothing() {
  const CompileResult compiled =
      CompileRules("rule r { when a >= 4 within 1m }");
  Lines fired;
  string bytes;
  {
    Engine before(compiled.rules, fired, {.routing = false});
    FeedAll("0 a; 10 a", &before, &fired);
    before.SaveTo(&bytes, "offset 2");
  }
  Engine after(compiled.rules, fired, {.routing = false});
  const absl::StatusOr<LoadReport> report = after.LoadFrom(bytes);
  if (!report.ok() || report->note != "offset 2") return false;
  FeedAll("20 a; 30 a", &after, &fired);
  return fired.lines == std::vector<string>{"30 r"};
}

// Rules that are the same go on over a reload, and counters never go back.
bool AReloadKeepsWhatHasNotChanged() {
  const string rule = "rule r { when a >= 3 within 1m }\n";
  const CompileResult first =
      CompileRules(rule + "rule other { when b >= 3 within 1m }");
  const CompileResult second =
      CompileRules(rule + "rule other { when b >= 2 within 1m }");
  Lines fired;
  Engine engine(first.rules, fired, {.routing = false});
  FeedAll("0 a; 1 b; 10 a; 11 b", &engine, &fired);
  const EngineStats before = engine.stats();
  const int64_t events = engine.correlation_stats()[0].events;
  const absl::StatusOr<LoadReport> report = engine.Reload(second.rules);
  if (!report.ok()) return false;
  const bool same = engine.stats().events == before.events &&
                    engine.correlation_stats()[0].events == events;
  FeedAll("20 b; 21 a", &engine, &fired);
  return same && report->kept == std::vector<string>{"r"} &&
         report->changed == std::vector<string>{"other"} &&
         engine.stats().events == before.events + 2 &&
         fired.lines == std::vector<string>{"21 r"};
}

struct Check {
  string_view report;
  bool (*holds)();
};

constexpr Check kChecks[] = {
    {"B007", AllRulesReadOneTime},
    {"B027", ThreadsFindWhatOneThreadFinds},
    {"B035", AMissingReferenceIsNamedWithItsPlace},
    {"B117", ARestartSplitsNothing},
    {"B119", ARestartSplitsNothing},
    {"B121", AReloadKeepsWhatHasNotChanged},
    {"B122", AReloadKeepsWhatHasNotChanged},
    {"B123", AListThatCannotBeReadStopsNothing},
    {"B125", LongWindowsKeepNoEvents},
    {"B126", ReloadsLeakNothing},
    {"B140", IdsHaveOneLengthAndAreStable},
    {"B141", AThrottleOfNothingIsNoHiddenDefault},
    {"C7", SilentKeysAreForgotten},
    {"C9", SilentKeysAreForgotten},
    {"C10", ThreadsFindWhatOneThreadFinds},
    {"C13", SilentKeysAreForgotten},
    {"C24", LongWindowsKeepNoEvents},
    {"C25", LongWindowsKeepNoEvents},
    {"C26", SilentKeysAreForgotten},
};

// --- The table
// -------------------------------------------------------------------

string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// "Suite.Test" for all tests of the project.
std::set<string> AllTests() {
  std::set<string> tests;
  const std::filesystem::path root = string(TOCSIN_SOURCE_DIR) + "/tests";
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".cc") continue;
    const string text = ReadText(entry.path());
    for (size_t at = text.find("\nTEST"); at != string::npos;
         at = text.find("\nTEST", at + 1)) {
      const size_t open = text.find('(', at);
      const size_t close = text.find(')', at);
      if (open == string::npos || close == string::npos) break;
      std::vector<string> names;
      for (absl::string_view name :
           absl::StrSplit(text.substr(open + 1, close - open - 1), ',')) {
        names.emplace_back(absl::StripAsciiWhitespace(name));
      }
      if (names.size() == 2) tests.insert(names[0] + "." + names[1]);
    }
  }
  return tests;
}

}  // namespace

Score CorrelationBugs() {
  std::map<string, bool> cases;
  for (const CorrelationCase& test : CorrelationCases()) {
    string why;
    const bool holds = Holds(test, &why);
    if (!holds) {
      std::printf("%s:\n%s", string(test.report).c_str(), why.c_str());
    }
    const auto [entry, is_new] = cases.emplace(string(test.report), true);
    entry->second = entry->second && holds;
  }
  std::map<bool (*)(), bool> results;
  std::map<string, bool> checks;
  for (const Check& check : kChecks) {
    if (!results.contains(check.holds)) results[check.holds] = check.holds();
    checks[string(check.report)] = results[check.holds];
  }
  const std::map<string, bool> others = PublicBugResults();
  const std::set<string> tests = AllTests();

  Score score;
  std::ifstream table(string(TOCSIN_SOURCE_DIR) +
                      "/tests/conformance/bug_reports.tsv");
  const auto passes = [](const std::map<string, bool>& of, const string& id) {
    const auto found = of.find(id);
    return found != of.end() && found->second;
  };
  std::set<string> listed;
  for (string line; std::getline(table, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<string> columns = absl::StrSplit(line, '\t');
    ++score.total;
    bool fine = columns.size() == 3 && listed.insert(columns[0]).second;
    if (fine) {
      for (const string& test :
           std::vector<string>(absl::StrSplit(columns[2], ", "))) {
        const bool one = test == "case"          ? passes(cases, columns[0])
                         : test == "check"       ? passes(checks, columns[0])
                         : test == "public-bugs" ? passes(others, columns[0])
                                                 : tests.contains(test);
        if (!one) std::printf("%s: %s\n", columns[0].c_str(), test.c_str());
        fine = fine && one;
      }
    }
    if (fine) ++score.passed;
  }
  for (const std::map<string, bool>* all : {&cases, &checks}) {
    for (const auto& [report, holds] : *all) {
      if (listed.contains(report)) continue;
      ++score.total;
      std::printf("%s is not in bug_reports.tsv\n", report.c_str());
    }
  }
  score.note = "reports on windows, thresholds, sequences, late events, state";
  return score;
}

}  // namespace tocsin::conformance
