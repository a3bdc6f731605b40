#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/frontend/toc/parser.h"

namespace tocsin::toc {

namespace {

constexpr int kMaxJsonDepth = 50;

bool IsLineWord(const expression::Token& token) {
  return token.IsWord("let") || token.IsWord("at") || token.IsWord("advance") ||
         token.IsWord("expect");
}

}  // namespace

Example Parser::ParseExample() {
  Example example;
  example.title = ParseString("what the example shows, in double quotes");
  stream_.Expect("{");
  while (!stream_.AtEnd() && !stream_.Peek().Is("}")) {
    if (example.lines.size() == kMaxParts) {
      stream_.Fail(
          "T341", stream_.Peek().span,
          absl::StrCat("an example has more than ", kMaxParts, " lines"));
      break;
    }
    std::optional<ExampleLine> line = ParseExampleLine();
    if (line) example.lines.push_back(*std::move(line));
  }
  example.end = stream_.Peek().span;
  stream_.Expect("}");
  return example;
}

std::optional<ExampleLine> Parser::ParseExampleLine() {
  ExampleLine line;
  const uint32_t begin = stream_.Peek().span.begin;
  if (stream_.TakeIf("let")) {
    line.kind = ExampleLine::kLet;
    line.name = ParseName("a name for the record");
    stream_.Expect("=");
    line.json_span.begin = stream_.Peek().span.begin;
    line.json = ParseJsonObject(0);
    line.json_span.end = stream_.end();
  } else if (stream_.TakeIf("at")) {
    ParseAt(&line);
  } else if (stream_.TakeIf("advance")) {
    line.kind = ExampleLine::kAdvance;
    if (!stream_.TakeIf("end")) line.when = ParseMoment();
  } else if (stream_.TakeIf("expect")) {
    line.kind = ExampleLine::kExpect;
    if (!stream_.TakeIf("nothing")) {
      const Amount count =
          ParseNumber("the number of detections, or `nothing`");
      line.count = count.value.int_value;
      const bool whole = count.value.kind == base::ValueKind::kInt;
      if (!stream_.at_loss() && (!whole || line.count < 1)) {
        stream_.Error("T344", count.span,
                      "the number of detections is a whole number",
                      "for none write `expect nothing`");
      }
    }
    if (stream_.TakeIf("where")) line.where = conditions_.ParseCondition();
  } else {
    stream_.Fail("`let`, `at`, `advance`, `expect` or `}`");
  }
  line.span = From(begin);
  if (stream_.at_loss()) return std::nullopt;
  return line;
}

Amount Parser::ParseMoment() {
  const Token& token = stream_.Peek();
  if (token.kind == Token::kDuration || token.kind == Token::kTime) {
    stream_.Take();
    return {token.value, token.span};
  }
  if (token.kind == Token::kNumber) return ParseDuration();
  stream_.Fail("a moment such as `10s`, from the example's beginning");
  return {};
}

// at 10s [3x every 60s] [as step] [name] [json]
void Parser::ParseAt(ExampleLine* line) {
  line->kind = ExampleLine::kAt;
  line->when = ParseMoment();
  if (stream_.Peek().kind == Token::kFactor) {
    const Token& factor = stream_.Take();
    line->repeat = Amount{factor.value, factor.span};
    const bool whole = factor.value.kind == base::ValueKind::kInt &&
                       factor.value.int_value >= 1 &&
                       factor.value.int_value <= 1'000'000;
    if (!whole) {
      stream_.Error("T344", factor.span,
                    "events are repeated a whole number of times, up to "
                    "1000000");
    }
    stream_.Expect("every", "say how far apart they are: `3x every 10s`");
    line->every = ParseMoment();
  }
  if (stream_.TakeIf("as")) {
    Word step;
    step.text =
        conditions_.ParseQualifiedName("the name of a step", &step.span);
    line->as = std::move(step);
  }
  const Token& next = stream_.Peek();
  if (next.kind == Token::kName && !IsLineWord(next)) {
    line->name = ParseName("the name of a record");
  }
  if (stream_.Peek().Is("{")) {
    line->json_span.begin = stream_.Peek().span.begin;
    line->json = ParseJsonObject(0);
    line->json_span.end = stream_.end();
  } else if (line->name.text.empty() && !stream_.at_loss()) {
    stream_.Fail(
        "a record such as `{ user.name: \"kim\" }`, or the name of "
        "one");
  }
}

std::string Parser::ParseJsonString() {
  const Token& token = stream_.Peek();
  const std::string_view written = stream_.source().Slice(token.span);
  std::string text;
  const bool plain = written.size() >= 2 && written.front() == '"' &&
                     written.back() == '"' && !written.starts_with("\"\"\"");
  if (plain &&
      expression::UnescapeJson(written.substr(1, written.size() - 2), &text)) {
    // Escapes of JSON that rules do not have are well here.
    stream_.Recover(stream_.position() + 1);
    return text;
  }
  stream_.Take();
  return token.text;
}

std::string Parser::ParseJsonKey() {
  const Token& token = stream_.Peek();
  if (token.kind == Token::kString) return ParseJsonString();
  if (token.kind != Token::kName) {
    stream_.Fail("the name of a field");
    return {};
  }
  return conditions_.ParseField().Name();
}

base::Value Parser::ParseJsonObject(int depth) {
  base::Value object{.kind = base::ValueKind::kObject};
  if (!stream_.Expect("{")) return object;
  while (!stream_.at_loss() && !stream_.Peek().Is("}")) {
    object.item_names.push_back(ParseJsonKey());
    stream_.Expect(":");
    object.items.push_back(ParseJson(depth + 1));
    if (!stream_.TakeIf(",")) break;
  }
  stream_.Expect("}");
  return object;
}

base::Value Parser::ParseJson(int depth) {
  const Token& token = stream_.Peek();
  if (depth > kMaxJsonDepth) {
    stream_.Fail("T341", token.span, "a record is nested too deep");
    return {};
  }
  if (token.Is("{")) return ParseJsonObject(depth);
  if (stream_.TakeIf("[")) {
    base::Value array{.kind = base::ValueKind::kArray};
    while (!stream_.at_loss() && !stream_.Peek().Is("]")) {
      array.items.push_back(ParseJson(depth + 1));
      if (!stream_.TakeIf(",")) break;
    }
    stream_.Expect("]");
    return array;
  }
  if (token.kind == Token::kString)
    return base::Value::String(ParseJsonString());
  const Token& number = token.Is("-") ? stream_.Peek(1) : token;
  if (number.kind == Token::kNumber || token.IsWord("true") ||
      token.IsWord("false") || token.IsWord("null")) {
    return conditions_.ParseLiteral().value;
  }
  stream_.Fail("a value of JSON",
               token.kind == Token::kName ? "text goes in double quotes" : "");
  return {};
}

}  // namespace tocsin::toc
