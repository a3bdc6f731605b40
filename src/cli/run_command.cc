#include "src/cli/run_command.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "src/base/string_map.h"
#include "src/cli/detection_writer.h"
#include "src/cli/input_files.h"
#include "src/cli/interrupt.h"
#include "src/cli/output.h"
#include "src/cli/progress.h"
#include "src/cli/rule_files.h"
#include "src/cli/run_state.h"
#include "src/cli/summary.h"
#include "src/cli/terminal.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/enrich.h"
#include "tocsin/event_reader.h"

namespace tocsin::cli {
namespace {

namespace fs = std::filesystem;

void Complain(std::string_view message) {
  Tell(absl::StrCat("tocsin run: ", Visible(message), "\n"));
}
void Complain(const absl::Status& status) {
  Complain(base::FromAbsl(status.message()));
}

// The form that a file's name asks for.
std::string_view FormatOf(std::string_view output) {
  if (output.ends_with(".ndjson") || output.ends_with(".jsonl") ||
      output.ends_with(".json")) {
    return "ndjson";
  }
  return output.ends_with(".csv") ? "csv" : "table";
}

InputFormat ParseInputFormat(std::string_view name) {
  return name == "ndjson"  ? InputFormat::kNdjson
         : name == "lines" ? InputFormat::kLines
                           : InputFormat::kAuto;
}

// Columns as wide as the rules and files at hand need. On a terminal they
// leave two fifths of what time and level do not take to the matched fields.
TableLayout LayoutFor(const Terminal& terminal, const RuleSet& rules,
                      const InputFiles& inputs) {
  constexpr int kLineDigits = 7;
  int title_most = 40;
  int place_most = 60;
  TableLayout layout{.terminal = terminal, .title_width = 4, .place_width = 5};
  if (terminal.width > 0) {
    constexpr int kSeconds = 20;  // As "2026-01-15T10:20:30Z".
    constexpr int kLevelAndGaps = 16;
    layout.time_width = kSeconds;
    const int rest = std::max(terminal.width - kSeconds - kLevelAndGaps, 0);
    title_most = std::clamp(rest * 7 / 20, 12, title_most);
    place_most = std::clamp(rest * 5 / 20, 10, place_most);
  }
  for (const RuleInfo& rule : rules.rules()) {
    layout.title_width =
        std::max(layout.title_width, DisplayWidth(Visible(rule.title)));
  }
  // Records are called by their job and function.
  constexpr int kFunctionMost = 21;  // As ": high_non_zero_count".
  for (const JobInfo& job : rules.jobs()) {
    layout.title_width = std::max(
        layout.title_width, DisplayWidth(Visible(job.id)) + kFunctionMost);
  }
  for (const std::string& path : inputs.paths) {
    layout.place_width =
        std::max(layout.place_width,
                 DisplayWidth(Visible(InputName(path))) + kLineDigits);
  }
  layout.title_width = std::min(layout.title_width, title_most);
  layout.place_width = std::min(layout.place_width, place_most);
  return layout;
}

// Where byte `offset` of an event lies in its file.
struct Place {
  int64_t line;
  int64_t column;
};
Place PlaceInEvent(const InputEvent& event, size_t offset) {
  Place place{event.line, event.column};
  const std::string_view before =
      event.json.substr(0, std::min(offset, event.json.size()));
  for (const char c : before) {
    if (c == '\n') {
      ++place.line;
      place.column = 1;
    } else {
      ++place.column;
    }
  }
  return place;
}

bool IsAmong(const std::string& output, const std::vector<std::string>& paths) {
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
    std::error_code error;
    return path != "-" && fs::equivalent(path, output, error);
  });
}

// Writing over what is being read, or over a rule, would destroy it.
bool IsAnInput(const std::string& output, const Arguments& arguments,
               const RuleSet& rules, const InputFiles& inputs) {
  std::vector<std::string> rule_files = arguments.GetAll("--rules");
  for (const RuleInfo& rule : rules.rules()) rule_files.push_back(rule.path);
  return IsAmong(output, inputs.paths) || IsAmong(output, rule_files) ||
         IsAmong(output, arguments.GetAll("--pipeline")) ||
         IsAmong(output, arguments.GetAll("--fields")) ||
         IsAmong(output, arguments.GetAll("--enrich")) ||
         IsAmong(output, arguments.GetAll("--warm-up"));
}

