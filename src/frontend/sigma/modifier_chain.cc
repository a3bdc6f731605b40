#include "src/frontend/sigma/modifier_chain.h"

#include <string>
#include <utility>

namespace tocsin::sigma {
namespace {

using Id = ModifierId;
using text::Quoted;

bool IsCompare(Id id) {
  return id == Id::kLt || id == Id::kLte || id == Id::kGt || id == Id::kGte;
}

class ChainReader {
 public:
  ChainReader(const Item& item, text::Reporter* reporter)
      : item_(item), reporter_(reporter) {}

  std::optional<ModifierChain> Read() {
    for (const Modifier& modifier : item_.modifiers) {
      const ModifierInfo* info = Find(modifier);
      if (info == nullptr || IsRepeated(modifier, *info)) continue;
      used_.push_back({info, &modifier});
    }
    for (const Use& use : used_) Take(use);
    CheckTogether();
    if (!good_) return std::nullopt;
    return std::move(chain_);
  }

 private:
  struct Use {
    const ModifierInfo* info;
    const Modifier* written;
  };

  const ModifierInfo* Find(const Modifier& modifier) {
    const ModifierInfo* info = FindModifier(modifier.name);
    if (info != nullptr) return info;
    good_ = false;
    if (modifier.name.empty()) {
      reporter_->Error("T014", modifier.range, "no modifier after `|`",
                       "leave the `|` away");
    } else {
      reporter_->Error("T014", modifier.range,
                       "unknown modifier " + Quoted(modifier.name),
                       reporter_->full() ? "" : SuggestModifier(modifier.name));
    }
    return nullptr;
  }

  bool IsRepeated(const Modifier& modifier, const ModifierInfo& info) {
    for (const Use& use : used_) {
      if (use.info->id != info.id) continue;
      reporter_->Warning("T046", modifier.range,
                         "modifier " + Quoted(modifier.name) +
                             " is given twice and counts once");
      return true;
    }
    return false;
  }

  void Fail(const Use& use, std::string message, std::string help = {}) {
    good_ = false;
    reporter_->Error("T015", use.written->range, std::move(message),
                     std::move(help));
  }

  void Take(const Use& use) {
    switch (use.info->kind) {
      case ModifierKind::kPosition:
        TakePosition(use);
        break;
      case ModifierKind::kLogic:
        chain_.all = chain_.all || use.info->id == Id::kAll;
        chain_.neq = chain_.neq || use.info->id == Id::kNeq;
        chain_.cased = chain_.cased || use.info->id == Id::kCased;
        break;
      case ModifierKind::kTest:
        TakeTest(use);
        break;
      case ModifierKind::kRegexFlag:
        TakeRegexFlag(use);
        break;
      case ModifierKind::kEncoding:
        if (use.info->id == Id::kExpand) {
          chain_.expand = true;
        } else {
          chain_.steps.push_back(use.info->id);
        }
        break;
      case ModifierKind::kTimePart:
        TakeTimePart(use);
        break;
    }
  }

  void TakePosition(const Use& use) {
    chain_.contains = chain_.contains || use.info->id == Id::kContains;
    chain_.starts_with = chain_.starts_with || use.info->id == Id::kStartsWith;
    chain_.ends_with = chain_.ends_with || use.info->id == Id::kEndsWith;
    chain_.steps.push_back(use.info->id);
  }

  void TakeTest(const Use& use) {
    const bool refines_time =
        chain_.time_part && chain_.compare_equal && IsCompare(use.info->id);
    if (test_ != nullptr && !refines_time) {
      Fail(use,
           "modifiers " + Quoted(test_->name) + " and " +
               Quoted(use.info->name) + " do not go together",
           IsCompare(use.info->id) && IsCompare(test_->id)
               ? "write a range as two items: one per limit"
               : "use one of them");
      return;
    }
    test_ = use.info;
    const bool text_changed = !chain_.steps.empty();
    switch (use.info->id) {
      case Id::kRegex:
        chain_.test = ModifierChain::kRegex;
        if (text_changed) FailNotFirst(use);
        break;
      case Id::kCidr:
        chain_.test = ModifierChain::kCidr;
        if (text_changed) FailNotFirst(use);
        break;
      case Id::kExists:
        chain_.test = ModifierChain::kExists;
        break;
      case Id::kFieldRef:
        chain_.test = ModifierChain::kFieldRef;
        break;
      default:
        chain_.test = ModifierChain::kCompare;
        chain_.compare = use.info->id;
        chain_.compare_equal = false;
    }
  }

  void FailNotFirst(const Use& use) {
    Fail(use,
         "modifier " + Quoted(use.info->name) + " must come before " +
             Quoted(Nearest().name),
         "put it first");
  }

  // The modifier of the first step.
  const ModifierInfo& Nearest() const {
    for (const Use& use : used_) {
      if (use.info->id == chain_.steps.front()) return *use.info;
    }
    return *used_.front().info;
  }

  void TakeRegexFlag(const Use& use) {
    if (chain_.test != ModifierChain::kRegex) {
      Fail(use,
           "modifier " + Quoted(use.info->name) +
               " is a flag of `re` and must follow it",
           "write `re|" + std::string(use.info->name) + "`");
      return;
    }
    chain_.ignore_case = chain_.ignore_case || use.info->id == Id::kIgnoreCase;
    chain_.multi_line = chain_.multi_line || use.info->id == Id::kMultiLine;
    chain_.dot_all = chain_.dot_all || use.info->id == Id::kDotAll;
  }

