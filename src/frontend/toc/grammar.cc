#include "src/frontend/toc/grammar.h"

#include <string_view>
#include <vector>

#include "src/base/json_writer.h"
#include "src/frontend/toc/keywords.h"
#include "src/functions/function.h"

namespace tocsin::toc {
namespace {

std::string AnyOf(const std::vector<std::string_view>& words) {
  std::string regex;
  for (const std::string_view word : words) {
    if (!regex.empty()) regex += '|';
    regex += word;
  }
  return regex;
}

std::string WordsOf(Keyword::Place place) {
  std::vector<std::string_view> words;
  for (const Keyword& keyword : Keywords()) {
    if (keyword.place == place) words.push_back(keyword.word);
  }
  return AnyOf(words);
}

class Writer {
 public:
  void Match(std::string_view name, const std::string& regex) {
    Begin();
    Member("name", std::string(name) + ".toc");
    out_ += ", ";
    Member("match", regex);
    out_ += " }";
  }
  void Region(std::string_view name, const std::string& begin,
              const std::string& end, std::string_view inner = {}) {
    Begin();
    Member("name", std::string(name) + ".toc");
    out_ += ", ";
    Member("begin", begin);
    out_ += ", ";
    Member("end", end);
    if (!inner.empty()) {
      out_ += ", \"patterns\": [{ ";
      Member("name", "constant.character.escape.toc");
      out_ += ", ";
      Member("match", inner);
      out_ += " }]";
    }
    out_ += " }";
  }
  std::string Take() { return std::move(out_); }

 private:
  void Begin() { out_ += out_.empty() ? "    { " : ",\n    { "; }
  void Member(std::string_view name, std::string_view value) {
    base::AppendJsonString(name, &out_);
    out_ += ": ";
    base::AppendJsonString(value, &out_);
  }

  std::string out_;
};

}  // namespace

std::string TextMateGrammar() {
  Writer writer;
  writer.Match("comment.line.double-slash", "//.*$");
  writer.Region("comment.block", "/\\*", "\\*/");
  writer.Region("string.quoted.triple", "\"\"\"", "\"\"\"+");
  writer.Region("string.quoted.double", "\"", "\"|$",
                "\\\\([nrt\\\\\"]|u\\{[0-9A-Fa-f]{1,8}\\})");
  writer.Match("variable.other.quoted", "`([^`\\n]|``)*`");
  writer.Match("constant.other.time",
               "\\b[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9:]+))?");
  writer.Match("constant.numeric.duration", "\\b([0-9]+(ms|s|m|h|d|w))+\\b");
  writer.Match("constant.numeric",
               "\\b[0-9][0-9_]*(\\.[0-9]+)?([eE][+-]?[0-9]+)?"
               "([kmgt]i?b|x)?\\b");
  // Clauses begin lines, so fields may be called the same.
  writer.Match("keyword.control.item",
               "^\\s*(" + WordsOf(Keyword::kFile) + ")\\b(?!\\s*=)");
  writer.Match("keyword.other.clause",
               "(^|\\{)\\s*(" + WordsOf(Keyword::kRule) + ")\\b(?!\\s*[=.])");
  writer.Match("constant.language.severity",
               "\\b(" + AnyOf({Levels().begin(), Levels().end()}) +
                   ")\\b(?=\\s*($|if\\b|//))");
  writer.Match(
      "keyword.operator.word",
      "(?<![.`])\\b(" + WordsOf(Keyword::kCondition) + ")\\b~?(?![.`])");
  writer.Match(
      "keyword.control.pattern",
      "(?<![.`])\\b(" + WordsOf(Keyword::kPattern) + ")\\b(?![.`]|\\s*=[^=])");
  std::vector<std::string_view> functions;
  for (const functions::Function& function : functions::AllFunctions()) {
    functions.push_back(function.name);
  }
  writer.Match("support.function",
               "(?i)\\b(" + AnyOf(functions) + ")~?(?=\\()");
  writer.Match("entity.name.function", "[A-Za-z_$@][A-Za-z0-9_$@.]*(?=\\()");
  writer.Match("keyword.operator", "==|!=|<=|>=|[<>=:+*/%-]");
  return "{\n  \"name\": \"Tocsin rules\",\n"
         "  \"scopeName\": \"source.toc\",\n"
         "  \"fileTypes\": [\"toc\"],\n  \"patterns\": [\n" +
         writer.Take() + "\n  ]\n}\n";
}

}  // namespace tocsin::toc
