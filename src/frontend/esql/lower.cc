// A query as a rule: its commands are gone through in order, columns put in
// where they are used, until it is one filter, or a filter and an aggregate.

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/base/utf8.h"
#include "src/frontend/esql/aggregate.h"
#include "src/frontend/esql/convert.h"
#include "src/frontend/esql/esql.h"
#include "src/frontend/esql/grok.h"
#include "src/frontend/esql/parser.h"

namespace tocsin::esql {
namespace {

using ir::Expression;
using ir::Operator;

// A column whose elements are rows of their own.
struct Expansion {
  Expression source;
  std::string variable;
};

bool Uses(const Expression& e, const std::string& variable) {
  if (e.kind == Expression::kField && e.field.parts[0].name == variable) {
    return true;
  }
  return std::any_of(
      e.children.begin(), e.children.end(),
      [&](const Expression& child) { return Uses(child, variable); });
}

size_t CountUses(const Expression& e, const std::string& variable) {
  size_t count =
      e.kind == Expression::kField && e.field.parts[0].name == variable ? 1 : 0;
  for (const Expression& child : e.children)
    count += CountUses(child, variable);
  return count;
}

void PutIn(const std::string& variable, const Expression& source,
           Expression* e) {
  if (e->kind == Expression::kField && e->field.parts[0].name == variable) {
    *e = source;
    return;
  }
  for (Expression& child : e->children) PutIn(variable, source, &child);
}

// A test of one operand of which any element will do.
bool IsPlainTest(const Expression& e) {
  const bool plain =
      (e.kind == Expression::kCompare && e.op != Operator::kNe) ||
      (e.kind == Expression::kIn && !e.negated) || e.kind == Expression::kMatch;
  return plain && e.children[0].kind == Expression::kField;
}

Expression Join(std::vector<Expression> all) {
  if (all.size() == 1) return std::move(all[0]);
  Expression e = Expression::Of(Expression::kAnd, std::move(all));
  e.type = ir::Type::kBool;
  return e;
}

void AddConjuncts(Expression e, std::vector<Expression>* all) {
  if (e.kind != Expression::kAnd) {
    all->push_back(std::move(e));
    return;
  }
  for (Expression& child : e.children) AddConjuncts(std::move(child), all);
}

class QueryLowerer {
 public:
  QueryLowerer(const Query& query, const EsqlOptions& options,
               const RuleInfo& info, text::Reporter* reporter)
      : query_(query),
        options_(options),
        info_(info),
        reporter_(*reporter),
        converter_(
            options.types != nullptr ? *options.types : kql::FieldTypes::Ecs(),
            reporter) {}

  std::optional<Lowered> Run(ir::RuleList* list) {
    Lowered lowered;
    for (const Command& command : query_.commands) {
      if (command.kind == Command::kFrom) lowered.indexes = command.words;
      if (!Take(command)) return std::nullopt;
    }
    if (stats_ == nullptr) {
      ir::Rule rule;
      rule.info = info_;
      rule.condition = Filter();
      if (converter_.errors() > 0) return std::nullopt;
      lowered.index = static_cast<uint32_t>(list->rules.size());
      list->rules.push_back(std::move(rule));
      return lowered;
    }
    ir::Correlation correlation;
    if (!aggregate_.Finish(options_.look_back, &correlation)) {
      return std::nullopt;
    }
    ir::Rule step;
    step.info = info_;
    step.info.id = absl::StrCat(info_.id, ".event");
    step.info.name = step.info.id;
    step.role = ir::RuleRole::kStep;
    for (Expression& e : aggregate_.TakeFilters()) {
      AddConjuncts(std::move(e), &conjuncts_);
    }
    step.condition = Filter();
    if (converter_.errors() > 0) return std::nullopt;
    correlation.info = info_;
    correlation.range = reporter_.source().RangeOf(stats_->span);
    correlation.steps.resize(1);
    correlation.steps[0].name = "event";
    correlation.steps[0].source_index =
        static_cast<uint32_t>(list->rules.size());
    correlation.steps[0].range = correlation.range;
    list->rules.push_back(std::move(step));
    lowered.is_correlation = true;
    lowered.index = static_cast<uint32_t>(list->correlations.size());
    list->correlations.push_back(std::move(correlation));
    return lowered;
  }

