#include "src/cli/summary.h"

#include <algorithm>
#include <map>
#include <span>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/cli/detection_writer.h"
#include "src/cli/terminal.h"

namespace tocsin::cli {
namespace {

using base::ToAbsl;

constexpr size_t kErrorsShown = 10;
constexpr size_t kRulesShown = 20;
constexpr size_t kSourcesShown = 10;

// The number right-aligned in `width` columns.
std::string Aligned(int64_t number, size_t width) {
  std::string text = WithSeparators(number);
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

std::string JoinWords(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) {
    absl::StrAppend(&joined, joined.empty() ? "" : ",", word);
  }
  return joined;
}

// "windows / process_creation / sysmon": what is known of each key. An event of
// unknown source may still have what was declared for its file.
std::string SourceLabel(const SourceStats& source) {
  std::string label;
  for (const std::vector<std::string>* words :
       {&source.products, &source.categories, &source.services}) {
    if (words->empty()) continue;
    absl::StrAppend(&label, label.empty() ? "" : " / ", JoinWords(*words));
  }
  return Visible(label);
}

std::string LogSourceText(const LogSource& source) {
  std::string text;
  const auto add = [&](std::string_view key, const std::string& value) {
    if (value.empty()) return;
    absl::StrAppend(&text, text.empty() ? "" : ",", ToAbsl(key), "=", value);
  };
  add("product", source.product);
  add("category", source.category);
  add("service", source.service);
  return Visible(text);
}

constexpr std::string_view kUnknown = "unknown";

struct SourceLine {
  std::string label;
  int64_t events = 0;
  int rules = 0;
};

// Kinds that look the same to a reader are one line; most events first.
std::vector<SourceLine> SourceLines(const std::vector<SourceStats>& sources) {
  std::vector<SourceLine> lines;
  for (const SourceStats& source : sources) {
    if (source.events == 0) continue;
    std::string label = SourceLabel(source);
    if (label.empty()) label = kUnknown;
    const auto it =
        std::find_if(lines.begin(), lines.end(), [&](const SourceLine& line) {
          return line.label == label && line.rules == source.rules;
        });
    if (it == lines.end()) {
      lines.push_back({label, source.events, source.rules});
    } else {
      it->events += source.events;
    }
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const SourceLine& a, const SourceLine& b) {
                     return a.events > b.events;
                   });
  return lines;
}

std::string RenderSources(const RunReport& report) {
  const std::vector<SourceLine> lines = SourceLines(report.sources);
  if (lines.empty()) return "";
  std::string out = "log sources:\n";
  for (size_t i = 0; i < lines.size() && i < kSourcesShown; ++i) {
    absl::StrAppend(
        &out, "  ", Aligned(lines[i].events, 9), "  ", lines[i].label, " (",
        Plural(lines[i].rules, "rule looks", "rules look"), " at them)\n");
  }
  if (lines.size() > kSourcesShown) {
    absl::StrAppend(&out, "             and ", lines.size() - kSourcesShown,
                    " more\n");
  }
  return out;
}

std::string RenderDetections(const RunReport& report) {
  std::string out = absl::StrCat(
      "detections: ",
      WithSeparators(report.stats.detections + report.stats.incidents));
  const auto rules = report.compiled->rules->rules();
  std::map<std::pair<int, std::string>, int64_t> by_level;
  std::vector<size_t> fired;
  for (size_t i = 0; i < report.detections_by_rule.size(); ++i) {
    if (report.detections_by_rule[i] == 0) continue;
    fired.push_back(i);
  }
  for (const auto& [level, count] : report.detections_by_level) {
    by_level[{-LevelRank(level), level.empty() ? "no level" : level}] += count;
  }
  bool first = true;
  for (const auto& [level, count] : by_level) {
    absl::StrAppend(&out, first ? " (" : ", ", WithSeparators(count), " ",
                    Visible(level.second));
    first = false;
  }
  if (!first)
    absl::StrAppend(
        &out, ") by ",
        Plural(static_cast<int64_t>(fired.size()), "rule", "rules"));
  if (report.stats.suppressed > 0) {
    absl::StrAppend(&out, ", ", WithSeparators(report.stats.suppressed),
                    " more suppressed");
  }
  if (report.stats.over_limit > 0) {
    absl::StrAppend(&out, ", ", WithSeparators(report.stats.over_limit),
                    " beyond max_signals");
  }
  out += '\n';

  // Most detections first, then the gravest level.
  std::stable_sort(fired.begin(), fired.end(), [&](size_t a, size_t b) {
    const int64_t count_a = report.detections_by_rule[a];
    const int64_t count_b = report.detections_by_rule[b];
    if (count_a != count_b) return count_a > count_b;
    return LevelRank(rules[a].level) > LevelRank(rules[b].level);
  });
  for (size_t i = 0; i < fired.size() && i < kRulesShown; ++i) {
    const RuleInfo& rule = rules[fired[i]];
    absl::StrAppend(
        &out, "  ", Aligned(report.detections_by_rule[fired[i]], 9), "  ",
        Pad(CutEnd(rule.level.empty() ? "-" : Visible(rule.level), 13), 13),
        "  ", Visible(rule.title.empty() ? rule.id : rule.title), " (",
        Visible(rule.path), ")\n");
  }
  if (fired.size() > kRulesShown) {
    absl::StrAppend(&out, "             and ", fired.size() - kRulesShown,
                    " more rules\n");
  }
  return out;
}

// What jobs found, and what they did not count.
std::string RenderJobs(const RunReport& report) {
  if (report.job_stats.empty()) return "";
  std::string out = absl::StrCat(
      "anomalies: ", Plural(report.records, "record", "records"), " (",
      WithSeparators(report.records_from_75), " of score 75 or more, ",
      WithSeparators(report.records_from_50 - report.records_from_75),
      " from 50) by ",
      Plural(static_cast<int64_t>(report.job_stats.size()), "job", "jobs"),
      "\n");
  const std::span<const JobInfo> jobs = report.compiled->rules->jobs();
  for (size_t i = 0; i < jobs.size() && i < kRulesShown; ++i) {
    const JobStats& stats = report.job_stats[i];
    absl::StrAppend(&out, "  ", Aligned(stats.records, 9), "  ",
                    Visible(jobs[i].id), " (",
                    Plural(stats.events, "event", "events"), " in ",
                    Plural(stats.buckets, "bucket", "buckets"));
    if (stats.late > 0) {
      absl::StrAppend(&out, ", ", WithSeparators(stats.late), " too late");
    }
    if (stats.untimely > 0) {
      absl::StrAppend(&out, ", ", WithSeparators(stats.untimely),
                      " without a time");
    }
    if (stats.refused > 0) {
      absl::StrAppend(&out, ", no memory for ", WithSeparators(stats.refused),
                      " series");
    }
    out += ")\n";
  }
  if (jobs.size() > kRulesShown) {
    absl::StrAppend(&out, "             and ", jobs.size() - kRulesShown,
                    " more jobs\n");
  }
  return out;
}

// " (the rules loaded are mostly for ...)", or nothing if none names a source.
std::string CommonRuleSources(const RuleSet& rules) {
  std::map<std::string, int> counts;
  for (const RuleInfo& rule : rules.rules()) {
    const std::string text = LogSourceText(rule.log_source);
    if (!text.empty()) ++counts[text];
  }
  std::vector<std::pair<int, std::string>> sorted;
  for (const auto& [text, count] : counts) sorted.emplace_back(-count, text);
  std::sort(sorted.begin(), sorted.end());
  if (sorted.empty()) return "";
  std::string out = " (the rules loaded are mostly for ";
  for (size_t i = 0; i < sorted.size() && i < 3; ++i) {
    absl::StrAppend(&out, i == 0 ? "" : "; ", sorted[i].second);
  }
  return out + ")";
}

std::string NothingReadNote(const RunReport& report) {
  if (report.files == 0) {
    return "no input could be opened, so no rule had anything to match";
  }
  if (report.input_errors.count() > 0 && !report.text_input) {
    return "no event could be read, as the errors above say: if the input is "
           "text and not JSON, use --input lines";
  }
  return "no event was read, so no rule had anything to match";
}

// What a reader should know before trusting the numbers, worst first.
std::vector<std::string> Notes(const RunReport& report) {
  std::vector<std::string> notes;
  const EngineStats& stats = report.stats;
  const RuleSet& rules = *report.compiled->rules;
  const int64_t well_formed = stats.events - stats.malformed;

  if (well_formed == 0) {
    notes.push_back(NothingReadNote(report));
    return notes;
  }

  // Rules that are for any log source looked at them.
  const std::string common = CommonRuleSources(rules);
  if (stats.unknown_source > 0 && !common.empty()) {
    notes.push_back(absl::StrCat(
        stats.unknown_source == well_formed
            ? std::string("the log source of every event is unknown")
            : absl::StrCat("the log source of ",
                           Plural(stats.unknown_source, "event", "events"),
                           " is unknown"),
        report.first_unknown.empty()
            ? ""
            : absl::StrCat(" (first: ", report.first_unknown, ")"),
        ", so rules for a product, category or service did not look at them; "
        "say what they are with --logsource",
        common, ", or match every rule with --routing off"));
  }

  // Jobs look at events of every source.
  int64_t without_rules = 0;
  int kinds = 0;
  std::string example;
  for (const SourceLine& line : SourceLines(report.sources)) {
    if (line.rules > 0 || line.label == kUnknown) continue;
    without_rules += line.events;
    if (++kinds == 1) example = line.label;
  }
  if (without_rules > 0 && rules.jobs().empty()) {
    notes.push_back(absl::StrCat(
        "no loaded rule is for the log source of ",
        without_rules == well_formed ? std::string("any event")
                                     : Plural(without_rules, "event", "events"),
        " (", example,
        kinds > 1 ? absl::StrCat(" and ", kinds - 1, " more") : std::string(),
        "): load rules for it, or match every rule with --routing off",
        without_rules == well_formed ? CommonRuleSources(rules) : ""));
  }

  if (stats.detections + stats.incidents == 0 && !rules.rules().empty() &&
      std::max(stats.unknown_source, without_rules) < well_formed) {
    notes.push_back(absl::StrCat(
        notes.empty() ? "every event" : "every other event",
        " was looked at by ",
        report.routing ? "the rules for its log source" : "every rule",
        ", and none matched"));
  }

  if (stats.without_time > 0) {
    notes.push_back(absl::StrCat(
        stats.without_time == well_formed
            ? std::string("no event time was found in any event")
            : absl::StrCat("no event time was found in ",
                           Plural(stats.without_time, "event", "events")),
        ", so detections of them carry none",
        report.text_input ? "" : "; name its field with --time-field"));
  }
  for (const auto& [count, why] :
       {std::pair(stats.late, "came too late"),
        std::pair(stats.future, stats.future == 1
                                    ? "is too far ahead of the others"
                                    : "are too far ahead of the others"),
        std::pair(stats.timeless,
                  stats.timeless == 1 ? "has no time" : "have no time")}) {
    if (count == 0) continue;
    notes.push_back(absl::StrCat("rules over several events did not count ",
                                 Plural(count, "event", "events"), " that ",
                                 why));
  }
  if (stats.zone_assumed > 0) {
    notes.push_back(
        absl::StrCat(Plural(stats.zone_assumed, "event has", "events have"),
                     " a time without a zone, read as UTC"));
  }
  if (stats.invalid_utf8 > 0) {
    notes.push_back(
        absl::StrCat(Plural(stats.invalid_utf8, "event holds", "events hold"),
                     " bytes that are not UTF-8, read as U+FFFD"));
  }
  return notes;
}

}  // namespace

