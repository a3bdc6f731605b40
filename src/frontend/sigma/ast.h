// The AST of Sigma documents: as written, before any meaning.
//
// Pipelines and filters change it; lower.h turns it into IR.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_AST_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_AST_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/number.h"
#include "src/text/source.h"
#include "tocsin/rule_set.h"

namespace tocsin::sigma {

// A value of a detection item, typed as its YAML says.
struct Value {
  enum Kind { kNull, kBool, kNumber, kString };

  Kind kind = kNull;
  bool bool_value = false;
  base::Number number;
  std::string text;  // kString: raw, Sigma escapes not yet resolved. Other
                     // kinds: as written ("13", "true").
  bool quoted = false;
  text::Range range;
};

struct Modifier {
  std::string name;
  text::Range range;
};

// `field|modifiers: values`. Several fields after a one-to-many mapping: the
// item holds if it holds for any of them. No field: keywords.
struct Item {
  std::vector<std::string> fields;  // Empty: keywords.
  // As written. A pipeline that has replaced every placeholder of the values
  // takes `expand` away and turns `\%` into `%`: with `expand` still there a
  // `%name%` counts as unresolved and the rule is refused.
  std::vector<Modifier> modifiers;
  std::vector<Value> values;
  bool values_were_list = false;
  text::Range range;  // The key.
  // What a pipeline has done: names of transformations, for its conditions.
  std::vector<std::string> applied;
};

// A selection: alternatives (list of maps, list of keywords), each an AND of
// items.
struct Selection {
  std::string name;
  text::Range range;
  std::vector<std::vector<Item>> alternatives;
};

struct Detection {
  std::vector<Selection> selections;  // In file order.
  // Each is one condition text; several are OR-ed.
  std::vector<std::pair<std::string, text::Range>> conditions;
  // The file that the ranges are of; null: the document's own.
  std::shared_ptr<const text::Source> source;
};

// A condition, parsed.
struct Condition {
  enum Kind {
    kAnd,
    kOr,
    kNot,
    kName,   // A selection.
    kOneOf,  // `1 of pattern`, `any of pattern`, `1 of them`.
    kAllOf,  // `all of pattern`, `all of them`.
  };

  Kind kind = kName;
  std::vector<Condition> children;
  std::string name;  // kName: the selection; kOneOf, kAllOf: the pattern,
                     // "*" for `them`.
  text::Range range;
};

struct CorrelationBody;  // correlation.h

struct Document {
  enum Kind { kRule, kFilter, kCorrelation };

  Kind kind = kRule;
  text::Range range;  // The key `detection`, `filter` or `correlation`.
  std::shared_ptr<const text::Source> source;
  RuleInfo info;
  std::string taxonomy = "sigma";
  text::Range logsource_range;
  // Of its values; no places once a pipeline has changed it.
  text::Range product_range;
  text::Range category_range;
  text::Range service_range;
  Detection detection;
  // Filters: ids or names of the rules it is for; `any` for every rule its
  // log source covers.
  std::vector<std::pair<std::string, text::Range>> filter_rules;
  bool filter_any = false;
  // Correlations only.
  std::shared_ptr<const CorrelationBody> correlation;
  // Conditions that filters and pipelines add: ANDed with the rule's own.
  // Each has selections of its own.
  std::vector<Detection> added;
};

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_AST_H_