 private:
  bool Take(const Command& command) {
    switch (command.kind) {
      case Command::kFrom:
      case Command::kKeep:
        return true;
      case Command::kWhere: {
        Expression condition = command.condition;
        if (!converter_.Convert(columns_, &condition)) return false;
        if (stats_ != nullptr) {
          aggregate_.AddCondition(std::move(condition));
        } else {
          AddConjuncts(std::move(condition), &conjuncts_);
        }
        return true;
      }
      case Command::kEval:
        for (const Assignment& each : command.assignments) {
          Expression value = each.expression;
          if (!converter_.Convert(columns_, &value)) return false;
          columns_.Set(each.name, std::move(value));
        }
        return true;
      case Command::kRename:
        for (const Assignment& each : command.assignments) {
          Expression value = each.expression;
          if (!converter_.Convert(columns_, &value)) return false;
          columns_.Set(each.name, std::move(value));
        }
        return true;
      case Command::kDissect:
      case Command::kGrok:
        return TakeParse(command);
      case Command::kMvExpand:
        return TakeExpand(command);
      case Command::kStats:
        return TakeStats(command);
      case Command::kOther:
        break;
    }
    converter_.Error("T551", command.name_span,
                     absl::StrCat("`", command.name, "` is not supported"),
                     "a rule is one filter of events, or one STATS over a "
                     "window of them");
    return false;
  }

  bool TakeParse(const Command& command) {
    if (stats_ != nullptr) return FailBehindStats(command);
    Expression input = command.condition;
    if (!converter_.Convert(columns_, &input)) return false;
    const bool grok = command.kind == Command::kGrok;
    std::vector<Extraction> extractions;
    const size_t patterns = grok ? command.words.size() : 1;
    for (size_t i = 0; i < patterns; ++i) {
      extractions.push_back(grok ? ReadGrok(command.words[i])
                                 : ReadDissect(command.words[0]));
      if (extractions.back().problem.empty()) continue;
      converter_.Error(
          "T555", command.span,
          absl::StrCat("this pattern ", extractions.back().problem));
      return false;
    }
    // A column of several patterns is that of the first that has it.
    Columns found;
    std::vector<std::string> names;
    for (const Extraction& extraction : extractions) {
      for (const Extraction::Column& column : extraction.columns) {
        Expression value =
            ValueOf(input, extraction, column, grok ? "" : command.words[1]);
        if (!converter_.Count(value, command.span)) return false;
        if (const Expression* const before = found.Find(column.name)) {
          std::vector<Expression> either;
          either.push_back(*before);
          either.push_back(std::move(value));
          value = MakeCall("coalesce", std::move(either), command.span);
        } else {
          names.push_back(column.name);
        }
        found.Set(column.name, std::move(value));
      }
    }
    for (const std::string& name : names) columns_.Set(name, *found.Find(name));
    return true;
  }

  static Expression ValueOf(const Expression& input,
                            const Extraction& extraction,
                            const Extraction::Column& column,
                            const std::string& separator) {
    std::vector<Expression> parts;
    for (const int group : column.groups) {
      std::vector<Expression> arguments;
      arguments.push_back(input);
      arguments.push_back(MakeText(extraction.regex));
      arguments.push_back(MakeInt(group));
      if (!parts.empty() && !separator.empty()) {
        parts.push_back(MakeText(separator));
      }
      parts.push_back(MakeCall("extract", std::move(arguments), input.span));
    }
    Expression value = parts.size() == 1
                           ? std::move(parts[0])
                           : MakeCall("concat", std::move(parts), input.span);
    if (!column.is_number) return value;
    std::vector<Expression> text;
    text.push_back(std::move(value));
    return MakeCall("number", std::move(text), input.span);
  }

