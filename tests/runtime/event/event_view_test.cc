#include "src/runtime/event/event_view.h"

#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tocsin::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

// A value as JSON would show it.
std::string Show(const FieldValue& value) {
  switch (value.kind()) {
    case FieldKind::kNull:
      return "null";
    case FieldKind::kObject:
      return "{}";
    case FieldKind::kString:
      return "'" + std::string(value.text()) + "'";
    default:
      return std::string(value.text());
  }
}

class EventViewTest : public testing::Test {
 protected:
  // Loads an event whose text must live as long as the test.
  void Load(std::string_view json) {
    const LoadResult result = view_.Load(Event::Json(json));
    ASSERT_TRUE(result.ok()) << result.error << " @" << result.error_offset;
  }

  // The values of `field` joined by commas; "missing", "empty".
  std::string Find(std::string_view field) {
    std::vector<FieldValue> values;
    if (!view_.Find(field, &values)) {
      EXPECT_TRUE(values.empty());
      return "missing";
    }
    if (values.empty()) return "empty";
    std::string text;
    for (const FieldValue& value : values) {
      if (!text.empty()) text += ",";
      text += Show(value);
    }
    return text;
  }

  std::vector<std::string> Scalars() {
    std::vector<std::string> scalars;
    view_.ForEachScalar([&](std::string_view key, const FieldValue& value) {
      scalars.push_back(std::string(key) + "=" + Show(value));
    });
    return scalars;
  }

  EventView view_;
};

TEST_F(EventViewTest, MissingNullAndEmptyAreThreeThings) {
  Load(R"({"host":{"name":null},"user":"","list":[]})");
  EXPECT_EQ(Find("host.name"), "null");
  EXPECT_EQ(Find("user"), "''");
  EXPECT_EQ(Find("list"), "empty");
  EXPECT_EQ(Find("host.os"), "missing");
  EXPECT_EQ(Find("host"), "{}");
}

TEST_F(EventViewTest, FlatDottedKeysAndNestedObjectsAreOne) {
  Load(R"({"host.hostname":"h1","host.name":"n1"})");
  EXPECT_EQ(Find("host.name"), "'n1'");
  Load(R"({"host":{"hostname":"h1","name":"n1"}})");
  EXPECT_EQ(Find("host.name"), "'n1'");
}

TEST_F(EventViewTest, TheLiteralKeyWinsOverThePath) {
  Load(R"({"n":14,"a.b":1,"a":{"b":2}})");
  EXPECT_EQ(Find("a.b"), "1");
  Load(R"({"a":{"b.c":1,"b":{"c":2}},"a.b":{"c":3,"d":4}})");
  EXPECT_EQ(Find("a.b.c"), "3");
  EXPECT_EQ(Find("a.b.d"), "4");
}

TEST_F(EventViewTest, APathGoesOnWhereADottedKeyLeadsNowhere) {
  Load(R"({"a.b":{"x":1},"a":{"b":{"c":2}}})");
  EXPECT_EQ(Find("a.b.c"), "2");
  Load(R"({"a.b":7,"a":{"b":{"c":2}}})");
  EXPECT_EQ(Find("a.b.c"), "2");
}

TEST_F(EventViewTest, DotsAreNotUnderscores) {
  Load(R"({"aws_cloudtrail_eventName":"x"})");
  EXPECT_EQ(Find("aws.cloudtrail.eventName"), "missing");
  Load(R"({"aws":{"cloudtrail.eventName":"x"}})");
  EXPECT_EQ(Find("aws.cloudtrail.eventName"), "'x'");
}

TEST_F(EventViewTest, PathsCrossArraysOfObjects) {
  Load(R"({"r":[{"arn":"a"},{"x":1},{"arn":["b","c"]},7,[{"arn":"d"}]]})");
  EXPECT_EQ(Find("r.arn"), "'a','b','c','d'");
  EXPECT_EQ(Find("r.x"), "1");
  EXPECT_EQ(Find("r.y"), "missing");
  EXPECT_EQ(Find("r"), "{},{},{},7,{}");
}

TEST_F(EventViewTest, ElementsOfArraysAreValuesOneByOne) {
  Load(R"({"args":["-enc",1,null,true,[2]]})");
  EXPECT_EQ(Find("args"), "'-enc',1,null,true,2");
}

