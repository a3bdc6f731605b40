#include "src/runtime/match/counted_run.h"

#include <charconv>
#include <system_error>

namespace tocsin::runtime {
namespace {

bool Take(std::string_view part, std::string_view* text) {
  if (!text->starts_with(part)) return false;
  text->remove_prefix(part.size());
  return true;
}

bool TakeNumber(std::string_view* text, size_t* number) {
  const auto [end, error] =
      std::from_chars(text->data(), text->data() + text->size(), *number);
  if (error != std::errc()) return false;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return true;
}

}  // namespace

std::optional<CountedRun> CountedRun::Parse(std::string_view regex) {
  CountedRun run;
  const bool grouped = Take("(", &regex);
  if (Take("[^", &regex)) {
    const size_t end = regex.find(']');
    if (end == 0 || end == std::string_view::npos) return std::nullopt;
    for (const char c : regex.substr(0, end)) {
      // Ranges, escapes and classes are left to RE2.
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 128 || c == '-' || c == '\\' || c == '[' || c == '^') {
        return std::nullopt;
      }
      run.excluded_.set(byte);
    }
    regex.remove_prefix(end + 1);
  } else if (Take(".", &regex)) {
    run.excluded_.set('\n');
  } else {
    return std::nullopt;
  }
  if (grouped && !Take(")", &regex)) return std::nullopt;
  if (!Take("{", &regex) || !TakeNumber(&regex, &run.least_)) {
    return std::nullopt;
  }
  // Where so many stand, at most so many do too.
  if (Take(",", &regex)) {
    size_t most = 0;
    if (!regex.starts_with('}') &&
        (!TakeNumber(&regex, &most) || most < run.least_)) {
      return std::nullopt;
    }
  }
  if (!Take("}", &regex)) return std::nullopt;
  run.at_end_ = Take("$", &regex);
  if (!regex.empty() || run.least_ == 0) return std::nullopt;
  return run;
}

bool CountedRun::Matches(std::string_view text) const {
  if (text.size() < least_) return false;
  size_t count = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 128 && excluded_[byte]) {
      count = 0;
      continue;
    }
    const bool continues_character = (byte & 0xC0) == 0x80;
    if (!continues_character) ++count;
    if (count >= least_ && !at_end_) return true;
  }
  return count >= least_;
}

}  // namespace tocsin::runtime
