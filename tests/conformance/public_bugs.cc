// Public bug reports of detection engines, as data: the smallest input that
// shows each fault, and the right answer. The ids are those of the collection
// that the reports were retold in; each stands for a kind of fault.

#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/conformance/shared_data.h"
#include "tests/conformance/suite.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/event_reader.h"

namespace tocsin::conformance {
namespace {

using std::string;
using std::string_view;

// A detection (YAML, indented by two) on one event.
struct MatchCase {
  string_view bug;
  string_view detection;
  string_view event;
  bool matches;
};

// A rule's text and a part of the error that refuses it.
struct RefusalCase {
  string_view bug;
  string_view text;
  string_view message;
};

// A field's value as time, and the right moment; "" for none.
struct TimeCase {
  string_view bug;
  string_view event;
  EngineOptions options;
  string_view time;
  bool zone_assumed = false;
};

// Input bytes, and how many events and errors they hold.
struct InputCase {
  string_view bug;
  string input;
  int events;
  int errors;
  int skipped;
};

const MatchCase kMatchCases[] = {
    {"B039", "sel: {host.name: n1}",
     R"({"host.hostname":"h1","host.name":"n1"})", true},
    {"B039", "sel: {host.name: n1}",
     R"({"host":{"hostname":"h1","name":"n1"}})", true},
    {"B041", "sel: {aws.cloudtrail.eventName: x}",
     R"({"aws.cloudtrail.eventName":"x"})", true},
    {"B041", "sel: {aws.cloudtrail.eventName: x}",
     R"({"aws_cloudtrail_eventName":"x"})", false},
    {"B042", "sel: {event.type: admin}", R"({"event.type":["admin","change"]})",
     true},
    {"B042", "sel: {event.type: 'admin, change'}",
     R"({"event.type":["admin","change"]})", false},
    {"B044", "sel: {args|contains: -enc}", R"({"args":["-enc"]})", true},
    {"B046", "sel: {Data|contains: ntds.dit}",
     R"({"Data":["lsass","712","C:\\Temp\\ntds.dit"]})", true},
    {"B047", "sel: {FailureReason: '%%1539'}",
     R"({"Event":{"System":{"EventID":1,"Channel":"Security"},"EventData":{"FailureReason":"%%1539\r\n\t\t"}}})",
     true},
    {"B047", "sel: {FailureReason: '%%1539'}",
     R"({"FailureReason":"%%1539\r\n\t\t"})", false},
    {"B048", "sel: {Image: a}", R"({"Image":"a","image":"b"})", true},
    {"B048", "sel: {Image: b}", R"({"Image":"a","image":"b"})", false},
    {"B049", R"(sel: {CommandLine|contains: '\Desktop\'})",
     R"({"CommandLine":"C:\\Users\\kim\\Desktop\\a.exe"})", true},
    {"B050", R"(sel: {Image|contains: ':\Users\All Users\'})",
     R"({"Image":"C:\\Users\\All Users\\x.exe"})", true},
    {"B050", R"(sel: {Image|contains: ':\Users\All Users\'})",
     R"({"Image":"C:\\Users\\All Users"})", false},
    {"B051", R"(sel: {Image: 'C:\Windows\*.exe'})",
     R"({"Image":"C:\\Windows\\a.exe"})", false},
    {"B051", R"(sel: {Image: 'C:\Windows\\*.exe'})",
     R"({"Image":"C:\\Windows\\a.exe"})", true},
    {"B059", R"(sel: {Image|endswith: '\ПРОГРАММА.EXE'})",
     R"({"Image":"c:\\программа.exe"})", true},
    {"B059", R"(sel: {Image|endswith|cased: '\ПРОГРАММА.EXE'})",
     R"({"Image":"c:\\программа.exe"})", false},
    {"B060", "sel: {v: i}", "{\"v\":\"\xC4\xB0\"}", false},
    {"B060", "sel: {v: kill}", "{\"v\":\"\xE2\x84\xAAill\"}", true},
    {"B061", "sel: {CommandLine|cased|contains: CMD.EXE}",
     R"({"CommandLine":"x CMD.EXE y"})", true},
    {"B061", "sel: {CommandLine|cased|contains: CMD.EXE}",
     R"({"CommandLine":"x cmd.exe y"})", false},
    {"B063", "sel: {a: x}\n  filter: {b: y}\n  condition: sel or not filter",
     R"({"c":1})", true},
    {"B065", "sel: {v|startswith: ab}", R"({"v":"abc"})", true},
    {"B065", "sel: {v|startswith: ab}", R"({"v":"a"})", false},
    {"B065", "sel: {v|re: abc}", R"({"v":"ABC"})", false},
    {"B065", "sel: {v|re|i: abc}", R"({"v":"ABC"})", true},
    {"B066", "sel: {LogonId: null}", R"({"x":1})", true},
    {"B066", "sel: {LogonId: null}", R"({"LogonId":"null"})", false},
    {"B067", "sel: {id.orig_h: 192.0.2.1}\n  condition: not sel", R"({"x":1})",
     true},
    {"B070", "sel: {k8s.pod.name|exists: true}", R"({"k8s.pod.name":null})",
     true},
    {"B070", "sel: {k8s.pod.name|exists: true}", R"({})", false},
    {"B070", "sel: {k8s.pod.name: null}", R"({"k8s.pod.name":null})", true},
    {"B070", "sel: {k8s.pod.name: null}", R"({})", true},
    {"B071",
     "s1: {a: 1}\n  s2: {b: 1}\n  f: {c: 1}\n  condition: s1 or s2 and not f",
     R"({"a":1,"b":0,"c":1})", true},
    {"B075", "sel_a_main: {a: 1}\n  sel_b: {b: 1}\n  condition: 1 of sel*main",
     R"({"a":1})", true},
    {"B075", "sel_a_main: {a: 1}\n  sel_b: {b: 1}\n  condition: 1 of sel*main",
     R"({"b":1})", false},
    {"B076", "sel: {EventID: 7045}", R"({"EventID":"7045"})", true},
    {"B076", "sel: {EventID: 7045}", R"({"EventID":7045})", true},
    {"B076", "sel: {EventID: 7045}", R"({"EventID":"7045 "})", false},
    {"B078", "sel: {amount|gte: 10}", R"({"amount":"9"})", false},
    {"B078", "sel: {amount|gte: 10}", R"({"amount":"10"})", true},
    {"B078", "sel: {amount|gte: 10}", R"({"amount":"abc"})", false},
    {"B078", "sel: {amount|gte: 10}", R"({"amount":9.5})", false},
    {"B079", "sel: {id: 9007199254740993}", R"({"id":9007199254740993})", true},
    {"B079", "sel: {id: 9007199254740992}", R"({"id":9007199254740993})",
     false},
    {"B081", "sel: {code: 0123}", R"({"code":"0123"})", true},
    {"B081", "sel: {code: 08}", R"({"code":"08"})", true},
    {"B081", "sel: {code: 0123}", R"({"code":83})", false},
    {"B082", "sel: {ip|cidr: '2001:db8::/64'}", R"({"ip":"2001:db8::1234"})",
     true},
    {"B082", "sel: {ip|cidr: '2001:db8::/64'}", R"({"ip":"2001:db8:1::1"})",
     false},
    {"B088", "sel: {on: a, off: b, y: c}", R"({"on":"a","off":"b","y":"c"})",
     true},
    {"B088", "sel: {on: a, off: b, y: c}", R"({"on":"a","off":"b","y":"d"})",
     false},
    // From trackers of Sigma engines.
    {"S3", "sel: {CommandLine|base64offset|contains: 'IEX ('}",
     R"({"CommandLine":"x SUVYIC y"})", true},
    {"S3", "sel: {CommandLine|base64offset|contains: 'IEX ('}",
     R"({"CommandLine":"x lFWCAo y"})", true},
    {"S3", "sel: {CommandLine|base64offset|contains: 'IEX ('}",
     R"({"CommandLine":"x JRVggK y"})", true},
    {"S3", "sel: {CommandLine|base64offset|contains: 'IEX ('}",
     R"({"CommandLine":"x IEX ( y"})", false},
    {"S4", "sel: {F: null}", R"({})", true},
    {"S4", "sel: {F: null}", R"({"F":""})", false},
    {"S4", "sel: {F: ''}", R"({})", false},
    {"S4", "sel: {F: ''}", R"({"F":""})", true},
    {"S5", "sel: {a: 1}\n  nul: {LogonId: null}\n  condition: sel and not nul",
     R"({"a":1})", false},
    {"S6", "keywords: [first, second]\n  condition: keywords",
     R"({"x":"a second b"})", true},
    {"S7", "sel: {Channel: 'Sec?rity'}", R"({"Channel":"MySec1rityLog"})",
     false},
    {"S7", "sel: {Channel: 'Sec?rity'}", R"({"Channel":"Sec1rity"})", true},
    {"S7", "sel: {user: 'net*user'}", R"({"user":"mynetXuserZ"})", false},
    {"S16", "a: {a: 1}\n  b: {b: 1}\n  c: {c: 1}\n  condition: a or b and c",
     R"({"a":1})", true},
    {"S17", "keywords: [first, second]\n  condition: all of keywords",
     R"({"x":"first"})", true},
    {"S17", "sel: {'|all': [first, second]}", R"({"x":"first"})", false},
    {"S17", "sel: {'|all': [first, second]}", R"({"x":"first","y":"second"})",
     true},
    {"S18", "sel: {c|contains|all|windash: [' -a', ' -b']}",
     R"({"c":"x /a -b"})", true},
    {"S18", "sel: {c|contains|all|windash: [' -a', ' -b']}",
     R"({"c":"x /a -a"})", false},
};

const RefusalCase kRefusalCases[] = {
    {"B074", "sel: {EventID: []}", "EventID"},
    {"B092", "sel:\n    CommandLine|contains: a\n    CommandLine|contains: b",
     "CommandLine|contains"},
    {"S19", "sel:\n    - null\n    - {a: 1}", "null"},
    {"B096", "sel: {v|re: '(?=x)y'}", "regular expression"},
    {"B096", R"(sel: {v|re: '(a)\1'})", "regular expression"},
};

const TimeCase kTimeCases[] = {
    {"B004", R"({"ts":1768472430})", {}, "2026-01-15T10:20:30Z"},
    {"B004", R"({"ts":1768472430123})", {}, "2026-01-15T10:20:30.123Z"},
    {"B004", R"({"ts":1768472430123456})", {}, "2026-01-15T10:20:30.123456Z"},
    {"B004",
     R"({"ts":1768472430123456789})",
     {},
     "2026-01-15T10:20:30.123456789Z"},
    {"B004", R"({"ts":"1768472430.5"})", {}, "2026-01-15T10:20:30.500Z"},
    {"B005",
     R"({"when":0})",
     {.time_field = "when", .time_format = TimeFormat::kEpochNanos},
     "1970-01-01T00:00:00Z"},
    {"B006",
     R"({"@timestamp":"2026-01-15T10:20:30.000"})",
     {.assumed_zone = absl::Hours(8)},
     "2026-01-15T02:20:30Z",
     true},
    {"B006",
     R"({"@timestamp":"2026-01-15T10:20:30.000"})",
     {},
     "2026-01-15T10:20:30Z",
     true},
    {"B007",
     R"({"ts":1000,"@timestamp":"2026-01-15T10:20:30Z"})",
     {.time_field = "ts", .time_format = TimeFormat::kEpochMillis},
     "1970-01-01T00:00:01Z"},
    {"B008",
     R"({"eventTime":"2026-01-15T10:20:30Z"})",
     {},
     "2026-01-15T10:20:30Z"},
    {"B010",
     R"({"@timestamp":"2038-01-19T03:14:09Z"})",
     {},
     "2038-01-19T03:14:09Z"},
};

std::vector<InputCase> InputCases() {
  return {
      {"B110", "{\"n\":4,\"bad\":\"\xff latin1 \xe9\"}\n", 1, 0, 0},
      {"B112", "{\"a\":1}\n{\"b\":\"no end\n{\"c\":3}\n", 2, 1, 0},
      {"B113",
       "{\"a\":" + string(2000, '[') + string(2000, ']') + "}\n{\"b\":1}\n", 1,
       1, 0},
  };
}

string RuleText(string_view detection) {
  string text =
      "title: t\nid: 11111111-1111-4111-8111-111111111111\n"
      "logsource: {product: test}\ndetection:\n  ";
  text += detection;
  if (detection.find("condition:") == string_view::npos) {
    text += "\n  condition: sel";
  }
  return text + "\n";
}

CompileResult CompileText(string_view text) {
  Compiler compiler;
  compiler.AddText(text, "rule.yml");
  return compiler.Compile();
}

void Complain(string_view bug, const string& what) {
  std::printf("%s: %s\n", string(bug).c_str(), what.c_str());
}

// Feeds all of `input`; counts events that were well-formed and errors.
EventReaderStats ReadAll(string_view input, Engine* engine, int* events,
                         int* errors) {
  EventReader reader(FromBytes(input));
  while (true) {
    const EventReader::Step step = reader.Next();
    if (step == EventReader::kEnd) break;
    if (step == EventReader::kError) {
      ++*errors;
    } else if (engine->Feed(Event::Json(reader.event().json)).ok()) {
      ++*events;
    } else {
      ++*errors;
    }
  }
  return reader.stats();
}

bool Holds(const MatchCase& test) {
  const CompileResult compiled = CompileText(RuleText(test.detection));
  if (compiled.rules_loaded != 1) {
    for (const Diagnostic& d : compiled.diagnostics) {
      std::printf("%s", RenderDiagnostic(d).c_str());
    }
    return false;
  }
  CallbackSink sink([](const Detection&) {});
  Engine engine(compiled.rules, sink, {.routing = false});
  const FeedResult fed = engine.Feed(Event::Json(test.event));
  return fed.ok() && (fed.detections == 1) == test.matches;
}

bool Holds(const RefusalCase& test) {
  const CompileResult compiled = CompileText(RuleText(test.text));
  if (compiled.rules_loaded != 0) return false;
  for (const Diagnostic& d : compiled.diagnostics) {
    if (d.severity == Severity::kError && d.line > 0 &&
        (d.message + d.help).find(test.message) != string::npos) {
      return true;
    }
  }
  return false;
}

bool Holds(const TimeCase& test) {
  const CompileResult compiled = CompileText(RuleText("sel: {nothing: null}"));
  string time;
  CallbackSink sink([&](const Detection& detection) {
    if (detection.time_source() == TimeSource::kField) {
      time = FormatTimestamp(detection.time());
    }
  });
  EngineOptions options = test.options;
  options.routing = false;
  Engine engine(compiled.rules, sink, options);
  engine.Feed(Event::Json(test.event));
  return time == test.time &&
         (engine.stats().zone_assumed == 1) == test.zone_assumed;
}

bool Holds(const InputCase& test) {
  const CompileResult compiled = CompileText(RuleText("sel: {n: 4}"));
  CallbackSink sink([](const Detection&) {});
  Engine engine(compiled.rules, sink, {.routing = false});
  int events = 0;
  int errors = 0;
  const EventReaderStats stats = ReadAll(test.input, &engine, &events, &errors);
  return events == test.events && errors == test.errors &&
         stats.skipped == test.skipped;
}

// A sample file of the shared data: counts of events and skipped documents.
bool SampleHolds(const string& name, int events, int skipped) {
  auto source = OpenFile(SharedFolder() + "/samples/" + name);
  if (!source.ok()) return false;
  EventReader reader(std::move(*source));
  int seen = 0;
  while (true) {
    const EventReader::Step step = reader.Next();
    if (step == EventReader::kEnd) break;
    if (step == EventReader::kError) return false;
    ++seen;
  }
  return seen == events && reader.stats().skipped == skipped;
}

// One detection as NDJSON.
string DetectionLine(string_view detection, string_view event) {
  const CompileResult compiled = CompileText(RuleText(detection));
  string line;
  CallbackSink sink(
      [&](const Detection& found) { AppendDetectionJson(found, &line); });
  Engine engine(compiled.rules, sink, {.routing = false});
  engine.Feed(Event::Json(event));
  return line;
}

bool AliasBombIsRefused() {
  string text = "a0: &a0 [x, x]\n";
  for (int i = 1; i <= 21; ++i) {
    const string last = "a" + std::to_string(i - 1);
    const string name = "a" + std::to_string(i);
    text += name + ": &" + name + " [*" + last + ", *" + last + "]\n";
  }
  const CompileResult compiled = CompileText(text);
  return compiled.refused == 1 && !compiled.diagnostics.empty() &&
         compiled.diagnostics[0].message.find("alias") != string::npos;
}

bool FilterAppliesNotOneOf() {
  Compiler compiler;
  compiler.AddText(
      "title: t\nid: 11111111-1111-4111-8111-111111111111\n"
      "logsource: {product: test}\n"
      "detection:\n  sel: {a: 1}\n  condition: sel\n",
      "rule.yml");
  compiler.AddText(
      "title: f\nlogsource: {product: test}\nfilter:\n"
      "  rules: [11111111-1111-4111-8111-111111111111]\n"
      "  sel_user: {user: svc}\n  condition: not 1 of sel_*\n",
      "filter.yml");
  const CompileResult compiled = compiler.Compile();
  CallbackSink sink([](const Detection&) {});
  Engine engine(compiled.rules, sink, {.routing = false});
  return engine.Feed(Event::Json(R"({"a":1,"user":"svc"})")).detections == 0 &&
         engine.Feed(Event::Json(R"({"a":1,"user":"kim"})")).detections == 1;
}

bool MappingAppliesToNull() {
  Compiler compiler;
  compiler.AddText(RuleText("sel: {EventID: 13}\n  f: {Details: null}\n"
                            "  condition: sel and not f"),
                   "rule.yml");
  compiler.AddPipelineText(
      "name: p\npriority: 1\ntransformations:\n"
      "  - id: m\n    type: field_name_mapping\n"
      "    mapping: {Details: registry.value}\n"
      "    rule_conditions:\n"
      "      - type: contains_detection_item\n"
      "        field: EventID\n        value: 13\n",
      "pipeline.yml");
  const CompileResult compiled = compiler.Compile();
  CallbackSink sink([](const Detection&) {});
  Engine engine(compiled.rules, sink, {.routing = false});
  return engine.Feed(Event::Json(R"({"EventID":13,"registry.value":"x"})"))
                 .detections == 1 &&
         engine.Feed(Event::Json(R"({"EventID":13,"Details":"x"})"))
                 .detections == 0;
}

bool RequireFieldsMakesNotFalse() {
  const CompileResult compiled = CompileText(
      RuleText("sel: {id.orig_h: 192.0.2.1}\n  condition: not sel"));
  CallbackSink sink([](const Detection&) {});
  Engine engine(compiled.rules, sink,
                {.routing = false, .require_fields = true});
  return engine.Feed(Event::Json(R"({"x":1})")).detections == 0 &&
         engine.Feed(Event::Json(R"({"id.orig_h":"192.0.2.2"})")).detections ==
             1;
}

bool UnknownPipelineKeyIsNamed() {
  Compiler compiler;
  compiler.AddText(RuleText("sel: {a: 1}"), "rule.yml");
  compiler.AddPipelineText(
      "name: p\npriority: 1\ntransformations:\n"
      "  - id: m\n    type: field_name_mapping\n    maping: {a: b}\n",
      "pipeline.yml");
  for (const Diagnostic& d : compiler.Compile().diagnostics) {
    if (d.severity == Severity::kError &&
        d.message.find("`maping`") != string::npos &&
        d.help.find("`mapping`") != string::npos) {
      return true;
    }
  }
  return false;
}

struct NamedCheck {
  string_view bug;
  std::function<bool()> holds;
  bool needs_data = false;
};

std::vector<NamedCheck> NamedChecks() {
  return {
      {"B067", RequireFieldsMakesNotFalse},
      {"B069", MappingAppliesToNull},
      {"B073", FilterAppliesNotOneOf},
      {"B079",
       [] {
         return DetectionLine("sel: {id: 9007199254740993}",
                              R"({"id":9007199254740993})")
                    .find("9007199254740993") != string::npos;
       }},
      {"B090", AliasBombIsRefused},
      {"B093", UnknownPipelineKeyIsNamed},
      {"B098",
       [] { return SampleHolds("cloudwatch_logs_concatenated.json", 6, 1); },
       true},
      {"B104", [] { return SampleHolds("cloudtrail_digest.json", 0, 1); },
       true},
      {"B105", [] { return SampleHolds("cloudtrail_records.json.gz", 7, 0); },
       true},
      {"B115",
       [] {
         return DetectionLine("sel: {c|contains: needle}",
                              "{\"c\":\"" + string(8990, 'x') + "needle" +
                                  string(10, 'y') + "\"}") != "";
       }},
      {"B116",
       [] {
         return DetectionLine("sel: {m|contains: a}", R"({"m":"a\nb\"c"})")
                    .find(R"("a\nb\"c")") != string::npos;
       }},
      {"B149",
       [] {
         return DetectionLine(R"(sel: {v|re: '^(\w+\s?)*$'})",
                              "{\"v\":\"" + string(128, 'a') + "!\"}") == "";
       }},
  };
}

}  // namespace

std::map<string, bool> PublicBugResults() {
  std::map<string, bool> passed;  // By bug: all its cases so far.
  const auto note = [&](string_view bug, bool ok, const string& what) {
    auto [it, added] = passed.emplace(string(bug), true);
    it->second = it->second && ok;
    if (!ok) Complain(bug, what);
  };
  for (const MatchCase& test : kMatchCases) {
    note(test.bug, Holds(test),
         string(test.detection) + " on " + string(test.event));
  }
  for (const RefusalCase& test : kRefusalCases) {
    note(test.bug, Holds(test), string(test.text));
  }
  for (const TimeCase& test : kTimeCases) {
    note(test.bug, Holds(test), string(test.event));
  }
  for (const InputCase& test : InputCases()) {
    note(test.bug, Holds(test), test.input.substr(0, 60));
  }
  const bool has_data = !SharedFolder().empty();
  for (const NamedCheck& check : NamedChecks()) {
    if (check.needs_data && !has_data) continue;
    note(check.bug, check.holds(), "check fails");
  }
  return passed;
}

Score PublicBugs() {
  Score score;
  for (const auto& [bug, ok] : PublicBugResults()) {
    ++score.total;
    if (ok) ++score.passed;
  }
  score.note = "reports on input, time, fields, matching and rule files";
  return score;
}

}  // namespace tocsin::conformance