TEST_F(EventViewTest, NoPartOfAPathIsEmpty) {
  Load(R"({"":1,".":2,"a.":3,"b":{"":4,"c.":5}})");
  EXPECT_EQ(Find(""), "1");
  EXPECT_EQ(Find("."), "2");
  EXPECT_EQ(Find("a."), "3");
  EXPECT_EQ(Find("b."), "missing");
  EXPECT_EQ(Find("b.c."), "5");
  EXPECT_EQ(Find(".x"), "missing");
}

TEST_F(EventViewTest, NamesAreCaseSensitive) {
  Load(R"({"Image":"a","image":"b"})");
  EXPECT_EQ(Find("Image"), "'a'");
  EXPECT_EQ(Find("image"), "'b'");
  EXPECT_EQ(Find("IMAGE"), "missing");
}

TEST_F(EventViewTest, ScalarsAreVisitedAtAnyDepthOnce) {
  Load(
      R"({"a":"x","b":{"c":[1,{"d":2.50}],"e":null},"f":true,"a":"y","g":{}})");
  EXPECT_THAT(Scalars(), ElementsAre("c=1", "d=2.50", "f=true", "a='y'"));
}

TEST_F(EventViewTest, AManyDottedNameIsCheapOnAnEventMadeToSlowItDown) {
  std::string json = R"({"x":1})";
  std::string name = "x";
  for (int i = 0; i < 60; ++i) {
    json = R"({"a":)" + json + R"(,"a.a":[)" + "]}";
    name = "a." + name;
  }
  Load(json);
  EXPECT_EQ(Find(name), "1");
  EXPECT_EQ(Find(name + ".y"), "missing");
}

// Windows events.

constexpr std::string_view kNested = R"({"Event":{
  "#attributes":{"xmlns":"http://schemas.example.com/event"},
  "System":{
    "Provider":{"#attributes":{"Name":"Service Control Manager","Guid":"{1}"}},
    "EventID":{"#attributes":{"Qualifiers":16384},"#text":7045},
    "Version":0,"TimeCreated":{"#attributes":{"SystemTime":"2026-01-15T10:20:30Z"}},
    "Correlation":null,
    "Execution":{"#attributes":{"ProcessID":712,"ThreadID":720}},
    "Channel":"System","Computer":"pc-01.example.com",
    "Security":{"#attributes":{"UserID":"S-1-5-18"}}},
  "EventData":{"ServiceName":"Updater","Threat Name":"x","Empty":""}}})";

TEST_F(EventViewTest, EvtxSystemMembersAreFields) {
  Load(kNested);
  EXPECT_EQ(Find("EventID"), "7045");
  EXPECT_EQ(Find("EventID_Qualifiers"), "16384");
  EXPECT_EQ(Find("Provider_Name"), "'Service Control Manager'");
  EXPECT_EQ(Find("Execution_ProcessID"), "712");
  EXPECT_EQ(Find("Security_UserID"), "'S-1-5-18'");
  EXPECT_EQ(Find("TimeCreated_SystemTime"), "'2026-01-15T10:20:30Z'");
  EXPECT_EQ(Find("Channel"), "'System'");
  EXPECT_EQ(Find("Version"), "0");
  EXPECT_EQ(Find("Correlation"), "null");
  EXPECT_EQ(Find("Provider"), "missing");
}

TEST_F(EventViewTest, EvtxEventDataIsFoundWithoutTheSpacesOfItsNames) {
  Load(kNested);
  EXPECT_EQ(Find("ServiceName"), "'Updater'");
  EXPECT_EQ(Find("ThreatName"), "'x'");
  EXPECT_EQ(Find("Empty"), "''");
  EXPECT_EQ(Find("Event.EventData.ServiceName"), "'Updater'");
}

TEST_F(EventViewTest, EvtxScalarsAreVisitedOnceAsTheFieldsTheyAre) {
  Load(R"({"Event":{"#attributes":{"xmlns":"u"},"System":{
      "Provider":{"#attributes":{"Name":"P"}},"EventID":1,"Security":null},
      "EventData":{"Data":["a",{"#text":"b"}],"Image":"i"},
      "RenderingInfo":{"Message":"m"}},"tag":"t"})");
  EXPECT_THAT(
      Scalars(),
      UnorderedElementsAre("Provider='P'", "EventID=1", "Data='a'", "Data='b'",
                           "Image='i'", "Message='m'", "tag='t'"));
}

