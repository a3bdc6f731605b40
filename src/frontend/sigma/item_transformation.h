// Bases of the transformations that go through a rule's items.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_ITEM_TRANSFORMATION_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_ITEM_TRANSFORMATION_H_

#include <optional>
#include <string>
#include <vector>

#include "src/frontend/sigma/ast.h"
#include "src/frontend/sigma/pipeline_conditions.h"
#include "src/frontend/sigma/transformations.h"
#include "src/text/reporter.h"

namespace tocsin::sigma {

// What became of an item.
struct ItemResult {
  enum Outcome {
    kUnchanged,
    kChanged,   // In place.
    kReplaced,  // By `alternatives`.
    kDropped,
    kFailed,  // The rule is lost, and the reason reported.
  };

  Outcome outcome = kUnchanged;
  // One of these holds, each being an AND of items.
  std::vector<std::vector<Item>> alternatives;
};

// Applies to each item, of the rule and of what was added to it, for which the
// conditions on items and on field names hold. An item with several fields
// of which only some satisfy the conditions is split first.
class ItemTransformation : public Transformation {
 public:
  bool Apply(const StepContext& step, RuleState* state) const override;

 protected:
  // `reporter` is one for the file of the item.
  virtual ItemResult ApplyToItem(const StepContext& step, RuleState* state,
                                 text::Reporter* reporter,
                                 Item* item) const = 0;

  virtual bool splits_fields() const { return true; }

 private:
  bool ApplyToDetection(const StepContext& step, RuleState* state,
                        Detection* detection) const;
  ItemResult Transform(const StepContext& step, RuleState* state,
                       text::Reporter* reporter, Item* item) const;
};

// Renames fields: of items, of `fieldref` values, in the rule's list of fields.
class FieldTransformation : public ItemTransformation {
 public:
  bool Apply(const StepContext& step, RuleState* state) const override;

 protected:
  // The new names of `field`; nullopt: it keeps its own.
  virtual std::optional<std::vector<std::string>> Rename(
      const std::string& field) const = 0;

  // The fields that keywords are looked for in; empty: they stay keywords.
  virtual std::vector<std::string> keyword_fields() const { return {}; }

  ItemResult ApplyToItem(const StepContext& step, RuleState* state,
                         text::Reporter* reporter, Item* item) const override;
  bool splits_fields() const override { return false; }
};

// Whether the conditions on field names hold for `field` (null: keywords),
// which is one of `item` or, with null, stands by itself.
bool FieldHolds(const StepContext& step, const RuleState& state,
                const Item* item, const std::string* field);

// Reports that the pipeline makes the rule too large.
void ReportTooLarge(const StepContext& step, text::Range range,
                    text::Reporter* reporter);

// Reports that the pipeline refuses the rule.
void ReportRefused(const StepContext& step, text::Range range,
                   const std::string& why, text::Reporter* reporter);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_ITEM_TRANSFORMATION_H_
