// Values of Sigma rules as patterns: escapes, wildcards, and the modifiers that
// turn one text into another.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_VALUE_PATTERN_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_VALUE_PATTERN_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/pattern.h"

namespace tocsin::sigma {

// Cuts a raw value: `*` and `?` are wildcards, `\*`, `\?` and `\\` the plain
// characters; a backslash before anything else is itself.
base::Pattern ParseValue(std::string_view raw);

// `text` as it is, without wildcards.
base::Pattern LiteralPattern(std::string text);

// Put a wildcard at the end or the beginning, unless there is one.
void AllowAnyBefore(base::Pattern* pattern);
void AllowAnyAfter(base::Pattern* pattern);

// Whether every value matches: wildcards for any run only.
bool MatchesEverything(const base::Pattern& pattern);

// A dash or slash that starts an option (no word character before it, one
// behind it) becomes one of - / and the three long dashes.
base::Pattern VaryDashes(const base::Pattern& pattern);

// The pattern as patterns without kOneOf; nullopt if they were more than
// `limit`.
std::optional<std::vector<base::Pattern>> ExpandChoices(
    const base::Pattern& pattern, size_t limit);

enum class Utf16 { kLittleEndian, kBigEndian, kWithByteOrderMark };

// The literals as the bytes of UTF-16. REQUIRES: no kOneOf.
base::Pattern EncodeUtf16(const base::Pattern& pattern, Utf16 form);

// The text of a pattern without wildcards or choices; nullopt for others.
std::optional<std::string> LiteralText(const base::Pattern& pattern);

std::string EncodeBase64(std::string_view bytes);

// What is left of `bytes` in a longer base64 text, wherever they begin: three
// texts, one for each offset modulo 3. One that is empty cannot be searched
// for.
std::vector<std::string> EncodeBase64Offsets(std::string_view bytes);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_VALUE_PATTERN_H_