// Shows what is wrong with the rules; warnings are only counted, in the
// summary, since rule sets in use have many.
void TellRuleErrors(const CompileResult& compiled) {
  constexpr int kShown = 20;
  int errors = 0;
  for (const Diagnostic& diagnostic : compiled.diagnostics) {
    if (diagnostic.severity != Severity::kError) continue;
    if (++errors <= kShown) Tell(VisibleLines(RenderDiagnostic(diagnostic)));
  }
  if (errors > kShown) {
    Tell(absl::StrCat("... and ", errors - kShown,
                      " more errors; `tocsin check` shows all\n"));
  }
}

// Of each kind that was there before, those events.
void TakeOff(const std::vector<SourceStats>& before,
             std::vector<SourceStats>* now) {
  const auto kind = [](const SourceStats& source) {
    return std::tie(source.known, source.products, source.categories,
                    source.services);
  };
  for (const SourceStats& old : before) {
    for (SourceStats& source : *now) {
      if (kind(source) == kind(old)) source.events -= old.events;
    }
  }
}

// What was counted since `before`.
EngineStats Since(const EngineStats& before, EngineStats now) {
  now.events -= before.events;
  now.malformed -= before.malformed;
  now.invalid_utf8 -= before.invalid_utf8;
  now.unknown_source -= before.unknown_source;
  now.without_time -= before.without_time;
  now.zone_assumed -= before.zone_assumed;
  now.detections -= before.detections;
  now.incidents -= before.incidents;
  now.late -= before.late;
  now.future -= before.future;
  now.timeless -= before.timeless;
  now.suppressed -= before.suppressed;
  now.over_limit -= before.over_limit;
  return now;
}

// The same of jobs, in their order.
std::vector<JobStats> Since(const std::vector<JobStats>& before,
                            std::vector<JobStats> now) {
  for (size_t i = 0; i < now.size(); ++i) {
    now[i].events -= before[i].events;
    now[i].late -= before[i].late;
    now[i].untimely -= before[i].untimely;
    now[i].refused -= before[i].refused;
    now[i].buckets -= before[i].buckets;
    now[i].records -= before[i].records;
  }
  return now;
}

// "3 correlations and 1 job go on; fresh: a, b; dropped: c".
std::string RenderLoadReport(const LoadReport& report, const RuleSet& rules) {
  const auto is_kept = [&](const JobInfo& job) {
    return std::find(report.kept.begin(), report.kept.end(), job.id) !=
           report.kept.end();
  };
  const int64_t jobs =
      std::count_if(rules.jobs().begin(), rules.jobs().end(), is_kept);
  const int64_t kept = static_cast<int64_t>(report.kept.size());
  std::string text;
  if (kept > jobs || rules.jobs().empty()) {
    text = Plural(kept - jobs, "correlation", "correlations");
  }
  if (!rules.jobs().empty()) {
    absl::StrAppend(&text, text.empty() ? "" : " and ",
                    Plural(jobs, "job", "jobs"));
  }
  text += kept == 1 ? " goes on" : " go on";
  const auto add = [&](std::string_view what,
                       const std::vector<std::string>& ids) {
    if (ids.empty()) return;
    absl::StrAppend(&text, "; ", base::ToAbsl(what), ": ",
                    Visible(absl::StrJoin(ids, ", ")));
  };
  add("fresh, for they changed", report.changed);
  add("fresh, for they are new", report.added);
  add("dropped", report.dropped);
  return text;
}

