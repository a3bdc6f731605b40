#include "src/logsource/classifier.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <deque>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "src/base/string_map.h"
#include "src/logsource/builtin_table.h"

namespace tocsin::logsource {
namespace {

using base::FromAbsl;
using base::ToAbsl;

using FieldId = uint32_t;
using RowId = uint32_t;

constexpr RowId kNoRow = ~RowId{0};

// Names of channels and providers are short; a longer text is none of them.
constexpr size_t kMaxNameLength = 128;

// What tells the source of a text stands at its start: no long text is searched
// to its end.
constexpr size_t kMaxSearched = 4096;

// Hints that events carry are a host's own words, so their number is bounded.
constexpr size_t kMaxHintLength = 64;
constexpr size_t kMaxHints = 256;

struct CompiledCondition {
  std::vector<FieldId> fields = {};  // Any of them.
  Test test = Test::kExists;
  std::vector<std::string> texts = {};  // Any of them.
};

// What matching a row adds to an event's kind.
struct Row {
  std::vector<CompiledCondition> when = {};
  std::vector<std::string> products = {};
  std::vector<std::string> categories = {};
  std::vector<std::string> services = {};
  std::vector<FieldRename> renames = {};
};

struct RowListHash {
  using is_transparent = void;
  size_t operator()(absl::Span<const RowId> rows) const {
    return absl::Hash<absl::Span<const RowId>>()(rows);
  }
};
struct RowListEqual {
  using is_transparent = void;
  bool operator()(absl::Span<const RowId> a, absl::Span<const RowId> b) const {
    return a == b;
  }
};

// The text of a scalar; `buffer` holds that of a number which never was text.
std::string_view TextOf(const FieldValue& value, std::array<char, 24>* buffer) {
  if (!value.text().empty() || value.is_string()) return value.text();
  char* const begin = buffer->data();
  char* const end = begin + buffer->size();
  std::to_chars_result written{begin, std::errc()};
  if (value.kind() == FieldKind::kInt) {
    written = std::to_chars(begin, end, value.int_value());
  } else if (value.kind() == FieldKind::kUint) {
    written = std::to_chars(begin, end, value.uint_value());
  }
  return std::string_view(begin, static_cast<size_t>(written.ptr - begin));
}

bool IsSearch(Test test) {
  return test == Test::kContains || test == Test::kNotContains;
}

// For a search both are in lower case already.
bool Passes(Test test, std::string_view value, std::string_view text) {
  switch (test) {
    case Test::kEquals:
    case Test::kNotEquals:
      return absl::EqualsIgnoreCase(ToAbsl(value), ToAbsl(text));
    case Test::kStartsWith:
    case Test::kNotStartsWith:
      return absl::StartsWithIgnoreCase(ToAbsl(value), ToAbsl(text));
    case Test::kEndsWith:
      return absl::EndsWithIgnoreCase(ToAbsl(value), ToAbsl(text));
    case Test::kContains:
    case Test::kNotContains:
      return value.find(text) != std::string_view::npos;
    case Test::kExists:
    case Test::kMissing:
      return true;
  }
  return false;
}

bool IsNegative(Test test) {
  return test == Test::kNotEquals || test == Test::kNotStartsWith ||
         test == Test::kNotContains || test == Test::kMissing;
}

void AddOnce(std::string_view text, std::vector<std::string>* list) {
  if (text.empty()) return;
  if (std::find(list->begin(), list->end(), text) != list->end()) return;
  list->emplace_back(text);
}

bool HasIgnoringCase(const std::vector<std::string>& list,
                     std::string_view text) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& s) {
    return absl::EqualsIgnoreCase(s, ToAbsl(text));
  });
}

// The name in lower case, in `buffer`; empty if it is too long to be one.
std::string_view Lowered(std::string_view name,
                         std::array<char, kMaxNameLength>* buffer) {
  if (name.size() > buffer->size()) return {};
  std::transform(name.begin(), name.end(), buffer->begin(), [](char c) {
    return absl::ascii_tolower(static_cast<unsigned char>(c));
  });
  return std::string_view(buffer->data(), name.size());
}

