// Jobs of detectors in an engine: from their files to results, and to rules
// that read these.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kMonday = 1'767'571'200;
constexpr int64_t kSpan = 900;

// Addresses of a user in quarters of an hour.
constexpr std::string_view kRareAddress = R"({
  "job_id": "rare_address",
  "analysis_config": {
    "bucket_span": "15m",
    "detectors": [{"function": "rare", "by_field_name": "source.ip",
                   "partition_field_name": "user.name"}],
    "influencers": ["user.name", "source.ip"]
  },
  "data_description": {"time_field": "@timestamp"}
})";

constexpr std::string_view kMachineLearningRule =
    R"({"rule_id":"unusual","name":"Unusual address","type":"machine_learning",)"
    R"("machine_learning_job_id":"rare_address","anomaly_threshold":50,)"
    R"("risk_score":21,"severity":"low"})";

// Texts of what came out, in its order.
struct TextSink : public Sink {
  void OnDetection(const Detection& detection) override {
    found.push_back("detection " + detection.rule().title + " at " +
                    Minute(detection.time()));
    event = detection.event().json();
  }
  void OnIncident(const Incident& incident) override {
    if (incident.change() == IncidentChange::kClosed) return;
    found.push_back("incident " + incident.rule().title);
  }
  void OnAnomalies(const AnomalyBucket& bucket) override {
    ++buckets;
    for (const AnomalyRecord& record : bucket.records) {
      if (record.record_score < 50) continue;
      found.push_back("record " + record.partition_field_value + " " +
                      record.by_field_value + " " + record.over_field_value +
                      " of " + Minute(bucket.begin));
      json.clear();
      AppendAnomalyRecordJson(bucket, record, &json);
    }
  }
  static std::string Minute(Timestamp time) {
    return std::to_string((time.nanos() / kSecond - kMonday) / 60);
  }

  std::vector<std::string> found;
  std::string event;
  std::string json;
  int buckets = 0;
};

// An engine over some texts, each with the name of its file.
class Stream {
 public:
  using Files = std::vector<std::pair<std::string, std::string>>;

  explicit Stream(const Files& files, EngineOptions options = {}) {
    Compiler compiler;
    for (const auto& [path, text] : files) compiler.AddText(text, path);
    compiled_ = compiler.Compile();
    for (const Diagnostic& d : compiled_.diagnostics) {
      if (d.severity == Severity::kError) ADD_FAILURE() << RenderDiagnostic(d);
    }
    engine_.emplace(compiled_.rules, sink_, std::move(options));
  }

  void Feed(int64_t second, const std::string& json) {
    Event event = Event::Json(json);
    event.set_time(Timestamp((kMonday + second) * kSecond));
    EXPECT_TRUE(engine_->Feed(event).ok());
  }
  void Logon(int64_t second, std::string_view user, std::string_view address) {
    Feed(second, R"({"user.name":")" + std::string(user) +
                     R"(","source.ip":")" + std::string(address) + R"("})");
  }

  // Kim at one address, once in every bucket, and once at another one.
  void QuietTime(int64_t buckets = 500) {
    for (int64_t i = 0; i < buckets; ++i) Logon(i * kSpan, "kim", "192.0.2.7");
  }

  Engine& engine() { return *engine_; }
  TextSink& sink() { return sink_; }
  const CompileResult& compiled() const { return compiled_; }

 private:
  CompileResult compiled_;
  TextSink sink_;
  std::optional<Engine> engine_;
};

TEST(JobsTest, AJobFileIsLoadedBesideRules) {
  Stream stream({{"jobs/rare.json", std::string(kRareAddress)}});
  EXPECT_EQ(stream.compiled().jobs_loaded, 1);
  EXPECT_EQ(stream.compiled().documents, 1);
  EXPECT_EQ(stream.compiled().refused, 0);
  ASSERT_EQ(stream.compiled().rules->jobs().size(), 1u);
  EXPECT_EQ(stream.compiled().rules->jobs()[0].id, "rare_address");
  EXPECT_EQ(stream.compiled().rules->jobs()[0].path, "jobs/rare.json");
  EXPECT_THAT(stream.compiled().rules->rules(), IsEmpty());
}

