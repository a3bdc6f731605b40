#include "src/cli/options.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/text/reporter.h"

namespace tocsin::cli {
namespace {

using base::ToAbsl;

constexpr std::array kRunOptions = {
    OptionSpec{.name = "--rules",
               .brief = "-r",
               .value = "PATH",
               .help = "A rule file, or a folder with .yml, .yaml, .toc, .eql, "
                       ".esql, .kql, .toml and .ndjson files, and .json "
                       "files that are anomaly detection jobs.",
               .repeats = true},
    OptionSpec{.name = "--pipeline",
               .brief = "-p",
               .value = "FILE",
               .help = "A processing pipeline for the rules.",
               .repeats = true},
    OptionSpec{.name = "--eql",
               .value = "elastic|endpoint",
               .help = "How queries in EQL are read: as Elasticsearch has it "
                       "(default), or with what Elastic's endpoint adds.",
               .words = "elastic|endpoint"},
    OptionSpec{.name = "--fields",
               .value = "FILE",
               .help = "A table of fields: how those of EQL and KQL rules "
                       "follow from those of events.",
               .repeats = true},
    OptionSpec{.name = "--routing",
               .value = "on|off",
               .help = "on (default): a rule meets only events of its log "
                       "source. off: every rule meets every event.",
               .words = "on|off"},
    OptionSpec{.name = "--logsource",
               .value = "KEYS",
               .help = "What the events are, as "
                       "product=windows,category=process_creation. Added to "
                       "what is recognised by itself."},
    OptionSpec{.name = "--input",
               .value = "auto|ndjson|lines",
               .help = "auto (default): JSON in any shape. ndjson: one JSON "
                       "value a line. lines: text, each line an event with "
                       "the field `message`.",
               .words = "auto|ndjson|lines"},
    OptionSpec{.name = "--enrich",
               .value = "FILE",
               .help = "What is known of addresses, joined to events as "
                       "`threatIntel` and `geoLocation`: a list of indicators "
                       "(.csv, .json for STIX, else a line each), or a "
                       "database of places (.mmdb).",
               .repeats = true},
    OptionSpec{.name = "--time-field",
               .value = "FIELD",
               .help = "The field that holds the event time, where it is not "
                       "one of the usual ones."},
    OptionSpec{.name = "--format",
               .value = "table|ndjson|csv|alerts",
               .help = "How detections are written. alerts: as the documents "
                       "that Elastic's alerts are. Default: by the name of "
                       "the output file (.ndjson, .jsonl, .json, .csv), else "
                       "table.",
               .words = "table|ndjson|csv|alerts"},
    OptionSpec{.name = "--output",
               .brief = "-o",
               .value = "FILE",
               .help = "Where detections go; default: standard output."},
    OptionSpec{.name = "--with-event",
               .help = "Put the whole event into each NDJSON detection. Other "
                       "formats have no place for it."},
    OptionSpec{.name = "--hide-building-blocks",
               .help = "Leave out what rules find that are marked as building "
                       "blocks. Rules over alerts see it all the same."},
    OptionSpec{.name = "--no-signal-limit",
               .help = "Elastic's rules find as many as there are in an "
                       "interval, not their max_signals (100)."},
    OptionSpec{.name = "--warm-up",
               .value = "FILE",
               .help = "Events of the past, read before the others. Rules "
                       "learn from them what is not new; what is found in "
                       "them is not reported, and holds nothing back of what "
                       "is found later.",
               .repeats = true},
    OptionSpec{.name = "--skip-bad-rules",
               .help = "A rule that does not load is a warning, not exit "
                       "code 2."},
    OptionSpec{.name = "--state",
               .value = "FILE",
               .help = "Go on where the run that wrote FILE stood, and write "
                       "it at the end, also of an interrupted run, and as "
                       "events are read. The end of input is then not the end "
                       "of time."},
    OptionSpec{.name = "--state-every",
               .value = "N",
               .help = "How many events and input errors are read before the "
                       "state is written again. Default: 100000, or more if "
                       "writing it would take a twentieth of the time."},
    OptionSpec{.name = "--fail-on",
               .value = "LEVEL",
               .help = "Exit code 1 after a detection of at least this level: "
                       "informational, low, medium, high or critical.",
               .words = "informational|low|medium|high|critical"},
};

constexpr std::array kCheckOptions = {
    OptionSpec{.name = "--pipeline",
               .brief = "-p",
               .value = "FILE",
               .help = "A processing pipeline for the rules.",
               .repeats = true},
    OptionSpec{.name = "--eql",
               .value = "elastic|endpoint",
               .help = "How queries in EQL are read: as Elasticsearch has it "
                       "(default), or with what Elastic's endpoint adds.",
               .words = "elastic|endpoint"},
    OptionSpec{.name = "--fields",
               .value = "FILE",
               .help = "A table of fields: how those of EQL and KQL rules "
                       "follow from those of events.",
               .repeats = true},
    OptionSpec{.name = "--format",
               .value = "text|json",
               .help = "text (default), or one JSON object.",
               .words = "text|json"},
};

constexpr std::array kBenchOptions = {
    OptionSpec{.name = "--rules",
               .brief = "-r",
               .value = "PATH",
               .help = "A rule file, or a folder with .yml, .yaml, .toc, .eql, "
                       ".esql, .kql, .toml and .ndjson files, and .json "
                       "files that are anomaly detection jobs.",
               .repeats = true},
    OptionSpec{.name = "--pipeline",
               .brief = "-p",
               .value = "FILE",
               .help = "A processing pipeline for the rules.",
               .repeats = true},
    OptionSpec{.name = "--eql",
               .value = "elastic|endpoint",
               .help = "How queries in EQL are read: as Elasticsearch has it "
                       "(default), or with what Elastic's endpoint adds.",
               .words = "elastic|endpoint"},
    OptionSpec{.name = "--fields",
               .value = "FILE",
               .help = "A table of fields: how those of EQL and KQL rules "
                       "follow from those of events.",
               .repeats = true},
    OptionSpec{.name = "--routing",
               .value = "on|off",
               .help = "As for `run`.",
               .words = "on|off"},
    OptionSpec{.name = "--logsource", .value = "KEYS", .help = "As for `run`."},
    OptionSpec{.name = "--input",
               .value = "auto|ndjson|lines",
               .help = "As for `run`.",
               .words = "auto|ndjson|lines"},
    OptionSpec{.name = "--passes",
               .value = "N",
               .help = "How often the events are fed again after the first "
                       "pass. Default: 3."},
    OptionSpec{.name = "--top",
               .value = "N",
               .help = "How many rules are shown. Default: 20."},
    OptionSpec{.name = "--skip-bad-rules",
               .help = "A rule that does not load does not make the exit code "
                       "2."},
};

constexpr std::array kFmtOptions = {
    OptionSpec{.name = "--check",
               .help = "Write nothing; name the files that would change, and "
                       "exit with 1 if there are any."},
    OptionSpec{.name = "--fix",
               .help = "Also mend slips that have only one right form: `=` for "
                       "`==`, 'x' for \"x\", a window behind `by`."},
    OptionSpec{.name = "--sort",
               .help = "Sort the values of lists that take a line each."},
};

constexpr std::array kExplainOptions = {
    OptionSpec{.name = "--rule",
               .value = "NAME",
               .help = "Only the rule of this name, id or title."},
};

constexpr std::array kTestOptions = {
    OptionSpec{.name = "--junit",
               .value = "FILE",
               .help = "Also write the results to FILE, in JUnit's XML."},
};

constexpr std::array kCommands = {
    CommandSpec{
        .name = "run",
        .operands = "-r RULES [FILE...]",
        .summary = "match rules against events and write what they detect",
        .details =
            "Reads events from files, from folders (.json, .jsonl, .ndjson and "
            ".log below them, also .gz and .zst), and from standard input if "
            "none is named or for `-`. Detections go to standard output, "
            "everything else to standard error: progress on a terminal, and a "
            "summary that says what was read, what was not, and why a run may "
            "have found nothing.",
        .options = kRunOptions},
    CommandSpec{
        .name = "check",
        .operands = "RULES...",
        .summary = "compile rules and show all that is wrong with them",
        .details = "Reads rule files and folders; `-` is standard input. Shows "
                   "every error and warning, then how many documents loaded.",
        .options = kCheckOptions},
    CommandSpec{
        .name = "bench",
        .operands = "-r RULES [FILE...]",
        .summary = "measure how fast rules meet events, and what each costs",
        .details =
            "Reads all events into memory, as `run` finds them, and feeds them "
            "several times on one core. Shows the speed of the first pass and "
            "of later ones, then the rules that took the most time: their "
            "share of the time of all evaluations, how often they were "
            "candidates, were evaluated and matched, the time of one "
            "evaluation, and the memory they take. Times are CPU time. A run "
            "also writes detections, which is not measured.",
        .options = kBenchOptions},
    CommandSpec{.name = "fmt",
                .operands = "FILE...",
                .summary = "lay out .toc files",
                .details =
                    "Rewrites .toc files, also those below folders, in the one "
                    "layout of the language, and names those it changed; `-` "
                    "is standard input, to standard output. Comments are kept, "
                    "and what rules mean never changes. A file with errors is "
                    "left alone.",
                .options = kFmtOptions},
    CommandSpec{
        .name = "explain",
        .operands = "FILE...",
        .summary = "say what .toc rules do, each default written out",
        .details = "Shows for each rule its source and condition, or its steps "
                   "and pattern, the window and its boundaries, keys, when it "
                   "is decided, how often it fires and what is kept.",
        .options = kExplainOptions},
    CommandSpec{.name = "test",
                .operands = "FILE...",
                .summary = "run the examples of .toc rules",
                .details =
                    "Feeds the events of each `example` to an engine of its "
                    "own, and compares what is reported with what it expects. "
                    "Shows how each went, and where one failed.",
                .options = kTestOptions},
    CommandSpec{.name = "schema",
                .operands = "",
                .summary = "print a grammar of .toc files for editors",
                .details = "The grammar is in TextMate's JSON form.",
                .options = {}},
    CommandSpec{.name = "version",
                .operands = "",
                .summary = "print the version",
                .details = "",
                .options = {}},
    CommandSpec{.name = "help",
                .operands = "[COMMAND]",
                .summary = "explain the program or one command",
                .details = "",
                .options = {}},
};

constexpr std::array kExitCodes = {
    ExitCodeSpec{kExitBadArguments,
                 "bad arguments, or the output cannot be opened; nothing was "
                 "read"},
    ExitCodeSpec{kExitInterrupted,
                 "interrupted; the summary covers what was read"},
    ExitCodeSpec{kExitFindings,
                 "a detection of the level given to --fail-on, or above; fmt "
                 "--check: a file would change; test: an example failed"},
    ExitCodeSpec{kExitBadRule,
                 "a rule or pipeline does not load (run: without "
                 "--skip-bad-rules, or if none is left)"},
    ExitCodeSpec{kExitInput,
                 "some input could not be read, or not all output written"},
    ExitCodeSpec{kExitFine, "fine"},
};

const CommandSpec* FindCommand(std::string_view name) {
  const auto it =
      std::find_if(kCommands.begin(), kCommands.end(),
                   [&](const CommandSpec& c) { return c.name == name; });
  return it == kCommands.end() ? nullptr : &*it;
}

const OptionSpec* FindOption(const CommandSpec& command,
                             std::string_view name) {
  for (const OptionSpec& option : command.options) {
    if (option.name == name || (!name.empty() && option.brief == name)) {
      return &option;
    }
  }
  return nullptr;
}

// ": did you mean `x`?", or what else helps.
std::string Suggestion(std::string_view word,
                       std::span<const std::string_view> candidates,
                       const std::string& otherwise) {
  const std::string meant = text::DidYouMean(word, candidates);
  return absl::StrCat("; ", meant.empty() ? otherwise : meant);
}

std::vector<std::string_view> SplitWords(std::string_view words) {
  std::vector<std::string_view> list;
  while (!words.empty()) {
    const size_t bar = std::min(words.find('|'), words.size());
    list.push_back(words.substr(0, bar));
    words.remove_prefix(std::min(bar + 1, words.size()));
  }
  return list;
}

absl::Status UnknownCommand(std::string_view name) {
  std::vector<std::string_view> names;
  for (const CommandSpec& command : kCommands) names.push_back(command.name);
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown command `", ToAbsl(name), "`",
      Suggestion(name, names, "`tocsin help` lists the commands")));
}