// "XmlWinEventLog:Security" -> "Security".
std::string_view WithoutLogPrefix(std::string_view channel) {
  for (const std::string_view prefix : {"WinEventLog:", "XmlWinEventLog:"}) {
    if (channel.starts_with(prefix)) return channel.substr(prefix.size());
  }
  return channel;
}

std::string_view WithoutBraces(std::string_view guid) {
  if (guid.size() > 2 && guid.front() == '{' && guid.back() == '}') {
    return guid.substr(1, guid.size() - 2);
  }
  return guid;
}

}  // namespace

bool EventKind::Covers(const LogSource& rule, bool meets_all) const {
  if (covers_every_rule || (meets_all && !known)) return true;
  const auto covered = [](const std::string& key,
                          const std::vector<std::string>& set) {
    return key.empty() || HasIgnoringCase(set, key);
  };
  return covered(rule.product, products) &&
         covered(rule.category, categories) && covered(rule.service, services);
}

struct Classifier::Impl {
  // How to look at the event at hand.
  struct Find {
    absl::FunctionRef<bool(std::string_view field,
                           std::vector<FieldValue>* values)>
        values;
    // Null: asked by way of `values`.
    const absl::FunctionRef<bool(std::string_view field)>* exists = nullptr;
  };

  struct Shape {
    FieldId channel = 0;
    std::vector<FieldId> ids = {};
    bool any_channel = false;
    RowId row = kNoRow;
  };
  struct Guess {
    uint32_t first_id = 0;
    uint32_t last_id = 0;
    uint32_t log = 0;
    RowId row = kNoRow;  // Its conditions only.
  };
  // Values of one field of the event at hand, as a range of `values`.
  struct Lookup {
    uint64_t event = 0;  // Which event this is of; events count from 1.
    bool exists = false;
    uint32_t begin = 0;
    uint32_t end = 0;
  };

  Impl(std::span<const LogSourceRecognizer> extra,
       const std::optional<LogSource>& declared_source) {
    AddWindows();
    for (const Family& family : Families()) {
      std::vector<RowId> ids;
      for (const Recognizer& recognizer : family.rows) {
        ids.push_back(AddRow(recognizer.when, recognizer.sources));
      }
      families.push_back(std::move(ids));
    }
    for (const DeclaredOnly& source : DeclaredOnlySources()) {
      AddPair(source.product, source.category);
      AddPair(source.product, source.service);
    }
    for (const LogSourceRecognizer& recognizer : extra) AddExtra(recognizer);
    if (declared_source.has_value()) AddDeclared(*declared_source);
    hint_fields = {Field("logsource.product"), Field("logsource.category"),
                   Field("logsource.service"), Field("product"),
                   Field("category"),          Field("service")};
  }

  // --- Building ------------------------------------------------------------

  FieldId Field(std::string_view name) {
    const auto [it, inserted] =
        field_ids.try_emplace(std::string(name), field_names.size());
    if (inserted) {
      field_names.emplace_back(name);
      lookups.emplace_back();
    }
    return it->second;
  }

  CompiledCondition Compile(const Condition& condition) {
    CompiledCondition compiled{.test = condition.test};
    for (const absl::string_view name :
         absl::StrSplit(ToAbsl(condition.field), '|')) {
      compiled.fields.push_back(Field(FromAbsl(name)));
    }
    for (const absl::string_view text :
         absl::StrSplit(ToAbsl(condition.text), '|')) {
      compiled.texts.emplace_back(text);
      if (IsSearch(condition.test)) {
        absl::AsciiStrToLower(&compiled.texts.back());
      }
    }
    return compiled;
  }

  RowId AddRow(std::span<const Condition> when, const Sources& sources) {
    Row row;
    for (const Condition& condition : when) {
      if (!condition.field.empty()) row.when.push_back(Compile(condition));
    }
    for (const std::string_view product : sources.products) {
      AddOnce(product, &row.products);
    }
    for (const std::string_view category : sources.categories) {
      AddOnce(category, &row.categories);
    }
    for (const std::string_view service : sources.services) {
      AddOnce(service, &row.services);
    }
    for (const Rename& rename : sources.renames) {
      row.renames.push_back({.event_field = std::string(rename.event_field),
                             .rule_field = std::string(rename.rule_field)});
    }
    for (const std::string& product : row.products) {
      for (const std::string& category : row.categories) {
        AddPair(product, category);
      }
      for (const std::string& service : row.services) {
        AddPair(product, service);
      }
    }
    rows.push_back(std::move(row));
    return static_cast<RowId>(rows.size() - 1);
  }

