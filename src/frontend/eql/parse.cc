#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/frontend/eql/eql.h"
#include "src/frontend/expression/check.h"
#include "src/frontend/expression/token_stream.h"

namespace tocsin::eql {

using expression::Token;
using expression::TokenStream;
using ir::Expression;
using text::Quoted;
using text::Span;

namespace {

constexpr int kMostRuns = 100;
constexpr size_t kMostStages = 256;

class QueryParser {
 public:
  QueryParser(TokenStream* stream, const EqlOptions& options)
      : stream_(*stream), options_(options), parser_(stream, options.dialect) {}

  Query Parse() {
    Query query;
    query.span.begin = stream_.Peek().span.begin;
    const Token& first = stream_.Peek();
    const bool alone = !stream_.Peek(1).IsWord("where");
    if (alone && first.IsWord("sequence")) {
      query.kind = Query::kSequence;
      ParseStages(&query);
    } else if (alone && first.IsWord("sample")) {
      query.kind = Query::kSample;
      ParseStages(&query);
    } else if (alone && first.IsWord("join") && endgame()) {
      query.kind = Query::kJoin;
      ParseStages(&query);
    } else {
      query.event = ParseEvent();
    }
    query.span.end = stream_.end();
    while (stream_.TakeIf("|")) ParsePipe(&query);
    if (!stream_.AtEnd()) {
      stream_.Fail(query.pipes.empty() ? "the end of the query or a pipe"
                                       : "the end of the query");
    }
    query.lineages = std::move(parser_.lineages);
    return query;
  }

 private:
  bool endgame() const { return options_.dialect.is_endgame(); }

  EventQuery ParseEvent() {
    EventQuery event;
    event.span.begin = stream_.Peek().span.begin;
    const Token& category = stream_.Peek();
    if (category.kind == Token::kString) {
      event.category = stream_.Take().text;
    } else if (const Token* name =
                   stream_.TakeName("a category of events, or `any`")) {
      event.category = name->text;
      event.any = !name->quoted && name->text == "any";
    }
    stream_.Expect("where", "a query is `category where condition`");
    event.condition = parser_.ParseCondition();
    event.span.end = stream_.end();
    return event;
  }

  // Of the dialect of Elasticsearch fields only.
  std::vector<Expression> ParseKeys() {
    std::vector<Expression> keys;
    do {
      keys.push_back(parser_.ParseSum());
      const Expression& key = keys.back();
      const bool fine = endgame() || key.kind == Expression::kField ||
                        key.kind == Expression::kError;
      if (!fine) {
        stream_.Error("T400", key.span, "events are joined by fields",
                      "name a field, such as `host.id`");
      }
    } while (stream_.TakeIf(","));
    return keys;
  }

  // with maxspan=5m
  void ParseMaxspan(Query* query) {
    stream_.Take();
    if (!stream_.Peek().IsWord("maxspan")) {
      stream_.Fail("`maxspan`");
      return;
    }
    query->maxspan_span.begin = stream_.Take().span.begin;
    stream_.Expect("=");
    const Token& amount = stream_.Peek();
    // The old dialect takes a number of seconds.
    const bool seconds = endgame() && amount.kind == Token::kNumber &&
                         amount.value.kind == base::ValueKind::kInt;
    if (amount.kind != Token::kDuration && !seconds) {
      stream_.Fail("a duration such as `5m`");
      return;
    }
    query->maxspan = seconds ? absl::Seconds(amount.value.int_value)
                             : absl::Nanoseconds(amount.value.int_value);
    stream_.Take();
    query->maxspan_span.end = stream_.end();
    if (*query->maxspan <= absl::ZeroDuration() ||
        *query->maxspan > absl::Hours(24 * 365 * 100)) {
      stream_.Error("T401", query->maxspan_span, "`maxspan` is out of range",
                    "write more than 0");
    }
  }

  void ParseStages(Query* query) {
    const Token& word = stream_.Take();
    while (!stream_.at_loss()) {
      if (stream_.Peek().IsWord("by")) {
        stream_.Take();
        query->keys = ParseKeys();
      } else if (stream_.Peek().IsWord("with")) {
        ParseMaxspan(query);
      } else {
        break;
      }
    }
    while (!stream_.at_loss() &&
           (stream_.Peek().Is("[") || stream_.Peek().Is("!"))) {
      query->stages.push_back(ParseStage());
      if (query->stages.size() > kMostStages) {
        stream_.Fail("T401", word.span,
                     absl::StrCat("more than ", kMostStages, " steps"));
      }
    }
    if (query->stages.empty()) {
      stream_.Fail("a step in square brackets",
                   "such as `[process where true]`");
      return;
    }
    if (stream_.TakeIf("until")) query->until = ParseStage();
  }