absl::Status UnknownOption(const CommandSpec& command, std::string_view name) {
  std::vector<std::string_view> names;
  for (const OptionSpec& option : command.options) {
    names.push_back(option.name);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown option `", ToAbsl(name), "` of `tocsin ", ToAbsl(command.name),
      "`",
      Suggestion(name, names,
                 absl::StrCat("`tocsin help ", ToAbsl(command.name),
                              "` lists them"))));
}

absl::Status CheckValue(const OptionSpec& option, const std::string& value) {
  if (option.words.empty()) {
    if (!value.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("`", ToAbsl(option.name), "` needs a value, ",
                     ToAbsl(option.value), ", and got an empty one"));
  }
  const std::vector<std::string_view> words = SplitWords(option.words);
  if (std::find(words.begin(), words.end(), value) != words.end()) {
    return absl::OkStatus();
  }
  std::string expected;
  for (const std::string_view word : words) {
    absl::StrAppend(&expected, expected.empty() ? "" : ", ", ToAbsl(word));
  }
  const std::string meant = text::DidYouMean(value, words);
  return absl::InvalidArgumentError(
      absl::StrCat("`", ToAbsl(option.name), "` takes one of ", expected,
                   ", not `", value, "`", meant.empty() ? "" : "; ", meant));
}