  void TakeTimePart(const Use& use) {
    if (test_ != nullptr) {
      Fail(use,
           "modifiers " + Quoted(test_->name) + " and " +
               Quoted(use.info->name) + " do not go together",
           IsCompare(test_->id) ? "put the part of the time first: `" +
                                      std::string(use.info->name) + "|" +
                                      std::string(test_->name) + "`"
                                : "use one of them");
      return;
    }
    test_ = use.info;
    chain_.test = ModifierChain::kCompare;
    chain_.compare_equal = true;
    chain_.time_part = use.info->id;
  }

  void CheckTogether() {
    for (const Use& use : used_) CheckWithTest(use);
    if (chain_.test == ModifierChain::kRegex) {
      CheckRegexPosition();
    } else if (chain_.test == ModifierChain::kFieldRef) {
      CheckFieldRefPosition();
    }
    if (chain_.test != ModifierChain::kText) {
      chain_.steps.clear();
    } else {
      WarnOfBase64();
    }
    CheckCased();
    CheckKeywords();
  }

  // What cannot be said of a value that is no text.
  void CheckWithTest(const Use& use) {
    if (test_ == nullptr || use.info == test_) return;
    const ModifierKind kind = use.info->kind;
    const bool takes_position = chain_.test == ModifierChain::kRegex ||
                                chain_.test == ModifierChain::kFieldRef;
    const bool only =
        chain_.test == ModifierChain::kExists && use.info->id != Id::kNeq;
    const bool no_position = kind == ModifierKind::kPosition && !takes_position;
    const bool no_encoding =
        kind == ModifierKind::kEncoding && use.info->id != Id::kExpand;
    if ((!only && !no_position && !no_encoding) ||
        kind == ModifierKind::kTest || kind == ModifierKind::kTimePart ||
        kind == ModifierKind::kRegexFlag) {
      return;  // Fine, or already reported.
    }
    Fail(use,
         "modifier " + Quoted(use.info->name) + " cannot be used with " +
             Quoted(test_->name),
         only ? "`exists` stands alone" : "leave one of them away");
  }

  const Use& UseOf(Id id) const {
    for (const Use& use : used_) {
      if (use.info->id == id) return use;
    }
    return used_.front();
  }

  int Positions() const {
    return (chain_.contains ? 1 : 0) + (chain_.starts_with ? 1 : 0) +
           (chain_.ends_with ? 1 : 0);
  }

  void CheckRegexPosition() {
    if (!good_) return;
    if (Positions() > 1) {
      Fail(used_.back(),
           "a regular expression takes one of `contains`, `startswith` and "
           "`endswith`",
           "use `^` and `$` inside it");
    } else if (chain_.contains) {
      reporter_->Warning("T046", UseOf(Id::kContains).written->range,
                         "`contains` changes nothing: a regular expression is "
                         "found anywhere in the field",
                         "leave `contains` away");
    }
  }

  void CheckFieldRefPosition() {
    if (Positions() > 1) {
      Fail(used_.back(),
           "`fieldref` takes one of `contains`, `startswith` and `endswith`");
    }
  }

  void WarnOfBase64() {
    bool offsets = false;
    for (const Id step : chain_.steps) {
      offsets = offsets || step == Id::kBase64Offset;
    }
    if (!offsets || chain_.contains) return;
    reporter_->Warning("T046", UseOf(Id::kBase64Offset).written->range,
                       "without `contains` the field must hold nothing but the "
                       "encoded value, which `base64offset` does not give "
                       "whole",
                       "write `base64offset|contains`");
  }

  void CheckCased() {
    if (!chain_.cased) return;
    const Use& use = UseOf(Id::kCased);
    if (chain_.test == ModifierChain::kRegex && chain_.ignore_case) {
      Fail(use, "`cased` and `i` contradict each other", "use one of them");
    } else if (chain_.test == ModifierChain::kRegex) {
      reporter_->Warning("T046", use.written->range,
                         "`cased` changes nothing: a regular expression "
                         "already tells upper from lower case",
                         "leave `cased` away");
    } else if (chain_.test == ModifierChain::kCidr ||
               chain_.test == ModifierChain::kCompare) {
      reporter_->Warning(
          "T046", use.written->range,
          "`cased` changes nothing beside " + Quoted(test_->name),
          "leave `cased` away");
    }
  }

  void CheckKeywords() {
    if (!item_.fields.empty() || test_ == nullptr) return;
    if (chain_.test == ModifierChain::kRegex ||
        chain_.test == ModifierChain::kCidr) {
      return;
    }
    for (const Use& use : used_) {
      if (use.info != test_) continue;
      Fail(use, "modifier " + Quoted(test_->name) + " needs a field",
           "write `field|" + std::string(test_->name) + "`");
      return;
    }
  }

  const Item& item_;
  text::Reporter* reporter_;
  ModifierChain chain_;
  std::vector<Use> used_;
  const ModifierInfo* test_ = nullptr;  // The one that set chain_.test.
  bool good_ = true;
};

}  // namespace

std::optional<ModifierChain> ReadModifiers(const Item& item,
                                           text::Reporter* reporter) {
  return ChainReader(item, reporter).Read();
}

}  // namespace tocsin::sigma
