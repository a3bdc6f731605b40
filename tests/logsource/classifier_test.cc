#include "src/logsource/classifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/logsource/classify_json.h"

namespace tocsin::logsource {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

LogSource Source(std::string product, std::string category,
                 std::string service) {
  return {.product = std::move(product),
          .category = std::move(category),
          .service = std::move(service)};
}

bool Renames(const EventKind& kind, std::string_view event_field,
             std::string_view rule_field) {
  return std::any_of(kind.renames.begin(), kind.renames.end(),
                     [&](const FieldRename& rename) {
                       return rename.event_field == event_field &&
                              rename.rule_field == rule_field;
                     });
}

TEST(EventKindTest, EachKeyOfTheRuleMustBeInTheSet) {
  const EventKind kind = KindOf(
      R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":13})");
  EXPECT_TRUE(kind.Covers(Source("windows", "registry_set", "")));
  EXPECT_TRUE(kind.Covers(Source("windows", "registry_event", "")));
  EXPECT_TRUE(kind.Covers(Source("windows", "", "sysmon")));
  EXPECT_TRUE(kind.Covers(Source("Windows", "", "")));
  EXPECT_TRUE(kind.Covers(Source("", "", "")));
  EXPECT_FALSE(kind.Covers(Source("windows", "registry_add", "")));
  EXPECT_FALSE(kind.Covers(Source("linux", "registry_set", "")));
  EXPECT_FALSE(kind.Covers(Source("windows", "registry_set", "security")));
}

TEST(EventKindTest, AnUnknownEventMeetsOnlyRulesWithoutASource) {
  const EventKind kind = KindOf(R"({"colour":"blue"})");
  EXPECT_FALSE(kind.known);
  EXPECT_TRUE(kind.Covers(Source("", "", "")));
  EXPECT_FALSE(kind.Covers(Source("windows", "", "")));
  EXPECT_FALSE(kind.Covers(Source("", "proxy", "")));
}

TEST(EventKindTest, AnUnknownEventMeetsAllRulesWhereThatIsAskedFor) {
  EXPECT_TRUE(KindOf(R"({"colour":"blue"})")
                  .Covers(Source("windows", "", ""), /*meets_all=*/true));
  EXPECT_FALSE(KindOf(R"({"Channel":"System","EventID":1})")
                   .Covers(Source("linux", "", ""), /*meets_all=*/true));
}

TEST(ClassifierTest, NestedEvtxJsonIsSeenThrough) {
  const EventKind kind =
      KindOf(R"({"Event":{"System":{"Channel":"Security","EventID":4688,)"
             R"("Provider":{"#attributes":{"Name":"a"}}},)"
             R"("EventData":{"NewProcessName":"C:\\a.exe"}}})");
  EXPECT_THAT(kind.services, ElementsAre("security"));
  EXPECT_THAT(kind.categories, ElementsAre("process_creation"));
}

TEST(ClassifierTest, AnEventIdMayBeText) {
  EXPECT_THAT(KindOf(R"({"Channel":"Security","EventID":"4688"})").categories,
              ElementsAre("process_creation"));
}

TEST(ClassifierTest, ChannelsAreComparedWithoutCase) {
  EXPECT_THAT(KindOf(R"({"Channel":"security","EventID":4688})").services,
              ElementsAre("security"));
  EXPECT_THAT(KindOf(R"({"Channel":"SYSTEM","EventID":7045})").services,
              ElementsAre("system"));
}

TEST(ClassifierTest, SecurityEvent4688SpeaksTheNamesOfProcessCreation) {
  const EventKind kind = KindOf(R"({"Channel":"Security","EventID":4688})");
  EXPECT_TRUE(Renames(kind, "NewProcessName", "Image"));
  EXPECT_TRUE(Renames(kind, "ParentProcessName", "ParentImage"));
}

TEST(ClassifierTest, TheTypeOfARegistryEventTellsAddingFromDeleting) {
  const auto categories = [](std::string_view type) {
    return KindOf(R"({"Channel":"Microsoft-Windows-Sysmon/Operational",)"
                  R"("EventID":12,"EventType":")" +
                  std::string(type) + "\"}")
        .categories;
  };
  EXPECT_THAT(categories("CreateKey"),
              UnorderedElementsAre("registry_event", "registry_add"));
  EXPECT_THAT(categories("DeleteKey"),
              UnorderedElementsAre("registry_event", "registry_delete"));
  EXPECT_THAT(categories("DeleteValue"),
              UnorderedElementsAre("registry_event", "registry_delete"));
  // NXLog puts the severity there.
  EXPECT_THAT(categories("INFO"),
              UnorderedElementsAre("registry_event", "registry_add",
                                   "registry_delete"));
}