// `text` in lines of at most `width`, each but the first after `indent` spaces.
std::string Wrap(std::string_view text, size_t indent, size_t width) {
  std::string out;
  size_t column = indent;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (column > indent && column + 1 + word.size() > width) {
      absl::StrAppend(&out, "\n", std::string(indent, ' '));
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// "-r, --rules PATH".
std::string OptionHead(const OptionSpec& option) {
  std::string head;
  if (!option.brief.empty()) absl::StrAppend(&head, ToAbsl(option.brief), ", ");
  absl::StrAppend(&head, ToAbsl(option.name));
  if (!option.value.empty()) absl::StrAppend(&head, " ", ToAbsl(option.value));
  return head;
}

std::string OptionHelp(const OptionSpec& option) {
  return absl::StrCat(ToAbsl(option.help),
                      option.repeats ? " May be given again." : "");
}

std::string Usage(const CommandSpec& command) {
  std::string usage = absl::StrCat("tocsin ", ToAbsl(command.name));
  if (!command.options.empty()) usage += " [OPTION...]";
  if (!command.operands.empty()) {
    absl::StrAppend(&usage, " ", ToAbsl(command.operands));
  }
  return usage;
}

constexpr size_t kHelpWidth = 80;

std::string ExitCodeHelp() {
  std::string out = "Exit codes; where two apply, the first of this list:\n";
  for (const ExitCodeSpec& spec : kExitCodes) {
    const std::string code = std::to_string(spec.code);
    absl::StrAppend(&out, std::string(5 - code.size(), ' '), code, "  ",
                    Wrap(spec.meaning, 7, kHelpWidth), "\n");
  }
  return out;
}

}  // namespace

std::span<const CommandSpec> Commands() { return kCommands; }
std::span<const ExitCodeSpec> ExitCodes() { return kExitCodes; }

bool Arguments::Has(std::string_view option) const {
  return std::any_of(options_.begin(), options_.end(), [&](const auto& given) {
    return given.first->name == option;
  });
}

std::string Arguments::Get(std::string_view option,
                           std::string_view otherwise) const {
  std::string value(otherwise);
  for (const auto& [spec, given] : options_) {
    if (spec->name == option) value = given;
  }
  return value;
}

std::vector<std::string> Arguments::GetAll(std::string_view option) const {
  std::vector<std::string> values;
  for (const auto& [spec, given] : options_) {
    if (spec->name == option) values.push_back(given);
  }
  return values;
}

absl::StatusOr<Arguments> ParseArguments(
    std::span<const std::string> arguments) {
  if (arguments.empty()) {
    return absl::InvalidArgumentError(
        "no command; `tocsin help` lists the commands");
  }
  Arguments parsed;
  std::string_view name = arguments[0];
  // What every program answers to.
  if (name == "--help" || name == "-h") name = "help";
  if (name == "--version") name = "version";
  parsed.command_ = FindCommand(name);
  if (parsed.command_ == nullptr) return UnknownCommand(name);
  const CommandSpec& command = *parsed.command_;

  bool options_ended = false;
  for (size_t i = 1; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (options_ended || argument.size() < 2 || argument[0] != '-') {
      parsed.operands_.push_back(argument);
      continue;
    }
    if (argument == "--") {
      options_ended = true;
      continue;
    }
    if (argument == "--help" || argument == "-h") {  // `tocsin run --help`.
      Arguments help;
      help.command_ = FindCommand("help");
      help.operands_.emplace_back(command.name);
      return help;
    }
    // `--name=value`, or `-nvalue`.
    std::string option_name = argument;
    std::optional<std::string> value;
    if (argument[1] == '-') {
      const size_t equals = argument.find('=');
      if (equals != std::string::npos) {
        option_name = argument.substr(0, equals);
        value = argument.substr(equals + 1);
      }
    } else if (argument.size() > 2 &&
               FindOption(command, argument.substr(0, 2)) != nullptr) {
      option_name = argument.substr(0, 2);
      value = argument.substr(2);
    }
    const OptionSpec* option = FindOption(command, option_name);
    if (option == nullptr) return UnknownOption(command, option_name);
    if (option->value.empty()) {
      if (value.has_value()) {
        return absl::InvalidArgumentError(
            absl::StrCat("`", option_name, "` takes no value"));
      }
      parsed.options_.emplace_back(option, "");
      continue;
    }
    if (!value.has_value()) {
      if (i + 1 == arguments.size()) {
        return absl::InvalidArgumentError(absl::StrCat(
            "`", option_name, "` needs a value: ", ToAbsl(option->value)));
      }
      value = arguments[++i];
    }
    if (!option->repeats && parsed.Has(option->name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("`", ToAbsl(option->name), "` is given twice"));
    }
    if (absl::Status status = CheckValue(*option, *value); !status.ok()) {
      return status;
    }
    parsed.options_.emplace_back(option, *std::move(value));
  }
  return parsed;
}

std::string GeneralHelp() {
  std::string out =
      "Tocsin: rules and events in, detections out.\n\n"
      "  tocsin COMMAND [OPTION...] [ARGUMENT...]\n\n"
      "Commands:\n";
  for (const CommandSpec& command : kCommands) {
    absl::StrAppend(&out, "  ", ToAbsl(command.name),
                    std::string(10 - command.name.size(), ' '),
                    ToAbsl(command.summary), "\n");
  }
  absl::StrAppend(&out, "\n", ExitCodeHelp(), "\n",
                  "`tocsin help COMMAND` explains one command.\n");
  return out;
}

absl::StatusOr<std::string> CommandHelp(std::string_view command) {
  const CommandSpec* spec = FindCommand(command);
  if (spec == nullptr) return UnknownCommand(command);
  std::string out =
      absl::StrCat(ToAbsl(spec->name), ": ", ToAbsl(spec->summary), "\n\n  ",
                   Usage(*spec), "\n");
  if (!spec->details.empty()) {
    absl::StrAppend(&out, "\n", Wrap(spec->details, 0, kHelpWidth), "\n");
  }
  if (!spec->options.empty()) out += "\nOptions:\n";
  for (const OptionSpec& option : spec->options) {
    absl::StrAppend(&out, "  ", OptionHead(option), "\n      ",
                    Wrap(OptionHelp(option), 6, kHelpWidth), "\n");
  }
  absl::StrAppend(&out, "\n", ExitCodeHelp());
  return out;
}

std::string ReferenceMarkdown() {
  std::string out;
  for (const CommandSpec& command : kCommands) {
    absl::StrAppend(&out, "### `", Usage(command), "`\n\n");
    std::string summary(command.summary);
    summary[0] = static_cast<char>(summary[0] - 'a' + 'A');
    absl::StrAppend(&out, summary, ".");
    if (!command.details.empty()) {
      absl::StrAppend(&out, " ", ToAbsl(command.details));
    }
    out += "\n\n";
    if (command.options.empty()) continue;
    out += "| option | meaning |\n|---|---|\n";
    for (const OptionSpec& option : command.options) {
      std::string head;
      for (const char c : OptionHead(option)) {
        if (c == '|') head += '\\';  // A bar ends a cell, even in back-ticks.
        head += c;
      }
      absl::StrAppend(&out, "| `", head, "` | ", OptionHelp(option), " |\n");
    }
    out += "\n";
  }
  out +=
      "### Exit codes\n\nWhere two apply, the first of this list counts.\n\n"
      "| code | meaning |\n|---|---|\n";
  for (const ExitCodeSpec& spec : kExitCodes) {
    absl::StrAppend(&out, "| ", static_cast<int>(spec.code), " | ",
                    ToAbsl(spec.meaning), " |\n");
  }
  return out;
}

}  // namespace tocsin::cli