  Stage ParseStage() {
    Stage stage;
    stage.span.begin = stream_.Peek().span.begin;
    stage.missing = stream_.TakeIf("!");
    stream_.Expect("[");
    stage.event = ParseEvent();
    stream_.Expect("]");
    while (!stream_.at_loss()) {
      if (stream_.Peek().IsWord("by")) {
        stream_.Take();
        stage.keys = ParseKeys();
      } else if (stream_.Peek().IsWord("with")) {
        stream_.Take();
        if (!stream_.Peek().IsWord("runs")) {
          stream_.Fail("`runs`", "write `with runs=3`");
          break;
        }
        stream_.Take();
        stream_.Expect("=");
        ParseRuns(&stage);
      } else if (options_.dialect.endpoint && stream_.Peek().IsWord("as")) {
        stream_.Take();
        const Token* const name = stream_.TakeName("a name for the event");
        if (name == nullptr) break;
        stage.alias = name->text;
        stage.alias_span = name->span;
      } else if (endgame() && stream_.Peek().IsWord("fork")) {
        stream_.Take();
        stage.keeps = true;
        if (stream_.TakeIf("=")) {
          stage.keeps =
              stream_.Peek().IsWord("true") || stream_.Peek().text == "1";
          stream_.Take();
        }
      } else {
        break;
      }
    }
    stage.span.end = stream_.end();
    return stage;
  }

  void ParseRuns(Stage* stage) {
    const Token& number = stream_.Peek();
    const bool fits = number.kind == Token::kNumber &&
                      number.value.kind == base::ValueKind::kInt;
    if (!fits) {
      stream_.Fail("how often it runs, such as `3`");
      return;
    }
    stream_.Take();
    if (number.value.int_value < 1 || number.value.int_value > kMostRuns) {
      stream_.Error("T401", number.span,
                    absl::StrCat("`runs` is between 1 and ", kMostRuns));
      return;
    }
    stage->runs = static_cast<int>(number.value.int_value);
  }

  void ParsePipe(Query* query) {
    Pipe pipe;
    pipe.span.begin = stream_.Peek().span.begin;
    const Token* const name = stream_.TakeName("the name of a pipe");
    if (name == nullptr) return;
    pipe.name = name->text;
    const Span name_span = name->span;
    while (!stream_.AtEnd() && !stream_.Peek().Is("|")) {
      pipe.arguments.push_back(parser_.ParseCondition());
      stream_.TakeIf(",");
    }
    pipe.span.end = stream_.end();
    CheckPipe(pipe, name_span);
    query->pipes.push_back(std::move(pipe));
  }

  void CheckPipe(const Pipe& pipe, Span name) {
    constexpr std::string_view kPipes[] = {
        "head", "tail", "filter", "unique", "unique_count", "count", "sort"};
    const bool counts = pipe.name == "head" || pipe.name == "tail";
    const bool known = std::find(std::begin(kPipes), std::end(kPipes),
                                 pipe.name) != std::end(kPipes);
    if (!known || (!counts && !endgame())) {
      stream_.Error("T402", name, "no pipe is called " + Quoted(pipe.name),
                    endgame() ? "pipes are head, tail, filter, unique, "
                                "unique_count, count and sort"
                              : "pipes are head and tail");
      return;
    }
    const bool number = pipe.arguments.size() == 1 &&
                        pipe.arguments[0].kind == Expression::kLiteral &&
                        pipe.arguments[0].value.kind == base::ValueKind::kInt &&
                        pipe.arguments[0].value.int_value >= 0;
    const bool fine = counts                  ? number
                      : pipe.name == "count"  ? true
                      : pipe.name == "filter" ? pipe.arguments.size() == 1
                                              : !pipe.arguments.empty();
    if (fine) return;
    stream_.Error(
        "T402", pipe.span,
        counts ? absl::StrCat("`", pipe.name, "` takes a number")
               : absl::StrCat("`", pipe.name, "` takes ",
                              pipe.name == "filter" ? "a condition"
                                                    : "fields or expressions"));
  }