  // Remembers that a product has such a category or service.
  void AddPair(std::string_view product, std::string_view word) {
    if (product.empty() || word.empty()) return;
    std::string pair(product);
    pair.append(1, '\n').append(word);
    absl::AsciiStrToLower(&pair);
    pairs.insert(std::move(pair));
  }

  void AddWindows() {
    other_log = AddLog("", kOtherWindowsLog);
    for (const WindowsLog& log : WindowsLogs()) {
      const uint32_t id = AddLog(log.name, log.sources);
      for (const std::string_view channel : log.channels) {
        if (!channel.empty()) AddName(channel, id, &logs_by_channel);
      }
      for (const std::string_view provider : log.providers) {
        if (!provider.empty()) AddName(provider, id, &logs_by_provider);
      }
    }
    for (const WindowsEvent& event : WindowsEvents()) {
      const RowId row = AddRow(event.when, event.sources);
      const uint32_t log = logs_by_name.find(event.log)->second;
      for (uint32_t id = event.first_id; id <= event.last_id; ++id) {
        events[{log, id}].push_back(row);
      }
    }
    for (const WindowsShape& shape : WindowsShapes()) {
      Shape made{.channel = Field(shape.channel_field),
                 .any_channel = shape.any_channel,
                 .row = AddRow({}, {.renames = shape.renames})};
      for (const std::string_view field : shape.id_fields) {
        if (!field.empty()) made.ids.push_back(Field(field));
      }
      shapes.push_back(std::move(made));
    }
    for (const std::string_view field : WindowsProviderFields()) {
      provider_fields.push_back(Field(field));
    }
    for (const WindowsGuess& guess : WindowsGuesses()) {
      guesses.push_back({.first_id = guess.first_id,
                         .last_id = guess.last_id,
                         .log = logs_by_name.find(guess.log)->second,
                         .row = AddRow(guess.when, {})});
    }
    for (const Recognizer& recognizer : WindowsExtras()) {
      windows_extras.push_back(AddRow(recognizer.when, recognizer.sources));
    }
  }

  uint32_t AddLog(std::string_view name, const Sources& sources) {
    const uint32_t id = static_cast<uint32_t>(logs.size());
    logs.push_back(AddRow({}, sources));
    logs_by_name.emplace(name, id);
    return id;
  }

  static void AddName(std::string_view name, uint32_t log,
                      base::StringMap<uint32_t>* map) {
    std::array<char, kMaxNameLength> buffer;
    map->emplace(std::string(Lowered(name, &buffer)), log);
  }

  void AddExtra(const LogSourceRecognizer& recognizer) {
    Row row{.products = recognizer.products,
            .categories = recognizer.categories,
            .services = recognizer.services,
            .renames = recognizer.renames};
    for (const LogSourceCondition& condition : recognizer.conditions) {
      CompiledCondition compiled{.fields = {Field(condition.field)}};
      if (!condition.equals.empty()) {
        compiled.test = Test::kEquals;
        compiled.texts = {condition.equals};
      } else if (!condition.starts_with.empty()) {
        compiled.test = Test::kStartsWith;
        compiled.texts = {condition.starts_with};
      } else if (!condition.ends_with.empty()) {
        compiled.test = Test::kEndsWith;
        compiled.texts = {condition.ends_with};
      }
      row.when.push_back(std::move(compiled));
    }
    for (const std::string& product : row.products) {
      for (const std::string& category : row.categories) {
        AddPair(product, category);
      }
      for (const std::string& service : row.services) {
        AddPair(product, service);
      }
    }
    rows.push_back(std::move(row));
    extras.push_back(static_cast<RowId>(rows.size() - 1));
  }

  // Also finds the log whose channel a declared service stands in for.
  void AddDeclared(const LogSource& source) {
    Row row;
    AddOnce(source.product, &row.products);
    AddOnce(source.category, &row.categories);
    AddOnce(source.service, &row.services);
    rows.push_back(std::move(row));
    declared = static_cast<RowId>(rows.size() - 1);
    if (source.service.empty()) return;
    for (uint32_t log = 0; log < logs.size(); ++log) {
      const Row& of_log = rows[logs[log]];
      if (HasIgnoringCase(of_log.services, source.service) &&
          (source.product.empty() ||
           HasIgnoringCase(of_log.products, source.product))) {
        declared_log = log;
        return;
      }
    }
  }

