// What tests of snapshots share: rules of every kind of state, and a stream for
// them, made up from a seed.

#ifndef TOCSIN_TESTS_ENGINE_SNAPSHOT_TESTING_H_
#define TOCSIN_TESTS_ENGINE_SNAPSHOT_TESTING_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/base/string_map.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/rule_set.h"
#include "tocsin/sink.h"

namespace tocsin::testing_snapshot {

// Each kind of state, each policy, keys of all forms, rules that others read.
inline constexpr std::string_view kRules = R"toc(
a = any where kind == "a"
b = any where kind == "b"
c = any where kind == "c"

rule count_edge { when a >= 3 within 20s by user.name }
rule count_every { when a >= 3 within 20s by user.name fire every }
rule count_reset { when a >= 2 and b >= 2 within 20s by host.name fire reset }
rule count_throttle { when a >= 2 within 10s by user.name fire throttle 30s }
rule two_keys { when a >= 2 within 15s by user.name, ?host.name }
rule chain { when a >= 2 then b in 8s then c within 30s by user.name }
rule chain_every { when a then b within 20s by host.name fire every }
rule chain_until { when a then c until b within 30s by user.name }
rule absence { when a then not b within 10s by user.name }
rule between { when a then not c then b within 20s by host.name }
rule distinct_values { when distinct(n) of a >= 3 within 30s by host.name }
rule distinct_pairs {
  when distinct(n, user.name) of a >= 4 within 30s by host.name fire every
}
rule sums { when sum(n) of a >= 9 within 20s by user.name fire throttle 20s }
rule fractions { when sum(x) of a >= 1.5 within 20s by user.name fire every }
rule middle { when median(n) of b >= 3 within 20s by host.name }
rule with_before { when a with b >= 2 within 15s by host.name }
rule with_after { when a with b >= 2 within 15s after by user.name }
rule with_around { when c with a >= 2 within 10s around by user.name }
rule not_both { when a and not c within 12s by host.name }
rule fixed { when a >= 2 per 20s offset 5s by user.name }
rule session { when a >= 2 and b >= 1 idle 8s max 40s by user.name }
rule ties { when a with b >= 2 within 15s by any of user.name, host.name }
rule unseen { when new (n) of a learn 20s within 60s by user.name }
rule same_chain {
  when a >= 2 then b within 30s by user.name where a.n == b.n fire every
}
rule other_chain {
  when a then b within 20s by host.name where a.n != b.n fire edge
}
rule same_absence {
  when a then b then not c within 10s by user.name where a.n < b.n
}
rule same_newest { when a and b within 15s by user.name where a.n == b.n }
rule same_around {
  when c with a >= 2 within 10s around by user.name where c.n == a.n
}
rule same_fixed { when a and b per 20s by host.name where a.n >= b.n }
rule unseen_small {
  when new (n) of a learn 20s within 60s by host.name where a.n < 3
}
rule rises { when spike a >= 2x past 60s min 2 per 15s by host.name }
rule lives { when a >= 2 within 10s by user.name fire every
  incident by user.name idle 8s max 25s }
rule lives_of_many { when b >= 1 within 10s by user.name, host.name fire every
  incident by host.name idle 5s }
rule lives_behind { when a and not c within 9s by user.name fire every
  incident by user.name idle 6s }
rule lives_of_ties { when b with a >= 1 within 9s by any of user.name, host.name
  incident by host.name idle 12s }
rule lives_of_events { detect any where kind == "c"
  incident by ?user.name idle 7s max 20s }
rule held { when a >= 1 within 5s by user.name fire every suppress 12s }
rule held_of_many { when a >= 1 within 5s by user.name, host.name fire every
  suppress 15s by host.name  incident by user.name idle 6s }
rule held_behind { when a and not c within 9s by user.name fire every
  suppress 20s by user.name }
rule held_of_ties { when b with a >= 1 within 9s by any of user.name, host.name
  suppress 12s }
rule held_events { detect any where kind == "b"
  suppress 9s by user.name  incident by user.name idle 5s }
rule again {
  first = rule "count_every"
  when first >= 2 within 40s by user.name
}
rule again_sorted {
  first = rule "with_after"
  second = rule "absence"
  when first >= 1 and second >= 1 within 40s by user.name
}
)toc";