// One run, from opened output to summary. A Sink, so that detections come here.
class Session : public Sink {
 public:
  Session(const Arguments& arguments, const CompileResult& compiled,
          const InputFiles& inputs, Enricher* enricher, RunState* state,
          Output* output)
      : compiled_(compiled),
        inputs_(inputs),
        enricher_(enricher),
        state_(state),
        output_(output),
        error_terminal_(DescribeTerminal(STDERR_FILENO)),
        output_terminal_(DescribeTerminal(output->descriptor())),
        progress_(error_terminal_, inputs.total_bytes),
        fail_rank_(arguments.Has("--fail-on")
                       ? LevelRank(arguments.Get("--fail-on", ""))
                       : kNeverFail),
        hides_blocks_(arguments.Has("--hide-building-blocks")) {
    if (const std::vector<std::string> past = arguments.GetAll("--warm-up");
        !past.empty()) {
      warm_up_ = ListInputFiles(past);
    }
    for (const std::string& error : warm_up_.errors) {
      report_.input_errors.Add(error, 0, 0, error);
    }
    std::string format =
        arguments.Get("--format", FormatOf(arguments.Get("--output", "")));
    if (format == "ndjson") {
      writer_ = MakeNdjsonWriter(arguments.Has("--with-event"));
    } else if (format == "alerts") {
      writer_ = MakeAlertWriter();
    } else if (format == "csv") {
      writer_ = MakeCsvWriter();
    } else {
      writer_ =
          MakeTableWriter(LayoutFor(output_terminal_, *compiled.rules, inputs));
    }
    reader_options_.format = ParseInputFormat(arguments.Get("--input", "auto"));
    report_.compiled = &compiled;
    report_.routing = arguments.Get("--routing", "on") == "on";
    report_.text_input = reader_options_.format == InputFormat::kLines;
  }

  // `state_every`: after how many events and errors the state is written; 0:
  // often enough. An error tells why nothing was read.
  absl::Status ReadAll(EngineOptions options, int64_t state_every) {
    state_every_ = state_every;
    for (const std::string& error : inputs_.errors) {
      report_.input_errors.Add(error, 0, 0, error);
    }
    options.routing = report_.routing;
    Engine engine(compiled_.rules, *this, std::move(options));
    const bool goes_on = state_ != nullptr && state_->goes_on();
    if (absl::Status status = Restore(&engine); !status.ok()) return status;
    if (!goes_on) WarmUp(&engine);
    if (output_->bytes() == 0) writer_->Begin(&output_->buffer());
    const EngineStats before = engine.stats();
    const std::vector<JobStats> jobs_before = engine.job_stats();
    const std::vector<int64_t> before_by_rule(
        engine.detections_by_rule().begin(), engine.detections_by_rule().end());
    events_before_ = before.events;
    const std::vector<SourceStats> sources_before = engine.sources();
    for (const std::string& path : inputs_.paths) {
      if (Stopped()) break;
      ReadFile(path, &engine);
    }
    if (state_ != nullptr) {
      WriteState(&engine);
    } else {
      // Nothing comes any more; what correlations wait for will not happen.
      has_ended_ = true;
      engine.AdvanceTo(Timestamp(INT64_MAX));
    }
    Write();
    progress_.Clear();
    report_.stats = Since(before, engine.stats());
    report_.sources = engine.sources();
    TakeOff(sources_before, &report_.sources);
    report_.job_stats = Since(jobs_before, engine.job_stats());
    for (size_t i = 0; i < before_by_rule.size(); ++i) {
      report_.detections_by_rule.push_back(engine.detections_by_rule()[i] -
                                           before_by_rule[i]);
    }
    report_.interrupted = Interrupted();
    return absl::OkStatus();
  }

  void OnDetection(const Detection& detection) override {
    if (is_warming_up_) return;
    CountLevel(detection.level());
    if (IsHidden(detection.rule())) return;
    writer_->Append(detection, &output_->buffer());
    ++detections_;
    if (LevelRank(detection.level()) >= fail_rank_) found_ = true;
  }

  void OnIncident(const Incident& incident) override {
    // That the input has ended closes none.
    const bool is_closed = incident.change() == IncidentChange::kClosed;
    if (is_closed && has_ended_) return;
    if (is_warming_up_) return;
    if (!is_closed) CountLevel(incident.level());
    if (IsHidden(incident.rule())) return;
    writer_->Append(incident, &output_->buffer());
    if (is_closed) return;
    ++detections_;
    if (LevelRank(incident.level()) >= fail_rank_) found_ = true;
  }

