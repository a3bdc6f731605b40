// Rules of Tocsin's own language, from text to detections.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class NameSink : public Sink {
 public:
  void OnDetection(const Detection& detection) override {
    names.push_back(detection.rule().name);
  }
  void OnIncident(const Incident& incident) override {
    if (incident.change() == IncidentChange::kClosed) return;
    names.push_back(incident.rule().name);
  }
  std::vector<std::string> names;
};

// Names of the rules that `json` meets; or messages, if some do not load.
std::vector<std::string> Found(const std::string& rules,
                               const std::string& json) {
  Compiler compiler;
  compiler.AddText(rules, "rules.toc");
  const CompileResult compiled = compiler.Compile();
  if (!compiled.ok()) return {RenderDiagnostic(compiled.diagnostics.at(0))};
  NameSink sink;
  Engine engine(compiled.rules, sink);
  engine.Feed(Event::Json(json));
  return sink.names;
}

// Whether an event satisfies a condition.
bool Holds(const std::string& condition, const std::string& json) {
  return Found("rule r { detect any where " + condition + " }", json) ==
         std::vector<std::string>{"r"};
}

TEST(TocRulesTest, ARuleOfOneEventRuns) {
  const std::string rules =
      "list admins = (\"root\")\n"
      "rule certutil { severity high\n"
      "  detect process where process.name : \"certutil*\" and not user.name "
      "in "
      "admins }\n";
  EXPECT_THAT(Found(rules, R"({"event.category":"process",
                               "process.name":"CertUtil.exe",
                               "user.name":"kim"})"),
              ElementsAre("certutil"));
  EXPECT_THAT(Found(rules, R"({"event":{"category":["file","process"]},
                               "process":{"name":"certutil"},
                               "user":{"name":"root"}})"),
              IsEmpty());
}

TEST(TocRulesTest, NotIsNotTrueOfWhatIsMissing) {
  const std::string event = R"({"a": "x", "n": null, "e": [], "z": "5"})";
  EXPECT_TRUE(Holds("not a == \"y\"", event));
  EXPECT_TRUE(Holds("a != \"y\"", event));
  for (const char* missing : {"b", "n", "e"}) {
    const std::string name(missing);
    EXPECT_FALSE(Holds(name + " == \"y\"", event)) << name;
    EXPECT_FALSE(Holds(name + " != \"y\"", event)) << name;
    EXPECT_FALSE(Holds("not " + name + " : \"y*\"", event)) << name;
    EXPECT_FALSE(Holds("not " + name + " > 3", event)) << name;
    EXPECT_FALSE(Holds("not (" + name + " == \"y\" and a == \"x\")", event));
    EXPECT_TRUE(Holds("not (" + name + " == \"y\" and a == \"q\")", event));
    EXPECT_TRUE(Holds(name + " == null", event)) << name;
    EXPECT_FALSE(Holds(name + " != null", event)) << name;
    EXPECT_FALSE(Holds("not length(" + name + ") > 3", event)) << name;
  }
  EXPECT_FALSE(Holds("not a > 3", event));  // Text has no such order.
  EXPECT_TRUE(Holds("not z > 6", event));
}

TEST(TocRulesTest, OfAnArrayAnyElementCountsAndNotIsAboutTheWhole) {
  const std::string event =
      R"({"a": ["x", "y"], "n": [1, 9], "m": ["x", null]})";
  EXPECT_TRUE(Holds("a == \"y\"", event));
  EXPECT_FALSE(Holds("a != \"y\"", event));
  EXPECT_FALSE(Holds("not a == \"y\"", event));
  EXPECT_TRUE(Holds("n > 5 and n < 5", event));
  EXPECT_FALSE(Holds("not n > 5", event));
  EXPECT_TRUE(Holds("m != null", event));
  EXPECT_TRUE(Holds("not m == \"q\"", event));
  EXPECT_TRUE(
      Holds("arrayCount(a) == 2 and a[0] == \"x\" and a[-1] == \"y\"", event));
  EXPECT_FALSE(Holds("a[2] == \"x\" or a[2] != \"x\"", event));
}