  static void AddTo(const Row& row, EventKind* kind) {
    for (const std::string& s : row.products) AddOnce(s, &kind->products);
    for (const std::string& s : row.categories) AddOnce(s, &kind->categories);
    for (const std::string& s : row.services) AddOnce(s, &kind->services);
    for (const FieldRename& rename : row.renames) {
      const bool seen =
          std::any_of(kind->renames.begin(), kind->renames.end(),
                      [&](const FieldRename& other) {
                        return other.event_field == rename.event_field &&
                               other.rule_field == rename.rule_field;
                      });
      if (!seen) kind->renames.push_back(rename);
    }
  }

  // --- Looking at one event ------------------------------------------------

  std::span<const FieldValue> Values(FieldId field, const Find& find) {
    Lookup& lookup = lookups[field];
    if (lookup.event != event_number) {
      lookup.event = event_number;
      lookup.begin = static_cast<uint32_t>(values.size());
      lookup.exists = find.values(field_names[field], &values);
      lookup.end = static_cast<uint32_t>(values.size());
    }
    return std::span<const FieldValue>(values).subspan(
        lookup.begin, lookup.end - lookup.begin);
  }

  // Whether the field has a value that is not null.
  bool HasValue(FieldId field, const Find& find) {
    if (find.exists != nullptr && lookups[field].event != event_number) {
      return (*find.exists)(field_names[field]);
    }
    const std::span<const FieldValue> found = Values(field, find);
    return std::any_of(found.begin(), found.end(), [](const FieldValue& value) {
      return !value.is_null();
    });
  }

  // Whether the condition holds, a negative one taken without its `not`.
  bool Holds(const CompiledCondition& condition, const Find& find) {
    const bool exists_only =
        condition.test == Test::kExists || condition.test == Test::kMissing;
    for (const FieldId field : condition.fields) {
      if (exists_only) {
        if (HasValue(field, find)) return true;
        continue;
      }
      for (const FieldValue& value : Values(field, find)) {
        if (value.is_null()) continue;
        if (value.kind() == FieldKind::kObject) continue;
        std::array<char, 24> buffer;
        std::string_view text = TextOf(value, &buffer);
        if (IsSearch(condition.test)) {
          scratch.assign(text.substr(0, kMaxSearched));
          absl::AsciiStrToLower(&scratch);
          text = scratch;
        }
        for (const std::string& wanted : condition.texts) {
          if (Passes(condition.test, text, wanted)) return true;
        }
      }
    }
    return false;
  }

  bool RowHolds(RowId row, const Find& find) {
    const std::vector<CompiledCondition>& when = rows[row].when;
    return std::all_of(
        when.begin(), when.end(), [&](const CompiledCondition& condition) {
          return Holds(condition, find) != IsNegative(condition.test);
        });
  }

  bool AddHolding(std::span<const RowId> candidates, const Find& find) {
    const size_t before = matched.size();
    for (const RowId row : candidates) {
      if (RowHolds(row, find)) matched.push_back(row);
    }
    return matched.size() > before;
  }

  // The first text of the field, or empty.
  std::string_view Text(FieldId field, const Find& find) {
    for (const FieldValue& value : Values(field, find)) {
      if (value.is_string()) return value.text();
    }
    return {};
  }

  std::optional<uint32_t> EventId(std::span<const FieldId> fields,
                                  const Find& find) {
    for (const FieldId field : fields) {
      for (const FieldValue& value : Values(field, find)) {
        if (value.kind() == FieldKind::kInt && value.int_value() >= 0 &&
            value.int_value() <= UINT32_MAX) {
          return static_cast<uint32_t>(value.int_value());
        }
        if (!value.is_string()) continue;
        uint32_t id = 0;
        const std::string_view text = value.text();
        const auto [end, error] =
            std::from_chars(text.data(), text.data() + text.size(), id);
        if (error == std::errc() && end == text.data() + text.size()) return id;
      }
    }
    return std::nullopt;
  }

