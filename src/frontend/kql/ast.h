// The syntax tree of a KQL query.
//
// Lists of values are spread out while they are read: `a:(b or not c)` is
// `a:b or not a:c`, which is what it means.

#ifndef TOCSIN_SRC_FRONTEND_KQL_AST_H_
#define TOCSIN_SRC_FRONTEND_KQL_AST_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/text/source.h"

namespace tocsin::kql {

// A text with wildcards: what stands before, between and behind the stars. One
// piece: there is no star in it.
struct WildText {
  std::vector<std::string> pieces = {""};

  bool has_star() const { return pieces.size() > 1; }
  // A star and nothing else.
  bool is_star() const {
    return has_star() && std::all_of(pieces.begin(), pieces.end(),
                                     [](const auto& p) { return p.empty(); });
  }
  // As it is compared: stars as `*`, escapes resolved.
  std::string Text() const;

  friend bool operator==(const WildText&, const WildText&) = default;
};

struct Value {
  enum Kind : uint8_t { kText, kNumber, kBool, kNull, kWild };

  // What it is where no field says otherwise. A number in quotes is one.
  Kind kind = kText;
  WildText text;
  bool quoted = false;
  text::Span span;
};

struct Field {
  WildText name;
  text::Span span;
};

enum class RangeOp : uint8_t { kLt, kLe, kGt, kGe };

struct Node {
  enum Kind : uint8_t {
    kAll,  // The empty query.
    kAnd,  // Two or more children, as kOr.
    kOr,
    kNot,     // One child.
    kIs,      // `field` : `value`.
    kRange,   // `field` `op` `value`.
    kFree,    // `value` in any field.
    kNested,  // One object of `field` for which child 0 holds.
    kError,   // What could not be read; told already.
  };

  Kind kind = kAll;
  std::shared_ptr<const Field> field;  // Shared by the values of a list.
  RangeOp op = RangeOp::kLt;
  Value value;
  std::vector<Node> children;
  text::Span span;
  // Of a tree in canonical form: all below is about `field`, and is written as
  // one list of values.
  bool is_list = false;
};

std::string_view Spelling(RangeOp op);

}  // namespace tocsin::kql

#endif  // TOCSIN_SRC_FRONTEND_KQL_AST_H_
