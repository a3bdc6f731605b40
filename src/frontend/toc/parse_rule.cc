#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/frontend/toc/keywords.h"
#include "src/frontend/toc/parser.h"

namespace tocsin::toc {

using text::Quoted;

namespace {

std::string ListOf(std::span<const std::string_view> words) {
  std::string all;
  for (const std::string_view word : words) {
    all += all.empty() ? "" : ", ";
    all += word;
  }
  return all;
}

std::string MeantOneOf(std::string_view word,
                       std::span<const std::string_view> words) {
  const std::string meant = text::DidYouMean(word, words);
  return absl::StrCat(meant, meant.empty() ? "" : " ", "One of ",
                      ListOf(words));
}

}  // namespace

bool Parser::IsFirstOnLine(size_t position) const {
  if (position == 0) return true;
  const text::Source& source = stream_.source();
  return source.LineOf(stream_.At(position).span.begin) >
         source.LineOf(stream_.At(position - 1).span.end);
}

bool Parser::BeginsClause(size_t position) const {
  const Token& token = stream_.At(position);
  if (token.kind != Token::kName || token.quoted) return false;
  return ClauseOf(token.text).has_value() || stream_.At(position + 1).Is("=");
}

size_t Parser::AfterBadClause(size_t start) const {
  int depth = 0;
  for (size_t at = start;; ++at) {
    const Token& token = stream_.At(at);
    if (token.kind == Token::kEnd) return at;
    if (depth == 0 && token.Is("}")) return at;
    const bool behind = at > start && at >= stream_.position();
    if (behind && IsFirstOnLine(at)) {
      if (depth == 0 && BeginsClause(at)) return at;
      const bool next_rule = token.IsWord("rule") &&
                             stream_.At(at + 1).kind == Token::kName &&
                             stream_.At(at + 2).Is("{");
      if (next_rule) return at;
    }
    if (token.Is("{")) ++depth;
    if (token.Is("}")) --depth;
  }
}

Rule Parser::ParseRule() {
  Rule rule;
  rule.name = ParseName("the name of the rule");
  rule.open = stream_.Peek().span;
  if (!stream_.Expect("{")) return rule;
  bool lost_something = false;
  while (!stream_.Peek().Is("}")) {
    if (stream_.AtEnd()) {
      stream_.Fail("T300", rule.open, "this brace is not closed",
                   "end rule " + Quoted(rule.name.text) + " with `}`");
      return rule;
    }
    const bool next_rule = stream_.Peek().IsWord("rule") &&
                           stream_.Peek(1).kind == Token::kName &&
                           stream_.Peek(2).Is("{");
    if (next_rule) {
      stream_.Fail("T300", rule.open,
                   "this brace is not closed before the next rule",
                   "end rule " + Quoted(rule.name.text) + " with `}`");
      return rule;
    }
    if (rule.clauses.size() == kMaxParts) {
      stream_.Fail(
          "T341", stream_.Peek().span,
          absl::StrCat("a rule has more than ", kMaxParts, " clauses"));
      return rule;
    }
    const size_t start = stream_.position();
    std::optional<Clause> clause = ParseClause();
    if (stream_.at_loss()) {
      lost_something = true;
      stream_.Recover(AfterBadClause(start));
    }
    if (clause) rule.clauses.push_back(*std::move(clause));
  }
  rule.close = stream_.Take().span;
  broken_ = broken_ || lost_something;
  return rule;
}

// nullopt where none could be read.
std::optional<Clause> Parser::ParseClause() {
  Clause clause;
  const Token& first = stream_.Peek();
  const uint32_t begin = first.span.begin;
  if (first.kind == Token::kName && stream_.Peek(1).Is("=")) {
    clause.kind = Clause::kStep;
    clause.what = ParseStep();
  } else {
    const std::optional<Clause::Kind> kind =
        first.kind == Token::kName && !first.quoted ? ClauseOf(first.text)
                                                    : std::nullopt;
    if (!kind) {
      std::vector<std::string_view> words;
      for (const Keyword& keyword : Keywords()) {
        if (keyword.place == Keyword::kRule) words.push_back(keyword.word);
      }
      words.push_back("except");
      // A window that stands behind the key.
      if (first.kind == Token::kName && IsWindowWord()) {
        stream_.Fail(
            "T312", first.span,
            Quoted(first.text) + " stands behind a pattern, before `by`");
        return std::nullopt;
      }
      stream_.Fail(
          "a clause such as `detect` or `severity`, a step such as "
          "`failed = ...`, or `}`",
          first.kind == Token::kName ? text::DidYouMean(first.text, words)
                                     : "");
      return std::nullopt;
    }
    clause.kind = *kind;
    stream_.Take();
    ParseClauseBody(first.text, &clause);
  }
  clause.span = From(begin);
  if (stream_.at_loss()) return std::nullopt;
  return clause;
}

void Parser::ParseClauseBody(std::string_view word, Clause* clause) {
  switch (clause->kind) {
    case Clause::kId:
    case Clause::kTitle:
    case Clause::kDescription:
    case Clause::kMessage:
      clause->what = ParseTexts(false);
      return;
    case Clause::kAuthor:
    case Clause::kReferences:
    case Clause::kFalsePositives:
    case Clause::kNextSteps:
      clause->what = ParseTexts(true);
      return;
    case Clause::kStatus: {
      const Word status = ParseName("a status");
      const auto known = Statuses();
      const bool is_known =
          std::find(known.begin(), known.end(), status.text) != known.end();
      if (!stream_.at_loss() && !is_known) {
        stream_.Error("T301", status.span,
                      "unknown status " + Quoted(status.text),
                      MeantOneOf(status.text, known));
      }
      clause->what = Texts{{status}, {status.span}};
      return;
    }
    case Clause::kVersion:
      clause->what = Version{ParseNumber("a number")};
      return;
    case Clause::kTags:
      clause->what = ParseTags();
      return;
    case Clause::kSeverity:
      clause->what = ParseSeverity();
      return;
    case Clause::kRisk:
      clause->what = ParseRisk();
      return;
    case Clause::kDetect:
      clause->what = ParseSource();
      return;
    case Clause::kWhen:
      clause->what = ParseWhen();
      return;
    case Clause::kFire:
      clause->what = ParseFire();
      return;
    case Clause::kSuppress:
      clause->what = ParseSuppress();
      return;
    case Clause::kIncident:
      clause->what = ParseIncident();
      return;
    case Clause::kShow:
      clause->what = ParseShow();
      return;
    case Clause::kRespond:
      clause->what = ParseRespond();
      return;
    case Clause::kExcept:
      clause->what = ParseExcept(false);
      return;
    case Clause::kExample:
      clause->what = ParseExample();
      return;
    case Clause::kStep:
      break;
  }
  stream_.Fail(word);
}

Texts Parser::ParseTexts(bool many) {
  Texts texts;
  do {
    texts.texts.push_back(ParseString("text in double quotes"));
    texts.spans.push_back(texts.texts.back().span);
  } while (many && stream_.TakeIf(","));
  return texts;
}

// Tags have letters of their own (`pci.10.2.1.4`), so the text is read anew.
Texts Parser::ParseTags() {
  Texts tags;
  const std::string& text = stream_.source().text();
  do {
    const uint32_t begin = stream_.Peek().span.begin;
    uint32_t end = begin;
    while (!stream_.at_loss() && end < text.size() &&
           (absl::ascii_isalnum(text[end]) || text[end] == '.' ||
            text[end] == '_' || text[end] == '-')) {
      ++end;
    }
    if (end == begin) {
      stream_.Fail("a tag such as `attack.t1110`",
                   stream_.Peek().kind == Token::kString
                       ? "tags are written without quotes"
                       : "");
      return tags;
    }
    // A token that ends behind the tag is none of its own: `a.b~`.
    size_t next = stream_.position();
    while (stream_.At(next).span.begin < end) ++next;
    if (stream_.At(next - 1).span.end > end) {
      stream_.Fail("T300", stream_.At(next - 1).span,
                   "a tag has letters, digits, `.`, `_` and `-` only");
      return tags;
    }
    stream_.Recover(next - 1);
    const bool last_is_whole = stream_.Peek().code.empty();
    if (last_is_whole) {
      stream_.Take();
    } else {
      stream_.Recover(next);
    }
    tags.texts.push_back({text.substr(begin, end - begin), {begin, end}});
    tags.spans.push_back({begin, end});
  } while (stream_.TakeIf(","));
  return tags;
}

Level Parser::ParseSeverity() {
  Level level;
  level.level = ParseName("a severity");
  const auto known = Levels();
  const bool is_known =
      std::find(known.begin(), known.end(), level.level.text) != known.end();
  if (!stream_.at_loss() && !is_known) {
    stream_.Error("T301", level.level.span,
                  "unknown severity " + Quoted(level.level.text),
                  MeantOneOf(level.level.text, known));
  }
  if (stream_.TakeIf("if")) level.condition = conditions_.ParseCondition();
  return level;
}

Risk Parser::ParseRisk() {
  Risk risk;
  risk.points = ParseNumber("the number of points");
  stream_.Expect("on");
  risk.field.path = conditions_.ParseField(&risk.field.span);
  if (stream_.TakeIf("cap")) {
    risk.cap = ParseNumber("the most points");
    if (stream_.Expect("per")) risk.per = ParseDuration();
  }
  return risk;
}

Suppress Parser::ParseSuppress() {
  Suppress suppress;
  suppress.duration = ParseDuration();
  if (stream_.Peek().IsWord("by") && !stream_.Peek(1).Is("=")) {
    suppress.by = ParseBy();
  }
  return suppress;
}

Incident Parser::ParseIncident() {
  Incident incident;
  incident.by = ParseBy();
  incident.idle = ParseDurationIf("idle");
  incident.longest = ParseDurationIf("max");
  return incident;
}

Show Parser::ParseShow() {
  Show show;
  do {
    Show::Item item;
    item.measure = ParseMeasure();
    if (stream_.TakeIf("as")) item.name = ParseName("a name");
    show.items.push_back(std::move(item));
  } while (stream_.TakeIf(","));
  return show;
}

Respond Parser::ParseRespond() {
  Respond respond;
  respond.action = ParseName("the name of an action");
  stream_.Expect("(");
  while (!stream_.at_loss() && !stream_.Peek().Is(")")) {
    Respond::Argument argument;
    argument.name = ParseName("a parameter of the action");
    stream_.Expect("=");
    argument.value = conditions_.ParseCondition();
    respond.arguments.push_back(std::move(argument));
    if (!stream_.TakeIf(",")) break;
  }
  stream_.Expect(")");
  if (stream_.TakeIf("needs")) {
    stream_.Expect("approval");
    respond.needs_approval = true;
  }
  if (stream_.TakeIf("if")) respond.condition = conditions_.ParseCondition();
  return respond;
}

Except Parser::ParseExcept(bool at_file_level) {
  Except except;
  if (stream_.TakeIf("for")) {
    const Span word = {stream_.end() - 3, stream_.end()};
    do {
      Except::Target target;
      if (stream_.TakeIf("tag")) {
        target.is_tag = true;
        const Texts tags = ParseTags();
        for (size_t i = 0; i < tags.texts.size(); ++i) {
          except.targets.push_back({true, tags.texts[i]});
        }
        continue;
      }
      if (!stream_.Expect("rule")) break;
      target.name = ParseString("the name of a rule in double quotes");
      except.targets.push_back(std::move(target));
    } while (stream_.TakeIf(","));
    if (!at_file_level && !stream_.at_loss()) {
      stream_.Error("T300", word, "an exception inside a rule is for that rule",
                    "name steps, or move it out of the rule");
    }
  } else {
    while (!stream_.Peek().IsWord("where") && !stream_.at_loss()) {
      except.steps.push_back(ParseName("a step, or `where`"));
      if (!stream_.TakeIf(",")) break;
    }
  }
  if (stream_.Expect("where")) except.condition = conditions_.ParseCondition();
  if (stream_.Expect("{",
                     "an exception says who answers for it, why, and how "
                     "long")) {
    ParseExceptFacts(&except);
  }
  return except;
}

void Parser::ParseExceptFacts(Except* except) {
  while (!stream_.AtEnd() && !stream_.Peek().Is("}")) {
    if (stream_.TakeIf("owner")) {
      except->owner = ParseString("who answers for it, in double quotes");
    } else if (stream_.TakeIf("reason")) {
      except->reason = ParseString("the reason in double quotes");
    } else if (stream_.TakeIf("ticket")) {
      except->ticket = ParseString("the ticket in double quotes");
    } else if (stream_.TakeIf("until")) {
      if (stream_.TakeIf("never")) {
        except->never = true;
      } else if (stream_.Peek().kind == Token::kTime) {
        const Token& token = stream_.Take();
        except->until = Amount{token.value, token.span};
      } else {
        stream_.Fail("a day such as `2027-03-31`, or `never`");
      }
    } else {
      stream_.Fail("`owner`, `reason`, `ticket`, `until` or `}`");
    }
  }
  except->end = stream_.Peek().span;
  if (!stream_.Expect("}")) return;
  if (!except->until && !except->never) {
    stream_.Error("T328", except->end, "an exception needs an end",
                  "write `until 2027-03-31`, or `until never`, which `tocsin "
                  "check` lists each time");
  }
  if (!except->owner || !except->reason) {
    stream_.Error(
        "T328", except->end,
        absl::StrCat("an exception needs ",
                     except->owner ? "a reason" : "an owner"),
        except->owner ? "write `reason \"...\"`" : "write `owner \"...\"`");
  }
}

Step Parser::ParseStep() {
  Step step;
  step.name = ParseName("the name of a step");
  stream_.Expect("=");
  step.source = ParseSource();
  return step;
}

Source Parser::ParseSource() {
  Source source;
  source.span.begin = stream_.Peek().span.begin;
  ParseBase(&source);
  if (stream_.TakeIf("where")) source.where = conditions_.ParseCondition();
  if (stream_.Peek().IsWord("matches")) source.matches = ParseMatches();
  source.span.end = stream_.end();
  return source;
}

void Parser::ParseBase(Source* source) {
  const Token& first = stream_.Peek();
  const bool slash = stream_.Peek(1).Is("/");
  if (first.Is("*") || (first.kind == Token::kName && slash)) {
    source->kind = Source::kLogSource;
    source->product = first.Is("*") ? "" : first.text;
    stream_.Take();
    stream_.Expect("/");
    source->name = ParseName("a category or service of the log source");
    return;
  }
  if (first.kind == Token::kString) {
    source->kind = Source::kCategory;
    source->name = ParseString("a category");
    return;
  }
  const auto text_source = [&](Source::Kind kind, std::string_view what) {
    source->kind = kind;
    source->name = ParseString(what);
  };
  if (stream_.TakeIf("any")) {
    source->kind = Source::kAny;
  } else if (stream_.TakeIf("alerts")) {
    source->kind = Source::kAlerts;
    source->name.span = first.span;
  } else if (stream_.TakeIf("risks")) {
    source->kind = Source::kRisks;
    source->name.span = first.span;
  } else if (stream_.TakeIf("rule")) {
    text_source(Source::kRule,
                "the id, name or title of a rule in double "
                "quotes");
  } else if (stream_.TakeIf("eql")) {
    text_source(Source::kEql, "an EQL query in double quotes");
  } else if (stream_.TakeIf("kql")) {
    text_source(Source::kKql, "a KQL query in double quotes");
  } else if (stream_.TakeIf("sigma")) {
    source->from_file = stream_.TakeIf("file");
    text_source(Source::kSigma, "a Sigma rule in double quotes");
  } else if (stream_.TakeIf("detector")) {
    source->kind = Source::kDetector;
    source->name.text =
        conditions_.ParseQualifiedName("a detector", &source->name.span);
  } else if (first.kind == Token::kName) {
    source->kind = Source::kNamed;
    source->name.text = conditions_.ParseQualifiedName("a category or step",
                                                       &source->name.span);
  } else {
    stream_.Fail(
        "a category, a log source such as `windows/security`, `any`, "
        "or a step");
  }
}

// matches ioc on destination.ip = ip and destination.port = port or ...
Expression Parser::ParseMatches() {
  Expression table;
  table.kind = Expression::kTable;
  table.span.begin = stream_.Take().span.begin;
  table.name =
      conditions_.ParseQualifiedName("the name of a list", &table.name_span);
  stream_.Expect("on");
  table.children.push_back(Expression::Of(Expression::kAnd, {}));
  while (!stream_.at_loss()) {
    Expression pair;
    pair.kind = Expression::kField;
    pair.field = conditions_.ParseField(&pair.span);
    stream_.Expect("=");
    const Word column = ToWord(stream_.TakeName("a column of the list"));
    pair.name = column.text;
    pair.name_span = column.span;
    table.children.back().children.push_back(std::move(pair));
    if (stream_.TakeIf("and")) continue;
    if (!stream_.TakeIf("or")) break;
    table.children.push_back(Expression::Of(Expression::kAnd, {}));
  }
  table.span.end = stream_.end();
  return table;
}

Fire Parser::ParseFire() {
  Fire fire;
  constexpr std::string_view kPolicies[] = {"every", "edge", "reset",
                                            "throttle"};
  fire.policy = ParseName("how often the rule fires");
  if (stream_.at_loss()) return fire;
  if (fire.policy.text == "throttle") {
    fire.throttle = ParseDuration();
  } else if (std::find(std::begin(kPolicies), std::end(kPolicies),
                       fire.policy.text) == std::end(kPolicies)) {
    stream_.Error("T301", fire.policy.span,
                  "unknown policy " + Quoted(fire.policy.text),
                  MeantOneOf(fire.policy.text, kPolicies));
  }
  return fire;
}

}  // namespace tocsin::toc