TEST(ClassifierTest, ALogThatRulesDoNotSpeakOfIsStillWindows) {
  const EventKind kind =
      KindOf(R"({"Channel":"Directory Service","EventID":330})");
  EXPECT_TRUE(kind.known);
  EXPECT_THAT(kind.products, ElementsAre("windows"));
  EXPECT_THAT(kind.services, IsEmpty());
}

TEST(ClassifierTest, SysmonForLinuxIsNotWindowsInTheElasticSchemaEither) {
  const EventKind kind =
      KindOf(R"({"Channel":"Linux-Sysmon/Operational","EventID":1,)"
             R"("ecs":{"version":"8.11.0"}})");
  EXPECT_THAT(kind.products, ElementsAre("linux"));
}

// Each has some of the names that a recogniser asks for, and is something else.
TEST(ClassifierTest, ANearMissIsUnknown) {
  for (const std::string_view event : {
           R"({"Image":"/usr/bin/id","CommandLine":"id"})",
           R"({"EventID":1,"Image":"/usr/bin/id","CommandLine":"id"})",
           R"({"EventID":4688,"user":"kim"})",
           R"({"EventID":7045,"text":"a"})",
           R"({"Channel":"tv","EventID":"pilot"})",
           R"({"LogName":"Sales","Id":7})",
           R"({"eventSource":"app","eventName":"click"})",
           R"({"eventName":"click","awsRegion":"eu-north-1"})",
           R"({"eventVersion":"2.1","eventSource":"aws:s3","eventName":"Put",)"
           R"("awsRegion":"eu-north-1","userIdentity":{"principalId":"A"}})",
           R"({"operationName":"GET /","category":"Administrative"})",
           R"({"operationName":"Microsoft.X/Y","category":"kube-audit"})",
           R"({"Operation":"FileDeleted","RecordType":1})",
           R"({"eventType":"click","outcome":{"result":"ok"}})",
           R"({"action":"clicked.twice","actor":"kim"})",
           R"({"verb":"get","requestURI":"/"})",
           R"({"event_type_id":5})",
           R"({"uid":"kim","query":"example.com"})",
           R"({"_path":"/tmp"})",
           R"({"service":"dns","proto":"udp"})",
           R"({"type":"bpf","msg":"loaded"})",
           R"({"type":"EXECVE"})",
           R"({"program":"sshd"})",
           R"({"program":"a.out","message":"b"})",
           R"({"src_ip":"192.0.2.1","dst_ip":"192.0.2.2","dst_port":23})",
           R"({"query":"select 1"})",
           R"({"Signature":"Microsoft Windows"})",
           R"({"remote_addr":"192.0.2.1","status":"200"})",
           R"({"request":"/","response":"200"})",
           R"({"url":"/","requestmethod":"GET"})",
           R"({"event":{"category":"process","type":"start"}})",
           R"({"message":"sshd is down"})",
           R"({"message":"100% done"})",
           R"({"product":"windows","version":"11"})",
       }) {
    EXPECT_FALSE(KindOf(event).known) << event;
  }
}