  void OnResponse(const Response& response) override {
    if (is_warming_up_) return;
    writer_->Append(response, &output_->buffer());
  }

  void OnSuppressed(const Suppressed& suppressed) override {
    if (is_warming_up_ || IsHidden(suppressed.rule())) return;
    writer_->Append(suppressed, &output_->buffer());
  }

  void OnAnomalies(const AnomalyBucket& bucket) override {
    if (is_warming_up_) return;
    writer_->Append(bucket, &output_->buffer());
    for (const AnomalyRecord& record : bucket.records) {
      ++report_.records;
      if (record.record_score >= 50) ++report_.records_from_50;
      if (record.record_score >= 75) ++report_.records_from_75;
    }
  }

  // What went wrong with writing the state, the last time.
  const absl::Status& state_status() const { return state_status_; }
  const RunReport& report() const { return report_; }
  bool found() const { return found_; }

 private:
  static constexpr int kNeverFail = 100;
  // Unless it is said how often: after so many events, and not before so many
  // times as long has passed as it took to write the state last.
  static constexpr int64_t kStateEvery = 100'000;
  static constexpr int kStateShare = 20;

  void CountLevel(std::string_view level) {
    auto it = report_.detections_by_level.find(level);
    if (it == report_.detections_by_level.end()) {
      it = report_.detections_by_level.emplace(level, 0).first;
    }
    ++it->second;
  }

  bool IsHidden(const RuleInfo& rule) const {
    return hides_blocks_ && rule.is_building_block;
  }

  // Reads events of the past; not for a run that goes on, which has done so.
  void WarmUp(Engine* engine) {
    is_warming_up_ = true;
    for (const std::string& path : warm_up_.paths) {
      if (Stopped()) break;
      const std::string name = InputName(path);
      absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenInput(path);
      if (!source.ok()) {
        report_.input_errors.Add(name, 0, 0,
                                 base::FromAbsl(source.status().message()));
        continue;
      }
      EventReader reader(*std::move(source), reader_options_);
      for (EventReader::Step step = reader.Next();
           step != EventReader::kEnd && !Stopped(); step = reader.Next()) {
        if (step == EventReader::kError) {
          const InputError& error = reader.error();
          report_.input_errors.Add(name, error.line, error.column,
                                   error.reason);
        } else {
          Take(reader.event(), name, engine);
        }
      }
    }
    // Nobody has seen what was found in them: it holds nothing back, and no
    // incident goes on.
    engine->ForgetReports();
    is_warming_up_ = false;
  }

  bool Stopped() const { return Interrupted() || output_->broken(); }

  absl::Status Restore(Engine* engine) {
    if (state_ == nullptr) return absl::OkStatus();
    report_.state = "new";
    if (!state_->goes_on()) return absl::OkStatus();
    const absl::StatusOr<LoadReport> loaded = state_->Restore(engine);
    if (!loaded.ok()) return loaded.status();
    report_.state = RenderLoadReport(*loaded, *compiled_.rules);
    if (state_->standard_input_steps() > 0) {
      absl::StrAppend(&report_.state, "; it goes on behind ",
                      WithSeparators(state_->standard_input_steps()),
                      " events and errors of standard input");
    }
    return absl::OkStatus();
  }

  // What was detected must be out before the state says that it was.
  void WriteState(Engine* engine) {
    engine->Finish();
    Write();
    since_state_ = 0;
    if (output_->broken()) return;
    const absl::Time begin = absl::Now();
    state_status_ = state_->Write(*engine, output_->bytes());
    const absl::Time end = absl::Now();
    state_not_before_ = end + kStateShare * (end - begin);
  }

  bool IsStateDue() {
    if (++since_state_ < (state_every_ > 0 ? state_every_ : kStateEvery)) {
      return false;
    }
    return state_every_ > 0 || absl::Now() >= state_not_before_;
  }

