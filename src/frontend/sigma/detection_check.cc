#include "src/frontend/sigma/detection_check.h"

#include <utility>

#include "src/frontend/sigma/lower.h"
#include "src/frontend/sigma/wild_text.h"

namespace tocsin::sigma {

bool CheckDetection(const Detection& detection, text::Reporter* reporter) {
  Document rule;
  rule.detection = detection;
  rule.detection.source = nullptr;
  for (Selection& selection : rule.detection.selections) {
    for (std::vector<Item>& items : selection.alternatives) {
      for (Item& item : items) {
        if (!HasModifier(item, "expand")) continue;
        Value any;
        any.kind = Value::kString;
        any.text = "*";
        item.modifiers.clear();
        item.values = {any};
      }
    }
  }
  return Lower(std::move(rule), reporter).has_value();
}

}  // namespace tocsin::sigma
