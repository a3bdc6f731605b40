// Scan text: values as JSON writes them, so that most are searched as they
// stand.
//
// Literals of rules are looked for in the raw bytes of values and events,
// before escapes are resolved and case is folded. For that a literal is brought
// to the one form in which JSON writers write it: a backslash as `\\`, a quote
// as `\"`. Texts that may hold it in another form are told apart: those with
// other escapes than JSON's one-letter ones, and those beyond ASCII, where case
// folding is more than a bit.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_SCAN_TEXT_H_
#define TOCSIN_SRC_RUNTIME_MATCH_SCAN_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::runtime {

// What a JSON text, or the inside of a JSON string, may hold in another form
// than AppendScanText gives it.
enum class Hidden : uint8_t {
  kNothing,   // Nothing: it is ASCII, with one-letter escapes only.
  kNonAscii,  // What is not ASCII.
  kAny,       // Anything.
};

// Literals of the form that AppendScanText gives stand in a text that hides
// none, but for the case of letters, exactly where they stand in the text that
// it means; see BeginsCharacter.
Hidden HiddenIn(std::string_view raw);

// Whether all of `text` is ASCII.
bool IsAscii(std::string_view text);

// As HiddenIn, without vector instructions: the twin that tests compare with.
Hidden HiddenInPortably(std::string_view raw);

// Whether what is written at `at` begins there: is not the second half of an
// escape.
inline bool BeginsCharacter(std::string_view scan_text, size_t at) {
  size_t before = 0;
  while (before < at && scan_text[at - 1 - before] == '\\') ++before;
  return before % 2 == 0;
}

// Appends folded `text` as JSON writes it. ASCII is all that is escaped.
void AppendScanText(std::string_view text, std::string* out);

// The longest piece of a folded literal, as AppendScanText gives it, that can
// be looked for in whole events: without characters that can only be written
// with \u or are beyond ASCII.
std::string LongestScanPiece(std::string_view literal);

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_SCAN_TEXT_H_
