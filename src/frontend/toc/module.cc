#include "src/frontend/toc/module.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "src/base/digest.h"
#include "src/base/ip_network.h"
#include "src/frontend/toc/parse.h"

namespace tocsin::toc {

using base::Value;
using expression::ElementType;
using text::Quoted;

namespace {

constexpr size_t kMaxRows = 1'000'000;

// The fields of one line of CSV; `"a, ""b"""` is one.
std::vector<std::string> SplitCsv(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (quoted && line[i] == '"') {
      if (i + 1 < line.size() && line[i + 1] == '"') {
        cells.back() += line[++i];
      } else {
        quoted = false;
      }
    } else if (!quoted && line[i] == '"' && cells.back().empty()) {
      quoted = true;
    } else if (!quoted && line[i] == ',') {
      cells.emplace_back();
    } else {
      cells.back() += line[i];
    }
  }
  for (std::string& cell : cells) {
    cell = std::string(absl::StripAsciiWhitespace(cell));
  }
  return cells;
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// The list as functions see it: one without columns has one.
void FinishRows(const List& list, expression::NamedList* values,
                base::ListRows* rows) {
  for (const Column& column : list.columns) {
    rows->columns.push_back(
        {column.name.text, static_cast<ElementType>(column.type)});
  }
  if (list.columns.empty()) {
    rows->columns.push_back({"", values->type});
    for (const Value& value : values->values) rows->rows.push_back({value});
  }
  base::Digest digest;
  for (const base::ListRows::Column& column : rows->columns) {
    digest.Add(column.name).AddInt(static_cast<int>(column.type));
  }
  for (const std::vector<Value>& row : rows->rows) {
    for (const Value& value : row) digest.Add(base::PrintValue(value));
  }
  if (rows->expires) digest.AddInt(static_cast<int64_t>(*rows->expires));
  values->digest = digest.Hex();
}

}  // namespace

std::string PathFrom(std::string_view from, std::string_view path) {
  const size_t slash = from.rfind('/');
  if (path.starts_with('/') || slash == std::string_view::npos) {
    return std::string(path);
  }
  return std::string(from.substr(0, slash + 1)) + std::string(path);
}

std::string StemOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  return std::string(path.substr(0, path.find('.')));
}

Module::Module(std::shared_ptr<const text::Source> source,
               Diagnostics* diagnostics)
    : source_(std::move(source)), reporter_(*source_, diagnostics) {}

void Module::Load(const TocOptions& options) {
  file_ = Parse(*source_, &reporter_);
  AddNames(options);
}

bool Module::IsNew(const Word& name, std::string_view what) {
  // What a detector alerts of is a rule.
  const std::string_view kind = what == "detector" ? "rule" : what;
  const auto [entry, is_new] =
      places_.try_emplace(std::string(kind) + ' ' + name.text,
                          absl::StrCat("line ", line_of(name.span)));
  if (is_new || name.text.empty()) return true;
  reporter_.Error(
      "T332", source_->RangeOf(name.span),
      absl::StrCat(base::ToAbsl(what), " ", base::ToAbsl(Quoted(name.text)),
                   " is defined already (", entry->second, ")"),
      "give one of them another name");
  return false;
}

void Module::AddNames(const TocOptions& options) {
  for (Item& item : file_.items) {
    const int errors = reporter_.errors();
    if (const List* const list = std::get_if<List>(&item.what)) {
      if (IsNew(list->name, "list")) AddList(*list, options);
    } else if (const Define* const define = std::get_if<Define>(&item.what)) {
      if (!IsNew(define->name, "macro")) continue;
      expression::Macro macro;
      macro.name = define->name.text;
      for (const Word& each : define->parameters) {
        macro.parameters.push_back(each.text);
      }
      macro.body = define->body;
      macros_.emplace(macro.name, std::move(macro));
    } else if (const Action* const action = std::get_if<Action>(&item.what)) {
      if (IsNew(action->name, "action")) {
        actions_.emplace(action->name.text, action);
      }
    } else if (const Step* const step = std::get_if<Step>(&item.what)) {
      if (IsNew(step->name, "step")) steps_.emplace(step->name.text, step);
    } else if (const Rule* const rule = std::get_if<Rule>(&item.what)) {
      IsNew(rule->name, "rule");
    } else if (const auto* const detector = std::get_if<Detector>(&item.what)) {
      IsNew(detector->name, "detector");
    }
    item.broken = item.broken || reporter_.errors() > errors;
  }
}