  static std::optional<uint32_t> LogOf(std::string_view name,
                                       const base::StringMap<uint32_t>& map) {
    std::array<char, kMaxNameLength> buffer;
    const auto it = map.find(Lowered(name, &buffer));
    if (it == map.end()) return std::nullopt;
    return it->second;
  }

  std::optional<uint32_t> LogByProvider(const Find& find) {
    for (const FieldId field : provider_fields) {
      const std::string_view provider = WithoutBraces(Text(field, find));
      if (provider.empty()) continue;
      if (const auto log = LogOf(provider, logs_by_provider)) return log;
    }
    return std::nullopt;
  }

  void AddLogAndEvent(uint32_t log, std::optional<uint32_t> id,
                      const Find& find) {
    matched.push_back(logs[log]);
    if (id.has_value()) {
      const auto it = events.find({log, *id});
      if (it != events.end()) AddHolding(it->second, find);
    }
    AddHolding(windows_extras, find);
  }

  bool MatchWindows(const Find& find) {
    for (const Shape& shape : shapes) {
      const std::string_view channel =
          WithoutLogPrefix(Text(shape.channel, find));
      if (channel.empty()) continue;
      const std::optional<uint32_t> id = EventId(shape.ids, find);
      std::optional<uint32_t> log = LogOf(channel, logs_by_channel);
      // The channel of a trace, or a log that rules do not speak of.
      if (!log.has_value() && shape.any_channel) {
        log = LogByProvider(find);
        if (!log.has_value() && id.has_value()) log = other_log;
      }
      if (!log.has_value()) continue;
      AddLogAndEvent(*log, id, find);
      if (!rows[shape.row].renames.empty()) matched.push_back(shape.row);
      return true;
    }
    return MatchWindowsWithoutChannel(find);
  }

  bool MatchWindowsWithoutChannel(const Find& find) {
    std::optional<uint32_t> log = LogByProvider(find);
    if (!log.has_value()) log = declared_log;
    const Shape& plain = shapes.front();
    const std::optional<uint32_t> id = EventId(plain.ids, find);
    if (log.has_value()) {
      AddLogAndEvent(*log, id, find);
      if (!rows[plain.row].renames.empty()) matched.push_back(plain.row);
      return true;
    }
    if (!id.has_value()) return false;
    for (const Guess& guess : guesses) {
      if (*id < guess.first_id || *id > guess.last_id) continue;
      if (!RowHolds(guess.row, find)) continue;
      AddLogAndEvent(guess.log, id, find);
      return true;
    }
    return false;
  }

  // A word that an event uses of itself, as a row of its own; kNoRow if it is
  // too long or one too many.
  RowId HintRow(int key, std::string_view word) {
    if (word.size() > kMaxHintLength) return kNoRow;
    const auto it = hints[key].find(word);
    if (it != hints[key].end()) return it->second;
    if (hint_count >= kMaxHints) {
      hints_exhausted = true;
      return kNoRow;
    }
    ++hint_count;
    Row row;
    (key == 0   ? row.products
     : key == 1 ? row.categories
                : row.services)
        .emplace_back(word);
    rows.push_back(std::move(row));
    const RowId id = static_cast<RowId>(rows.size() - 1);
    hints[key].emplace(word, id);
    return id;
  }

  void AddHint(int key, std::string_view word) {
    if (word.empty()) return;
    const RowId row = HintRow(key, word);
    if (row != kNoRow) matched.push_back(row);
  }

  bool IsPair(std::string_view product, std::string_view word) {
    scratch.assign(product).append(1, '\n').append(word);
    absl::AsciiStrToLower(&scratch);
    return pairs.contains(std::string_view(scratch));
  }

  void MatchHints(const Find& find) {
    for (int key = 0; key < 3; ++key)
      AddHint(key, Text(hint_fields[key], find));
    // The bare names are ordinary words that many formats use. They count only
    // where two of them fit together as some row has it.
    const std::string_view product = Text(hint_fields[3], find);
    if (product.empty() || product.size() > kMaxHintLength) return;
    bool fits = false;
    for (int key = 1; key < 3; ++key) {
      const std::string_view word = Text(hint_fields[3 + key], find);
      if (word.empty() || word.size() > kMaxHintLength) continue;
      if (!IsPair(product, word)) continue;
      AddHint(key, word);
      fits = true;
    }
    if (fits) AddHint(0, product);
  }

