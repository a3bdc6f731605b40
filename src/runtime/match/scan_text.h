// Scan text: values as JSON writes them, so that most are searched as they
// stand.
//
// Inner literals are looked for in the raw bytes of values and events, before
// escapes are resolved and case is folded. For that a literal is brought to the
// one form in which JSON writers write it: a backslash as `\\`, a quote as
// `\"`. Texts that may hold it in another form are told apart: those with `\u`
// or `\/`, and those beyond ASCII, where case folding is more than a bit.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_SCAN_TEXT_H_
#define TOCSIN_SRC_RUNTIME_MATCH_SCAN_TEXT_H_

#include <string>
#include <string_view>

namespace tocsin::runtime {

// Whether `raw`, a JSON text or the inside of a JSON string, may hold a literal
// in another form than AppendScanText gives it: any literal, or one in ASCII.
bool HidesAnyText(std::string_view raw);
bool HidesAsciiText(std::string_view raw);

// Appends folded `text` as JSON writes it. ASCII is all that is escaped.
void AppendScanText(std::string_view text, std::string* out);

// The longest piece of a folded literal, as AppendScanText gives it, without
// characters that can only be written with \u; with `ascii_only`, without any
// beyond ASCII.
std::string LongestScanPiece(std::string_view literal, bool ascii_only);

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_SCAN_TEXT_H_
