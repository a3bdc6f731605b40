// CountedRun: regular expressions that only count characters.
//
// `.{1000,}` asks for a line of a thousand characters. A general matcher keeps
// a thousand states for that, and takes milliseconds a text; to count them
// takes microseconds.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_COUNTED_RUN_H_
#define TOCSIN_SRC_RUNTIME_MATCH_COUNTED_RUN_H_

#include <bitset>
#include <cstddef>
#include <optional>
#include <string_view>

namespace tocsin::runtime {

class CountedRun {
 public:
  // For expressions that are one `.` or `[^...]` of ASCII characters, perhaps
  // in parentheses, with `{n}`, `{n,}` or `{n,m}` behind it, and perhaps a `$`
  // behind that. None for others.
  static std::optional<CountedRun> Parse(std::string_view regex);

  // Whether the expression matches somewhere in `text`, which is UTF-8.
  bool Matches(std::string_view text) const;

 private:
  std::bitset<128> excluded_;  // What the character may not be.
  size_t least_ = 0;
  bool at_end_ = false;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_COUNTED_RUN_H_
