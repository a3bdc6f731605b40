#include "src/frontend/toc/format.h"

#include <algorithm>
#include <array>
#include <utility>

#include "src/base/utf8.h"
#include "src/frontend/toc/keywords.h"
#include "src/frontend/toc/print.h"

namespace tocsin::toc {
namespace {

constexpr size_t kWidth = 100;
constexpr int kStepIndent = 2;      // Of what a brace holds.
constexpr int kContinueIndent = 4;  // Of a line that goes on.

using expression::Comment;

// Comments by what they are about.
struct Notes {
  std::vector<std::string> before;  // On lines of their own.
  std::string behind;               // On its line.
};

size_t Columns(std::string_view text) { return base::CountCodePoints(text); }

// Groups of clauses, with a blank line between them.
int GroupOf(Clause::Kind kind) {
  if (kind <= Clause::kRisk) return 0;
  if (kind <= Clause::kIncident) return 1;
  return kind <= Clause::kExcept ? 2 : 3;
}

class Formatter {
 public:
  Formatter(const File& file, const text::Source& source,
            const FormatOptions& options)
      : file_(file), source_(source), options_(options), print_(source) {}

  std::string Run() {
    uint32_t last_end = 0;
    for (size_t i = 0; i < file_.items.size(); ++i) {
      last_end = AddItem(i, last_end);
    }
    while (next_comment_ < file_.comments.size()) {
      last_end = AddLooseComment(last_end, /*after_block=*/false);
    }
    return std::move(out_);
  }

 private:
  // --- Comments --------------------------------------------------------------

  std::string Text(const Comment& comment) const {
    std::string text(source_.Slice(comment.span));
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
      text.pop_back();
    }
    return text;
  }

  bool OnSameLine(uint32_t a, uint32_t b) const {
    const std::string_view between =
        source_.Slice({std::min(a, b), std::max(a, b)});
    return between.find_first_of("\r\n") == std::string_view::npos;
  }

  // Whether nothing but comments follows on the line.
  bool EndsLine(uint32_t at) const {
    const std::string& text = source_.text();
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
    return at >= text.size() || text[at] == '\n' || text[at] == '\r';
  }

  bool HasBlankLine(uint32_t begin, uint32_t end) const {
    const std::string_view between = source_.Slice({begin, end});
    return std::count(between.begin(), between.end(), '\n') >= 2;
  }

  // Adds a line's comment of what ends at `end`, and moves `end` behind it.
  std::string TakeBehind(uint32_t* end) {
    if (next_comment_ >= file_.comments.size()) return {};
    const Comment& comment = file_.comments[next_comment_];
    const bool fits =
        comment.span.begin >= *end &&
        source_.Slice({*end, comment.span.begin}).find_first_not_of(" \t") ==
            std::string_view::npos &&
        EndsLine(comment.span.end) &&
        Text(comment).find('\n') == std::string::npos;
    if (!fits) return {};
    ++next_comment_;
    *end = comment.span.end;
    return "  " + Text(comment);
  }

  std::vector<std::string> TakeBefore(uint32_t begin) {
    std::vector<std::string> texts;
    while (next_comment_ < file_.comments.size() &&
           file_.comments[next_comment_].span.begin < begin) {
      texts.push_back(Text(file_.comments[next_comment_++]));
    }
    return texts;
  }

  // --- Lines -----------------------------------------------------------------

  void Line(int indent, std::string_view text) {
    if (!text.empty()) {
      out_.append(static_cast<size_t>(indent), ' ').append(text);
    }
    out_ += '\n';
  }

  void Blank() {
    if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
  }

  // `head` and a condition, broken before `and` and `or` where it is too long.
  std::string Condition(std::string head, std::string_view word,
                        const Expression& condition, int indent) const {
    head += word;
    const std::string flat = ir::Print(condition);
    const size_t used = static_cast<size_t>(indent) + Columns(head);
    if (used + Columns(flat) <= kWidth) return head + flat;
    return head + Layout(condition, used, indent + kContinueIndent);
  }

