// Classifies an event given as JSON text, through the view that engines use.

#ifndef TOCSIN_TESTS_LOGSOURCE_CLASSIFY_JSON_H_
#define TOCSIN_TESTS_LOGSOURCE_CLASSIFY_JSON_H_

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "src/logsource/classifier.h"
#include "src/runtime/event/event_view.h"

namespace tocsin::logsource {

inline const EventKind& ClassifyJson(Classifier& classifier,
                                     std::string_view json) {
  runtime::EventView view;
  const runtime::LoadResult loaded = view.Load(Event::Json(json));
  EXPECT_TRUE(loaded.ok()) << loaded.error << ": " << json;
  return *classifier.Classify(
      [&](std::string_view field, std::vector<FieldValue>* values) {
        return view.Find(field, values);
      });
}

// By the built-in table alone. What one event is does not depend on those
// before it, so all calls share a classifier.
inline EventKind KindOf(std::string_view json) {
  static Classifier& classifier = *new Classifier({}, std::nullopt);
  return ClassifyJson(classifier, json);
}

}  // namespace tocsin::logsource

#endif  // TOCSIN_TESTS_LOGSOURCE_CLASSIFY_JSON_H_
