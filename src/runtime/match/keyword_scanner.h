// KeywordScanner: which literals may stand anywhere in the JSON text of an event.
//
// Works on the raw text, before escapes are resolved, so it errs on the side of
// finding: each keyword is looked for by a piece of it that a JSON writer can
// only hide by \u, and a text that holds \u, or letters beyond ASCII that fold
// to ASCII, counts as holding every keyword.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_KEYWORD_SCANNER_H_
#define TOCSIN_SRC_RUNTIME_MATCH_KEYWORD_SCANNER_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "src/runtime/match/gram_scanner.h"

namespace tocsin::runtime {

class KeywordScanner {
 public:
  // `text` is folded.
  void Add(std::string_view text, uint32_t id);

  // Call once, after the last Add and before Find.
  void Build() { pieces_.Build(); }

  bool empty() const { return always_.empty() && pieces_.empty(); }

  // Appends the ids of keywords that may stand in `json`, perhaps more than
  // once. False: any of them may.
  bool Find(std::string_view json, std::vector<uint32_t>* ids) const;

 private:
  GramScanner pieces_{GramScanner::Case::kLowerBit};
  std::vector<uint32_t> always_;  // Keywords with no piece to look for.
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_KEYWORD_SCANNER_H_