  TokenStream& stream_;
  const EqlOptions& options_;
  expression::Parser parser_;
};

// Steps of one query agree in their keys.
void CheckStages(const Query& query, text::Reporter* reporter) {
  const auto error = [&](std::string_view code, Span span, std::string message,
                         std::string help = {}) {
    reporter->Error(code, reporter->source().RangeOf(span), std::move(message),
                    std::move(help));
  };
  const size_t keys = query.stages[0].keys.size();
  const auto check_keys = [&](const Stage& stage) {
    if (stage.keys.size() == keys) return;
    error("T400", stage.span,
          absl::StrCat("this step has ", stage.keys.size(),
                       stage.keys.size() == 1 ? " key" : " keys",
                       ", and the first has ", keys),
          "every step needs as many keys behind `by`");
  };
  for (const Stage& stage : query.stages) check_keys(stage);
  if (query.until) check_keys(*query.until);
  const bool missing =
      std::any_of(query.stages.begin(), query.stages.end(),
                  [](const Stage& stage) { return stage.missing; });
  const bool all_missing =
      std::all_of(query.stages.begin(), query.stages.end(),
                  [](const Stage& stage) { return stage.missing; });
  if (query.until && query.until->missing) {
    error("T403", query.until->span, "`until` cannot be of missing events");
  }
  if (query.kind == Query::kSequence) {
    if (all_missing) {
      error("T403", query.stages[0].span,
            "a sequence of missing events only has no event");
    } else if (missing && !query.maxspan) {
      error("T403", query.span, "missing events need `maxspan`",
            "write `sequence with maxspan=5m`");
    }
    return;
  }
  const std::string_view word =
      query.kind == Query::kSample ? "sample" : "join";
  const auto refuse = [&](Span span, std::string_view what) {
    error("T403", span,
          absl::StrCat("`", base::ToAbsl(word), "` takes no ",
                       base::ToAbsl(what)));
  };
  if (query.maxspan) refuse(query.maxspan_span, "`maxspan`");
  if (query.until && query.kind == Query::kSample) {
    refuse(query.until->span, "`until`");
  }
  for (const Stage& stage : query.stages) {
    if (stage.missing) refuse(stage.span, "missing events");
    if (stage.runs > 1) refuse(stage.span, "`runs`");
  }
  if (query.kind == Query::kSample && query.keys.empty() && keys == 0) {
    error("T400", query.span, "a sample needs keys",
          "write `sample by host.id`");
  }
}

// EQL has no macros and lists, and steps by name only as the endpoint has it.
class StepNames final : public expression::Scope {
 public:
  explicit StepNames(std::span<const std::string> steps) : steps_(steps) {}

  const expression::Macro* FindMacro(std::string_view) const override {
    return nullptr;
  }
  const expression::NamedList* FindList(std::string_view) const override {
    return nullptr;
  }
  std::string SuggestList(std::string_view) const override { return {}; }
  std::vector<std::string_view> MacroNames() const override { return {}; }
  bool IsStep(std::string_view name) const override {
    return std::find(steps_.begin(), steps_.end(), name) != steps_.end();
  }

 private:
  std::span<const std::string> steps_;
};

}  // namespace

std::optional<Query> Parse(const text::Source& source,
                           const EqlOptions& options,
                           text::Reporter* reporter) {
  const int before = reporter->errors();
  const expression::Tokens tokens = expression::Lex(source, options.dialect);
  TokenStream stream(tokens, reporter);
  Query query = QueryParser(&stream, options).Parse();
  if (reporter->errors() > before) return std::nullopt;
  if (query.kind != Query::kEvent) CheckStages(query, reporter);
  if (reporter->errors() > before) return std::nullopt;
  return query;
}

bool Check(Expression* expression, bool is_value, const EqlOptions& options,
           text::Reporter* reporter) {
  const StepNames names({});
  expression::Checker checker(names, reporter, options.dialect);
  return is_value ? checker.CheckValue(expression)
                  : checker.CheckCondition(expression);
}

bool CheckOverSteps(Expression* expression, std::span<const std::string> steps,
                    const EqlOptions& options, text::Reporter* reporter) {
  const StepNames names(steps);
  expression::Checker checker(names, reporter, options.dialect);
  checker.set_steps_allowed(true);
  return checker.CheckCondition(expression);
}

std::optional<Expression> ParseExpression(const text::Source& source,
                                          const EqlOptions& options,
                                          text::Reporter* reporter) {
  const int before = reporter->errors();
  const expression::Tokens tokens = expression::Lex(source, options.dialect);
  TokenStream stream(tokens, reporter);
  expression::Parser parser(&stream, options.dialect);
  Expression parsed = parser.ParseCondition();
  if (!stream.AtEnd()) stream.Fail("the end of the expression");
  if (reporter->errors() > before) return std::nullopt;
  if (!Check(&parsed, true, options, reporter)) return std::nullopt;
  return parsed;
}

}  // namespace tocsin::eql