TEST(JobsTest, WhatIsRareComesOutWhenItsBucketIsOver) {
  Stream stream({{"rare.json", std::string(kRareAddress)}});
  stream.QuietTime();
  stream.Logon(500 * kSpan, "kim", "198.51.100.23");
  EXPECT_THAT(stream.sink().found, IsEmpty());
  // The engine waits five minutes for late events, and so do its jobs.
  stream.Logon(501 * kSpan + 299, "kim", "192.0.2.7");
  EXPECT_THAT(stream.sink().found, IsEmpty());
  stream.Logon(501 * kSpan + 300, "kim", "192.0.2.7");
  EXPECT_THAT(stream.sink().found,
              ElementsAre("record kim 198.51.100.23  of 7500"));
}

TEST(JobsTest, ARecordHasTheNamesOfResultDocuments) {
  Stream stream({{"rare.json", std::string(kRareAddress)}});
  stream.QuietTime();
  stream.Logon(500 * kSpan, "kim", "198.51.100.23");
  stream.engine().AdvanceTo(Timestamp(INT64_MAX));
  for (const char* part :
       {R"("result_type":"record","job_id":"rare_address")",
        R"("timestamp":1768021200000,"bucket_span":900,"is_interim":false)",
        R"("detector_index":0,"function":"rare")",
        R"("by_field_name":"source.ip","by_field_value":"198.51.100.23")",
        R"("partition_field_name":"user.name","partition_field_value":"kim")",
        R"("record_score":)", R"("actual":[1],"typical":[0.0021)",
        R"("by_field_first_occurrence":true)", R"("one_in_buckets":501)",
        R"("influencers":[{"influencer_field_name":"user.name",)"
        R"("influencer_field_values":["kim"]})",
        R"("user.name":["kim"])", R"("source.ip":["198.51.100.23"])"}) {
    EXPECT_THAT(stream.sink().json, HasSubstr(part));
  }
}

TEST(JobsTest, RulesOfElasticFireOnRecordsByTheirThreshold) {
  Stream stream({{"rare.json", std::string(kRareAddress)},
                 {"rule.json", std::string(kMachineLearningRule)}});
  stream.QuietTime();
  stream.Logon(500 * kSpan, "kim", "198.51.100.23");
  stream.engine().AdvanceTo(Timestamp(INT64_MAX));
  // The time of the detection is that at which the bucket was over.
  EXPECT_THAT(stream.sink().found,
              ElementsAre("record kim 198.51.100.23  of 7500",
                          "detection Unusual address at 7515"));
  EXPECT_THAT(stream.sink().event, HasSubstr(R"("job_id":"rare_address")"));
}

TEST(JobsTest, RulesThatDoNotAskForRecordsDoNotSeeThem) {
  Stream stream({{"rare.json", std::string(kRareAddress)},
                 {"any.toc",
                  "rule all { detect any where user.name == \"kim\" and "
                  "source.ip == \"198.51.100.23\" }"}});
  stream.QuietTime();
  stream.Logon(500 * kSpan, "kim", "198.51.100.23");
  stream.engine().AdvanceTo(Timestamp(INT64_MAX));
  EXPECT_THAT(stream.sink().found,
              ElementsAre("detection all at 7500",
                          "record kim 198.51.100.23  of 7500"));
}

TEST(JobsTest, ARecordAndThenEventsAreOneRule) {
  Stream stream(
      {{"rare.json", std::string(kRareAddress)},
       {"rule.json", std::string(kMachineLearningRule)},
       {"then.toc",
        "rule odd_then_failures {\n"
        "  odd = alerts where job_id == \"rare_address\" and record_score >= "
        "50\n"
        "  failed = any where event.outcome == \"failure\"\n"
        "  when odd then failed >= 3 within 1h by user.name\n"
        "}\n"}});
  stream.QuietTime();
  stream.Logon(500 * kSpan, "kim", "198.51.100.23");
  for (int64_t i = 0; i < 3; ++i) {
    stream.Feed(501 * kSpan + 600 + i,
                R"({"user.name":"kim","event.outcome":"failure"})");
  }
  EXPECT_THAT(stream.sink().found,
              ElementsAre("record kim 198.51.100.23  of 7500",
                          "detection Unusual address at 7515",
                          "incident odd_then_failures"));
}

TEST(JobsTest, EventsUpToTheLatenessLateChangeNothing) {
  const auto run = [](bool is_late) {
    Stream stream({{"rare.json", std::string(kRareAddress)}});
    stream.QuietTime();
    if (!is_late) stream.Logon(500 * kSpan + 890, "kim", "198.51.100.23");
    stream.Logon(501 * kSpan + 280, "kim", "192.0.2.7");
    if (is_late) stream.Logon(500 * kSpan + 890, "kim", "198.51.100.23");
    stream.engine().AdvanceTo(Timestamp(INT64_MAX));
    EXPECT_EQ(stream.engine().job_stats()[0].late, 0);
    return stream.sink().json;
  };
  EXPECT_EQ(run(true), run(false));
}