TEST(ClassifierTest, AFieldCalledChannelAloneIsNotWindows) {
  EXPECT_FALSE(KindOf(R"({"Channel":"#general","text":"hi"})").known);
  EXPECT_FALSE(KindOf(R"({"source":"app","EventID":4624})").known);
}

TEST(ClassifierTest, TheProviderStandsInForAMissingChannel) {
  EXPECT_THAT(KindOf(R"({"SourceName":"Microsoft-Windows-Sysmon","EventID":1})")
                  .categories,
              ElementsAre("process_creation"));
  EXPECT_THAT(
      KindOf(R"({"Provider_Guid":"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}",)"
             R"("EventID":3})")
          .categories,
      ElementsAre("network_connection"));
}

TEST(ClassifierTest, SysmonForLinuxIsLinux) {
  const EventKind kind =
      KindOf(R"({"Channel":"Linux-Sysmon/Operational","EventID":1})");
  EXPECT_THAT(kind.products, ElementsAre("linux"));
  EXPECT_THAT(kind.categories, ElementsAre("process_creation"));
}

TEST(ClassifierTest, DeviceNamesOfTheFilteringPlatformAreNoConnections) {
  EXPECT_THAT(KindOf(R"({"Channel":"Security","EventID":5156})").categories,
              IsEmpty());
}

TEST(ClassifierTest, TheServiceOfAZeekConnectionIsNotALogSource) {
  const EventKind kind =
      KindOf(R"({"_path":"conn","ts":1.5,"uid":"C1","id.orig_h":"192.0.2.1",)"
             R"("id.resp_h":"192.0.2.2","service":"dns","conn_state":"SF"})");
  EXPECT_THAT(kind.products, ElementsAre("zeek"));
  EXPECT_THAT(kind.services, UnorderedElementsAre("conn", "connection"));
}

TEST(ClassifierTest, ExplicitHintsAreAdded) {
  const EventKind kind = KindOf(
      R"({"colour":"blue","logsource":{"product":"acme","service":"paint"}})");
  EXPECT_TRUE(kind.known);
  EXPECT_TRUE(kind.Covers(Source("acme", "", "paint")));
}

TEST(ClassifierTest, BareHintsCountWhereTwoOfThemFitTogether) {
  EXPECT_TRUE(KindOf(R"({"product":"windows","category":"process_creation"})")
                  .Covers(Source("windows", "process_creation", "")));
  EXPECT_TRUE(KindOf(R"({"product":"django","category":"application"})")
                  .Covers(Source("django", "application", "")));
  EXPECT_FALSE(KindOf(R"({"product":"windows"})").known);
  EXPECT_FALSE(KindOf(R"({"service":"dns","category":"proxy"})").known);
  EXPECT_FALSE(KindOf(R"({"product":"windows","service":"mowing"})").known);
}

TEST(ClassifierTest, ADeclaredSourceIsAddedToEveryEvent) {
  Classifier classifier({}, Source("acme", "paint", ""));
  EXPECT_TRUE(ClassifyJson(classifier, R"({"colour":"blue"})")
                  .Covers(Source("acme", "paint", "")));
  const EventKind& kind =
      ClassifyJson(classifier, R"({"Channel":"Security","EventID":4688})");
  EXPECT_TRUE(kind.Covers(Source("acme", "paint", "")));
  EXPECT_TRUE(kind.Covers(Source("windows", "process_creation", "security")));
}

TEST(ClassifierTest, ADeclaredWindowsServiceStandsInForTheChannel) {
  Classifier classifier({}, Source("windows", "", "security"));
  const EventKind& kind = ClassifyJson(classifier, R"({"EventID":4688})");
  EXPECT_TRUE(kind.Covers(Source("windows", "process_creation", "security")));
  EXPECT_TRUE(Renames(kind, "NewProcessName", "Image"));
}

TEST(ClassifierTest, ADeclaredServiceStandsInOnlyForALogOfItsProduct) {
  Classifier linux_sysmon({}, Source("linux", "", "sysmon"));
  EXPECT_THAT(ClassifyJson(linux_sysmon, R"({"EventID":1})").products,
              ElementsAre("linux"));
  Classifier none({}, Source("acme", "", "security"));
  EXPECT_THAT(ClassifyJson(none, R"({"EventID":4688})").categories, IsEmpty());
}

TEST(ClassifierTest, AHostAddsItsOwn) {
  const std::vector<LogSourceRecognizer> recognizers = {
      {.name = "acme-proxy",
       .conditions = {{.field = "acme.kind", .equals = "proxy"}},
       .products = {"acme"},
       .categories = {"proxy"},
       .renames = {{.event_field = "acme.url", .rule_field = "c-uri"}}}};
  Classifier classifier(recognizers, std::nullopt);
  const EventKind& kind =
      ClassifyJson(classifier, R"({"acme":{"kind":"Proxy","url":"/"}})");
  EXPECT_TRUE(kind.Covers(Source("acme", "proxy", "")));
  EXPECT_TRUE(Renames(kind, "acme.url", "c-uri"));
  EXPECT_FALSE(ClassifyJson(classifier, R"({"acme":{"kind":"dns"}})").known);
}

TEST(ClassifierTest, AHostsRowsJoinTheBuiltInOnes) {
  const std::vector<LogSourceRecognizer> recognizers = {
      {.name = "site",
       .conditions = {{.field = "site", .ends_with = ".example.com"},
                      {.field = "EventID", .equals = "4688"}},
       .services = {"site"}}};
  Classifier classifier(recognizers, std::nullopt);
  const EventKind& kind = ClassifyJson(
      classifier,
      R"({"Channel":"Security","EventID":4688,"site":"a.example.com"})");
  EXPECT_TRUE(kind.Covers(Source("windows", "process_creation", "site")));
}

TEST(ClassifierTest, OneKindIsOneObject) {
  Classifier classifier({}, std::nullopt);
  const EventKind& first =
      ClassifyJson(classifier, R"({"Channel":"Security","EventID":1})");
  const EventKind& second =
      ClassifyJson(classifier, R"({"Channel":"security","EventID":2})");
  const EventKind& other =
      ClassifyJson(classifier, R"({"Channel":"Security","EventID":4688})");
  EXPECT_EQ(&first, &second);
  EXPECT_NE(&first, &other);
  EXPECT_NE(first.id, other.id);
}

TEST(ClassifierTest, HostileEventIdsMakeNoNewKinds) {
  Classifier classifier({}, std::nullopt);
  uint32_t highest = 0;
  for (int id = 100'000; id < 110'000; ++id) {
    const std::string json = R"({"Channel":"x)" + std::to_string(id) +
                             R"(","EventID":)" + std::to_string(id) + "}";
    highest = std::max(highest, ClassifyJson(classifier, json).id);
  }
  EXPECT_EQ(highest, 0u);
}