std::string Plural(int64_t count, std::string_view one, std::string_view many) {
  return absl::StrCat(WithSeparators(count), " ",
                      ToAbsl(count == 1 ? one : many));
}

void InputErrors::Add(const std::string& file, int64_t line, int64_t column,
                      std::string_view reason) {
  ++count_;
  if (shown_.size() < kErrorsShown) {
    std::string place;
    if (line > 0) place = absl::StrCat(Visible(file), ":", line, ":", column);
    shown_.push_back(
        absl::StrCat(place, place.empty() ? "" : ": ", Visible(reason)));
    return;
  }
  if (rest_.empty() || rest_.back().first != file) rest_.emplace_back(file, 0);
  ++rest_.back().second;
}

std::string InputErrors::Render() const {
  std::string out;
  for (const std::string& error : shown_) {
    absl::StrAppend(&out, "  ", error, "\n");
  }
  int64_t more = 0;
  std::string files;
  for (size_t i = 0; i < rest_.size(); ++i) {
    more += rest_[i].second;
    if (i < kErrorsShown) {
      absl::StrAppend(&files, i == 0 ? "" : ", ", Visible(rest_[i].first), " ",
                      WithSeparators(rest_[i].second));
    }
  }
  if (rest_.size() > kErrorsShown) absl::StrAppend(&files, ", ...");
  if (more > 0) {
    absl::StrAppend(&out, "  and ", WithSeparators(more), " more: ", files,
                    "\n");
  }
  return out;
}

