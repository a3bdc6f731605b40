// Typed access to the members of an object of a rule file.

#ifndef TOCSIN_SRC_FRONTEND_ELASTIC_MEMBERS_H_
#define TOCSIN_SRC_FRONTEND_ELASTIC_MEMBERS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "src/frontend/elastic/value.h"
#include "src/text/reporter.h"

namespace tocsin::elastic {

// Reads members; one of another kind than is asked for is told (T602) and is
// as good as missing. So is null.
class Members {
 public:
  // Both must outlive it. REQUIRES: `object` is an object.
  Members(const Value& object, text::Reporter* reporter)
      : object_(object), reporter_(*reporter) {}

  // Any value but null.
  const Value* Find(std::string_view name) const;
  const Value* Find(std::string_view name, Value::Kind kind) const;

  std::string Text(std::string_view name) const;
  std::optional<double> Number(std::string_view name) const;
  std::optional<bool> Flag(std::string_view name) const;
  // A list of texts, or one text.
  std::vector<std::string> Texts(std::string_view name) const;
  // The objects of a list.
  std::vector<const Value*> Objects(std::string_view name) const;

  // As above, and an error (T603) where it is missing.
  const Value* Required(std::string_view name, Value::Kind kind) const;
  std::string RequiredText(std::string_view name) const;

  text::Range RangeOf(const Value& value) const {
    return reporter_.source().RangeOf(value.span);
  }
  // The line of the object: for what is missing in it.
  text::Range PlaceOfObject() const;

  const Value& object() const { return object_; }

 private:
  bool Check(std::string_view name, const Value& value, Value::Kind kind) const;

  const Value& object_;
  text::Reporter& reporter_;
};

// "5m", "7d", "1M": units s, m, h, d, w, M (30 days) and y (365).
std::optional<absl::Duration> ParseInterval(std::string_view text);

// How long before now "now-9m" is; "now" is no time ago, and what is behind it
// is less than that. A rounding such as `/d` at the end is taken off: on a
// stream now is never the end of a day.
std::optional<absl::Duration> ParseAge(std::string_view text);

}  // namespace tocsin::elastic

#endif  // TOCSIN_SRC_FRONTEND_ELASTIC_MEMBERS_H_
