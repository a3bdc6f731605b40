#include "src/cli/bench_command.h"

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/base/string_map.h"
#include "src/cli/input_files.h"
#include "src/cli/interrupt.h"
#include "src/cli/output.h"
#include "src/cli/rule_files.h"
#include "src/cli/summary.h"
#include "src/cli/terminal.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/event_reader.h"
#include "tocsin/sink.h"

namespace tocsin::cli {
namespace {

constexpr int kMostPasses = 1000;
constexpr int kMostRulesShown = 100'000;

void Complain(std::string_view message) {
  Tell(absl::StrCat("tocsin bench: ", Visible(message), "\n"));
}

// Nanoseconds that this thread has computed.
int64_t CpuNanos() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// Cheaper to ask than CpuNanos, for the time of a single rule.
int64_t MonotonicNanos() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// All events of a run, one behind the other in memory.
class EventList {
 public:
  void Add(std::string_view json) {
    text_ += json;
    ends_.push_back(text_.size());
  }

  int64_t count() const { return static_cast<int64_t>(ends_.size()); }
  int64_t bytes() const { return static_cast<int64_t>(text_.size()); }

  void FeedTo(Engine* engine) const {
    size_t begin = 0;
    for (const size_t end : ends_) {
      engine->Take(
          Event::Json(std::string_view(text_).substr(begin, end - begin)));
      begin = end;
    }
    engine->Finish();
  }

 private:
  std::string text_;
  std::vector<size_t> ends_;
};

void ReadInto(const InputFiles& inputs, const EventReaderOptions& options,
              EventList* events, InputErrors* errors) {
  for (const std::string& error : inputs.errors) {
    errors->Add(error, 0, 0, error);
  }
  for (const std::string& path : inputs.paths) {
    const std::string name = InputName(path);
    absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenInput(path);
    if (!source.ok()) {
      errors->Add(name, 0, 0, base::FromAbsl(source.status().message()));
      continue;
    }
    EventReader reader(*std::move(source), options);
    while (!Interrupted()) {
      const EventReader::Step step = reader.Next();
      if (step == EventReader::kEnd) break;
      if (step == EventReader::kEvent) {
        events->Add(reader.event().json);
      } else {
        const InputError& error = reader.error();
        errors->Add(name, error.line, error.column, error.reason);
      }
    }
  }
}

// "warm     302,100 events/s    3,310 ns/event     713 MB/s".
std::string RateLine(std::string_view name, const EventList& events,
                     int64_t nanos) {
  const double seconds =
      static_cast<double>(std::max<int64_t>(nanos, 1)) * 1e-9;
  const auto count = static_cast<double>(events.count());
  return absl::StrFormat(
      "%-12s%13s events/s%10s ns/event%10s MB/s\n", std::string(name),
      WithSeparators(static_cast<int64_t>(count / seconds)),
      WithSeparators(static_cast<int64_t>(seconds * 1e9 / count)),
      WithSeparators(static_cast<int64_t>(static_cast<double>(events.bytes()) /
                                          seconds / 1e6)));
}

// The costliest rules: a line each, those that cost nothing left out.
std::string CostTable(std::span<const RuleInfo> rules,
                      std::span<const RuleCost> costs, int most) {
  std::vector<size_t> order(costs.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::erase_if(order, [&](size_t i) { return costs[i].candidates == 0; });
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(costs[a].nanos, costs[a].candidates) >
           std::pair(costs[b].nanos, costs[b].candidates);
  });
  int64_t all_nanos = 0;
  for (const RuleCost& cost : costs) all_nanos += cost.nanos;
  std::string table =
      absl::StrFormat("%7s %11s %11s %11s %9s %8s  %s\n", "SHARE", "CANDIDATES",
                      "EVALUATED", "MATCHES", "NS/EVAL", "BYTES", "RULE");
  for (const size_t i :
       std::span(order).first(std::min<size_t>(order.size(), most))) {
    const RuleCost& cost = costs[i];
    absl::StrAppend(
        &table,
        absl::StrFormat(
            "%5.1f %% %11s %11s %11s %9s %8s  %s\n",
            100.0 * static_cast<double>(cost.nanos) /
                static_cast<double>(std::max<int64_t>(all_nanos, 1)),
            WithSeparators(cost.candidates), WithSeparators(cost.evaluations),
            WithSeparators(cost.matches),
            WithSeparators(cost.nanos / std::max<int64_t>(cost.evaluations, 1)),
            WithSeparators(cost.bytes), Visible(rules[i].title)));
  }
  const size_t left = order.size() - std::min<size_t>(order.size(), most);
  if (left > 0) {
    absl::StrAppend(&table, "... and ", left,
                    " more rules; --top shows more\n");
  }
  return table;
}

class Measurement {
 public:
  Measurement(const CompileResult& compiled, EngineOptions options,
              const EventList& events)
      : compiled_(compiled), options_(std::move(options)), events_(events) {}

  // The first pass pays for classes of events and starts with nothing
  // remembered; the median of the others is what a long stream costs.
  std::string Rates(int passes) {
    Engine engine(compiled_.rules, sink_, options_);
    std::string rates = RateLine("first pass", events_, Pass(&engine));
    if (Interrupted()) return rates;
    std::vector<int64_t> warm;
    for (int i = 0; i < passes && !Interrupted(); ++i) {
      warm.push_back(Pass(&engine));
    }
    if (warm.empty()) return rates;
    std::sort(warm.begin(), warm.end());
    return rates + RateLine("warm", events_, warm[warm.size() / 2]);
  }