TEST(TocRulesTest, PredicatesAndExpressionsAgree) {
  // The right side makes the planner's predicate, the left an expression.
  const std::string event =
      R"({"s": "PowerShell", "n": 42, "t": "42", "b": true, "ip": "10.1.2.3"})";
  for (const auto& [plain, kept] :
       std::vector<std::pair<std::string, std::string>>{
           {"s == \"PowerShell\"", "concat(s, \"\") == \"PowerShell\""},
           {"s : \"power*\"", "concat(s, \"\") : \"power*\""},
           {"s like \"power*\"", "concat(s, \"\") like \"power*\""},
           {"s regex \"P.*l\"", "concat(s, \"\") regex \"P.*l\""},
           {"s regex~ \"p.*\"", "concat(s, \"\") regex~ \"p.*\""},
           {"s in~ (\"powershell\")", "concat(s, \"\") in~ (\"powershell\")"},
           {"n == 42", "n + 0 == 42"},
           {"t == 42", "t + 0 == 42"},
           {"n > 41.5", "n + 0 > 41.5"},
           {"n == \"42\"", "n + 0 == \"42\""},
           {"cidrMatch(ip, \"10.0.0.0/8\")",
            "cidrMatch(concat(ip, \"\"), \"10.0.0.0/8\")"},
           {"startsWith~(s, \"power\")",
            "startsWith~(concat(s, \"\"), \"power\")"}}) {
    EXPECT_EQ(Holds(plain, event), Holds(kept, event)) << plain;
    EXPECT_EQ(Holds("not " + plain, event), Holds("not " + kept, event))
        << plain;
  }
}

TEST(TocRulesTest, OneElementOfAnArrayMustFitTogether) {
  const std::string rule = "some s in f.sig (s.trusted == false and s.ok == 1)";
  EXPECT_TRUE(Holds(rule, R"({"f": {"sig": [{"trusted": true, "ok": 1},
                                            {"trusted": false, "ok": 1}]}})"));
  EXPECT_FALSE(Holds(rule, R"({"f": {"sig": [{"trusted": true, "ok": 1},
                                             {"trusted": false, "ok": 2}]}})"));
  EXPECT_TRUE(Holds(rule, R"({"f.sig": {"trusted": false, "ok": 1}})"));
  const std::string every = "every s in f.sig (s.ok == 1)";
  EXPECT_TRUE(Holds(every, R"({"f.sig": [{"ok": 1}, {"ok": 1}]})"));
  EXPECT_FALSE(Holds(every, R"({"f.sig": [{"ok": 1}, {"ok": 2}]})"));
  EXPECT_FALSE(Holds(every, R"({"f.sig": []})"));
  EXPECT_FALSE(Holds(every, R"({"other": 1})"));
}

TEST(TocRulesTest, AnElementOfAnArrayHasFieldsOfItsOwn) {
  const std::string event =
      R"({"a": [{"b": 1, "c": {"d": ["x", "y"]}}, {"b": 2, "c.d": "z"}],
          "m": [[1, 2], [3]], "one": {"b": 7}, "s": "text",
          "k": {"l": [{"b": 5}, {"b": 6}]}})";
  EXPECT_TRUE(Holds("a[0].b == 1 and a[1].b == 2 and a[-1].b == 2", event));
  EXPECT_FALSE(Holds("a[0].b == 2", event));
  EXPECT_FALSE(Holds("a[2].b == 1 or a[2].b != 1", event));
  EXPECT_TRUE(Holds("a[2].b == null and a[-3].b == null", event));
  EXPECT_TRUE(Holds("a[0].c.d == \"y\" and a[0].c.d[0] == \"x\"", event));
  EXPECT_TRUE(Holds("a[1].c.d == \"z\" and a[1].c.d[-1] == \"z\"", event));
  EXPECT_FALSE(Holds("a[0].c.d[0] == \"y\"", event));
  EXPECT_TRUE(Holds("m[0][1] == 2 and m[-1][0] == 3", event));
  EXPECT_TRUE(Holds("one[0].b == 7 and one[1].b == null", event));
  EXPECT_TRUE(Holds("s[0].b == null", event));
  EXPECT_TRUE(Holds("k.l[1].b == 6 and not k.l[0].b > 5", event));
  EXPECT_TRUE(Holds("some e in a (e.c.d[0] == \"x\" and e.b == 1)", event));
  EXPECT_FALSE(Holds("some e in a (e.c.d[1] == \"x\")", event));
  EXPECT_TRUE(Holds("some e in k (e.l[1].b == 6)", event));
  EXPECT_TRUE(Holds("some e in k (e.l.b == 6)", event));
}

