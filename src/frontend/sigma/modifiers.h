// The table of Sigma's modifiers: `field|modifier|modifier: value`.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_MODIFIERS_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_MODIFIERS_H_

#include <span>
#include <string>
#include <string_view>

namespace tocsin::sigma {

enum class ModifierId {
  // Where in the field's text the value stands.
  kContains,
  kStartsWith,
  kEndsWith,
  // How the items of a list are joined; how the result counts.
  kAll,
  kNeq,
  kCased,
  // What kind of test it is.
  kRegex,
  kCidr,
  kExists,
  kFieldRef,
  kLt,
  kLte,
  kGt,
  kGte,
  // Flags of kRegex.
  kIgnoreCase,
  kMultiLine,
  kDotAll,
  // One text into another.
  kWinDash,
  kUtf16Le,
  kUtf16Be,
  kUtf16,
  kBase64,
  kBase64Offset,
  kExpand,
  // Parts of a time.
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kYear,
};

enum class ModifierKind {
  kPosition,
  kLogic,
  kTest,
  kRegexFlag,
  kEncoding,
  kTimePart,
};

struct ModifierInfo {
  std::string_view name;
  ModifierId id;
  ModifierKind kind;
  std::string_view description;
  std::string_view example;  // An item of a selection.
};

// All of them, other names included.
std::span<const ModifierInfo> Modifiers();

// Null if there is none of that name.
const ModifierInfo* FindModifier(std::string_view name);

// "did you mean `contains`?", or "".
std::string SuggestModifier(std::string_view name);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_MODIFIERS_H_
