#include "src/enrich/stix_pattern.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace tocsin::enrich {
namespace {

constexpr std::array<std::string_view, 6> kTypes = {
    "ipv4-addr", "ipv6-addr", "domain-name", "url", "email-addr", "file"};

class PatternReader {
 public:
  explicit PatternReader(std::string_view text) : rest_(text) {}

  bool AtEnd() {
    SkipBlanks();
    return rest_.empty();
  }

  bool Take(std::string_view token) {
    SkipBlanks();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  // "[a OR b]"
  bool ReadBrackets(std::vector<std::string>* values) {
    if (!Take("[")) return false;
    do {
      if (!ReadComparison(values)) return false;
    } while (Take("OR"));
    return Take("]");
  }

 private:
  void SkipBlanks() {
    const size_t first = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(std::min(first, rest_.size()));
  }

  bool ReadPath() {
    SkipBlanks();
    const bool is_known =
        std::any_of(kTypes.begin(), kTypes.end(), [&](std::string_view type) {
          if (!rest_.starts_with(type)) return false;
          const std::string_view behind = rest_.substr(type.size());
          if (!behind.starts_with(':')) return false;
          rest_ = behind.substr(1);
          return true;
        });
    if (!is_known) return false;
    if (Take("value")) return true;
    if (!Take("hashes.")) return false;
    if (rest_.starts_with('\'')) return ReadText(nullptr);
    const size_t size = std::min(rest_.find_first_of(" \t\r\n="), rest_.size());
    rest_.remove_prefix(size);
    return size > 0;
  }

  bool ReadComparison(std::vector<std::string>* values) {
    if (!ReadPath() || (!Take("=") && !Take("ISSUBSET"))) return false;
    SkipBlanks();
    return ReadText(&values->emplace_back());
  }

  // A text in single quotes; `\` takes the next character as it is.
  bool ReadText(std::string* text) {
    if (!rest_.starts_with('\'')) return false;
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '\'') {
        rest_.remove_prefix(i + 1);
        return true;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) return false;
      if (text != nullptr) text->push_back(rest_[i]);
    }
    return false;
  }

  std::string_view rest_;
};

}  // namespace

std::vector<std::string> StixPatternValues(std::string_view pattern) {
  std::vector<std::string> values;
  PatternReader reader(pattern);
  do {
    if (!reader.ReadBrackets(&values)) return {};
  } while (reader.Take("OR"));
  if (!reader.AtEnd()) return {};
  return values;
}

}  // namespace tocsin::enrich