TEST_F(EventViewTest, AttributesWrittenTheXmlWayAreTheSameFields) {
  Load(R"({"Event":{"@xmlns":"u","System":{"Provider":{"@Name":"P"},
      "EventID":{"@Qualifiers":"0","#text":"4688"},
      "TimeCreated":{"@SystemTime":"2026-01-15T10:20:30Z"}},
      "EventData":{"Data":[{"@Name":"NewProcessName","#text":"C:\\a.exe"},
                           {"@Name":"CommandLine"},"loose"]}}})");
  EXPECT_EQ(Find("Provider_Name"), "'P'");
  EXPECT_EQ(Find("EventID"), "'4688'");
  EXPECT_EQ(Find("TimeCreated_SystemTime"), "'2026-01-15T10:20:30Z'");
  EXPECT_EQ(Find("NewProcessName"), "'C:\\a.exe'");
  EXPECT_EQ(Find("CommandLine"), "''");
  EXPECT_EQ(Find("Data"), "'loose'");
}

TEST_F(EventViewTest, AttributesApartFromTheirElementAreTheSameFields) {
  Load(R"({"Event":{"System":{"Provider_attributes":{"Name":"P"},
      "EventID":1,"Execution":{"attributes":{"ProcessID":4}}},
      "EventData":{"Data":[{"#attributes":{"Name":"Image"},"#text":"i"},
                           {"attributes":{"Name":"User"},"#text":"u"}]}}})");
  EXPECT_EQ(Find("Provider_Name"), "'P'");
  EXPECT_EQ(Find("Execution_ProcessID"), "4");
  EXPECT_EQ(Find("Image"), "'i'");
  EXPECT_EQ(Find("User"), "'u'");
  EXPECT_EQ(Find("Data"), "missing");
}

TEST_F(EventViewTest, UnwrappedEvtxWithPlainAttributesIsSeenThrough) {
  Load(R"({"System":{"Provider":{"Name":"P"},"EventID":{"Value":4624},
      "TimeCreated":{"SystemTime":1768472430.5},"Channel":"Security"},
      "EventData":{"TargetUserName":"kim"},"Message":"m"})");
  EXPECT_EQ(Find("EventID"), "4624");
  EXPECT_EQ(Find("Provider_Name"), "'P'");
  EXPECT_EQ(Find("TargetUserName"), "'kim'");
  EXPECT_EQ(Find("Message"), "'m'");
  EXPECT_EQ(Find("TimeCreated_SystemTime"), "1768472430.5");
}

TEST_F(EventViewTest, UnnamedEventDataIsData) {
  Load(R"({"Event":{"System":{"EventID":325},
      "EventData":{"Data":["lsass","712","C:\\Temp\\ntds.dit"],"Binary":null}}})");
  EXPECT_EQ(Find("Data"), "'lsass','712','C:\\Temp\\ntds.dit'");
  EXPECT_EQ(Find("Binary"), "null");
  Load(R"({"Event":{"System":{"EventID":1},"EventData":{"Data":"one"}}})");
  EXPECT_EQ(Find("Data"), "'one'");
  Load(R"({"Event":{"System":{"EventID":1},
      "EventData":{"Data":{"#text":["a","b"]}}}})");
  EXPECT_EQ(Find("Data"), "'a','b'");
  Load(R"({"Event":{"System":{"EventID":1},"EventData":{"Data":[]}}})");
  EXPECT_EQ(Find("Data"), "empty");
}

TEST_F(EventViewTest, UserDataIsSeenThroughItsWrapper) {
  Load(R"({"Event":{"System":{"EventID":104,"Channel":"System"},"UserData":{
      "LogFileCleared":{"#attributes":{"xmlns:auto":"u"},
                        "SubjectUserName":"kim","Channel":"Application"}}}})");
  EXPECT_EQ(Find("SubjectUserName"), "'kim'");
  // Both are there to be matched; neither hides the other.
  EXPECT_EQ(Find("Channel"), "'System','Application'");
}

TEST_F(EventViewTest, LayoutBehindTheLastCodeOfAListIsTrimmed) {
  Load(R"({"Event":{"System":{"EventID":4663},"EventData":{
      "AccessList":"%%1539\r\n\t\t","Tail":"a \r\n\t","Blank":"a  ",
      "Inner":"%%1\r\n\t%%2\r\n\t","Only":"\r\n"}},"Plain":"x\r\n"})");
  EXPECT_EQ(Find("AccessList"), "'%%1539'");
  EXPECT_EQ(Find("Tail"), "'a '");
  EXPECT_EQ(Find("Blank"), "'a  '");
  EXPECT_EQ(Find("Inner"), "'%%1\r\n\t%%2'");
  EXPECT_EQ(Find("Only"), "''");
  EXPECT_EQ(Find("Plain"), "'x\r\n'");
}