// A macro means what its names mean where it is defined.
void Module::FinishMacros() {
  const ModuleScope scope(*this);
  for (Item& item : file_.items) {
    const Define* const define = std::get_if<Define>(&item.what);
    if (define == nullptr || item.broken) continue;
    const auto found = macros_.find(define->name.text);
    expression::Checker checker(scope, &reporter_);
    Expression body = found->second.body;
    item.broken = !checker.ExpandNames(&body);
    if (item.broken) {
      body = Expression();
      body.kind = Expression::kError;
    }
    found->second.body = std::move(body);
  }
}

// --- Lists ------------------------------------------------------------------

std::optional<Value> Module::ReadElement(const std::string& text,
                                         ListType type) const {
  switch (type) {
    case ListType::kString:
    case ListType::kNoCase:
      return Value::String(text);
    case ListType::kIp:
      if (!base::ParseIpAddress(text)) return std::nullopt;
      return Value::String(text);
    case ListType::kCidr:
      if (!base::ParseIpNetwork(text)) return std::nullopt;
      return Value::String(text);
    case ListType::kDomain: {
      std::string name = absl::AsciiStrToLower(text);
      if (name.ends_with('.')) name.pop_back();
      if (name.empty() || name.find_first_of("*?/ :@") != std::string::npos) {
        return std::nullopt;
      }
      return Value::String(name);
    }
    case ListType::kNumber: {
      const std::optional<base::Number> number = base::ParseNumber(text);
      if (!number) return std::nullopt;
      if (number->kind == base::Number::kInt) {
        return Value::Int(number->int_value);
      }
      if (number->kind == base::Number::kUint) {
        return Value::Uint(static_cast<uint64_t>(number->int_value));
      }
      return Value::Double(number->double_value);
    }
    case ListType::kTime: {
      constexpr size_t kDay = 10;  // 2027-03-31: its midnight, as in rules.
      const std::optional<int64_t> time = base::TimeOf(
          Value::String(text.size() == kDay ? text + "T00:00:00Z" : text));
      if (!time) return std::nullopt;
      return Value::Time(*time);
    }
    case ListType::kDuration:
      return std::nullopt;
    case ListType::kBool:
      if (text == "true") return Value::Bool(true);
      if (text == "false") return Value::Bool(false);
      return std::nullopt;
  }
  return std::nullopt;
}

void Module::AddList(const List& list, const TocOptions& options) {
  TocList made;
  const int errors_before = reporter_.errors();
  made.line = line_of(list.name.span);
  made.values.name = list.name.text;
  made.values.type = static_cast<ElementType>(list.type);
  made.values.has_columns = !list.columns.empty();
  made.columns = list.columns;
  for (const Expression& value : list.values) {
    if (value.kind == Expression::kError) continue;
    // What is written as its own kind needs no reading.
    std::optional<Value> element;
    const bool textual = list.type <= ListType::kDomain;
    if (value.value.is_string()) {
      element = ReadElement(value.value.text, list.type);
    } else if (!textual || !list.type_word) {
      element = value.value;
    }
    if (!element) {
      reporter_.Error(
          "T342", source_->RangeOf(value.span),
          absl::StrCat(base::ToAbsl(Quoted(source_->Slice(value.span))),
                       " does not fit a list of ",
                       list.type_word ? list.type_word->text : "string"),
          list.type == ListType::kIp ? "networks are of type `cidr`" : "");
      continue;
    }
    made.values.values.push_back(*std::move(element));
  }
  const auto rows = std::make_shared<base::ListRows>();
  if (list.from) ReadList(list, options, &made, rows.get());
  FinishRows(list, &made.values, rows.get());
  made.values.rows = rows;
  made.values.usable = reporter_.errors() == errors_before;
  lists_.emplace(list.name.text, std::move(made));
}