  // An expression that begins at `column`; its further lines have `indent`.
  std::string Layout(const Expression& e, size_t column, int indent) const {
    const std::string flat = ir::Print(e);
    if (column + Columns(flat) <= kWidth) return flat;
    const std::string gap =
        "\n" + std::string(static_cast<size_t>(indent), ' ');
    if (e.kind == Expression::kAnd || e.kind == Expression::kOr) {
      const std::string word = e.kind == Expression::kAnd ? "and " : "or ";
      const int least = e.kind == Expression::kAnd ? 3 : 2;
      std::string out;
      for (size_t i = 0; i < e.children.size(); ++i) {
        const Expression& child = e.children[i];
        if (i > 0) out += gap + word;
        const bool brackets = ir::Precedence(child) < least;
        const size_t at =
            i == 0 ? column : static_cast<size_t>(indent) + word.size();
        const std::string text =
            Layout(child, at + (brackets ? 1 : 0), indent + kContinueIndent);
        out += brackets ? "(" + text + ")" : text;
      }
      return out;
    }
    const bool has_values =
        (e.kind == Expression::kIn || e.kind == Expression::kMatch) &&
        e.name.empty() && e.children.size() > 2;
    if (!has_values) return flat;
    Expression head = e;
    head.children.resize(1);
    head.name = "(";
    std::string out = ir::Print(head);
    for (size_t i = 1; i < e.children.size(); ++i) {
      out += gap + ir::Print(e.children[i]) +
             (i + 1 < e.children.size() ? "," : ")");
    }
    return out;
  }

  std::string PrintSource(std::string head, const Source& source,
                          int indent) const {
    head += print_.PrintBase(source);
    if (source.where) {
      head = Condition(std::move(head), " where ", *source.where, indent);
    }
    if (source.matches) {
      const std::string matches = ir::Print(*source.matches);
      const size_t line = head.size() - (head.rfind('\n') + 1);
      head +=
          line + matches.size() + 1 > kWidth
              ? "\n" + std::string(
                           static_cast<size_t>(indent) + kContinueIndent, ' ')
              : " ";
      head += matches;
    }
    return head;
  }

  // --- Items -----------------------------------------------------------------

  static bool IsBlock(const Item& item) {
    return std::holds_alternative<Rule>(item.what) ||
           std::holds_alternative<Detector>(item.what) ||
           std::holds_alternative<Except>(item.what) ||
           std::holds_alternative<Calendar>(item.what);
  }

  uint32_t AddLooseComment(uint32_t last_end, bool after_block) {
    const Comment& comment = file_.comments[next_comment_];
    if (after_block || HasBlankLine(last_end, comment.span.begin)) Blank();
    Line(0, Text(comment));
    ++next_comment_;
    return comment.span.end;
  }

  uint32_t AddItem(size_t index, uint32_t last_end) {
    const Item& item = file_.items[index];
    const bool block =
        IsBlock(item) || (index > 0 && IsBlock(file_.items[index - 1]));
    bool first = block;
    while (next_comment_ < file_.comments.size() &&
           file_.comments[next_comment_].span.begin < item.span.begin) {
      last_end = AddLooseComment(last_end, first);
      first = false;
    }
    if (first || HasBlankLine(last_end, item.span.begin)) Blank();
    uint32_t end = item.span.end;
    if (const Rule* const rule = std::get_if<Rule>(&item.what)) {
      AddRule(*rule);
    } else if (std::holds_alternative<Detector>(item.what)) {
      // Not understood, so left alone.
      TakeBefore(item.span.end);
      Line(0, source_.Slice(item.span));
    } else {
      AddSimple(item, index);
    }
    const std::string behind = TakeBehind(&end);
    if (!behind.empty()) out_.insert(out_.size() - 1, behind);
    return end;
  }