  bool TakeExpand(const Command& command) {
    if (stats_ != nullptr) return FailBehindStats(command);
    Expression source;
    source.kind = Expression::kField;
    source.span = command.span;
    std::string_view rest = command.words[0];
    while (true) {
      const size_t dot = rest.find('.');
      source.field.parts.push_back({std::string(rest.substr(0, dot)), {}});
      if (dot == std::string_view::npos) break;
      rest.remove_prefix(dot + 1);
    }
    if (!converter_.Convert(columns_, &source)) return false;
    // It is put in wherever the column is used.
    constexpr int kDeepest = 20;
    if (DepthOf(source) > kDeepest) {
      converter_.Error("T554", command.span,
                       "a column that is expanded is made of too much");
      return false;
    }
    Expansion expansion;
    expansion.variable = absl::StrCat("element ", expansions_.size());
    Expression variable;
    variable.kind = Expression::kField;
    variable.type = source.type;
    variable.span = command.span;
    variable.field.parts.push_back({expansion.variable, {}});
    columns_.Set(command.words[0], std::move(variable));
    expansion.source = std::move(source);
    expansions_.push_back(std::move(expansion));
    return true;
  }

  bool TakeStats(const Command& command) {
    if (stats_ != nullptr) {
      converter_.Error("T551", command.name_span,
                       "a second `STATS` is not supported",
                       "a rule is one STATS over a window of events");
      return false;
    }
    stats_ = &command;
    Columns behind;
    behind.is_closed = true;
    constexpr size_t kMostKeys = 32;
    if (command.keys.size() > kMostKeys) {
      converter_.Error("T554", command.span, "a group has 32 keys at most");
      return false;
    }
    for (const Assignment& key : command.keys) {
      Expression value = key.expression;
      if (!converter_.Convert(columns_, &value)) return false;
      if (!Collapse(&value)) return false;
      aggregate_.AddKey(key.name, value);
      behind.Set(key.name, std::move(value));
    }
    for (const Assignment& each : command.assignments) {
      Expression value = each.expression;
      std::optional<Expression> where = each.where;
      if (where) {
        if (!converter_.Convert(columns_, &*where)) return false;
        if (!Collapse(&*where)) return false;
      }
      if (!TakeAggregates(where, &value)) return false;
      if (!converter_.Convert(behind, &value)) return false;
      aggregate_.NameShown(each.name, value);
      behind.Set(each.name, std::move(value));
    }
    columns_ = std::move(behind);
    return true;
  }

  // Aggregates within an expression become calls of `$aggregate`.
  bool TakeAggregates(const std::optional<Expression>& where, Expression* e) {
    if (e->kind != Expression::kCall || !IsAggregate(e->name)) {
      for (Expression& child : e->children) {
        if (!TakeAggregates(where, &child)) return false;
      }
      return true;
    }
    for (Expression& argument : e->children) {
      if (!converter_.Convert(columns_, &argument)) return false;
      if (!Collapse(&argument)) return false;
    }
    return aggregate_.Add(where, e);
  }

  bool FailBehindStats(const Command& command) {
    converter_.Error(
        "T551", command.name_span,
        absl::StrCat("`", command.name, "` behind `STATS` is not supported"),
        "behind STATS stand conditions on its columns");
    return false;
  }

  // --- Columns that were expanded.

  // Where a row is asked for and an event is there: the elements that the
  // filter lets through.
  bool Collapse(Expression* e) {
    for (const Expansion& expansion : expansions_) {
      if (!Uses(*e, expansion.variable)) continue;
      std::vector<Expression> own;
      for (const Expression& conjunct : conjuncts_) {
        if (!Uses(conjunct, expansion.variable)) continue;
        const bool alone =
            std::none_of(expansions_.begin(), expansions_.end(),
                         [&](const Expansion& other) {
                           return other.variable != expansion.variable &&
                                  Uses(conjunct, other.variable);
                         });
        if (alone) own.push_back(conjunct);
      }
      Expression elements = expansion.source;
      if (!own.empty()) {
        std::vector<Expression> parts;
        parts.push_back(expansion.source);
        parts.push_back(Join(std::move(own)));
        converter_.Settle(&parts[1]);
        elements = Expression::Of(Expression::kWhich, std::move(parts),
                                  expansion.source.span);
        elements.name = expansion.variable;
        elements.type = expansion.source.type;
      }
      for (size_t i = CountUses(*e, expansion.variable); i > 0; --i) {
        if (!converter_.Count(elements, e->span)) return false;
      }
      PutIn(expansion.variable, elements, e);
    }
    return true;
  }

