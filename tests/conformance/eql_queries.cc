// EQL queries over events that are all there: ids, their order, and join keys;
// and the abstract cases of sequences.

#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "src/engine/eql_replay.h"
#include "src/runtime/correlate/correlator.h"
#include "src/runtime/correlate/key_writer.h"
#include "tests/conformance/shared_data.h"
#include "tests/conformance/suite.h"

namespace tocsin::conformance {
namespace {

using simdjson::dom::element;

constexpr std::string_view kFolder = "conformance/eql/";

std::string TextOf(element of, const char* name) {
  std::string_view text;
  if (of[name].get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

int64_t IntOf(element of, const char* name, int64_t otherwise) {
  int64_t value = otherwise;
  if (of[name].get(value) != simdjson::SUCCESS) return otherwise;
  return value;
}

struct DataSet {
  struct Row {
    std::string json;
    int64_t id = 0;
    int64_t time = 0;
    int64_t tiebreaker = 0;
    int64_t order = 0;
  };
  std::vector<Row> rows;
  std::vector<engine::ReplayedEvent> events;
};

const DataSet& Load(const std::string& name) {
  static auto& sets = *new std::map<std::string, DataSet>;
  const auto [at, is_new] = sets.try_emplace(name);
  DataSet& set = at->second;
  if (!is_new) return set;
  const bool is_endgame = name == "events-endgame";
  // Samples know no order in time, and take documents as they are stored.
  const bool in_order = is_endgame || name.find("sample") != std::string::npos;
  simdjson::dom::parser parser;
  ForEachLine(std::string(kFolder) + name + ".ndjson",
              [&](long number, std::string_view line) {
                element of;
                if (parser.parse(line.data(), line.size()).get(of) !=
                    simdjson::SUCCESS) {
                  return;
                }
                DataSet::Row row;
                row.json = line;
                row.id = IntOf(of, "_id", number);
                row.time = IntOf(of, "@timestamp_ms", 0) * 1'000'000;
                // Ticks of 100 ns since 1601 are finer.
                const int64_t ticks = IntOf(of, "timestamp", 0);
                if (is_endgame && ticks > 0) {
                  row.time = (ticks - 116'444'736'000'000'000) * 100;
                }
                row.tiebreaker = IntOf(of, "sequence", INT64_MAX);
                row.order = IntOf(of, "_order", number);
                set.rows.push_back(std::move(row));
              });
  if (!in_order) {
    std::stable_sort(set.rows.begin(), set.rows.end(),
                     [](const DataSet::Row& a, const DataSet::Row& b) {
                       return std::tie(a.time, a.tiebreaker, a.order) <
                              std::tie(b.time, b.tiebreaker, b.order);
                     });
  }
  for (const DataSet::Row& row : set.rows) {
    set.events.push_back({row.json, row.time});
  }
  return set;
}

// What the mappings of the indexes say beyond what JSON does.
const expression::FieldTable& Mapping() {
  static const auto& table = *[] {
    auto* made = new expression::FieldTable;
    using expression::FieldTraits;
    made->Set("version",
              {.type = ir::Type::kString, .text = FieldTraits::kVersion});
    made->Set(
        "optional_field_default_null",
        {.type = ir::Type::kString, .null_value = base::Value::String("NULL")});
    for (const char* date : {"date", "date_tags", "@timestamp_pretty"}) {
      made->Set(date, {.type = ir::Type::kTime});
    }
    return made;
  }();
  return table;
}

// One list of results, as text to compare.
std::string Describe(const std::vector<engine::EqlHit>& hits,
                     const DataSet& data, bool with_keys) {
  std::string text;
  for (const engine::EqlHit& hit : hits) {
    text += '[';
    for (const int64_t event : hit.events) {
      text +=
          event < 0
              ? "null,"
              : std::to_string(data.rows[static_cast<size_t>(event)].id) + ",";
    }
    text += ']';
    for (const auto& key : hit.keys) {
      if (with_keys) text += key ? "(" + *key + ")" : "null";
    }
    text += ' ';
  }
  return text;
}

bool HasKeys(element list) {
  for (element each : list.get_array()) {
    element keys;
    if (each["join_keys"].get(keys) == simdjson::SUCCESS) return true;
  }
  return false;
}

std::string Describe(element list) {
  std::string text;
  for (element each : list.get_array()) {
    text += '[';
    for (element id : each["ids"].get_array()) {
      text += id.is_null() ? "null," : std::to_string(int64_t(id)) + ",";
    }
    text += ']';
    element keys;
    if (each["join_keys"].get(keys) == simdjson::SUCCESS) {
      for (element key : keys.get_array()) {
        text += key.is_null()
                    ? "null"
                    : "(" + std::string(key.get_string().value()) + ")";
      }
    }
    text += ' ';
  }
  return text;
}

// "" if the answer is right.
std::string Run(element of, bool folds) {
  engine::EqlReplayOptions options;
  if (TextOf(of, "dialect") == "eql-python") {
    options.eql.dialect.language = expression::Dialect::kEndgame;
    options.eql.dialect.folds = folds;
  }
  options.eql.dialect.fields = &Mapping();
  options.eql.category_field = "event_type";
  options.size = static_cast<size_t>(IntOf(of, "size", 10));
  options.samples_of_key =
      static_cast<size_t>(IntOf(of, "max_samples_per_key", 1));
  const text::Source source("query", TextOf(of, "query"));
  Diagnostics diagnostics;
  text::Reporter reporter(source, &diagnostics);
  const auto replay = engine::EqlReplay::Compile(source, options, &reporter);
  if (replay == nullptr) {
    return diagnostics.empty() ? "refused" : diagnostics[0].message;
  }
  const DataSet& data = Load(TextOf(of, "dataset"));
  const std::vector<engine::EqlHit> hits = replay->Run(data.events);
  element expected;
  if (of["expected_ids"].get(expected) == simdjson::SUCCESS) {
    std::string wanted;
    for (element id : expected.get_array()) {
      wanted += "[" + std::to_string(int64_t(id)) + ",] ";
    }
    const std::string got = Describe(hits, data, false);
    return got == wanted ? "" : "got " + got + " want " + wanted;
  }
  if (of["expected_any_of"].get(expected) == simdjson::SUCCESS) {
    for (element each : expected.get_array()) {
      if (Describe(hits, data, HasKeys(each)) == Describe(each)) return "";
    }
    return "got " + Describe(hits, data, true);
  }
  if (of["expected_sequences"].get(expected) != simdjson::SUCCESS) {
    return "no answer to compare with";
  }
  const std::string got = Describe(hits, data, HasKeys(expected));
  const std::string wanted = Describe(expected);
  return got == wanted ? "" : "got " + got + " want " + wanted;
}

// --- Abstract sequences.

struct Collector final : runtime::FiredHandler {
  std::vector<std::pair<std::string, std::vector<uint64_t>>> found;

  void OnFired(const runtime::Fired& fired) override {
    std::vector<runtime::KeyText> key;
    runtime::ReadKey(fired.key, &key);
    std::vector<uint64_t> refs;
    for (uint32_t i = 0; i < fired.event_count; ++i) {
      refs.push_back(fired.events[i].ref);
    }
    found.emplace_back(key.empty() ? "" : key[0].text, std::move(refs));
  }
};

struct KeyField final : runtime::EventFields {
  FieldValue value;
  std::span<const FieldValue> Find(uint32_t) override { return {&value, 1}; }
};

bool RunSeries(element of) {
  struct Labelled {
    int64_t time = 0;
    std::string key;
    std::string label;
    std::vector<uint32_t> stages;
  };
  std::vector<Labelled> events;
  uint32_t stage_count = 0;
  for (element stage : of["stages"].get_array()) {
    for (element each : stage.get_array()) {
      Labelled event;
      event.time = IntOf(each, "t", 0);
      event.label = TextOf(each, "label");
      element key;
      if (each["key"].get(key) == simdjson::SUCCESS && !key.is_null()) {
        event.key = key.is_string() ? std::string(key.get_string().value())
                                    : std::to_string(int64_t(key));
      }
      event.stages = {stage_count};
      events.push_back(std::move(event));
    }
    ++stage_count;
  }
  std::stable_sort(
      events.begin(), events.end(),
      [](const Labelled& a, const Labelled& b) { return a.time < b.time; });
  std::vector<program::Correlation> rules(1);
  program::Correlation& rule = rules[0];
  rule.kind = program::Correlation::kSequence;
  rule.is_sorted = true;
  rule.span = INT64_MAX / 2;
  program::CorrelationKey key;
  key.name = "key";
  for (uint32_t i = 0; i < stage_count; ++i) {
    program::CorrelationStep step;
    step.source_index = i;
    rule.steps.push_back(step);
    rule.stages.push_back({.step = i});
    key.fields.push_back({0});
  }
  rule.keys.push_back(std::move(key));
  Collector collector;
  runtime::Correlator correlator(rules, stage_count, &collector, {});
  KeyField fields;
  for (size_t i = 0; i < events.size(); ++i) {
    fields.value = FieldValue::String(events[i].key);
    correlator.Feed({.time = events[i].time, .ref = i}, fields,
                    events[i].stages);
  }
  correlator.AdvanceTo(INT64_MAX);
  std::vector<std::string> got;
  for (const auto& [of_key, refs] : collector.found) {
    std::string text = of_key + ":";
    for (const uint64_t ref : refs) text += events[ref].label + ",";
    got.push_back(std::move(text));
  }
  std::vector<std::string> wanted;
  for (element each : of["expected"].get_array()) {
    element of_key;
    std::string text;
    if (each["key"].get(of_key) == simdjson::SUCCESS && !of_key.is_null()) {
      text = of_key.is_string() ? std::string(of_key.get_string().value())
                                : std::to_string(int64_t(of_key));
    }
    text += ":";
    for (element label : each["labels"].get_array()) {
      text += std::string(label.get_string().value()) + ",";
    }
    wanted.push_back(std::move(text));
  }
  std::sort(got.begin(), got.end());
  std::sort(wanted.begin(), wanted.end());
  return got == wanted;
}

template <typename Check>
Score RunFile(const char* suite, const std::string& name, const Check& check) {
  Score score;
  simdjson::dom::parser parser;
  const bool found = ForEachLine(
      std::string(kFolder) + name, [&](long, std::string_view line) {
        element of;
        if (parser.parse(line.data(), line.size()).get(of) !=
            simdjson::SUCCESS) {
          return;
        }
        ++score.total;
        const std::string wrong = check(of);
        if (wrong.empty()) {
          ++score.passed;
        } else {
          std::fprintf(stderr, "%s: %s %s: %s\n", suite,
                       TextOf(of, "suite").c_str(), TextOf(of, "name").c_str(),
                       wrong.c_str());
        }
      });
  if (!found || score.total == 0) {
    score.skipped = true;
    score.note = "no conformance/eql/" + name;
  }
  return score;
}

}  // namespace

Score EqlQueries() {
  return RunFile("eql-queries", "queries.jsonl", [](element of) {
    bool sensitive = false;
    std::vector<bool> modes = {false, true};
    if (of["case_sensitive"].get(sensitive) == simdjson::SUCCESS) {
      modes = {!sensitive};
    }
    for (const bool folds : modes) {
      std::string wrong = Run(of, folds);
      if (!wrong.empty()) return wrong;
    }
    return std::string();
  });
}

Score EqlSeries() {
  return RunFile("eql-series", "series.jsonl", [](element of) {
    return std::string(RunSeries(of) ? "" : "other sequences");
  });
}

}  // namespace tocsin::conformance