TEST(JobsTest, EventsThatAreLaterAreCounted) {
  Stream stream({{"rare.json", std::string(kRareAddress)}});
  stream.QuietTime(10);
  stream.Logon(0, "kim", "198.51.100.23");
  EXPECT_EQ(stream.engine().job_stats()[0].late, 1);
  EXPECT_EQ(stream.engine().job_stats()[0].events, 10);
}

TEST(JobsTest, AnEventFarAheadEndsNoBucket) {
  Stream stream({{"rare.json", std::string(kRareAddress)}});
  stream.Logon(0, "kim", "192.0.2.7");
  stream.Logon(86'400 * 400, "kim", "192.0.2.7");
  EXPECT_EQ(stream.sink().buckets, 0);
  stream.Logon(10, "kim", "192.0.2.7");
  EXPECT_EQ(stream.engine().job_stats()[0].events, 2);
}

TEST(JobsTest, AnEventWithoutATimeIsCounted) {
  Stream stream({{"rare.json", std::string(kRareAddress)}});
  const FeedResult fed =
      stream.engine().Feed(Event::Json(R"({"user.name":"kim"})"));
  EXPECT_EQ(fed.uncounted, Uncounted::kTimeless);
  EXPECT_EQ(stream.engine().job_stats()[0].untimely, 1);
}

std::string WithQuery(std::string_view query) {
  std::string job(kRareAddress);
  job.insert(job.rfind('}'),
             R"(, "datafeed_config": {"indices": ["logs-*"], "query": )" +
                 std::string(query) + "}");
  return job;
}

TEST(JobsTest, TheQueryOfADatafeedIsAFilter) {
  Stream stream({{"rare.json",
                  WithQuery(R"({"bool": {"filter": [)"
                            R"({"term": {"event.category": "authentication"}},)"
                            R"({"exists": {"field": "source.ip"}}]}})")}});
  const std::string rest = R"("user.name":"kim","source.ip":"192.0.2.7"})";
  stream.Feed(0, R"({"event":{"category":["authentication"]},)" + rest);
  stream.Feed(1, R"({"event.category":"process",)" + rest);
  stream.Feed(2, R"({"event.category":"authentication","user.name":"kim"})");
  EXPECT_EQ(stream.engine().job_stats()[0].events, 1);
}

TEST(JobsTest, ADatafeedMayStandInAFileOfItsOwn) {
  for (const auto& [path, id] :
       {std::pair<std::string, std::string>{"feed.json", "rare_address"},
        {"datafeed_rare_address.json", "JOB_ID"}}) {
    Stream stream({{"rare.json", std::string(kRareAddress)},
                   {path, R"({"job_id": ")" + id +
                              R"(", "indices": ["logs-*"], )"
                              R"("query": {"term": {"kind": "logon"}}})"}});
    EXPECT_EQ(stream.compiled().documents, 1);
    stream.Feed(0, R"({"kind":"logon","user.name":"kim","source.ip":"x"})");
    stream.Feed(1, R"({"kind":"logoff","user.name":"kim","source.ip":"x"})");
    EXPECT_EQ(stream.engine().job_stats()[0].events, 1);
  }
}

TEST(JobsTest, ADatafeedBelongsToTheJobThatItsFileNameSays) {
  const std::string feed =
      R"({"indices": ["logs-*"], "query": {"term": {"kind": "logon"}}})";
  Stream stream({{"jobs/rare.json", std::string(kRareAddress)},
                 {"jobs/datafeed_rare_address.json", feed}});
  EXPECT_EQ(stream.compiled().documents, 1);
  stream.Feed(0, R"({"kind":"logon","user.name":"kim","source.ip":"x"})");
  stream.Feed(1, R"({"kind":"logoff","user.name":"kim","source.ip":"x"})");
  EXPECT_EQ(stream.engine().job_stats()[0].events, 1);

  Compiler alone;
  alone.AddText(feed, "datafeed_other.json");
  const CompileResult compiled = alone.Compile();
  ASSERT_EQ(compiled.diagnostics.size(), 1u);
  EXPECT_EQ(compiled.diagnostics[0].code, "T709");
}