void Module::ReadList(const List& list, const TocOptions& options,
                      TocList* into, base::ListRows* rows) {
  if (list.expires_column) {
    const auto found = std::find_if(
        list.columns.begin(), list.columns.end(), [&](const Column& column) {
          return column.name.text == list.expires_column->text;
        });
    if (found == list.columns.end() || found->type != ListType::kTime) {
      reporter_.Error(
          "T339", source_->RangeOf(list.expires_column->span),
          "no column of times is called " + Quoted(list.expires_column->text));
    } else {
      rows->expires = static_cast<size_t>(found - list.columns.begin());
    }
  }
  const std::string path = PathFrom(source_->path(), list.from->text);
  const std::optional<std::string> text =
      options.read_file ? options.read_file(path) : std::nullopt;
  if (!text) {
    if (list.optional) return;
    reporter_.Error("T339", source_->RangeOf(list.from->span),
                    "the file of this list cannot be read: " + Quoted(path),
                    "paths are relative to the rule file; `optional` takes a "
                    "missing file for an empty list");
    return;
  }
  ReadRows(list, *text, into, rows);
}

bool Module::ReadRows(const List& list, const std::string& text, TocList* into,
                      base::ListRows* into_rows) {
  const auto fail = [&](std::string message, std::string help = {}) {
    reporter_.Error("T339", source_->RangeOf(list.from->span),
                    std::move(message), std::move(help));
    return false;
  };
  size_t limit = kMaxRows;
  if (list.longest && list.longest->value.kind == base::ValueKind::kInt) {
    limit = std::min<size_t>(limit, static_cast<size_t>(std::max<int64_t>(
                                        0, list.longest->value.int_value)));
  }
  const std::vector<std::string_view> lines = Lines(text);
  std::vector<size_t> places;  // Of columns in the file.
  size_t first = 0;
  if (!list.columns.empty()) {
    if (lines.empty()) return true;
    const std::vector<std::string> heads = SplitCsv(lines[0]);
    for (const Column& column : list.columns) {
      const auto found =
          std::find(heads.begin(), heads.end(), column.name.text);
      if (found == heads.end()) {
        return fail(
            "the file of this list has no column " + Quoted(column.name.text),
            "its first line names the columns");
      }
      places.push_back(static_cast<size_t>(found - heads.begin()));
    }
    first = 1;
  }
  for (size_t i = first; i < lines.size(); ++i) {
    const std::string line(absl::StripAsciiWhitespace(base::ToAbsl(lines[i])));
    if (line.empty() || line.starts_with('#')) continue;
    const size_t rows = list.columns.empty() ? into->values.values.size()
                                             : into_rows->rows.size();
    if (rows == limit) {
      return fail(
          absl::StrCat("the file of this list has more than ", limit, " rows"));
    }
    const auto bad = [&](const std::string& cell, ListType type) {
      constexpr std::string_view kNames[] = {"string", "nocase",   "ip",
                                             "cidr",   "domain",   "number",
                                             "time",   "duration", "bool"};
      return fail(absl::StrCat(
          "line ", i + 1, " of the list's file: ", base::ToAbsl(Quoted(cell)),
          " is no ", base::ToAbsl(kNames[static_cast<int>(type)])));
    };
    if (list.columns.empty()) {
      std::optional<Value> element = ReadElement(line, list.type);
      if (!element) return bad(line, list.type);
      into->values.values.push_back(*std::move(element));
      continue;
    }
    const std::vector<std::string> cells = SplitCsv(line);
    std::vector<Value> row;
    for (size_t column = 0; column < places.size(); ++column) {
      const std::string cell =
          places[column] < cells.size() ? cells[places[column]] : "";
      if (cell.empty()) {
        row.emplace_back();
        continue;
      }
      std::optional<Value> element =
          ReadElement(cell, list.columns[column].type);
      if (!element) return bad(cell, list.columns[column].type);
      row.push_back(*std::move(element));
    }
    // A list with columns named as a whole stands for its first one.
    if (!row[0].is_null()) into->values.values.push_back(row[0]);
    into_rows->rows.push_back(std::move(row));
  }
  return true;
}

// --- Finding names ----------------------------------------------------------