  void ReadFile(const std::string& path, Engine* engine) {
    const std::string name = InputName(path);
    const bool live = path == "-";
    if (live && isatty(STDIN_FILENO) != 0) {
      Tell("tocsin run: reading events from the terminal; Ctrl-D ends them\n");
    }
    absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenInput(path);
    if (!source.ok()) {
      report_.input_errors.Add(name, 0, 0,
                               base::FromAbsl(source.status().message()));
      return;
    }
    ++report_.files;
    EventReader reader(*std::move(source), reader_options_);
    int64_t read_before = state_ == nullptr ? 0 : state_->Begin(path);
    while (!Stopped()) {
      const EventReader::Step step = reader.Next();
      if (step == EventReader::kEnd) break;
      if (read_before > 0) {
        --read_before;
        continue;
      }
      if (step == EventReader::kError) {
        const InputError& error = reader.error();
        report_.input_errors.Add(name, error.line, error.column, error.reason);
      } else {
        Take(reader.event(), name, engine);
        // Someone waits for what comes from a pipe or goes to a screen.
        const bool is_awaited = live || output_terminal_.is_terminal;
        if (is_awaited) engine->Finish();
        if (output_->full() || is_awaited) Write();
        progress_.Update(bytes_before_ + reader.source_bytes(),
                         engine->stats().events - events_before_, detections_);
      }
      if (state_ == nullptr) continue;
      state_->Step();
      if (IsStateDue()) WriteState(engine);
    }
    report_.skipped += reader.stats().skipped;
    bytes_before_ += reader.source_bytes();
  }

  void Take(const InputEvent& event, const std::string& name, Engine* engine) {
    const int64_t unknown_before = engine->stats().unknown_source;
    const std::string_view json =
        enricher_ == nullptr ? event.json : enricher_->Enrich(event.json);
    const FeedResult fed =
        engine->Take(Event::Json(json).set_origin(name, event.line));
    if (!fed.ok()) {
      const Place place = PlaceInEvent(event, fed.error_offset);
      report_.input_errors.Add(name, place.line, place.column, fed.error);
    }
    if (report_.first_unknown.empty() &&
        engine->stats().unknown_source > unknown_before) {
      report_.first_unknown = absl::StrCat(Visible(name), ":", event.line);
    }
  }

  void Write() {
    if (output_->buffer().empty()) return;
    if (output_terminal_.is_terminal) progress_.Clear();
    output_->Flush();
  }

  const CompileResult& compiled_;
  const InputFiles& inputs_;
  Enricher* enricher_;  // Null without --enrich.
  RunState* state_;     // Null without --state.
  int64_t state_every_ = 0;
  int64_t since_state_ = 0;
  absl::Time state_not_before_;
  absl::Status state_status_;
  Output* output_;
  Terminal error_terminal_;
  Terminal output_terminal_;
  Progress progress_;
  int fail_rank_;
  std::unique_ptr<DetectionWriter> writer_;
  EventReaderOptions reader_options_;
  RunReport report_;
  int64_t bytes_before_ = 0;
  int64_t events_before_ = 0;  // Of former runs.
  int64_t detections_ = 0;
  bool found_ = false;
  bool has_ended_ = false;
  InputFiles warm_up_;
  const bool hides_blocks_;
  bool is_warming_up_ = false;
};

// Compiles the rules. Nothing if there is no point in going on; `code` is then
// the program's.
std::optional<CompileResult> LoadRules(const Arguments& arguments,
                                       ExitCode* code) {
  const std::vector<std::string> rules = arguments.GetAll("--rules");
  if (rules.empty()) {
    Complain("no rules; name a rule file or a folder with -r");
    *code = kExitBadArguments;
    return std::nullopt;
  }
  Compiler compiler(
      {.endpoint_eql = arguments.Get("--eql", "elastic") == "endpoint"});
  if (const absl::Status added =
          AddRuleFiles(rules, arguments.GetAll("--pipeline"),
                       arguments.GetAll("--fields"), &compiler);
      !added.ok()) {
    Complain(added);
    *code = kExitBadArguments;
    return std::nullopt;
  }
  CompileResult compiled = compiler.Compile();
  TellRuleErrors(compiled);
  if (compiled.rules->rules().empty() && compiled.rules->jobs().empty()) {
    Complain(absl::StrCat("no rule to run: ", RenderLoaded(compiled)));
    *code = compiled.documents == 0 ? kExitBadArguments : kExitBadRule;
    return std::nullopt;
  }
  return compiled;
}

