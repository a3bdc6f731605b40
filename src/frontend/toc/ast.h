// The syntax tree of a rule file in Tocsin's own language: what its author
// wrote, in the author's order, with places. docs/rule-language.md has the
// grammar.

#ifndef TOCSIN_SRC_FRONTEND_TOC_AST_H_
#define TOCSIN_SRC_FRONTEND_TOC_AST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "src/frontend/expression/lexer.h"
#include "src/ir/expression.h"
#include "src/text/source.h"

namespace tocsin::toc {

using ir::Expression;
using ir::FieldPath;
using text::Span;

// A name, a word or a string.
struct Word {
  std::string text;
  Span span;
};

// A duration, factor, number or size as it was written.
struct Amount {
  base::Value value;
  Span span;
};

struct Field {
  FieldPath path;
  Span span;
};

// --- Sources of events and steps -------------------------------------------

struct Source {
  enum Kind : uint8_t {
    kAny,
    kNamed,      // A category or a shared step; which, the checker knows.
    kCategory,   // In quotes.
    kLogSource,  // product/name, */name.
    kRule,       // rule "name", by id, name or title.
    kEql,
    kKql,
    kSigma,  // `from_file`: of a file.
    kAlerts,
    kRisks,
    kDetector,
  };

  Kind kind = kAny;
  std::string product;  // kLogSource: "" for `*`.
  Word name;
  bool from_file = false;
  std::optional<Expression> where;
  std::optional<Expression> matches;  // kTable.
  Span span;
};

// What an event of an example says to be of a source that takes what rules or
// queries find; "" for others.
std::string ExampleMark(const Source& source);

struct Step {
  Word name;
  Source source;
};

// --- Patterns ---------------------------------------------------------------

// A condition on counts: what stands after `when`.
struct Truth {
  enum Kind : uint8_t {
    kAnd,
    kOr,
    kNot,
    kCompare,     // Two children under `op`.
    kArithmetic,  // The same.
    kValue,       // `value`, a literal.
    kMeasure,     // name(arguments) of step; or a macro.
    kStep,        // A step's name; as a number, its count.
    kError,
  };

  Kind kind = kError;
  ir::Operator op = ir::Operator::kGe;
  std::vector<Truth> children;
  Expression value;
  Word name;
  std::vector<Expression> arguments;
  std::optional<Word> of;
  bool in_brackets = false;
  Span span;
  Span op_span;
};

struct Leg {
  Truth what;  // A step, a count of one, several in brackets, or `not` a step.
  std::optional<Amount> gap;
};

struct Pattern {
  enum Kind : uint8_t { kTruth, kChain, kWith, kNew, kSpike, kDrop };

  Kind kind = kTruth;
  Truth truth;                   // kTruth, kWith, kSpike, kDrop: the measure.
  Truth context;                 // kWith: what is around `truth`.
  std::vector<Leg> legs;         // kChain, the first included.
  std::optional<Word> until;     // kChain.
  std::vector<Expression> keys;  // kNew.
  std::optional<Word> of;        // kNew.
  std::optional<Amount> learn;   // kNew.
  ir::Operator op = ir::Operator::kGe;  // kSpike, kDrop.
  Amount factor;
  Amount past;
  std::optional<Amount> least;
  Span span;
};

struct Window {
  enum Kind : uint8_t { kWithin, kPer, kIdle };

  Kind kind = kWithin;
  Amount span_of_time;
  std::vector<Word> flags;       // before, after, around, half_open.
  std::optional<Amount> second;  // kPer: offset; kIdle: max.
  Span span;
};

struct By {
  bool any_of = false;
  // Names of one key each; fields or calls.
  std::vector<std::vector<Expression>> keys;
  std::optional<Word> each_of;
  Span span;
};

struct When {
  Pattern pattern;
  std::optional<Window> window;
  std::optional<By> by;
  std::optional<Expression> where;
};

struct Fire {
  Word policy;
  std::optional<Amount> throttle;
};

// --- Other clauses ----------------------------------------------------------

struct Texts {
  std::vector<Word> texts;
  std::vector<Span> spans;  // With their quotes.
};

struct Level {
  Word level;
  std::optional<Expression> condition;
};

struct Version {
  Amount number;
};

struct Risk {
  Amount points;
  Field field;
  std::optional<Amount> cap;
  std::optional<Amount> per;
};

struct Suppress {
  Amount duration;
  std::optional<By> by;
};

struct Incident {
  By by;
  std::optional<Amount> idle;
  std::optional<Amount> longest;
};

struct Show {
  struct Item {
    Truth measure;
    std::optional<Word> name;
  };
  std::vector<Item> items;
};

struct Respond {
  struct Argument {
    Word name;
    Expression value;
  };
  Word action;
  std::vector<Argument> arguments;
  bool needs_approval = false;
  std::optional<Expression> condition;
};

struct Except {
  struct Target {
    bool is_tag = false;
    Word name;
  };
  std::vector<Target> targets;  // `for`, at file level.
  std::vector<Word> steps;
  Expression condition;
  std::optional<Word> owner;
  std::optional<Word> reason;
  std::optional<Word> ticket;
  std::optional<Amount> until;
  bool never = false;
  Span end;  // The closing brace.
};

// One statement of an example.
struct ExampleLine {
  enum Kind : uint8_t { kLet, kAt, kAdvance, kExpect };