Module* Module::ImportOf(std::string_view* name) const {
  const size_t dot = name->find('.');
  if (dot == std::string_view::npos) return nullptr;
  const auto found = imports_.find(name->substr(0, dot));
  if (found == imports_.end()) return nullptr;
  name->remove_prefix(dot + 1);
  return found->second;
}

const TocList* Module::FindList(std::string_view name) const {
  if (const auto found = lists_.find(name); found != lists_.end()) {
    return &found->second;
  }
  const Module* const import = ImportOf(&name);
  if (import == nullptr) return nullptr;
  const auto found = import->lists_.find(name);
  return found == import->lists_.end() ? nullptr : &found->second;
}

const expression::Macro* Module::FindMacro(std::string_view name) const {
  if (const auto found = macros_.find(name); found != macros_.end()) {
    return &found->second;
  }
  const Module* const import = ImportOf(&name);
  if (import == nullptr) return nullptr;
  const auto found = import->macros_.find(name);
  return found == import->macros_.end() ? nullptr : &found->second;
}

std::optional<SharedStep> Module::FindStep(std::string_view name) {
  if (const auto found = steps_.find(name); found != steps_.end()) {
    return SharedStep{found->second, this};
  }
  Module* const import = ImportOf(&name);
  if (import == nullptr) return std::nullopt;
  const auto found = import->steps_.find(name);
  if (found == import->steps_.end()) return std::nullopt;
  return SharedStep{found->second, import};
}

const Action* Module::FindAction(std::string_view name) const {
  if (const auto found = actions_.find(name); found != actions_.end()) {
    return found->second;
  }
  const Module* const import = ImportOf(&name);
  if (import == nullptr) return nullptr;
  const auto found = import->actions_.find(name);
  return found == import->actions_.end() ? nullptr : found->second;
}

std::string Module::SuggestList(std::string_view name) const {
  std::vector<std::string> known;
  for (const auto& [each, list] : lists_) known.push_back(each);
  for (const auto& [stem, module] : imports_) {
    for (const auto& [each, list] : module->lists_) {
      known.push_back(absl::StrCat(stem, ".", each));
    }
  }
  std::sort(known.begin(), known.end());
  const std::vector<std::string_view> names(known.begin(), known.end());
  const std::string meant = text::DidYouMean(name, names);
  if (meant.empty()) {
    return names.empty() ? "define it: `list name = (\"a\", \"b\")`" : "";
  }
  // "did you mean `admins`?" -> "did you mean `admins` (lists.toc:3)?"
  const size_t open = meant.find('`');
  const size_t close = meant.rfind('`');
  const std::string found = meant.substr(open + 1, close - open - 1);
  const TocList* const list = FindList(found);
  if (list == nullptr) return meant;
  std::string_view rest = found;
  const Module* const import =
      lists_.contains(found) ? nullptr : ImportOf(&rest);
  return absl::StrCat(
      meant.substr(0, close + 1), " (",
      import == nullptr ? "line " : import->source().path() + ":", list->line,
      ")?");
}

std::vector<std::string_view> Module::MacroNames() const {
  std::vector<std::string_view> names;
  for (const auto& [name, macro] : macros_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string_view> Module::StepNames() const {
  std::vector<std::string_view> names;
  for (const auto& [name, step] : steps_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string_view> Module::ActionNames() const {
  std::vector<std::string_view> names;
  for (const auto& [name, action] : actions_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string_view> Module::DetectorNames() const {
  std::vector<std::string_view> names;
  for (const Item& item : file_.items) {
    const auto* const detector = std::get_if<Detector>(&item.what);
    if (detector != nullptr) names.push_back(detector->name.text);
  }
  return names;
}

std::optional<std::string> Module::FindDetector(std::string_view name) {
  const auto find = [](const Module& module, std::string_view own) {
    const std::vector<std::string_view> names = module.DetectorNames();
    return std::find(names.begin(), names.end(), own) != names.end();
  };
  if (find(*this, name)) return std::string(name);
  const Module* const import = ImportOf(&name);
  if (import == nullptr || !find(*import, name)) return std::nullopt;
  return std::string(name);
}

}  // namespace tocsin::toc
