// MapReader: reads a mapping of a pipeline file key by key, and reports what
// it does not know.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_PIPELINE_YAML_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_PIPELINE_YAML_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "re2/re2.h"
#include "src/frontend/sigma/ast.h"
#include "src/text/reporter.h"
#include "src/text/yaml.h"

namespace tocsin::sigma {

// A scalar as a typed value; anything but a scalar is null.
Value ValueFromYaml(const text::YamlNode& node);

class MapReader {
 public:
  // `what` names the mapping in messages: "pipeline", "transformation `nest`".
  // A node that is not a mapping is reported, and read as an empty one.
  // Both must outlive the reader.
  MapReader(const text::YamlNode& node, std::string what,
            text::Reporter* reporter);

  // Each marks `key` as known; nullopt if it is absent or, with an error
  // reported, of another kind.
  const text::YamlNode* Find(std::string_view key);
  std::optional<std::string> String(std::string_view key);
  std::optional<bool> Bool(std::string_view key);
  std::optional<int> Int(std::string_view key);
  std::optional<Value> Scalar(std::string_view key);
  // A list of strings, or one string.
  std::optional<std::vector<std::string>> Strings(std::string_view key);
  // One of `choices`.
  std::optional<std::string> Choice(std::string_view key,
                                    std::span<const std::string_view> choices);

  // As above, with an error if the key is absent, which reads as empty.
  const text::YamlNode* RequireNode(std::string_view key);
  std::string RequireString(std::string_view key);
  Value RequireScalar(std::string_view key);
  std::vector<std::string> RequireStrings(std::string_view key);
  std::string RequireChoice(std::string_view key,
                            std::span<const std::string_view> choices);

  // Reports every key that nothing above has asked for.
  void ReportUnknownKeys();

  // Reports a problem with the value of `key`, or the mapping without it.
  void Error(std::string_view code, std::string_view key, std::string message,
             std::string help = {});

  // Place of the value of `key`, or of the mapping without it.
  text::Range RangeOf(std::string_view key) const;
  void set_what(std::string what) { what_ = std::move(what); }
  const std::string& what() const { return what_; }
  text::Reporter* reporter() const { return reporter_; }
  const text::YamlNode& node() const { return node_; }

 private:
  void Expected(std::string_view key, std::string_view expected);
  void Missing(std::string_view key);

  const text::YamlNode& node_;
  std::string what_;
  text::Reporter* reporter_;
  std::vector<std::string> known_;
};

// Strings of a list of scalars or of one scalar; nullopt on anything else.
std::optional<std::vector<std::string>> StringsOf(const text::YamlNode& node);

// A regular expression; null if RE2 refuses it, with an error reported.
std::unique_ptr<RE2> CompileRegex(std::string_view regex, text::Range range,
                                  text::Reporter* reporter);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_PIPELINE_YAML_H_