TEST(JobsTest, ExportsOfJobsAreRead) {
  Stream stream({{"export.json", "[{\"job\": " + std::string(kRareAddress) +
                                     R"(, "datafeed": {"query": )"
                                     R"({"match_all": {}}}}])"},
                 {"answer.json", R"({"count": 1, "jobs": [{"job_id": "b", )"
                                 R"("analysis_config": {"detectors": )"
                                 R"([{"function": "count"}]}}]})"}});
  EXPECT_EQ(stream.compiled().jobs_loaded, 2);
}

TEST(JobsTest, AListAsAnInfluencerIsEachOfItsElements) {
  Stream stream({{"rare.json", std::string(kRareAddress)}});
  stream.QuietTime();
  stream.Feed(
      500 * kSpan,
      R"({"user.name":"kim","source.ip":["198.51.100.1","192.0.2.9"]})");
  stream.engine().AdvanceTo(Timestamp(INT64_MAX));
  EXPECT_THAT(stream.sink().json,
              HasSubstr(R"("by_field_value":"198.51.100.1,192.0.2.9")"));
  EXPECT_THAT(stream.sink().json, HasSubstr(R"("influencer_field_values":)"
                                            R"(["192.0.2.9","198.51.100.1"])"));
}

TEST(JobsTest, AJobMayHaveATimeOfItsOwn) {
  std::string job(kRareAddress);
  job.replace(job.find("@timestamp"), 10, "session.start");
  Stream stream({{"rare.json", job}});
  stream.Feed(100'000, R"({"user.name":"kim","source.ip":"x",)"
                       R"("session.start":"2026-01-05T00:00:10Z"})");
  stream.Feed(100'001, R"({"user.name":"kim","source.ip":"x"})");
  stream.engine().AdvanceTo(Timestamp(INT64_MAX));
  EXPECT_EQ(stream.engine().job_stats()[0].events, 1);
  EXPECT_EQ(stream.engine().job_stats()[0].untimely, 1);
}

TEST(JobsTest, WhatFindsNoMemoryIsCounted) {
  std::string job(kRareAddress);
  job.insert(job.rfind('}'),
             R"(, "analysis_limits": {"model_memory_limit": "100kb"})");
  Stream stream({{"rare.json", job}});
  for (int i = 0; i < 2'000; ++i) {
    stream.Logon(0, "u" + std::to_string(i), "192.0.2.7");
  }
  stream.engine().AdvanceTo(Timestamp(INT64_MAX));
  EXPECT_GT(stream.engine().job_stats()[0].refused, 1'000);
  EXPECT_LE(stream.engine().job_stats()[0].bytes, 100 << 10);
}

constexpr std::string_view kDetector = R"toc(
detector rare_address {
  title "Unusual address"
  severity high
  from authentication where event.outcome == "success"
  per 15m
  detect rare by source.ip partition user.name
  influencers user.name, source.ip
  alert when record_score >= 50
}
)toc";

std::string Success(std::string_view address) {
  return R"({"event.category":"authentication","event.outcome":"success",)"
         R"("user.name":"kim","source.ip":")" +
         std::string(address) + R"("})";
}

TEST(JobsTest, ADetectorOfTheOwnLanguageIsAJob) {
  Stream stream({{"rare.toc", std::string(kDetector)}});
  EXPECT_EQ(stream.compiled().jobs_loaded, 1);
  EXPECT_EQ(stream.compiled().documents, 1);
  for (int64_t i = 0; i < 500; ++i) {
    stream.Feed(i * kSpan, Success("192.0.2.7"));
    stream.Logon(i * kSpan + 1, "kim", "not one of its events");
  }
  stream.Feed(500 * kSpan, Success("198.51.100.23"));
  stream.engine().AdvanceTo(Timestamp(INT64_MAX));
  EXPECT_EQ(stream.engine().job_stats()[0].events, 501);
  EXPECT_THAT(stream.sink().found,
              ElementsAre("record kim 198.51.100.23  of 7500",
                          "detection Unusual address at 7515"));
}

