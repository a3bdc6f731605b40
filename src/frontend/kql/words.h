// The words of a text, as fields of type text are compared by.
//
// A word is a run of letters, digits, marks and `_`; a `.` or `'` between two
// of these belongs to it, as in `example.com`.

#ifndef TOCSIN_SRC_FRONTEND_KQL_WORDS_H_
#define TOCSIN_SRC_FRONTEND_KQL_WORDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "src/frontend/kql/ast.h"

namespace tocsin::kql {

std::vector<std::string> WordsOf(std::string_view text);

// Regular expressions that are found in a text: with the words one behind the
// other; with what the stars of `text` leave open. "": nothing ever is.
std::string PhraseRegex(const std::vector<std::string>& words);
std::string WildRegex(const WildText& text);
// With a word that `regex` matches, in any letter case.
std::string WordRegex(std::string_view regex);

}  // namespace tocsin::kql

#endif  // TOCSIN_SRC_FRONTEND_KQL_WORDS_H_
