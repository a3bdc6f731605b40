#include "tocsin/log_source.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tocsin {

absl::StatusOr<LogSource> ParseLogSource(const std::string& text) {
  LogSource source;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    const absl::string_view key = absl::StripAsciiWhitespace(pair.first);
    const absl::string_view value = absl::StripAsciiWhitespace(pair.second);
    std::string* slot = key == "product"    ? &source.product
                        : key == "category" ? &source.category
                        : key == "service"  ? &source.service
                                            : nullptr;
    if (slot == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          "expected `product`, `category` or `service`, found `", key, "`"));
    }
    if (value.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("expected `", key, "=...`, found `",
                       absl::StripAsciiWhitespace(part), "`"));
    }
    if (!slot->empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("`", key, "` is given twice"));
    }
    *slot = std::string(value);
  }
  return source;
}

}  // namespace tocsin