TEST(JobsTest, RecordsOfADetectorAreStepsOfARule) {
  for (const std::string source : {"rare.toc", "rare.json"}) {
    Stream stream(
        {{source, std::string(source == "rare.toc" ? kDetector : kRareAddress)},
         {"then.toc",
          (source == "rare.toc" ? "import \"rare.toc\"\n" : "") +
              std::string("rule odd_then_failures {\n  odd = detector ") +
              (source == "rare.toc" ? "rare." : "") +
              "rare_address where record_score >= 50\n"
              "  failed = any where event.outcome == \"failure\"\n"
              "  when odd then failed >= 2 within 1h by user.name\n}\n"}});
    for (int64_t i = 0; i < 500; ++i) {
      stream.Feed(i * kSpan, Success("192.0.2.7"));
    }
    stream.Feed(500 * kSpan, Success("198.51.100.23"));
    for (int64_t i = 0; i < 2; ++i) {
      stream.Feed(501 * kSpan + 600 + i,
                  R"({"user.name":"kim","event.outcome":"failure"})");
    }
    EXPECT_THAT(stream.sink().found,
                ::testing::Contains("incident odd_then_failures"));
  }
}

TEST(JobsTest, WhatIsWrongWithADetectorIsTold) {
  const auto told = [](const std::string& text) {
    Compiler compiler;
    compiler.AddText("detector d { from any " + text + " }", "d.toc");
    const CompileResult compiled = compiler.Compile();
    std::string codes;
    for (const Diagnostic& d : compiled.diagnostics) codes += d.code + " ";
    return codes + std::to_string(compiled.jobs_loaded);
  };
  EXPECT_EQ(told("detect rare by user.name"), "1");
  EXPECT_EQ(told("detect rair by user.name"), "T702 0");
  EXPECT_EQ(told("detect rare"), "T703 0");
  EXPECT_EQ(told("detect rare by user.name over source.ip"), "T705 1");
  EXPECT_EQ(told("per 1h"), "T700 0");
  EXPECT_EQ(told("detect count skip result when actual < user.name"), "T701 0");
  EXPECT_EQ(told("detect count skip result when actual < 5 and time > 3"), "1");
  EXPECT_EQ(told("detect rare by user.name given host.name"), "T346 0");
  EXPECT_EQ(told("detect count per 1500ms"), "T701 0");
  EXPECT_EQ(told("detect count latency 10ms"), "T701 0");
  EXPECT_EQ(told("detect count memory 0mb"), "T701 0");
}

TEST(JobsTest, AClauseOfADetectorStandsOnce) {
  const auto told = [](const std::string& text) {
    Compiler compiler;
    compiler.AddText("detector d {\n" + text + "\n}", "d.toc");
    std::string messages;
    for (const Diagnostic& d : compiler.Compile().diagnostics) {
      messages += RenderDiagnostic(d);
    }
    return messages;
  };
  EXPECT_THAT(told("per 1h detect count\nper 2h"),
              HasSubstr("d.toc:3:1: error[T337]: `per` stands twice"));
  EXPECT_THAT(told("from any\nfrom process\ndetect count"),
              HasSubstr("d.toc:3:1: error[T337]: `from` stands twice"));
  EXPECT_THAT(told("detect rare by user.name\nby host.name"),
              HasSubstr("d.toc:3:1: error[T337]: `by` stands twice"));
  EXPECT_EQ(told("detect count detect rare by user.name\n"
                 "skip result when actual < 1 skip learning when actual < 2"),
            "");
}

TEST(JobsTest, AnAlertAsksForWhatRecordsHave) {
  const auto told = [](const std::string& when) {
    Compiler compiler;
    compiler.AddText(
        "list admins = (\"root\")\n"
        "define is_high(score) = score >= 50\n"
        "detector d { detect rare by user.name\n"
        "influencers user.name, host.name\n"
        "alert when " +
            when + "\n}",
        "d.toc");
    std::string messages;
    for (const Diagnostic& d : compiler.Compile().diagnostics) {
      messages += RenderDiagnostic(d);
    }
    return messages;
  };
  EXPECT_EQ(told("record_score >= 50 and user.name in admins"), "");
  EXPECT_EQ(told("is_high(probability) or host.name == \"db\""), "");
  EXPECT_EQ(told("anomaly_score_explanation.one_in_buckets > 5"), "");
  EXPECT_EQ(told("some i in influencers "
                 "(i.influencer_field_name == \"host.name\")"),
            "");
  EXPECT_THAT(told("record_scor >= 50"),
              HasSubstr("d.toc:5:12: error[T701]: a record of this detector "
                        "has no `record_scor`"));
  EXPECT_THAT(told("source.ip == \"192.0.2.7\""), HasSubstr("error[T701]"));
}