  // The kind of events past the bound: it covers all rules, so that they lose
  // no detection, and knows all names.
  const EventKind* Overflow() {
    if (overflow.has_value()) return &*overflow;
    overflow.emplace();
    overflow->id = kMaxEventKinds - 1;
    overflow->known = true;
    overflow->covers_every_rule = true;
    for (const Row& row : rows) AddTo(row, &*overflow);
    return &*overflow;
  }

  const EventKind* KindOfMatched() {
    const auto it = kinds_by_rows.find(absl::MakeConstSpan(matched));
    if (it != kinds_by_rows.end()) return it->second;
    if (kinds.size() + 1 >= kMaxEventKinds) return Overflow();
    EventKind& kind = kinds.emplace_back();
    kind.id = static_cast<uint32_t>(kinds.size() - 1);
    kind.known = !matched.empty();
    for (const RowId row : matched) AddTo(rows[row], &kind);
    kinds_by_rows.emplace(matched, &kind);
    return &kind;
  }

  const EventKind* Classify(const Find& find) {
    ++event_number;
    values.clear();
    matched.clear();
    hints_exhausted = false;
    if (declared != kNoRow) matched.push_back(declared);
    MatchHints(find);
    if (!MatchWindows(find)) {
      for (const std::vector<RowId>& family : families) {
        if (AddHolding(family, find)) break;
      }
    }
    AddHolding(extras, find);
    return hints_exhausted ? Overflow() : KindOfMatched();
  }

  // Fields that some row asks for, by number.
  std::vector<std::string> field_names;
  base::StringMap<FieldId> field_ids;

  std::vector<Row> rows;
  base::StringSet pairs;  // "product\nword"

  std::vector<RowId> logs;
  base::StringMap<uint32_t> logs_by_name;
  base::StringMap<uint32_t> logs_by_channel;   // Lower case.
  base::StringMap<uint32_t> logs_by_provider;  // Lower case.
  absl::flat_hash_map<std::pair<uint32_t, uint32_t>, std::vector<RowId>>
      events;  // By log and event id.
  uint32_t other_log = 0;
  std::vector<Shape> shapes;
  std::vector<FieldId> provider_fields;
  std::vector<Guess> guesses;
  std::vector<RowId> windows_extras;

  std::vector<std::vector<RowId>> families;
  std::vector<RowId> extras;
  RowId declared = kNoRow;
  std::optional<uint32_t> declared_log;

  std::array<FieldId, 6> hint_fields = {};
  std::array<base::StringMap<RowId>, 3> hints;
  size_t hint_count = 0;
  bool hints_exhausted = false;  // By the event at hand.

  std::deque<EventKind> kinds;
  std::optional<EventKind> overflow;
  absl::flat_hash_map<std::vector<RowId>, const EventKind*, RowListHash,
                      RowListEqual>
      kinds_by_rows;

  // Of the event at hand.
  uint64_t event_number = 0;
  std::vector<Lookup> lookups;  // By FieldId.
  std::vector<FieldValue> values;
  std::vector<RowId> matched;
  std::string scratch;
};

Classifier::Classifier(std::span<const LogSourceRecognizer> extra,
                       const std::optional<LogSource>& declared)
    : impl_(std::make_unique<Impl>(extra, declared)) {}
Classifier::~Classifier() = default;

const EventKind* Classifier::Classify(
    absl::FunctionRef<bool(std::string_view field,
                           std::vector<FieldValue>* values)>
        find) {
  return impl_->Classify({.values = find});
}

const EventKind* Classifier::Classify(
    absl::FunctionRef<bool(std::string_view field,
                           std::vector<FieldValue>* values)>
        find,
    absl::FunctionRef<bool(std::string_view field)> exists) {
  return impl_->Classify({.values = find, .exists = &exists});
}

std::vector<std::string> Classifier::FieldNames() const {
  std::vector<std::string> names = impl_->field_names;
  for (const Row& row : impl_->rows) {
    for (const FieldRename& rename : row.renames) {
      AddOnce(rename.event_field, &names);
    }
  }
  return names;
}

}  // namespace tocsin::logsource
