// From Feed to "nothing matched" an engine allocates nothing, once it knows the
// stream: not for events like earlier ones, nor for values that are new.

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tests/allocations/allocations.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

// Rules whose guards are of all sorts: whole values, ends, parts, keywords,
// a regular expression, and none.
constexpr char kRules[] = R"(
title: Whole Values
logsource: {product: aws, service: cloudtrail}
detection:
  s: {eventName: [DeleteTrail, StopLogging, UpdateTrail]}
  condition: s
---
title: Another of One Field
logsource: {product: aws, service: cloudtrail}
detection:
  s: {eventName: CreateUser, userAgent|contains: sprocket}
  condition: s
---
title: A Third of It
logsource: {product: aws, service: cloudtrail}
detection:
  s: {eventName: [AttachUserPolicy, PutUserPolicy]}
  condition: s
---
title: Parts and Ends
logsource: {category: process_creation, product: windows}
detection:
  s: {Image|endswith: '\\certutil.exe', CommandLine|contains: [urlcache, verifyctl]}
  condition: s
---
title: An Expression
logsource: {category: process_creation, product: windows}
detection:
  s: {CommandLine|re: 'ping .* -n [0-9]{3,}'}
  condition: s
---
title: Keywords
logsource: {product: windows}
detection:
  keywords: [sekurlsa, 'kerberos::golden']
  condition: keywords
---
title: No Guard
logsource: {category: process_creation, product: windows}
detection:
  s: {ParentImage: null}
  condition: s
)";

std::string Numbered(const char* format, int number) {
  char text[1024];
  std::snprintf(text, sizeof(text), format, number, number, number);
  return text;
}

TEST(FeedAllocationTest, WhatMatchesNothingCostsNoAllocation) {
  Compiler compiler;
  compiler.AddText(kRules, "rules.yml");
  const CompileResult compiled = compiler.Compile();
  ASSERT_EQ(compiled.rules_loaded, 7);
  int detections = 0;
  CallbackSink sink([&](const Detection&) { ++detections; });
  Engine engine(compiled.rules, sink);

  // Events that differ in their values, some of which never come again.
  std::vector<std::string> events;
  for (int i = 0; i < 4000; ++i) {
    events.push_back(
        Numbered(R"({"eventVersion":"1.08","eventTime":"2026-01-15T10:20:30Z",)"
                 R"("eventSource":"iam.example.com","awsRegion":"eu-1",)"
                 R"("eventName":"Describe%d","eventType":"AwsApiCall",)"
                 R"("userAgent":"tool/%d","requestParameters":{"name":"n%d"}})",
                 i % 3 == 0 ? i : i % 7));
    events.push_back(Numbered(
        R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,)"
        R"("UtcTime":"2026-01-15 10:20:30.123","Image":"C:\\t\\p%d.exe",)"
        R"("CommandLine":"p%d.exe --all","ParentImage":"C:\\q%d.exe"})",
        i));
  }
  const auto feed_all = [&] {
    for (const std::string& event : events) {
      ASSERT_TRUE(engine.Feed(Event::Json(event)).ok());
    }
  };
  // A million bytes and more, so that the scanners have seen what there is.
  for (int pass = 0; pass < 30; ++pass) feed_all();
  const size_t before = testing::AllocationsSoFar();
  feed_all();
  EXPECT_EQ(testing::AllocationsSoFar() - before, 0u);
  EXPECT_EQ(detections, 0);
}

}  // namespace
}  // namespace tocsin
