// Regular expressions of Lucene as those of RE2.
//
// Lucene's match a text as a whole, have no anchors (`^` and `$` stand for
// themselves) and operators of their own: `@` any text, `"..."` a text as it
// is, `~` not, `&` both, `#` nothing, `<1-99>` a range of numbers.

#ifndef TOCSIN_SRC_FRONTEND_LUCENE_REGEX_H_
#define TOCSIN_SRC_FRONTEND_LUCENE_REGEX_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace tocsin::lucene {

struct RegexResult {
  std::string regex;    // To be matched as a whole; `.` is any character.
  std::string problem;  // Why there is none; "" if there is.
  size_t at = 0;        // Where in the text the problem lies.
};

// `operators`: `@ # & ~ <` and quotes are operators, else only what all
// dialects have.
RegexResult TranslateRegex(std::string_view lucene, bool operators);

}  // namespace tocsin::lucene

#endif  // TOCSIN_SRC_FRONTEND_LUCENE_REGEX_H_
