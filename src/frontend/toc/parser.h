// The inside of the parser, shared by its parts: files, rules, patterns,
// examples. Recursive descent with at most two tokens of lookahead; a member
// that comes upon what it cannot read tells it and leaves the stream at a loss.

#ifndef TOCSIN_SRC_FRONTEND_TOC_PARSER_H_
#define TOCSIN_SRC_FRONTEND_TOC_PARSER_H_

#include <optional>
#include <string_view>
#include <vector>

#include "src/frontend/expression/parser.h"
#include "src/frontend/expression/token_stream.h"
#include "src/frontend/toc/ast.h"

namespace tocsin::toc {

// Most items of a file, clauses of a rule, lines of an example.
inline constexpr size_t kMaxParts = 100'000;

class Parser {
 public:
  Parser(const expression::Tokens& tokens, text::Reporter* reporter)
      : stream_(tokens, reporter), conditions_(&stream_) {}

  std::vector<Item> ParseItems();

 private:
  using Token = expression::Token;

  // --- parse_file.cc: items of a file --------------------------------------
  Item ParseItem();
  Import ParseImport();
  List ParseList();
  void ParseListSource(List* list);
  bool ParseListOption(List* list);
  Define ParseDefine();
  Action ParseAction();
  Calendar ParseCalendar();
  // Where to go on after what began at `start` could not be read.
  size_t AfterBadItem(size_t start) const;

  Word ToWord(const Token* token) const;
  Word ParseName(std::string_view what);
  Word ParseString(std::string_view what);
  Amount ParseDuration();
  std::optional<Amount> ParseDurationIf(std::string_view word);
  Amount ParseNumber(std::string_view what);
  Span From(uint32_t begin) const { return {begin, stream_.end()}; }
  ListType ParseListType(std::string_view word, Span span);

  // --- parse_rule.cc: clauses of a rule ------------------------------------
  Rule ParseRule();
  std::optional<Clause> ParseClause();
  void ParseClauseBody(std::string_view word, Clause* clause);
  bool BeginsClause(size_t position) const;
  size_t AfterBadClause(size_t start) const;
  bool IsFirstOnLine(size_t position) const;
  Texts ParseTexts(bool many);
  Texts ParseTags();
  Level ParseSeverity();
  Risk ParseRisk();
  Suppress ParseSuppress();
  Incident ParseIncident();
  Show ParseShow();
  Respond ParseRespond();
  Except ParseExcept(bool at_file_level);
  void ParseExceptFacts(Except* except);
  Step ParseStep();
  Source ParseSource();
  void ParseBase(Source* source);
  Expression ParseMatches();
  Fire ParseFire();

  // --- parse_detector.cc ---------------------------------------------------
  Detector ParseDetector();
  void ParseDetectorClause(Detector* detector);
  Detector::Find ParseFind(uint32_t begin);
  void ParseSkip(Detector* detector);
  Field ParsePlainField();

  // --- parse_pattern.cc: what stands behind `when` -------------------------
  When ParseWhen();
  Pattern ParsePattern();
  Pattern ParseNew();
  Pattern ParseChange(Pattern::Kind kind);
  void ParseChain(Truth first, Pattern* pattern);
  void CheckLeg(const Truth& what);
  Truth ParseTruth();
  Truth ParseTruthAnd();
  Truth ParseTruthNot();
  Truth ParseTest();
  Truth ParseMeasure();
  Truth ParseMeasureProduct();
  Truth ParsePart();
  Truth JoinTruth(Truth::Kind kind, std::string_view word,
                  Truth (Parser::*operand)());
  Window ParseWindowBody();
  By ParseBy();
  bool IsWindowWord() const;

  // --- parse_example.cc ----------------------------------------------------
  Example ParseExample();
  std::optional<ExampleLine> ParseExampleLine();
  void ParseAt(ExampleLine* line);
  Amount ParseMoment();
  base::Value ParseJson(int depth);
  base::Value ParseJsonObject(int depth);
  std::string ParseJsonKey();
  std::string ParseJsonString();

  expression::TokenStream stream_;
  expression::Parser conditions_;
  bool broken_ = false;
  int truth_depth_ = 0;
};

// Recognises `==` to `>=`, and `=`, which is told to be `==`.
std::optional<ir::Operator> ToComparison(const expression::Token& token);

}  // namespace tocsin::toc

#endif  // TOCSIN_SRC_FRONTEND_TOC_PARSER_H_