inline std::shared_ptr<const RuleSet> CompileRules(std::string_view text) {
  Compiler compiler;
  compiler.AddText(std::string(text), "rules.toc");
  CompileResult compiled = compiler.Compile();
  for (const Diagnostic& diagnostic : compiled.diagnostics) {
    if (diagnostic.severity == Severity::kError) {
      ADD_FAILURE() << RenderDiagnostic(diagnostic);
    }
  }
  return compiled.rules;
}

struct StreamEvent {
  Timestamp time;
  std::string json;
};

// `late`: so many seconds events may come behind others, at most.
inline std::vector<StreamEvent> MakeStream(uint32_t seed, size_t count,
                                           int late) {
  constexpr int64_t kSecond = 1'000'000'000;
  constexpr int64_t kStart = 1'700'000'000 * kSecond;
  std::mt19937 random(seed);
  const auto below = [&](uint32_t n) {
    return static_cast<uint32_t>(random() % n);
  };
  struct Made {
    int64_t arrives;
    StreamEvent event;
  };
  std::vector<Made> made;
  int64_t time = kStart;
  for (size_t i = 0; i < count; ++i) {
    time += int64_t{below(4)} * kSecond;
    if (below(40) == 0) time += 90 * kSecond;
    std::string json =
        absl::StrCat(R"({"kind":")",
                     std::string(1, static_cast<char>('a' + below(3))).c_str(),
                     R"(","n":)", below(6), R"(,"x":)", below(4) * 0.3);
    if (below(8) != 0) {
      absl::StrAppend(&json, R"(,"user.name":"user)", below(3), "\"");
    }
    if (below(8) == 0) {
      absl::StrAppend(&json, R"(,"host.name":["h1","h2"])");
    } else if (below(6) != 0) {
      absl::StrAppend(&json, R"(,"host.name":"h)", below(3), "\"");
    }
    json += "}";
    const int64_t delay = late > 0 && below(3) == 0
                              ? below(static_cast<uint32_t>(late)) * kSecond
                              : 0;
    made.push_back({time + delay, {Timestamp(time), std::move(json)}});
  }
  std::stable_sort(made.begin(), made.end(), [](const Made& a, const Made& b) {
    return a.arrives < b.arrives;
  });
  std::vector<StreamEvent> stream;
  for (Made& one : made) stream.push_back(std::move(one.event));
  return stream;
}

// Writes down all that is said of each incident.
class Notes : public Sink {
 public:
  void OnDetection(const Detection& detection) override {
    lines.push_back(std::string(detection.id()));
  }
  void OnIncident(const Incident& incident) override {
    std::string line = incident.rule().id;
    line += ' ';
    line += incident.id();
    line += ' ';
    line += IncidentChangeName(incident.change());
    line += ' ';
    line += incident.incident_id();
    line += ' ' + std::to_string(incident.firings()) + ' ' +
            FormatTimestamp(incident.incident_begin()) + ' ' +
            FormatTimestamp(incident.incident_end());
    for (const IncidentKey& key : incident.keys()) {
      line += ' ' + key.name + '=' + (key.missing ? "-" : key.value);
    }
    for (const IncidentValue& value : incident.values()) {
      line += ' ' + value.name + '=' + std::to_string(value.value);
    }
    line += incident.exact() ? " exact" : " inexact";
    line += incident.revised() ? " revised" : "";
    lines.push_back(std::move(line));
  }
  void OnSuppressed(const Suppressed& suppressed) override {
    std::string line = suppressed.rule().id;
    line += ' ';
    line += suppressed.id();
    line += " suppressed ";
    line += suppressed.detection_id();
    line += ' ' + std::to_string(suppressed.count()) + ' ' +
            FormatTimestamp(suppressed.first_time()) + ' ' +
            FormatTimestamp(suppressed.last_time());
    for (const IncidentKey& key : suppressed.keys()) {
      line += ' ' + key.name + '=' + (key.missing ? "-" : key.value);
    }
    lines.push_back(std::move(line));
  }
  std::vector<std::string> lines;
};

inline std::string Saved(const Engine& engine) {
  std::string bytes;
  engine.SaveTo(&bytes);
  return bytes;
}

}  // namespace tocsin::testing_snapshot

#endif  // TOCSIN_TESTS_ENGINE_SNAPSHOT_TESTING_H_