TEST(TocRulesTest, KeysMayBeFieldsOfElements) {
  Compiler compiler;
  compiler.AddText(
      "a = any where k == \"a\"\nb = any where k == \"b\"\n"
      "rule one { when a >= 2 within 1h by x[0].y }\n"
      "rule two { when a then b within 1h by a.x[0].y = b.z[-1] }\n",
      "own.toc");
  const CompileResult compiled = compiler.Compile();
  ASSERT_TRUE(compiled.ok()) << RenderDiagnostic(compiled.diagnostics.at(0));
  NameSink sink;
  Engine engine(compiled.rules, sink);
  int second = 0;
  for (const char* json :
       {R"({"k":"a","x":[{"y":"p"},{"y":"q"}]})",
        R"({"k":"a","x":[{"y":"q"},{"y":"p"}]})", R"({"k":"b","z":["q","r"]})",
        R"({"k":"b","z":["r","p"]})", R"({"k":"a","x":[{"y":"p"}]})"}) {
    Event event = Event::Json(json);
    engine.Feed(event.set_time(Timestamp(int64_t{++second} * 1'000'000'000)));
  }
  EXPECT_THAT(sink.names, ElementsAre("two", "one"));
}

TEST(TocRulesTest, EachRowOfAListIsAGroupFromTheStart) {
  Compiler compiler;
  compiler.SetFile("beats.csv", "host,service\nh1,db\nh1,web\nh2,\nh3,web\n");
  compiler.AddText(
      "list beats from \"beats.csv\" columns (host string, service string)\n"
      "beat = any where k == \"beat\"\n"
      "rule silent { when beat < 1 per 10m by host.name, service.name "
      "each of beats }\n",
      "own.toc");
  const CompileResult compiled = compiler.Compile();
  ASSERT_TRUE(compiled.ok()) << RenderDiagnostic(compiled.diagnostics.at(0));
  std::vector<std::string> keys;
  CallbackSink sink([](const Detection&) {},
                    [&](const Incident& incident) {
                      keys.push_back(incident.keys()[0].value + "/" +
                                     incident.keys()[1].value);
                    });
  Engine engine(compiled.rules, sink);
  for (const char* service : {"db", "mail"}) {
    const std::string json =
        R"({"k":"beat","host.name":"h1","service.name":")" +
        std::string(service) + "\"}";
    Event event = Event::Json(json);
    engine.Feed(event.set_time(Timestamp(1)));
  }
  engine.AdvanceTo(Timestamp(int64_t{600} * 1'000'000'000));
  EXPECT_THAT(keys, UnorderedElementsAre("h1/web", "h3/web"));
}

// Incidents of a rule over expected groups, one of which beats once.
size_t Silent(const std::string& fire, absl::Duration until) {
  Compiler compiler;
  compiler.AddText(
      "list hosts = (\"h1\", \"h2\")\nbeat = any where k == \"beat\"\n"
      "rule silent { when beat < 1 per 1s by host.name each of hosts\n" +
          fire + " }\n",
      "own.toc");
  NameSink sink;
  Engine engine(compiler.Compile().rules, sink,
                {.lateness = absl::ZeroDuration()});
  Event event = Event::Json(R"({"k":"beat","host.name":"h1"})");
  engine.Feed(event.set_time(Timestamp(500'000'000)));
  engine.AdvanceTo(until == absl::InfiniteDuration() ? Timestamp(INT64_MAX)
                                                     : Timestamp(0) + until);
  return sink.names.size();
}

TEST(TocRulesTest, SilenceEndsWithTheStream) {
  EXPECT_EQ(Silent("fire every", absl::InfiniteDuration()), 1u);  // h2.
  EXPECT_EQ(Silent("fire every", absl::Seconds(3)), 2u + 3u);
  EXPECT_EQ(Silent("fire edge", absl::Seconds(3)), 2u);
}

TEST(TocRulesTest, AYearOfSilenceIsNotGoneThroughSecondBySecond) {
  constexpr absl::Duration kYear = absl::Hours(24 * 365);
  EXPECT_EQ(Silent("fire edge", kYear), 2u);
  EXPECT_LE(Silent("fire every", kYear), 2u * 10'002);
}

TEST(TocRulesTest, FieldsAndTimesAreComparedWithEachOther) {
  const std::string event =
      R"({"@timestamp": "2027-01-02T00:00:00Z", "a": 5, "b": "5", "c": "x",
          "user.created": "2027-01-01T12:00:00Z"})";
  EXPECT_TRUE(Holds("a == b and a != c", event));
  EXPECT_FALSE(Holds("a == missing or a != missing", event));
  EXPECT_TRUE(Holds("age(user.created) == 12h", event));
  EXPECT_TRUE(Holds("user.created > 2027-01-01", event));
  EXPECT_TRUE(Holds("a * 2 == 10 and a / 2 == 2", event));
}

TEST(TocRulesTest, ListsAndImportsMayBeGivenByTheHost) {
  Compiler compiler;
  compiler.SetFile("tables/assets.csv",
                   "host,owner,level\nweb1,kim,3\ndb1,lee,9\n");
  compiler.SetFile("shared.toc", "list brands = (\"paypal\", \"example\")\n");
  compiler.AddText(
      "import \"shared.toc\"\n"
      "list assets from \"tables/assets.csv\" columns (host nocase, owner "
      "string, level number)\n"
      "rule critical { detect any where lookup(assets, host.name, \"level\") "
      ">= 5 }\n"
      "rule spoofed { detect any where homoglyphOf(url.domain, shared.brands) "
      "!= null }\n"
      "rule owners { x = any where a == 1 "
      "when x >= 2 within 1h by lookup(assets, host.name, \"owner\") }\n",
      "rules.toc");
  CompileResult compiled = compiler.Compile();
  ASSERT_TRUE(compiled.ok()) << RenderDiagnostic(compiled.diagnostics.at(0));
  const auto found = [&](const char* json) {
    NameSink sink;
    Engine engine(compiled.rules, sink);
    Event event = Event::Json(json);
    engine.Feed(event.set_time(Timestamp(1)));
    engine.Feed(event.set_time(Timestamp(2)));
    return sink.names;
  };
  EXPECT_THAT(found(R"({"host.name":"DB1"})"),
              ElementsAre("critical", "critical"));
  EXPECT_THAT(found(R"({"host.name":"web1","url.domain":"paypa1"})"),
              ElementsAre("spoofed", "spoofed"));
  EXPECT_THAT(found(R"({"host.name":"web1","a":1})"), ElementsAre("owners"));
  EXPECT_THAT(found(R"({"host.name":"web2","a":1})"), IsEmpty());

  compiler.SetFile("tables/assets.csv", "host,owner,level\nweb1,kim,7\n");
  compiled = compiler.Compile();
  EXPECT_THAT(found(R"({"host.name":"WEB1"})"),
              ElementsAre("critical", "critical"));
}

TEST(TocRulesTest, AnExceptionHoldsUntilItsEndByEventTime) {
  const std::string rule =
      "rule r { detect any where a == 1\n"
      "  except where b == 2 { owner \"kim\" reason \"r\" until 2027-03-31 } }";
  const std::string before =
      R"({"a":1,"b":2,"@timestamp":"2027-03-30T00:00:00Z"})";
  const std::string after =
      R"({"a":1,"b":2,"@timestamp":"2027-04-01T00:00:00Z"})";
  EXPECT_THAT(Found(rule, before), IsEmpty());
  EXPECT_THAT(Found(rule, after), ElementsAre("r"));
}

TEST(TocRulesTest, AStepMayBeASigmaRule) {
  Compiler compiler;
  compiler.AddText(
      "title: Dump\nid: 00000000-0000-4000-8000-000000000001\n"
      "logsource: {category: process_creation}\n"
      "detection: {s: {Image|endswith: '\\dump.exe'}, condition: s}\n",
      "dump.yml");
  compiler.AddText("rule high { detect rule \"Dump\" where level == \"High\" }",
                   "own.toc");
  const CompileResult compiled = compiler.Compile();
  ASSERT_TRUE(compiled.ok());
  NameSink sink;
  Engine engine(compiled.rules, sink,
                {.log_source = LogSource{.category = "process_creation"}});
  engine.Feed(Event::Json(R"({"Image":"C:\\dump.exe","level":"High"})"));
  engine.Feed(Event::Json(R"({"Image":"C:\\dump.exe","level":"Low"})"));
  EXPECT_THAT(sink.names, ElementsAre("", "high", ""));
}

TEST(TocRulesTest, ASigmaRuleMayStandInsideWithItsPipeline) {
  Compiler compiler;
  compiler.AddPipelineText(
      "name: p\npriority: 1\ntransformations:\n  - id: m\n    type: "
      "field_name_mapping\n    mapping: {Image: process.executable}\n",
      "pipeline.yml");
  compiler.SetFile(
      "dump.yml",
      "title: Dump\nlogsource: {category: process_creation}\n"
      "detection: {s: {Image|endswith: '\\dump.exe'}, condition: s}"
      "\n");
  compiler.AddText(
      "rule r {\n  dump = sigma file \"dump.yml\" where level == \"High\"\n"
      "  note = sigma \"\"\"\n"
      "    title: Note\n"
      "    logsource: {category: process_creation}\n"
      "    detection:\n"
      "      s: {Image|endswith: '\\note.exe'}\n"
      "      condition: s\n"
      "  \"\"\"\n"
      "  when note then dump within 5m by host\n}\n",
      "own.toc");
  const CompileResult compiled = compiler.Compile();
  ASSERT_TRUE(compiled.ok()) << RenderDiagnostic(compiled.diagnostics.at(0));
  EXPECT_EQ(compiled.rules_loaded, 1);
  NameSink sink;
  Engine engine(compiled.rules, sink,
                {.log_source = LogSource{.category = "process_creation"}});
  int64_t time = 0;
  for (const char* json :
       {R"({"process.executable":"C:\\note.exe","host":"h"})",
        R"({"process.executable":"C:\\dump.exe","host":"h","level":"Low"})",
        R"({"process.executable":"C:\\dump.exe","host":"h","level":"High"})"}) {
    EXPECT_THAT(sink.names, IsEmpty());
    Event event = Event::Json(json);
    engine.Feed(event.set_time(Timestamp(++time)));
  }
  EXPECT_THAT(sink.names, ElementsAre("r"));
}

TEST(TocRulesTest, ARuleOfSeveralEventsRunsBesideOthers) {
  Compiler compiler;
  compiler.AddText(
      "failed = authentication where event.outcome == \"failure\"\n"
      "rule one { detect failed }\n"
      "rule many { when failed >= 2 within 5m by user.name }\n",
      "own.toc");
  const CompileResult compiled = compiler.Compile();
  ASSERT_TRUE(compiled.ok());
  EXPECT_EQ(compiled.rules_loaded, 2);
  NameSink sink;
  Engine engine(compiled.rules, sink);
  for (const char* time : {"00:00:00", "00:04:00"}) {
    const std::string json =
        R"({"event.category":"authentication","event.outcome":"failure",)"
        R"("user.name":"kim","@timestamp":"2026-01-01T)" +
        std::string(time) + "Z\"}";
    engine.Feed(Event::Json(json));
  }
  EXPECT_THAT(sink.names, ElementsAre("one", "one", "many"));
}

TEST(TocRulesTest, WhatDoesNotRunYetIsRefused) {
  EXPECT_THAT(Found("detector d { from any detect count plot }", "{}"),
              ElementsAre(HasSubstr("error[T346]")));
}

// Names of the rules that a stream meets, line by line, to its end.
std::vector<std::string> FoundIn(const std::string& rules,
                                 const std::vector<std::string>& lines) {
  Compiler compiler;
  compiler.AddText(rules, "rules.toc");
  const CompileResult compiled = compiler.Compile();
  NameSink sink;
  Engine engine(compiled.rules, sink);
  for (size_t i = 0; i < lines.size(); ++i) {
    Event event = Event::Json(lines[i]);
    event.set_time(
        Timestamp((1'700'000'000 + static_cast<int64_t>(i)) * 1'000'000'000));
    engine.Feed(event);
  }
  engine.AdvanceTo(Timestamp(INT64_MAX));
  return sink.names;
}

constexpr char kStart[] = R"({"event.category":"process","host.id":"7"})";
constexpr char kReach[] =
    R"({"event.category":"network","host.id":"7","destination.port":445})";

TEST(TocRulesTest, AQueryMayBeTheRule) {
  const std::string rules =
      "rule words { detect kql \"destination.port > 440 and not user.id: *\" "
      "}\n"
      "rule event { detect eql \"\"\"network where true\"\"\" where host.id == "
      "\"7\" }\n"
      "rule sequence { detect eql \"\"\"sequence by host.id\n"
      "  [process where true] [network where true]\"\"\" }";
  EXPECT_THAT(FoundIn(rules, {kStart, kReach}),
              UnorderedElementsAre("words", "event", "sequence"));
}

TEST(TocRulesTest, ASequenceMayBeAStep) {
  const std::string rules =
      "rule r { moved = eql \"\"\"sequence by host.id\n"
      "    [process where true] [network where true]\"\"\"\n"
      "  dump = file where true\n"
      "  when dump then moved within 1h by host.id }";
  EXPECT_THAT(FoundIn(rules, {R"({"event.category":"file","host.id":"7"})",
                              kStart, kReach}),
              ElementsAre("r"));
  EXPECT_THAT(FoundIn(rules, {kStart, kReach}), IsEmpty());
}

TEST(TocRulesTest, WhatOthersFindMayBeDetected) {
  const std::string rules =
      "rule many { a = process when a >= 2 within 5m by host.id severity high "
      "}\n"
      "rule few { severity low detect network }\n"
      "rule of_alerts { detect alerts where severity >= \"high\" }\n"
      "rule of_many { detect rule \"many\" where host.id != \"8\" }";
  EXPECT_THAT(FoundIn(rules, {kStart, kStart, kReach}),
              UnorderedElementsAre("many", "few", "of_alerts", "of_many"));
}

TEST(TocRulesTest, RecordsOfADetectorAreEventsOfTheStream) {
  const std::string rules =
      "detector rare { from any detect count }\n"
      "rule r { odd = detector rare where record_score > 50\n"
      "  when odd >= 1 within 5m by user.name }";
  EXPECT_THAT(
      FoundIn(rules,
              {R"({"job_id":"rare","result_type":"record","record_score":75,
                   "user.name":"kim"})",
               R"({"job_id":"other","result_type":"record","record_score":75,
                   "user.name":"lee"})"}),
      ElementsAre("r"));
}

TEST(TocRulesTest, EveryBrokenItemIsADocumentThatIsRefused) {
  Compiler compiler;
  compiler.AddText(
      "list l of ip = (\"x\")\nrule a { severity low }\n"
      "rule b { detect process }\nbroken = any where x = 1\n",
      "own.toc");
  const CompileResult compiled = compiler.Compile();
  EXPECT_EQ(compiled.documents, 4);
  EXPECT_EQ(compiled.rules_loaded, 1);
  EXPECT_EQ(compiled.refused, 3);
}

}  // namespace
}  // namespace tocsin