  // All conditions on one event.
  ir::Expr Filter() {
    std::vector<ir::Expr> all;
    std::vector<Expression> expanded;
    for (const Expression& conjunct : conjuncts_) {
      size_t uses = 0;
      Expression flat = conjunct;
      for (const Expansion& expansion : expansions_) {
        uses += CountUses(conjunct, expansion.variable);
        PutIn(expansion.variable, expansion.source, &flat);
      }
      // Of what is asked of one element, any element is asked first: for that
      // there are guards.
      if (uses == 0 || (uses == 1 && IsPlainTest(conjunct))) {
        all.push_back(converter_.Lower(flat, true));
      }
      if (uses > 0) expanded.push_back(conjunct);
    }
    const bool said = expanded.size() == 1 && expansions_.size() == 1 &&
                      IsPlainTest(expanded[0]) &&
                      CountUses(expanded[0], expansions_[0].variable) == 1;
    if (!expanded.empty() && !said) {
      Expression rows = Join(std::move(expanded));
      converter_.Settle(&rows);
      for (size_t i = expansions_.size(); i-- > 0;) {
        const Expansion& expansion = expansions_[i];
        if (!Uses(rows, expansion.variable)) continue;
        std::vector<Expression> parts;
        parts.push_back(expansion.source);
        parts.push_back(std::move(rows));
        rows = Expression::Of(Expression::kSome, std::move(parts), query_.span);
        rows.name = expansion.variable;
        rows.type = ir::Type::kBool;
      }
      all.push_back(converter_.Lower(rows, true));
    }
    return ir::Expr::And(std::move(all));
  }

  const Query& query_;
  const EsqlOptions& options_;
  const RuleInfo& info_;
  text::Reporter& reporter_;
  Converter converter_;
  Columns columns_;
  std::vector<Expression> conjuncts_;
  std::vector<Expansion> expansions_;
  const Command* stats_ = nullptr;
  AggregateLowerer aggregate_{&converter_};
};

}  // namespace

std::optional<Lowered> Compile(text::Span span, const EsqlOptions& options,
                               const RuleInfo& info, text::Reporter* reporter,
                               ir::RuleList* list) {
  if (!base::IsValidUtf8(reporter->source().Slice(span))) {
    reporter->Error("T550",
                    reporter->source().RangeOf({span.begin, span.begin}),
                    "the query is not UTF-8");
    return std::nullopt;
  }
  const std::optional<Query> query = Parse(span, reporter);
  if (!query) return std::nullopt;
  return QueryLowerer(*query, options, info, reporter).Run(list);
}

bool CompileEsql(const text::Source& source, const EsqlOptions& options,
                 ir::RuleList* list, Diagnostics* diagnostics) {
  text::Reporter reporter(source, diagnostics);
  RuleInfo info;
  info.format = "esql";
  info.path = source.path();
  info.line = 1;
  const std::string& path = source.path();
  const size_t slash = path.rfind('/');
  info.name = path.substr(slash == std::string::npos ? 0 : slash + 1);
  info.name = info.name.substr(0, info.name.rfind('.'));
  info.id = info.name;
  info.title = info.name;
  reporter.set_rule(info.id, info.title);
  return Compile({0, static_cast<uint32_t>(source.text().size())}, options,
                 info, &reporter, list)
      .has_value();
}

}  // namespace tocsin::esql