  std::string Costs(int most) {
    EngineOptions options = options_;
    options.collect_rule_costs = true;
    options.clock = MonotonicNanos;
    Engine engine(compiled_.rules, sink_, std::move(options));
    events_.FeedTo(&engine);
    const std::span<const RuleCost> costs = engine.rule_costs();
    int64_t candidates = 0;
    int64_t nanos = 0;
    for (const RuleCost& cost : costs) {
      candidates += cost.candidates;
      nanos += cost.nanos;
    }
    const auto count = static_cast<double>(events_.count());
    return absl::StrFormat(
               "matches     %13s\n"
               "candidates  %13.2f per event, %.0f ns per event to evaluate "
               "them\n\n",
               WithSeparators(engine.stats().detections),
               static_cast<double>(candidates) / count,
               static_cast<double>(nanos) / count) +
           CostTable(compiled_.rules->rules(), costs, most);
  }

 private:
  int64_t Pass(Engine* engine) const {
    const int64_t begin = CpuNanos();
    events_.FeedTo(engine);
    return CpuNanos() - begin;
  }

  const CompileResult& compiled_;
  EngineOptions options_;
  const EventList& events_;
  CallbackSink sink_{[](const Detection&) {}};
};

// A whole number from 1 to `most`; false, with a message, if it is not one.
bool ReadNumber(const Arguments& arguments, std::string_view option,
                std::string_view otherwise, int most, int* number) {
  const std::string text = arguments.Get(option, otherwise);
  if (absl::SimpleAtoi(text, number) && *number >= 1 && *number <= most) {
    return true;
  }
  Complain(absl::StrCat("`", base::ToAbsl(option),
                        "` takes a number from 1 to ", most, ", not `", text,
                        "`"));
  return false;
}

}  // namespace

ExitCode BenchCommand(const Arguments& arguments) {
  int passes = 0;
  int most = 0;
  if (!ReadNumber(arguments, "--passes", "3", kMostPasses, &passes) ||
      !ReadNumber(arguments, "--top", "20", kMostRulesShown, &most)) {
    return kExitBadArguments;
  }
  const std::vector<std::string> rules = arguments.GetAll("--rules");
  if (rules.empty() ||
      std::find(rules.begin(), rules.end(), "-") != rules.end()) {
    Complain("no rules; name a rule file or a folder with -r");
    return kExitBadArguments;
  }
  EngineOptions options;
  options.routing = arguments.Get("--routing", "on") == "on";
  if (arguments.Has("--logsource")) {
    absl::StatusOr<LogSource> source =
        ParseLogSource(arguments.Get("--logsource", ""));
    if (!source.ok()) {
      Complain(base::FromAbsl(source.status().message()));
      return kExitBadArguments;
    }
    options.log_source = *std::move(source);
  }

  CatchSignals();
  const int64_t begin = CpuNanos();
  Compiler compiler(
      {.endpoint_eql = arguments.Get("--eql", "elastic") == "endpoint"});
  if (const absl::Status added =
          AddRuleFiles(rules, arguments.GetAll("--pipeline"),
                       arguments.GetAll("--fields"), &compiler);
      !added.ok()) {
    Complain(base::FromAbsl(added.message()));
    return kExitBadArguments;
  }
  const CompileResult compiled = compiler.Compile();
  const int64_t load_nanos = CpuNanos() - begin;

  EventList events;
  InputErrors errors;
  const std::string format = arguments.Get("--input", "auto");
  ReadInto(ListInputFiles(arguments.operands()),
           {.format = format == "ndjson"  ? InputFormat::kNdjson
                      : format == "lines" ? InputFormat::kLines
                                          : InputFormat::kAuto},
           &events, &errors);
  if (errors.count() > 0) {
    Tell(absl::StrCat("tocsin bench: input errors: ", errors.count(), "\n",
                      errors.Render()));
  }
  if (compiled.rules->rules().empty() || events.count() == 0) {
    Complain(events.count() == 0 ? "no events"
                                 : "no rule to run; `tocsin check` says why");
    return events.count() == 0 ? kExitInput : kExitBadRule;
  }

  const std::unique_ptr<Output> output = Output::Standard();
  std::string& out = output->buffer();
  absl::StrAppend(
      &out, "rules       ", RenderLoaded(compiled),
      absl::StrFormat(", in %.3f s\n", static_cast<double>(load_nanos) * 1e-9));
  absl::StrAppend(&out, "events      ", WithSeparators(events.count()), ", ",
                  WithSeparators(events.bytes()), " bytes\n");
  output->Flush();
  Measurement measurement(compiled, std::move(options), events);
  out += measurement.Rates(passes);
  output->Flush();
  if (!Interrupted()) out += measurement.Costs(most);
  const absl::Status written = output->Close();

  if (Interrupted()) return kExitInterrupted;
  if (HasErrors(compiled) && !arguments.Has("--skip-bad-rules")) {
    return kExitBadRule;
  }
  return errors.count() > 0 || !written.ok() ? kExitInput : kExitFine;
}

}  // namespace tocsin::cli
