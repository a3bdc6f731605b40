// What the readers of Sigma documents share: words about YAML nodes, and
// warnings of keys that are nearly right.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_YAML_KEYS_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_YAML_KEYS_H_

#include <span>
#include <string>
#include <string_view>

#include "src/text/reporter.h"
#include "src/text/yaml.h"

namespace tocsin::sigma {

// "a map", "a list", "nothing" or "text", for messages.
std::string_view Describe(const text::YamlNode& node);

bool Contains(std::span<const std::string_view> words, std::string_view word);

// "a, b, c".
std::string Join(std::span<const std::string_view> words);

// Keys that are nearly one of `known` are likely slips of the pen; others are
// the author's own and allowed. `where`: "of a Sigma document".
void WarnOfKeys(const text::YamlNode& map,
                std::span<const std::string_view> known, std::string_view where,
                text::Reporter* reporter);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_YAML_KEYS_H_