TEST(JobsTest, ADetectorIsNotCalledAsARule) {
  const std::string rule = "rule p { detect any where a == \"b\" }\n";
  const std::string detector = "detector p { detect count }\n";
  for (const std::string& text :
       {rule + detector, detector + rule, detector + detector}) {
    Compiler compiler;
    compiler.AddText(text, "p.toc");
    const CompileResult compiled = compiler.Compile();
    ASSERT_EQ(compiled.diagnostics.size(), 1u);
    EXPECT_EQ(compiled.diagnostics[0].code, "T332");
    EXPECT_EQ(compiled.diagnostics[0].line, 2);
    EXPECT_EQ(compiled.refused, 1);
  }
}

// --- State.

TEST(JobsTest, ASnapshotKeepsWhatJobsHaveLearned) {
  const Stream::Files files = {{"rare.json", std::string(kRareAddress)}};
  Stream first(files);
  first.QuietTime();
  first.Logon(500 * kSpan, "kim", "198.51.100.23");
  std::string bytes;
  first.engine().SaveTo(&bytes);

  Stream next(files);
  const absl::StatusOr<LoadReport> report = next.engine().LoadFrom(bytes);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->kept, ElementsAre("rare_address"));
  std::string again;
  next.engine().SaveTo(&again);
  EXPECT_EQ(again, bytes);
  next.Logon(501 * kSpan + 300, "kim", "192.0.2.7");
  first.Logon(501 * kSpan + 300, "kim", "192.0.2.7");
  EXPECT_THAT(next.sink().found,
              ElementsAre("record kim 198.51.100.23  of 7500"));
  EXPECT_EQ(next.sink().json, first.sink().json);
}

TEST(JobsTest, AJobThatChangedStartsFresh) {
  Stream first({{"rare.json", std::string(kRareAddress)}});
  first.QuietTime();
  std::string bytes;
  first.engine().SaveTo(&bytes);
  std::string other(kRareAddress);
  other.replace(other.find("15m"), 3, "30m");
  Stream next({{"rare.json", other}});
  const absl::StatusOr<LoadReport> report = next.engine().LoadFrom(bytes);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->changed, ElementsAre("rare_address"));
  EXPECT_EQ(next.engine().job_stats()[0].events, 0);
}

TEST(JobsTest, AReloadGoesOnWithJobsThatAreTheSame) {
  const std::string rule = "rule r { detect any where a == \"b\" }";
  Stream stream({{"rare.json", std::string(kRareAddress)}});
  stream.QuietTime();
  Compiler compiler;
  compiler.AddText(rule, "r.toc");
  compiler.AddText(kRareAddress, "rare.json");
  const absl::StatusOr<LoadReport> report =
      stream.engine().Reload(compiler.Compile().rules);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->kept, ElementsAre("rare_address"));
  stream.Logon(500 * kSpan, "kim", "198.51.100.23");
  stream.engine().AdvanceTo(Timestamp(INT64_MAX));
  EXPECT_THAT(stream.sink().found,
              ElementsAre("record kim 198.51.100.23  of 7500"));
}

TEST(JobsTest, SnapshotsOfEnginesWithoutJobsAreRead) {
  const Stream::Files rules = {
      {"r.toc", "rule r { detect any where a == \"b\" }"}};
  Stream first(rules);
  std::string bytes;
  first.engine().SaveTo(&bytes);
  Stream next({{"rare.json", std::string(kRareAddress)}});
  const absl::StatusOr<LoadReport> added = next.engine().LoadFrom(bytes);
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_THAT(added->added, ElementsAre("rare_address"));
  std::string with_job;
  next.engine().SaveTo(&with_job);
  const absl::StatusOr<LoadReport> dropped = first.engine().LoadFrom(with_job);
  ASSERT_TRUE(dropped.ok()) << dropped.status();
  EXPECT_THAT(dropped->dropped, ElementsAre("rare_address"));
}

TEST(JobsTest, WhatIsNoStateOfAJobIsAnErrorAndChangesNothing) {
  const Stream::Files files = {{"rare.json", std::string(kRareAddress)}};
  Stream first(files);
  first.QuietTime(50);
  std::string bytes;
  first.engine().SaveTo(&bytes);
  std::string before;
  Stream next(files);
  next.QuietTime(20);
  next.engine().SaveTo(&before);
  for (size_t cut = 1; cut < bytes.size(); cut += 97) {
    EXPECT_FALSE(next.engine().LoadFrom(bytes.substr(0, cut)).ok());
  }
  std::string after;
  next.engine().SaveTo(&after);
  EXPECT_EQ(after, before);
}

}  // namespace
}  // namespace tocsin