TEST(ClassifierTest, HostileHintsEndInOneKindThatMissesNoRule) {
  Classifier classifier({}, std::nullopt);
  const EventKind* last = nullptr;
  for (int i = 0; i < 2000; ++i) {
    const std::string json =
        R"({"logsource":{"product":"p)" + std::to_string(i) + "\"}}";
    last = &ClassifyJson(classifier, json);
    ASSERT_LT(last->id, kMaxEventKinds);
  }
  EXPECT_TRUE(last->covers_every_rule);
  EXPECT_TRUE(last->Covers(Source("windows", "process_creation", "")));
  // Others are routed as before.
  EXPECT_FALSE(ClassifyJson(classifier, R"({"Channel":"System","EventID":1})")
                   .covers_every_rule);
}

TEST(ClassifierTest, AFieldIsAskedForOnce) {
  Classifier classifier({}, std::nullopt);
  std::vector<std::string> asked;
  classifier.Classify([&](std::string_view field, std::vector<FieldValue>*) {
    asked.emplace_back(field);
    return false;
  });
  std::vector<std::string> unique = asked;
  std::sort(unique.begin(), unique.end());
  unique.erase(std::unique(unique.begin(), unique.end()), unique.end());
  EXPECT_EQ(unique.size(), asked.size());
}

TEST(ClassifierTest, AWindowsEventTakesFewLookups) {
  Classifier classifier({}, std::nullopt);
  int lookups = 0;
  classifier.Classify(
      [&](std::string_view field, std::vector<FieldValue>* values) {
        ++lookups;
        if (field == "Channel") {
          values->push_back(
              FieldValue::String("Microsoft-Windows-Sysmon/Operational"));
          return true;
        }
        if (field == "EventID") values->push_back(FieldValue::Int(1));
        return field == "EventID";
      });
  EXPECT_LE(lookups, 7);
}

TEST(ClassifierTest, ALineOfCiscoIosTellsItsKind) {
  const EventKind kind = KindOf(
      R"({"message":"1: %PARSER-5-CFGLOG_LOGGEDCMD: User:kim  logged a"})");
  EXPECT_TRUE(kind.Covers(Source("cisco", "", "aaa")));
  EXPECT_FALSE(kind.Covers(Source("cisco", "", "bgp")));
}

TEST(ClassifierTest, ALongTextIsSearchedAtItsStartOnly) {
  const std::string far = std::string(5000, 'x') + " sshd[7]: b";
  EXPECT_FALSE(KindOf("{\"message\":\"" + far + "\"}").known);
  EXPECT_TRUE(KindOf("{\"message\":\"" + far.substr(4000) + "\"}").known);
}

TEST(ClassifierTest, TextInAKnownFormatDoesNotMakeItALine) {
  const EventKind kind = KindOf(
      R"({"Channel":"Application","EventID":1,"message":"a sshd[7]: b"})");
  EXPECT_THAT(kind.products, Not(Contains("linux")));
}

}  // namespace
}  // namespace tocsin::logsource