  void AddSimple(const Item& item, size_t index) {
    const bool lists_values = std::holds_alternative<List>(item.what);
    if (!lists_values) {
      for (const std::string& comment : TakeBefore(item.span.end)) {
        Line(0, comment);
      }
    }
    if (const List* const list = std::get_if<List>(&item.what)) {
      AddList(*list, item);
    } else if (const Import* const import = std::get_if<Import>(&item.what)) {
      Line(0, "import " + print_.PrintText(import->path) +
                  (import->as ? " as " + import->as->text : ""));
    } else if (const Define* const define = std::get_if<Define>(&item.what)) {
      std::string head = "define " + define->name.text + "(";
      for (const Word& each : define->parameters) {
        if (&each != define->parameters.data()) head += ", ";
        head += each.text;
      }
      Line(0, Condition(head + ") =", " ", define->body, 0));
    } else if (const Action* const action = std::get_if<Action>(&item.what)) {
      std::string text = "action " + action->name.text + "(";
      for (const Action::Parameter& each : action->parameters) {
        if (&each != action->parameters.data()) text += ", ";
        text += each.name.text + ": " + each.type.text;
      }
      Line(0, text + ")");
    } else if (const auto* calendar = std::get_if<Calendar>(&item.what)) {
      Line(0, "calendar " + calendar->name.text + " {");
      for (const Calendar::Entry& entry : calendar->entries) {
        Line(kStepIndent, print_.PrintText(entry.name) + " " +
                              print_.Print(entry.begin) + " .. " +
                              print_.Print(entry.end));
      }
      Line(0, "}");
    } else if (const Except* const except = std::get_if<Except>(&item.what)) {
      AddExcept(*except, 0);
    } else if (const Step* const step = std::get_if<Step>(&item.what)) {
      AddStep(*step, 0, NameWidth(index));
    }
  }

  // The width of names of steps that stand together.
  size_t NameWidth(size_t index) const {
    const auto name = [this](size_t i) {
      const Step* const step = std::get_if<Step>(&file_.items[i].what);
      return step == nullptr ? size_t{0} : step->name.text.size();
    };
    const auto together = [this](size_t i) {  // With the one before.
      const Span gap = {file_.items[i - 1].span.end, file_.items[i].span.begin};
      const bool comment = std::any_of(
          file_.comments.begin(), file_.comments.end(), [&](const Comment& c) {
            return c.span.begin >= gap.begin && c.span.begin < gap.end &&
                   !(OnSameLine(gap.begin, c.span.begin) &&
                     EndsLine(c.span.end));
          });
      return !comment && !HasBlankLine(gap.begin, gap.end);
    };
    size_t width = name(index);
    for (size_t i = index; i > 0 && name(i - 1) > 0 && together(i); --i) {
      width = std::max(width, name(i - 1));
    }
    for (size_t i = index + 1;
         i < file_.items.size() && name(i) > 0 && together(i); ++i) {
      width = std::max(width, name(i));
    }
    return width;
  }

  void AddList(const List& list, const Item& item) {
    std::string head = "list " + list.name.text;
    if (list.type_word) head += " of " + list.type_word->text;
    if (list.from) {
      for (const std::string& comment : TakeBefore(item.span.end)) {
        Line(0, comment);
      }
      head += " from " + print_.PrintText(*list.from);
      if (!list.columns.empty()) {
        head += " columns (";
        for (const Column& column : list.columns) {
          if (&column != list.columns.data()) head += ", ";
          head += ir::PrintName(column.name.text) + " ";
          head += ListTypes()[static_cast<size_t>(column.type)];
        }
        head += ")";
      }
      if (list.reload) head += " reload " + print_.Print(*list.reload);
      if (list.expires) head += " expires " + print_.Print(*list.expires);
      if (list.expires_column) head += " expires " + list.expires_column->text;
      if (list.longest) head += " max " + print_.Print(*list.longest);
      if (list.optional) head += " optional";
      Line(0, head);
      return;
    }
    head += " = (";
    std::string flat = head;
    for (const Expression& value : list.values) {
      if (&value != list.values.data()) flat += ", ";
      flat += ir::Print(value);
    }
    const bool has_comments =
        next_comment_ < file_.comments.size() &&
        file_.comments[next_comment_].span.begin < item.span.end;
    if (!has_comments && Columns(flat) + 1 <= kWidth) {
      Line(0, flat + ")");
      return;
    }
    AddListLines(head, list, item);
  }

