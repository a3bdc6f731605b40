// FieldMapping: how a field that rules ask for follows from what an event of
// some source has.
//
// Rules written for the Elastic Common Schema ask for `process.name`; Sysmon
// writes `Image`, of which that is the last part. A mapping says so, once for
// all events of a source. docs/formats/ecs.md has the mappings that are built
// in, docs/howto/add_ecs_mapping.md how a user adds some.

#ifndef TOCSIN_SRC_BASE_FIELD_MAPPING_H_
#define TOCSIN_SRC_BASE_FIELD_MAPPING_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tocsin/log_source.h"

namespace re2 {
class RE2;
}

namespace tocsin::base {

enum class Derivation : uint8_t {
  kSame,
  kValue,
  kPresent,
  kAll,
  kFileName,
  kFolder,
  kExtension,
  kRoot,
  kInnerPath,
  kWindowsArguments,
  kArguments,
  kArgumentCount,
  kLower,
  kUpper,
  kAccount,
  kDomain,
  kIp,
  kPair,
  kRegistryData,
  kCapture,
  kText,
};

// The table of derivations, in the order of the enumerators.
struct DerivationSpec {
  Derivation derivation;
  std::string_view name;      // As tables call it: "file_name".
  std::string_view meaning;   // For the reference page.
  std::string_view argument;  // What its argument is; empty: it has none.
  // An argument, a text, and what becomes of it, divided by `|`.
  std::string_view example_argument;
  std::string_view example;
  std::string_view example_result;
};
std::span<const DerivationSpec> Derivations();

// Of a longer command line, the last argument is all the rest.
inline constexpr size_t kMaxArguments = 128;

struct FieldMapping {
  // What rules call it. With `*` at its end, which stands for any rest, that
  // of `from` is the same rest.
  std::string field;
  // The events it is for; an empty key is any. As a rule's log source.
  LogSource source;
  // Only those that have one of these values in the field; compared without
  // regard to ASCII case. Empty: all.
  std::string when_field;
  std::vector<std::string> when_values;
  // The first of these that the event has counts; for kAll each of them does.
  // Empty for kValue.
  std::vector<std::string> from;
  Derivation as = Derivation::kSame;
  std::string argument;  // kPair: the name. kCapture: the expression.
  // kValue: the values. kPresent: the first if `from` has a value that is not
  // null, the second, if there is one, else.
  std::vector<std::string> values;
  // What values become after that; if there are any, a value without is
  // dropped. As a value, `*` stands for all others; as a word, for the value as
  // it is.
  std::vector<std::pair<std::string, std::vector<std::string>>> words;

  bool is_pattern() const { return field.ends_with('*'); }
};

// Texts made of one, in bounded time and memory: at most kMaxArguments of them,
// together hardly longer than `text`. For derivations that look at one text;
// kValue, kPresent and kText do not. `capture`: kCapture's expression.
void Derive(Derivation as, std::string_view argument, const re2::RE2* capture,
            std::string_view text, std::vector<std::string>* made);

// Puts what `mapping` has for `text` into `made`.
void TakeWords(const FieldMapping& mapping, std::string_view text,
               std::vector<std::string>* made);

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_FIELD_MAPPING_H_
