#include "tests/logsource/table_page.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "src/base/string_map.h"
#include "src/logsource/builtin_table.h"

namespace tocsin::logsource {
namespace {

using base::ToAbsl;

// `a` or `b` or `c`.
std::string Alternatives(std::string_view list) {
  std::vector<std::string> quoted;
  for (const absl::string_view one : absl::StrSplit(ToAbsl(list), '|')) {
    quoted.push_back(absl::StrCat("`", one, "`"));
  }
  return absl::StrJoin(quoted, " or ");
}

template <size_t kSize>
std::string Words(const std::string_view (&list)[kSize]) {
  std::vector<std::string> words;
  for (const std::string_view word : list) {
    if (!word.empty()) words.emplace_back(word);
  }
  return absl::StrJoin(words, ", ");
}

template <size_t kSize>
std::string Quoted(const std::string_view (&list)[kSize],
                   absl::string_view between = ", ") {
  std::vector<std::string> words;
  for (const std::string_view word : list) {
    if (!word.empty()) words.push_back(absl::StrCat("`", ToAbsl(word), "`"));
  }
  return absl::StrJoin(words, between);
}

std::string_view VerbOf(Test test) {
  switch (test) {
    case Test::kExists:
      return "";
    case Test::kMissing:
      return "is missing";
    case Test::kEquals:
      return "is";
    case Test::kStartsWith:
      return "starts with";
    case Test::kEndsWith:
      return "ends with";
    case Test::kContains:
      return "contains";
    case Test::kNotEquals:
      return "is not";
    case Test::kNotStartsWith:
      return "does not start with";
    case Test::kNotContains:
      return "does not contain";
  }
  return "";
}

template <size_t kSize>
std::string Conditions(const Condition (&conditions)[kSize]) {
  std::vector<std::string> parts;
  for (const Condition& condition : conditions) {
    if (condition.field.empty()) continue;
    std::string part = Alternatives(condition.field);
    const std::string_view verb = VerbOf(condition.test);
    if (!verb.empty()) absl::StrAppend(&part, " ", ToAbsl(verb));
    if (!condition.text.empty()) {
      absl::StrAppend(&part, " ", Alternatives(condition.text));
    }
    parts.push_back(std::move(part));
  }
  return absl::StrJoin(parts, "; ");
}

// A cell of a table: a bar would end it.
std::string Cell(std::string text) {
  return absl::StrReplaceAll(text, {{"|", "\\|"}});
}

void AddLine(const std::vector<std::string>& cells, std::string* out) {
  for (const std::string& cell : cells) {
    absl::StrAppend(out, "| ", Cell(cell), " ");
  }
  out->append("|\n");
}

std::string Ids(uint32_t first, uint32_t last) {
  return first == last ? absl::StrCat(first) : absl::StrCat(first, "-", last);
}

// Which names of rules are looked up under other names, one line a row.
void AddRenames(const std::vector<std::pair<std::string, Sources>>& rows,
                std::string* out) {
  // Rows that share a list share a line.
  std::vector<std::string> lists;
  std::map<std::string, std::vector<std::string>> names;
  for (const auto& [name, sources] : rows) {
    if (sources.renames.empty()) continue;
    std::vector<std::string> parts;
    for (const Rename& rename : sources.renames) {
      parts.push_back(absl::StrCat("`", ToAbsl(rename.rule_field), "` = `",
                                   ToAbsl(rename.event_field), "`"));
    }
    const std::string list = absl::StrJoin(parts, ", ");
    if (names.find(list) == names.end()) lists.push_back(list);
    names[list].push_back(name);
  }
  if (lists.empty()) return;
  out->append("\nFields of rules, and what these events call them:\n\n");
  for (const std::string& list : lists) {
    absl::StrAppend(out, "- ", absl::StrJoin(names[list], "; "), ": ", list,
                    "\n");
  }
}

void AddWindows(std::string* out) {
  out->append(
      "### Windows event logs\n\n"
      "By channel; where an event has none, by provider name or GUID.\n\n"
      "| service | channels | providers |\n|---|---|---|\n");
  std::vector<std::pair<std::string, Sources>> renames;
  for (const WindowsLog& log : WindowsLogs()) {
    const std::string service = Words(log.sources.services);
    const std::string product = Words(log.sources.products);
    std::string what = service.empty() ? "(none)" : service;
    const std::string categories = Words(log.sources.categories);
    if (product != "windows") absl::StrAppend(&what, "; product ", product);
    if (!categories.empty()) {
      absl::StrAppend(&what, "; category ", categories);
    }
    AddLine({what, Quoted(log.channels), Quoted(log.providers)}, out);
    renames.emplace_back(log.name, log.sources);
  }
  out->append(
      "\nAny other channel with an event id is product windows.\n\n"
      "### Windows event ids\n\n"
      "| log | id | categories | only if |\n|---|---|---|---|\n");
  for (const WindowsEvent& event : WindowsEvents()) {
    const std::string ids = Ids(event.first_id, event.last_id);
    AddLine({std::string(event.log), ids, Words(event.sources.categories),
             Conditions(event.when)},
            out);
    renames.emplace_back(absl::StrCat(ToAbsl(event.log), " ", ids),
                         event.sources);
  }
  for (const Recognizer& row : WindowsExtras()) {
    renames.emplace_back(absl::StrCat("with ", Conditions(row.when)),
                         row.sources);
  }
  AddRenames(renames, out);

  out->append(
      "\n### Where exporters put channel and id\n\n"
      "The first that an event has is taken.\n\n"
      "| exporter | channel | event id |\n|---|---|---|\n");
  std::vector<std::pair<std::string, Sources>> shapes;
  for (const WindowsShape& shape : WindowsShapes()) {
    const std::string_view channel[] = {shape.channel_field};
    AddLine({std::string(shape.name), Quoted(channel),
             Quoted(shape.id_fields, " or ")},
            out);
    shapes.emplace_back(std::string(shape.name),
                        Sources{.renames = shape.renames});
  }
  std::vector<std::string> providers;
  for (const std::string_view field : WindowsProviderFields()) {
    providers.push_back(absl::StrCat("`", ToAbsl(field), "`"));
  }
  absl::StrAppend(out, "\nThe provider is looked for in ",
                  absl::StrJoin(providers, ", "), ".\n");
  AddRenames(shapes, out);

  out->append(
      "\n### Windows events with an id only\n\n"
      "Neither channel nor provider: these fields tell the log.\n\n"
      "| log | id | fields |\n|---|---|---|\n");
  for (const WindowsGuess& guess : WindowsGuesses()) {
    AddLine({std::string(guess.log), Ids(guess.first_id, guess.last_id),
             Conditions(guess.when)},
            out);
  }
}

void AddFamily(const Family& family, std::string* out) {
  absl::StrAppend(out, "\n### ", ToAbsl(family.name),
                  "\n\n| events | recognised by | product | category | service "
                  "|\n|---|---|---|---|---|\n");
  std::vector<std::pair<std::string, Sources>> renames;
  for (const Recognizer& row : family.rows) {
    AddLine({std::string(row.name), Conditions(row.when),
             Words(row.sources.products), Words(row.sources.categories),
             Words(row.sources.services)},
            out);
    renames.emplace_back(std::string(row.name), row.sources);
  }
  AddRenames(renames, out);
}

}  // namespace

std::string TableMarkdown() {
  std::string out;
  AddWindows(&out);
  for (const Family& family : Families()) AddFamily(family, &out);
  out.append(
      "\n### Only if declared\n\n"
      "Rules name these, and no content tells them. Declare the file with\n"
      "`--logsource`, or the engine with `EngineOptions::log_source`.\n\n"
      "| product | category | service | events |\n|---|---|---|---|\n");
  for (const DeclaredOnly& source : DeclaredOnlySources()) {
    AddLine({std::string(source.product), std::string(source.category),
             std::string(source.service), std::string(source.reason)},
            &out);
  }
  return out;
}

}  // namespace tocsin::logsource