  void AddListLines(const std::string& head, const List& list,
                    const Item& item) {
    struct Row {
      Notes notes;
      std::string text;
    };
    std::vector<Row> rows;
    for (const Expression& value : list.values) {
      Row row;
      row.text = ir::Print(value);
      row.notes.before = TakeBefore(value.span.begin);
      uint32_t end = value.span.end;
      // The comma belongs to the value.
      const size_t comma = source_.text().find_first_not_of(" \t", end);
      if (comma != std::string::npos && source_.text()[comma] == ',') {
        end = static_cast<uint32_t>(comma) + 1;
      }
      row.notes.behind = TakeBehind(&end);
      rows.push_back(std::move(row));
    }
    if (options_.sort) {
      std::stable_sort(
          rows.begin(), rows.end(),
          [](const Row& a, const Row& b) { return a.text < b.text; });
    }
    Line(0, head);
    for (size_t i = 0; i < rows.size(); ++i) {
      for (const std::string& comment : rows[i].notes.before) {
        Line(kStepIndent, comment);
      }
      Line(kStepIndent, rows[i].text + (i + 1 < rows.size() ? "," : "") +
                            rows[i].notes.behind);
    }
    for (const std::string& comment : TakeBefore(item.span.end)) {
      Line(kStepIndent, comment);
    }
    Line(0, ")");
  }

  void AddStep(const Step& step, int indent, size_t width) {
    std::string head = step.name.text;
    if (head.size() < width) head.append(width - head.size(), ' ');
    Line(indent, PrintSource(head + " = ", step.source, indent));
  }

  void AddExcept(const Except& except, int indent) {
    std::string head = "except ";
    for (const Except::Target& target : except.targets) {
      head += &target == except.targets.data() ? "for " : ", ";
      head += target.is_tag ? "tag " + target.name.text
                            : "rule " + print_.PrintText(target.name);
    }
    if (!except.targets.empty()) head += ' ';
    for (const Word& step : except.steps) {
      head += step.text + (&step == &except.steps.back() ? " " : ", ");
    }
    Line(indent, Condition(head, "where ", except.condition, indent) + " {");
    const int inner = indent + kStepIndent;
    if (except.owner) Line(inner, "owner " + print_.PrintText(*except.owner));
    if (except.reason)
      Line(inner, "reason " + print_.PrintText(*except.reason));
    if (except.ticket)
      Line(inner, "ticket " + print_.PrintText(*except.ticket));
    if (except.never) {
      Line(inner, "until never");
    } else if (except.until) {
      Line(inner, "until " + print_.Print(*except.until));
    }
    Line(indent, "}");
  }

  // --- Rules -----------------------------------------------------------------

