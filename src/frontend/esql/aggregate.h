// STATS and what stands behind it, as measures of a window and a truth over
// them. A measure is of one field or one expression of an event; so conditions
// over aggregates are brought to numbers: a time is its milliseconds, a truth
// is 1 or 0, texts that CASE chooses from are numbered.

#ifndef TOCSIN_SRC_FRONTEND_ESQL_AGGREGATE_H_
#define TOCSIN_SRC_FRONTEND_ESQL_AGGREGATE_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "src/frontend/esql/convert.h"
#include "src/ir/correlation.h"
#include "src/ir/expression.h"

namespace tocsin::esql {

bool IsAggregate(std::string_view function);
// REQUIRES: IsAggregate.
base::MeasureKind KindOf(std::string_view aggregate);

// Whether an aggregate is in it.
bool HasAggregate(const ir::Expression& e);

class AggregateLowerer {
 public:
  explicit AggregateLowerer(Converter* converter) : converter_(*converter) {}

  // A key of the group, converted.
  void AddKey(const std::string& name, ir::Expression key);
  // `call` of an aggregate, whose arguments are converted, becomes one of
  // `$aggregate`. False: told.
  bool Add(const std::optional<ir::Expression>& where, ir::Expression* call);
  // What incidents call an aggregate.
  void NameShown(const std::string& name, const ir::Expression& value);
  // A condition behind STATS.
  void AddCondition(ir::Expression condition);

  // Fills pattern, window, group and policy. False: told.
  bool Finish(absl::Duration look_back, ir::Correlation* correlation);
  // Conditions on keys alone, which are ones on events.
  std::vector<ir::Expression> TakeFilters() { return std::move(filters_); }

 private:
  struct Aggregate {
    std::string function;
    std::optional<ir::Expression> argument;  // None: count(*).
    std::optional<ir::Expression> where;
    double parameter = 0;
  };
  struct Key {
    std::string name;
    ir::Expression value;
  };
  struct Shown {
    std::string name;
    size_t aggregate;
  };
  // A number over a window, and what it stands for.
  struct Number {
    ir::Term term;
    ir::Type type = ir::Type::kNumber;
    bool whole = false;  // Known to be an integer.
  };

  bool AddWindow(absl::Duration look_back);
  void AddGroup();
  void AddShown();
  bool Fail(const ir::Expression& e);
  bool Spend(size_t size, const ir::Expression& e);

  std::optional<ir::Truth> ToTruth(const ir::Expression& e);
  std::optional<ir::Truth> OfEvents(const ir::Expression& e);
  std::optional<ir::Truth> OfCompare(const ir::Expression& e);
  std::optional<ir::Truth> OfIn(const ir::Expression& e);
  std::optional<ir::Truth> OfMatch(const ir::Expression& e);
  std::optional<ir::Truth> OfValues(const ir::Expression& e, bool any);
  std::optional<Number> ToNumber(const ir::Expression& e);
  std::optional<Number> OfCall(const ir::Expression& e);
  std::optional<Number> OfCase(const ir::Expression& e);
  std::optional<Number> OfArithmetic(const ir::Expression& e);
  std::optional<Number> OfAggregate(const Aggregate& aggregate,
                                    const ir::Expression& at);
  std::optional<Number> OfEventsNumber(const ir::Expression& e);
  Number OfLiteral(const ir::Expression& e);

  const Aggregate* ValuesIn(const ir::Expression& e) const;
  const Aggregate* AggregateOf(const ir::Expression& e) const;
  ir::Expression Restricted(const Aggregate& aggregate,
                            ir::Expression value) const;
  ir::Term OfKind(base::MeasureKind kind, ir::Expression value,
                  bool never_negative = false);
  ir::Term AnyOf(const Aggregate& aggregate, ir::Expression test);
  ir::Term DistinctOf(const Aggregate& aggregate);
  std::string FieldOf(ir::Expression value);

  Converter& converter_;
  std::vector<Aggregate> aggregates_;
  std::vector<Key> keys_;
  std::vector<Shown> shown_;
  std::vector<ir::Expression> conditions_;
  std::vector<ir::Expression> filters_;
  std::vector<std::string> texts_;  // Literals, by number.
  size_t spent_ = 0;                // Terms that were copied.
  ir::Correlation* out_ = nullptr;
};

}  // namespace tocsin::esql

#endif  // TOCSIN_SRC_FRONTEND_ESQL_AGGREGATE_H_
