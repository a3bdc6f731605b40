// TextChoice: whether one of many simple patterns matches a text.
//
// A selection lists a hundred endings of a path. Tested one by one they cost a
// hundred comparisons; here they cost one pass over the text, whatever their
// number. Simple patterns are a literal, with a run of anything before it,
// behind it or on both sides.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_TEXT_CHOICE_H_
#define TOCSIN_SRC_RUNTIME_MATCH_TEXT_CHOICE_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "src/base/pattern.h"
#include "src/runtime/match/literal_finder.h"

namespace tocsin::runtime {

class TextChoice {
 public:
  // Whether `pattern`, in the planner's normal form, can be added.
  static bool IsSimple(const base::Pattern& pattern);

  void Add(const base::Pattern& pattern);

  // Call once, after the last Add and before Matches.
  void Build();

  // Whether a pattern matches the whole of the folded `text`.
  bool Matches(std::string_view text);

 private:
  LiteralFinder literals_{LiteralFinder::Form::kPlain};
  std::vector<uint32_t> found_;  // Scratch.
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_TEXT_CHOICE_H_