  Kind kind = kAt;
  Word name;                     // kLet; kAt: the record that is extended.
  Amount when;                   // kAt, kAdvance; no value: `end`.
  std::optional<Amount> repeat;  // kAt: 3x
  std::optional<Amount> every;
  std::optional<Word> as;
  std::optional<base::Value> json;  // kLet, kAt: an object.
  Span json_span;
  int64_t count = 0;  // kExpect; 0: nothing.
  std::optional<Expression> where;
  Span span;
};

struct Example {
  Word title;
  std::vector<ExampleLine> lines;
  Span end;
};

// What a rule is made of.
struct Clause {
  enum Kind : uint8_t {
    kId,
    kTitle,
    kDescription,
    kStatus,
    kVersion,
    kAuthor,
    kReferences,
    kTags,
    kSeverity,
    kRisk,
    kStep,
    kDetect,
    kWhen,
    kFire,
    kSuppress,
    kIncident,
    kMessage,
    kShow,
    kRespond,
    kFalsePositives,
    kNextSteps,
    kExcept,
    kExample,
  };

  Kind kind = kId;
  // kId..kReferences, kTags, kMessage, kFalsePositives, kNextSteps: Texts,
  // but kVersion; kStatus has a bare word.
  std::variant<Texts, Version, Level, Risk, Step, Source, When, Fire, Suppress,
               Incident, Show, Respond, Except, Example>
      what;
  Span span;
};

struct Rule {
  Word name;
  std::vector<Clause> clauses;
  Span open;   // `{`
  Span close;  // `}`
};

// --- What a file is made of -------------------------------------------------

enum class ListType : uint8_t {
  kString,
  kNoCase,
  kIp,
  kCidr,
  kDomain,
  kNumber,
  kTime,
  kDuration,
  kBool,
};

struct Import {
  Word path;
  std::optional<Word> as;
};

struct Column {
  Word name;
  ListType type = ListType::kString;
};

struct List {
  Word name;
  std::optional<Word> type_word;
  ListType type = ListType::kString;
  std::vector<Expression> values;
  std::optional<Word> from;
  std::vector<Column> columns;
  std::optional<Amount> reload;
  std::optional<Amount> expires;       // After so long.
  std::optional<Word> expires_column;  // Or as a column says.
  std::optional<Amount> longest;
  bool optional = false;
};

struct Define {
  Word name;
  std::vector<Word> parameters;
  Expression body;
};

struct Action {
  struct Parameter {
    Word name;
    Word type;
  };
  Word name;
  std::vector<Parameter> parameters;
};

struct Calendar {
  struct Entry {
    Word name;
    Span name_span;
    Amount begin;
    Amount end;
  };
  Word name;
  std::vector<Entry> entries;
};

struct Detector {
  struct Find {
    Word function;
    std::optional<Field> field;
    std::optional<Field> by;
    std::optional<Field> over;
    std::optional<Field> partition;
    std::optional<Word> exclude_frequent;
    bool use_null = false;
    std::optional<Word> description;
    Span span;
  };
  struct Skip {
    bool result = false;
    bool learning = false;
    Expression when;
  };

  Word name;
  std::optional<Word> title;
  std::optional<Word> description;
  std::optional<Level> severity;
  Texts tags;
  std::optional<Source> from;  // Any event.
  std::optional<Amount> span;
  std::optional<Amount> latency;
  std::optional<Amount> prune;
  std::optional<Amount> memory;
  std::vector<Find> finds;
  std::vector<Field> influencers;
  std::optional<Field> summary_count;
  std::optional<Field> time;
  std::vector<Skip> skips;
  std::optional<Expression> alert;
};

struct Item {
  std::variant<Import, List, Define, Action, Calendar, Except, Step, Rule,
               Detector>
      what;
  Span span;
  bool broken = false;  // Something of it could not be read.
};

struct File {
  std::vector<Item> items;
  std::vector<expression::Comment> comments;
};

}  // namespace tocsin::toc

#endif  // TOCSIN_SRC_FRONTEND_TOC_AST_H_