// What --state and --state-every say; false, with a message, if they are wrong.
bool ReadState(const Arguments& arguments, const RuleSet& rules,
               const InputFiles& inputs, std::optional<RunState>* state,
               int64_t* every) {
  const std::string text = arguments.Get("--state-every", "0");
  if (arguments.Has("--state-every") &&
      (!absl::SimpleAtoi(text, every) || *every < 1)) {
    Complain(absl::StrCat("`--state-every` takes a number from 1 on, not `",
                          text, "`"));
    return false;
  }
  if (!arguments.Has("--state")) return true;
  const std::string path = arguments.Get("--state", "");
  if (IsAnInput(path, arguments, rules, inputs) ||
      path == arguments.Get("--output", "-")) {
    Complain(absl::StrCat(path,
                          ": is also an input or the output, and would "
                          "be overwritten"));
    return false;
  }
  state->emplace(path, arguments.Get("--output", "-"));
  const absl::Status read = (*state)->Read();
  if (!read.ok()) Complain(read);
  return read.ok();
}

}  // namespace

ExitCode RunCommand(const Arguments& arguments) {
  EngineOptions options;
  options.time_field = arguments.Get("--time-field", "");
  options.limit_signals = !arguments.Has("--no-signal-limit");
  if (arguments.Has("--logsource")) {
    absl::StatusOr<LogSource> source =
        ParseLogSource(arguments.Get("--logsource", ""));
    if (!source.ok()) {
      Complain(source.status());
      return kExitBadArguments;
    }
    options.log_source = *std::move(source);
  }
  const std::vector<std::string> rules = arguments.GetAll("--rules");
  if (std::find(rules.begin(), rules.end(), "-") != rules.end()) {
    Complain("rules cannot come from standard input; events may");
    return kExitBadArguments;
  }

  ExitCode code = kExitFine;
  const std::optional<CompileResult> compiled = LoadRules(arguments, &code);
  if (!compiled.has_value()) return code;

  const InputFiles inputs = ListInputFiles(arguments.operands());
  std::optional<RunState> state;
  int64_t state_every = 0;
  if (!ReadState(arguments, *compiled->rules, inputs, &state, &state_every)) {
    return kExitBadArguments;
  }
  Enricher enricher;
  for (const std::string& path : arguments.GetAll("--enrich")) {
    if (const absl::Status added = enricher.AddFile(path); !added.ok()) {
      Complain(added);
      return kExitBadArguments;
    }
  }
  const std::string output_path = arguments.Get("--output", "-");
  std::unique_ptr<Output> output = Output::Standard();
  if (output_path != "-") {
    if (IsAnInput(output_path, arguments, *compiled->rules, inputs)) {
      Complain(absl::StrCat(output_path,
                            ": is also an input, and would be overwritten"));
      return kExitBadArguments;
    }
    absl::StatusOr<std::unique_ptr<Output>> created =
        state.has_value() && state->goes_on()
            ? Output::Continue(output_path, state->output_bytes())
            : Output::Create(output_path);
    if (!created.ok()) {
      Complain(created.status());
      return kExitBadArguments;
    }
    output = *std::move(created);
  }

  CatchSignals();
  Session session(arguments, *compiled, inputs,
                  arguments.Has("--enrich") ? &enricher : nullptr,
                  state.has_value() ? &*state : nullptr, output.get());
  if (const absl::Status read =
          session.ReadAll(std::move(options), state_every);
      !read.ok()) {
    Complain(read);
    return kExitBadArguments;
  }
  absl::Status written = output->Close();
  Tell(RenderSummary(session.report()));
  if (!written.ok()) Complain(written);
  if (!session.state_status().ok()) Complain(session.state_status());
  written.Update(session.state_status());

  // In the order of ExitCodes().
  if (Interrupted()) return kExitInterrupted;
  if (session.found()) return kExitFindings;
  if (HasErrors(*compiled) && !arguments.Has("--skip-bad-rules")) {
    return kExitBadRule;
  }
  if (session.report().input_errors.count() > 0 || !written.ok()) {
    return kExitInput;
  }
  return kExitFine;
}

}  // namespace tocsin::cli