std::string RenderLoaded(const CompileResult& compiled) {
  const int loaded =
      compiled.rules_loaded + compiled.filters_loaded + compiled.jobs_loaded;
  std::string out = absl::StrCat(WithSeparators(loaded), " of ",
                                 WithSeparators(compiled.documents), " loaded");
  if (compiled.filters_loaded > 0) {
    absl::StrAppend(
        &out, " (",
        Plural(compiled.filters_loaded, "of them a filter", "of them filters"),
        ")");
  }
  if (compiled.jobs_loaded > 0) {
    absl::StrAppend(
        &out, " (",
        Plural(compiled.jobs_loaded, "of them a job", "of them jobs"), ")");
  }
  if (compiled.refused > 0) {
    absl::StrAppend(&out, ", ", WithSeparators(compiled.refused), " refused");
  }
  const auto count = [&](Severity severity) {
    return std::count_if(
        compiled.diagnostics.begin(), compiled.diagnostics.end(),
        [&](const Diagnostic& d) { return d.severity == severity; });
  };
  if (const auto warnings = count(Severity::kWarning); warnings > 0) {
    absl::StrAppend(&out, ", ", Plural(warnings, "warning", "warnings"));
  }
  if (const auto notes = count(Severity::kNote); notes > 0) {
    absl::StrAppend(&out, ", ", Plural(notes, "note", "notes"));
  }
  return out;
}

std::string RenderSummary(const RunReport& report) {
  std::string out =
      absl::StrCat("rules: ", RenderLoaded(*report.compiled), "\nevents: ",
                   WithSeparators(report.stats.events - report.stats.malformed),
                   " from ", Plural(report.files, "file", "files"));
  const int64_t errors = report.input_errors.count();
  absl::StrAppend(&out, ", ", Plural(errors, "input error", "input errors"));
  if (report.skipped > 0) {
    absl::StrAppend(&out, ", ", WithSeparators(report.skipped),
                    " skipped (known to hold no events)");
  }
  if (report.interrupted) out += "; interrupted";
  absl::StrAppend(&out, "\n", report.input_errors.Render(),
                  RenderSources(report), RenderDetections(report));
  out += RenderJobs(report);
  if (!report.state.empty()) {
    absl::StrAppend(&out, "state: ", report.state, "\n");
  }
  for (const std::string& note : Notes(report)) {
    absl::StrAppend(&out, "note: ", note, "\n");
  }
  return out;
}

}  // namespace tocsin::cli
