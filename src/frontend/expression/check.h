// The checker of conditions: macros and lists put in, types found, functions
// known, constants folded. What is left says all there is to know.

#ifndef TOCSIN_SRC_FRONTEND_EXPRESSION_CHECK_H_
#define TOCSIN_SRC_FRONTEND_EXPRESSION_CHECK_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/list_table.h"
#include "src/frontend/expression/dialect.h"
#include "src/functions/function.h"
#include "src/ir/expression.h"
#include "src/text/reporter.h"

namespace tocsin::expression {

struct Macro {
  std::string name;
  std::vector<std::string> parameters;
  ir::Expression body;
};

using base::ElementType;

struct NamedList {
  std::string name;
  ElementType type = ElementType::kString;
  std::vector<base::Value> values;
  bool has_columns = false;
  bool usable = true;  // False: it has an error, which was told.

  // For functions that look things up in it, and the digest of that. Null
  // while it is being read.
  std::shared_ptr<const base::ListRows> rows;
  std::string digest;
  // Made when first asked for, by function and number of keys.
  mutable base::StringMap<std::shared_ptr<const base::ListTable>> tables;
};

// The names that mean something where a condition stands.
class Scope {
 public:
  virtual ~Scope() = default;

  // Null if there is none.
  virtual const Macro* FindMacro(std::string_view name) const = 0;
  virtual const NamedList* FindList(std::string_view name) const = 0;
  // "did you mean `admins` (lists.toc:3)?", or "".
  virtual std::string SuggestList(std::string_view name) const = 0;
  virtual std::vector<std::string_view> MacroNames() const = 0;
  // Whether a field that begins with `name` is one of another step.
  virtual bool IsStep(std::string_view name) const = 0;
};

// Most nodes that macros and lists may make of one file's conditions.
inline constexpr int kMaxExpandedNodes = 200'000;

class Checker {
 public:
  // All must outlive the checker.
  Checker(const Scope& scope, text::Reporter* reporter,
          const Dialect& dialect = {})
      : scope_(scope), reporter_(*reporter), dialect_(dialect) {}

  // Checks a condition, and leaves it ready to be lowered. False: something is
  // wrong with it, and was told.
  bool CheckCondition(ir::Expression* condition);
  // The same for what need not be true or false.
  bool CheckValue(ir::Expression* value);
  // Only puts macros and lists in.
  bool ExpandNames(ir::Expression* e);

  // Steps may be named in front of fields.
  void set_steps_allowed(bool allowed) { steps_allowed_ = allowed; }

 private:
  void Expand(ir::Expression* e, int depth);
  void ExpandCall(ir::Expression* e, int depth);
  void ExpandList(ir::Expression* e);
  void ExpandSteps(ir::Expression* e);
  bool ExpandTable(const functions::Function& function, ir::Expression* e);
  static void MakeCondition(ir::Expression* e);
  void RewriteEql(ir::Expression* e);
  void RewriteCall(ir::Expression* e);
  void RewriteCompare(ir::Expression* e);
  void FindType(ir::Expression* e);
  void TypeField(ir::Expression* e);
  void ReadTimes(ir::Expression* e);
  void TypeCompare(ir::Expression* e);
  void CompareSeverity(ir::Expression* e);
  bool CheckPair(const ir::Expression& operand, const ir::Expression& literal,
                 bool equality);
  void TypeMatch(ir::Expression* e);
  void TypeIn(ir::Expression* e);
  void TypeArithmetic(ir::Expression* e);
  void TypeCall(ir::Expression* e);
  void CheckArguments(const ir::Expression& e);
  bool CheckLookup(const base::ListRows& list, ir::Expression* e);
  bool CheckZone(const ir::Expression& zone);
  void CheckRegex(const ir::Expression& literal, const ir::Expression& whole);
  void WantCondition(const ir::Expression& e);
  bool Count(const ir::Expression& e, size_t nodes);
  void Error(std::string_view code, text::Span span, std::string message,
             std::string help = {});
  std::string Written(text::Span span) const;

  const Scope& scope_;
  text::Reporter& reporter_;
  const Dialect dialect_;
  bool steps_allowed_ = false;
  size_t nodes_ = 0;
  int errors_ = 0;
  std::vector<std::string> open_macros_;
  std::vector<std::string> variables_;  // Of `some` and `every`.
};

// Where a regular expression holds what RE2 has not; "" if it compiles. `at`
// and `length` are bytes of `regex`.
struct RegexProblem {
  std::string message;
  std::string help;
  size_t at = 0;
  size_t length = 0;
  bool unsupported = false;  // Not just badly written.
};
RegexProblem FindRegexProblem(std::string_view regex);

}  // namespace tocsin::expression

#endif  // TOCSIN_SRC_FRONTEND_EXPRESSION_CHECK_H_