  void AddRule(const Rule& rule) {
    uint32_t end = rule.open.end;
    TakeBefore(rule.open.end);
    std::string head = "rule " + rule.name.text + " {";
    const bool first_is_behind =
        rule.clauses.empty() ||
        !OnSameLine(rule.open.end, rule.clauses[0].span.begin);
    if (first_is_behind) head += TakeBehind(&end);
    Line(0, head);

    // In the author's order, so that comments find their clauses.
    std::vector<Notes> notes(rule.clauses.size());
    std::vector<std::vector<Notes>> example_notes(rule.clauses.size());
    std::vector<std::vector<std::string>> example_rests(rule.clauses.size());
    for (size_t i = 0; i < rule.clauses.size(); ++i) {
      const Clause& clause = rule.clauses[i];
      notes[i].before = TakeBefore(clause.span.begin);
      if (const Example* example = std::get_if<Example>(&clause.what)) {
        for (const ExampleLine& line : example->lines) {
          Notes of_line;
          of_line.before = TakeBefore(line.span.begin);
          // Records are kept as they were written, with their comments.
          if (line.json) TakeBefore(line.json_span.end);
          for (std::string& inner : TakeBefore(line.span.end)) {
            of_line.before.push_back(std::move(inner));
          }
          uint32_t line_end = line.span.end;
          of_line.behind = TakeBehind(&line_end);
          example_notes[i].push_back(std::move(of_line));
        }
        example_rests[i] = TakeBefore(example->end.begin);
      } else {
        for (std::string& inner : TakeBefore(clause.span.end)) {
          notes[i].before.push_back(std::move(inner));
        }
      }
      uint32_t clause_end = clause.span.end;
      notes[i].behind = TakeBehind(&clause_end);
    }
    const std::vector<std::string> rest = TakeBefore(rule.close.begin);

    std::vector<size_t> order(rule.clauses.size());
    size_t width = 0;
    for (size_t i = 0; i < order.size(); ++i) {
      order[i] = i;
      if (const Step* step = std::get_if<Step>(&rule.clauses[i].what)) {
        width = std::max(width, step->name.text.size());
      }
    }
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return rule.clauses[a].kind < rule.clauses[b].kind;
    });
    const Clause* last = nullptr;
    for (const size_t i : order) {
      const Clause& clause = rule.clauses[i];
      const bool apart =
          last != nullptr && (GroupOf(last->kind) != GroupOf(clause.kind) ||
                              clause.kind == Clause::kExample);
      if (apart) Blank();
      for (const std::string& comment : notes[i].before) {
        Line(kStepIndent, comment);
      }
      if (const Example* example = std::get_if<Example>(&clause.what)) {
        AddExample(*example, example_notes[i], example_rests[i]);
      } else {
        AddClause(clause, width);
      }
      out_.insert(out_.size() - 1, notes[i].behind);
      last = &clause;
    }
    for (const std::string& comment : rest) Line(kStepIndent, comment);
    Line(0, "}");
  }

  std::string PrintTexts(std::string_view word, const Texts& texts,
                         bool bare) const {
    std::string flat(word);
    std::string tall(word);
    for (size_t i = 0; i < texts.texts.size(); ++i) {
      const std::string text =
          bare ? texts.texts[i].text : print_.PrintText(texts.texts[i]);
      flat += (i > 0 ? ", " : " ") + text;
      tall += (i > 0 ? ",\n" + std::string(kStepIndent + kContinueIndent, ' ')
                     : " ") +
              text;
    }
    return Columns(flat) + kStepIndent <= kWidth ? flat : tall;
  }

  void AddClause(const Clause& clause, size_t name_width) {
    const std::string word(WordOf(clause.kind));
    std::string text = word + ' ';
    if (const Texts* const texts = std::get_if<Texts>(&clause.what)) {
      const bool bare =
          clause.kind == Clause::kTags || clause.kind == Clause::kStatus;
      text = PrintTexts(word, *texts, bare);
    } else if (const auto* version = std::get_if<Version>(&clause.what)) {
      text += print_.Print(version->number);
    } else if (const Level* const level = std::get_if<Level>(&clause.what)) {
      text += level->level.text;
      if (level->condition) {
        text = Condition(text, " if ", *level->condition, kStepIndent);
      }
    } else if (const Risk* const risk = std::get_if<Risk>(&clause.what)) {
      text += print_.Print(risk->points) + " on " + ir::Print(risk->field.path);
      if (risk->cap) {
        text += " cap " + print_.Print(*risk->cap) + " per " +
                print_.Print(*risk->per);
      }
    } else if (const Step* const step = std::get_if<Step>(&clause.what)) {
      AddStep(*step, kStepIndent, name_width);
      return;
    } else if (const Source* const source = std::get_if<Source>(&clause.what)) {
      text = PrintSource(text, *source, kStepIndent);
    } else if (const When* const when = std::get_if<When>(&clause.what)) {
      text = PrintWhen(*when);
    } else if (const Fire* const fire = std::get_if<Fire>(&clause.what)) {
      text += print_.Print(*fire);
    } else if (const auto* suppress = std::get_if<Suppress>(&clause.what)) {
      text += print_.Print(suppress->duration);
      if (suppress->by) text += ' ' + print_.Print(*suppress->by);
    } else if (const auto* incident = std::get_if<Incident>(&clause.what)) {
      text += print_.Print(incident->by);
      if (incident->idle) text += " idle " + print_.Print(*incident->idle);
      if (incident->longest) text += " max " + print_.Print(*incident->longest);
    } else if (const Show* const show = std::get_if<Show>(&clause.what)) {
      for (const Show::Item& item : show->items) {
        if (&item != show->items.data()) text += ", ";
        text += print_.Print(item.measure);
        if (item.name) text += " as " + item.name->text;
      }
    } else if (const auto* respond = std::get_if<Respond>(&clause.what)) {
      text = PrintRespond(*respond);
    } else if (const Except* const except = std::get_if<Except>(&clause.what)) {
      AddExcept(*except, kStepIndent);
      return;
    }
    Line(kStepIndent, text);
  }

  std::string PrintRespond(const Respond& respond) const {
    std::string text = "respond " + respond.action.text + "(";
    for (const Respond::Argument& argument : respond.arguments) {
      if (&argument != respond.arguments.data()) text += ", ";
      text += argument.name.text + " = " + ir::Print(argument.value);
    }
    text += ")";
    if (respond.needs_approval) text += " needs approval";
    if (!respond.condition) return text;
    return Condition(text, " if ", *respond.condition, kStepIndent);
  }

  std::string PrintWhen(const When& when) const {
    const std::string pattern = "when " + print_.Print(when.pattern);
    std::vector<std::string> parts;
    if (when.window) parts.push_back(print_.Print(*when.window));
    if (when.by) parts.push_back(print_.Print(*when.by));
    std::string flat = pattern;
    for (const std::string& part : parts) flat += ' ' + part;
    const std::string where =
        when.where ? "where " + ir::Print(*when.where) : std::string();
    const size_t all =
        Columns(flat) + Columns(where) + (where.empty() ? 0 : 1) + kStepIndent;
    if (all <= kWidth) return where.empty() ? flat : flat + ' ' + where;
    const int indent = kStepIndent + kContinueIndent;
    const std::string gap =
        "\n" + std::string(static_cast<size_t>(indent), ' ');
    // The condition goes to a line of its own first, then the rest.
    std::string text = flat;
    if (Columns(flat) + kStepIndent > kWidth || where.empty()) {
      text = pattern;
      for (const std::string& part : parts) text += gap + part;
    }
    if (where.empty()) return text;
    return text + gap + Condition("", "where ", *when.where, indent);
  }

  void AddExample(const Example& example, const std::vector<Notes>& notes,
                  const std::vector<std::string>& rest) {
    Line(kStepIndent, "example " + print_.PrintText(example.title) + " {");
    const int indent = 2 * kStepIndent;
    for (size_t i = 0; i < example.lines.size(); ++i) {
      for (const std::string& comment : notes[i].before) {
        Line(indent, comment);
      }
      Line(indent,
           PrintExampleLine(example.lines[i], indent) + notes[i].behind);
    }
    for (const std::string& comment : rest) Line(indent, comment);
    Line(kStepIndent, "}");
  }

  std::string PrintExampleLine(const ExampleLine& line, int indent) const {
    const std::string json =
        line.json ? std::string(source_.Slice(line.json_span)) : "";
    switch (line.kind) {
      case ExampleLine::kLet:
        return "let " + line.name.text + " = " + json;
      case ExampleLine::kAt: {
        std::string text = "at " + print_.Print(line.when);
        if (line.repeat) {
          text += ' ' + print_.Print(*line.repeat) + " every " +
                  print_.Print(*line.every);
        }
        if (line.as) text += " as " + line.as->text;
        if (!line.name.text.empty()) text += ' ' + line.name.text;
        return json.empty() ? text : text + ' ' + json;
      }
      case ExampleLine::kAdvance:
        return "advance " +
               (line.when.value.is_null() ? "end" : print_.Print(line.when));
      case ExampleLine::kExpect: {
        const std::string text =
            "expect " +
            (line.count == 0 ? "nothing" : std::to_string(line.count));
        if (!line.where) return text;
        return Condition(text, " where ", *line.where, indent);
      }
    }
    return {};
  }

  const File& file_;
  const text::Source& source_;
  const FormatOptions& options_;
  Printer print_;
  std::string out_;
  size_t next_comment_ = 0;
};

}  // namespace

std::string Format(const File& file, const text::Source& source,
                   const FormatOptions& options) {
  return Formatter(file, source, options).Run();
}

bool IsMechanical(std::string_view code) {
  constexpr std::array<std::string_view, 5> kCodes = {"T302", "T303", "T304",
                                                      "T306", "T312"};
  return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

}  // namespace tocsin::toc
