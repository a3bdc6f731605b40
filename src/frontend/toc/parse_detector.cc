// Detectors: what stands between their braces.

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/string_map.h"
#include "src/frontend/toc/parser.h"
#include "src/text/reporter.h"

namespace tocsin::toc {
namespace {

using text::Quoted;

constexpr std::string_view kWords[] = {
    "alert",   "description",   "detect", "from",  "influencers",
    "latency", "memory",        "per",    "prune", "severity",
    "skip",    "summary_count", "tags",   "time",  "title"};
// Of the language, and nothing runs them.
constexpr std::string_view kNotBuilt[] = {
    "calendar", "categorize", "id", "multivariate", "plot", "renormalize"};

template <typename Words>
bool IsAmong(std::string_view word, const Words& words) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

}  // namespace

Detector Parser::ParseDetector() {
  Detector detector;
  detector.name = ParseName("the name of the detector");
  const Span open = stream_.Peek().span;
  if (!stream_.Expect("{")) return detector;
  base::StringSet seen;
  while (!stream_.at_loss() && !stream_.Peek().Is("}")) {
    if (stream_.AtEnd()) {
      stream_.Fail("T300", open, "this brace is not closed",
                   "end detector " + Quoted(detector.name.text) + " with `}`");
      return detector;
    }
    const Token& first = stream_.Peek();
    const std::string word = first.text;
    const uint32_t begin = first.span.begin;
    ParseDetectorClause(&detector);
    if (word == "detect" || word == "skip" || stream_.at_loss()) continue;
    if (!seen.insert(word).second) {
      stream_.Error("T337", From(begin),
                    Quoted(word) + " stands twice in this detector",
                    "keep one of them");
    }
  }
  stream_.Expect("}");
  return detector;
}

void Parser::ParseDetectorClause(Detector* detector) {
  const Token& first = stream_.Peek();
  const std::string word = first.kind == Token::kName ? first.text : "";
  if (IsAmong(word, kNotBuilt)) {
    stream_.Fail("T346", first.span, Quoted(word) + " is not built yet",
                 "leave it out; the detector runs without");
    return;
  }
  if (!IsAmong(word, kWords)) {
    stream_.Fail(
        "a clause such as `from`, `per` or `detect`, or `}`",
        text::DidYouMean(word, {std::begin(kWords), std::end(kWords)}));
    return;
  }
  stream_.Take();
  if (word == "from") {
    detector->from = ParseSource();
  } else if (word == "per") {
    detector->span = ParseDuration();
  } else if (word == "latency") {
    detector->latency = ParseDuration();
  } else if (word == "prune") {
    detector->prune = ParseDuration();
  } else if (word == "memory") {
    if (stream_.Peek().kind != Token::kSize) {
      stream_.Fail("a size such as `64mib`");
      return;
    }
    const Token& size = stream_.Take();
    detector->memory = Amount{size.value, size.span};
  } else if (word == "detect") {
    detector->finds.push_back(ParseFind(first.span.begin));
  } else if (word == "influencers") {
    do {
      detector->influencers.push_back(ParsePlainField());
    } while (stream_.TakeIf(","));
  } else if (word == "summary_count") {
    detector->summary_count = ParsePlainField();
  } else if (word == "time") {
    detector->time = ParsePlainField();
  } else if (word == "skip") {
    ParseSkip(detector);
  } else if (word == "alert") {
    if (stream_.Expect("when")) detector->alert = conditions_.ParseCondition();
  } else if (word == "severity") {
    detector->severity = ParseSeverity();
  } else if (word == "tags") {
    detector->tags = ParseTags();
  } else {
    Word text = ParseString("a text in double quotes");
    (word == "title" ? detector->title : detector->description) =
        std::move(text);
  }
}

Field Parser::ParsePlainField() {
  Field field;
  field.path = conditions_.ParseField(&field.span);
  return field;
}

// detect high_sum (source.bytes) over user.name as "bytes of a user"
Detector::Find Parser::ParseFind(uint32_t begin) {
  Detector::Find find;
  find.function = ParseName("the name of a function, such as `rare`");
  if (stream_.TakeIf("(")) {
    find.field = ParsePlainField();
    stream_.Expect(")");
  }
  base::StringSet seen;
  while (!stream_.at_loss()) {
    const Token& word = stream_.Peek();
    const std::string text = word.text;
    const uint32_t part = word.span.begin;
    if (stream_.TakeIf("by")) {
      find.by = ParsePlainField();
    } else if (stream_.TakeIf("over")) {
      find.over = ParsePlainField();
    } else if (stream_.TakeIf("partition")) {
      find.partition = ParsePlainField();
    } else if (stream_.TakeIf("exclude_frequent")) {
      find.exclude_frequent = ParseName("`by`, `over` or `all`");
    } else if (stream_.TakeIf("use_null")) {
      find.use_null = true;
    } else if (stream_.TakeIf("as")) {
      find.description = ParseString("a text in double quotes");
    } else if (word.IsWord("given")) {
      stream_.Fail("T346", word.span, "`given` is not built yet",
                   "`partition` asks the same of each value alone");
    } else {
      break;
    }
    if (!stream_.at_loss() && !seen.insert(text).second) {
      stream_.Error("T337", From(part),
                    Quoted(text) + " stands twice in this `detect`",
                    "keep one of them");
    }
  }
  find.span = From(begin);
  return find;
}

// skip result, learning when actual < 350
void Parser::ParseSkip(Detector* detector) {
  Detector::Skip skip;
  do {
    const Word what = ParseName("`result` or `learning`");
    if (stream_.at_loss()) return;
    if (what.text == "result") {
      skip.result = true;
    } else if (what.text == "learning") {
      skip.learning = true;
    } else {
      stream_.Fail("T300", what.span, "expected `result` or `learning`");
      return;
    }
  } while (stream_.TakeIf(","));
  if (!stream_.Expect("when")) return;
  skip.when = conditions_.ParseCondition();
  detector->skips.push_back(std::move(skip));
}

}  // namespace tocsin::toc