TEST_F(EventViewTest, WinlogbeatFieldsAreFoundByTheirWindowsNames) {
  Load(R"({"winlog":{"channel":"Security","event_id":4688,
      "provider_name":"P","computer_name":"pc-01.example.com",
      "record_id":412,"process":{"pid":4,"thread":{"id":8}},
      "event_data":{"NewProcessName":"C:\\a.exe","AccessList":"%%1\n\t"}},
      "process":{"executable":"C:\\a.exe"}})");
  EXPECT_EQ(Find("Channel"), "'Security'");
  EXPECT_EQ(Find("EventID"), "4688");
  EXPECT_EQ(Find("Provider_Name"), "'P'");
  EXPECT_EQ(Find("Computer"), "'pc-01.example.com'");
  EXPECT_EQ(Find("Execution_ThreadID"), "8");
  EXPECT_EQ(Find("NewProcessName"), "'C:\\a.exe'");
  EXPECT_EQ(Find("AccessList"), "'%%1'");
  EXPECT_EQ(Find("process.executable"), "'C:\\a.exe'");
  EXPECT_EQ(Find("Image"), "missing");
}

TEST_F(EventViewTest, FlatWinlogbeatIsTheSame) {
  Load(R"({"winlog.channel":"Security","winlog.event_data.Image":"i",
           "Image":"own"})");
  EXPECT_EQ(Find("Channel"), "'Security'");
  EXPECT_EQ(Find("Image"), "'own'");
  Load(R"({"winlog.event_data.Image":"i"})");
  EXPECT_EQ(Find("Image"), "'i'");
}

TEST_F(EventViewTest, AnEventMemberThatIsNoWindowsEventIsLeftAlone) {
  Load(R"({"Event":{"Name":"x"},"System":"y"})");
  EXPECT_EQ(Find("Name"), "missing");
  EXPECT_EQ(Find("Event.Name"), "'x'");
  Load(R"({"System":{"Name":"x"}})");
  EXPECT_EQ(Find("System_Name"), "missing");
}

// Records that are not JSON.

class Row : public FieldLookup {
 public:
  bool Find(std::string_view field,
            std::vector<FieldValue>& values) const override {
    if (field != "EventID") return false;
    values.push_back(FieldValue::Int(4688));
    return true;
  }
  void ForEachValue(absl::FunctionRef<void(std::string_view, FieldValue)> visit)
      const override {
    visit("EventID", FieldValue::Int(4688, "4688"));
    visit("Nothing", FieldValue::Null());
  }
};

TEST_F(EventViewTest, AHostsOwnLookupIsAsked) {
  const Row row;
  ASSERT_TRUE(view_.Load(Event::Lookup(row)).ok());
  std::vector<FieldValue> values;
  ASSERT_TRUE(view_.Find("EventID", &values));
  EXPECT_EQ(values[0].int_value(), 4688);
  EXPECT_EQ(Find("Image"), "missing");
  EXPECT_THAT(Scalars(), ElementsAre("EventID=4688"));
}

TEST_F(EventViewTest, BuilderRecordsKeepTheirTypes) {
  const std::vector<std::string_view> args = {"-a", "b\"c"};
  EventBuilder record;
  record.Add("s", "a\nb\"c")
      .Add("i", -1)
      .Add("u", UINT64_MAX)
      .Add("d", 0.5)
      .Add("t", true)
      .Add("nan", 0.0 / 0.0)
      .Add("args", std::span<const std::string_view>(args))
      .AddNull("n")
      .AddJson("o", R"({"x":1})")
      .Add("i", 7);
  ASSERT_TRUE(view_.Load(Event::Record(record)).ok());
  EXPECT_EQ(Find("s"), "'a\nb\"c'");
  EXPECT_EQ(Find("u"), "18446744073709551615");
  EXPECT_EQ(Find("d"), "0.5");
  EXPECT_EQ(Find("t"), "true");
  EXPECT_EQ(Find("nan"), "null");
  EXPECT_EQ(Find("args"), "'-a','b\"c'");
  EXPECT_EQ(Find("n"), "null");
  EXPECT_EQ(Find("o.x"), "1");
  EXPECT_EQ(Find("i"), "7");
  record.Clear();
  EXPECT_EQ(record.json(), "{}");
}

}  // namespace
}  // namespace tocsin::runtime
