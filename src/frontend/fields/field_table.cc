#include "src/frontend/fields/field_table.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/regex.h"
#include "src/base/string_map.h"
#include "src/text/reporter.h"
#include "src/text/yaml.h"

namespace tocsin::fields {
namespace {

using base::Derivation;
using base::FieldMapping;
using base::ToAbsl;
using text::YamlEntry;
using text::YamlNode;

class TableReader {
 public:
  TableReader(text::Reporter* reporter, std::vector<FieldMapping>* mappings)
      : reporter_(*reporter), mappings_(*mappings) {}

  void ReadFile(const YamlNode& root) {
    if (!ExpectMapping(root, "a file of fields")) return;
    CheckKeys(root, {"fields"});
    const YamlNode* const tables = root.Find("fields");
    if (tables == nullptr || !tables->is_sequence()) {
      reporter_.Error("T900", tables != nullptr ? tables->range : root.range,
                      "expected a list of tables under `fields`");
      return;
    }
    for (const YamlNode& table : tables->items) ReadTable(table);
  }

 private:
  void ReadTable(const YamlNode& table) {
    if (!ExpectMapping(table, "a table")) return;
    CheckKeys(table, {"name", "logsource", "when", "map"});
    FieldMapping of_table;
    if (const YamlNode* const source = table.Find("logsource")) {
      ReadSource(*source, &of_table.source);
    }
    if (const YamlNode* const when = table.Find("when")) {
      ReadWhen(*when, &of_table);
    }
    const YamlNode* const map = table.Find("map");
    if (map == nullptr) {
      reporter_.Error("T900", table.range, "a table needs the key `map`");
      return;
    }
    if (!ExpectMapping(*map, "`map`")) return;
    for (const YamlEntry& entry : map->entries) {
      FieldMapping mapping = of_table;
      mapping.field = entry.first.value;
      if (ReadMapping(entry.second, &mapping) && CheckPattern(entry, mapping)) {
        mappings_.push_back(std::move(mapping));
      }
    }
  }

  void ReadSource(const YamlNode& node, LogSource* source) {
    if (!ExpectMapping(node, "`logsource`")) return;
    CheckKeys(node, {"product", "category", "service"});
    ReadText(node, "product", &source->product);
    ReadText(node, "category", &source->category);
    ReadText(node, "service", &source->service);
  }

  void ReadWhen(const YamlNode& node, FieldMapping* mapping) {
    if (!ExpectMapping(node, "`when`")) return;
    if (node.entries.size() != 1) {
      reporter_.Error("T900", node.range, "expected one field under `when`");
      return;
    }
    mapping->when_field = node.entries[0].first.value;
    mapping->when_values = Texts(node.entries[0].second);
  }

  // False: it is wrong, and that was told.
  bool ReadMapping(const YamlNode& node, FieldMapping* mapping) {
    const int errors = reporter_.errors();
    if (!node.is_mapping()) {  // The name of a field, or several.
      mapping->from = Texts(node);
      return reporter_.errors() == errors;
    }
    CheckKeys(node, {"from", "as", "with", "value", "values", "words"});
    if (const YamlNode* const from = node.Find("from")) {
      mapping->from = Texts(*from);
    }
    if (const YamlNode* const value = node.Find("value")) {
      mapping->as = Derivation::kValue;
      mapping->values = Texts(*value);
    }
    if (const YamlNode* const as = node.Find("as")) ReadAs(*as, mapping);
    if (const YamlNode* const values = node.Find("values")) {
      mapping->values = Texts(*values);
    }
    ReadText(node, "with", &mapping->argument);
    if (const YamlNode* const words = node.Find("words")) {
      ReadWords(*words, mapping);
    }
    if (reporter_.errors() == errors) CheckWhole(node, *mapping);
    return reporter_.errors() == errors;
  }

  void ReadAs(const YamlNode& node, FieldMapping* mapping) {
    std::vector<std::string_view> names;
    for (const base::DerivationSpec& spec : base::Derivations()) {
      if (node.is_scalar() && spec.name == node.value) {
        mapping->as = spec.derivation;
        return;
      }
      names.push_back(spec.name);
    }
    std::string help = text::DidYouMean(node.value, names);
    if (help.empty()) {
      help = "one of";
      for (const std::string_view name : names) {
        absl::StrAppend(&help, name == names[0] ? " " : ", ", ToAbsl(name));
      }
    }
    reporter_.Error(
        "T901", node.range,
        absl::StrCat("unknown word ", text::Quoted(node.value), " for `as`"),
        std::move(help));
  }

  void ReadWords(const YamlNode& node, FieldMapping* mapping) {
    if (!ExpectMapping(node, "`words`")) return;
    for (const YamlEntry& entry : node.entries) {
      mapping->words.emplace_back(entry.first.value, Texts(entry.second));
    }
  }

  // What a derivation needs and what it has no use for.
  void CheckWhole(const YamlNode& node, const FieldMapping& mapping) {
    const base::DerivationSpec& spec =
        base::Derivations()[static_cast<size_t>(mapping.as)];
    if (mapping.from.empty() && mapping.as != Derivation::kValue) {
      reporter_.Error("T902", node.range,
                      "expected `from`, the field it follows from, or `value`");
    } else if (spec.argument.empty() && !mapping.argument.empty()) {
      reporter_.Error(
          "T902", node.range,
          absl::StrCat("`", ToAbsl(spec.name), "` takes no `with`"));
    } else if (!spec.argument.empty() && mapping.argument.empty()) {
      reporter_.Error("T902", node.range,
                      absl::StrCat("`", ToAbsl(spec.name), "` needs `with`, ",
                                   ToAbsl(spec.argument)));
    } else if (mapping.as == Derivation::kPresent &&
               (mapping.values.empty() || mapping.values.size() > 2)) {
      reporter_.Error("T902", node.range,
                      "`present` needs `values`: the word where there is a "
                      "value, and that where there is none");
    } else if (mapping.as == Derivation::kCapture) {
      CheckRegex(*node.Find("with"), mapping.argument);
    }
  }

  void CheckRegex(const YamlNode& node, const std::string& regex) {
    const RE2 compiled(regex, base::RegexOptions());
    if (!compiled.ok()) {
      reporter_.Error(
          "T902", node.range,
          absl::StrCat("the expression cannot be used: ", compiled.error()));
    } else if (compiled.NumberOfCapturingGroups() < 1) {
      reporter_.Error("T902", node.range,
                      "the expression has no group to take from");
    }
  }

  // `*` stands for the end of a name, on both sides.
  bool CheckPattern(const YamlEntry& entry, const FieldMapping& mapping) {
    const auto star_inside = [](const std::string& name) {
      return name.find('*') < name.size() - 1;
    };
    const bool wrong =
        mapping.field.empty() || star_inside(mapping.field) ||
        std::any_of(mapping.from.begin(), mapping.from.end(),
                    [&](const std::string& from) {
                      return star_inside(from) ||
                             (from.ends_with('*') && !mapping.is_pattern());
                    });
    if (wrong) {
      reporter_.Error("T902", entry.first.range,
                      "`*` may stand at the end of a name only, and in `from` "
                      "only if the field has one too");
    }
    return !wrong;
  }

  // A list of texts, or one.
  std::vector<std::string> Texts(const YamlNode& node) {
    std::vector<std::string> texts;
    const auto add = [&](const YamlNode& item) {
      if (item.is_scalar() && !item.is_null()) {
        texts.push_back(item.value);
      } else {
        reporter_.Error("T900", item.range,
                        "expected text, or a list of texts");
      }
    };
    if (node.is_sequence()) {
      for (const YamlNode& item : node.items) add(item);
    } else {
      add(node);
    }
    return texts;
  }

  void ReadText(const YamlNode& node, std::string_view key, std::string* text) {
    const YamlNode* const value = node.Find(key);
    if (value == nullptr) return;
    if (value->is_scalar() && !value->is_null()) {
      *text = value->value;
    } else {
      reporter_.Error("T900", value->range,
                      absl::StrCat("expected text for `", ToAbsl(key), "`"));
    }
  }

  bool ExpectMapping(const YamlNode& node, std::string_view what) {
    if (node.is_mapping()) return true;
    reporter_.Error("T900", node.range,
                    absl::StrCat("expected a mapping for ", ToAbsl(what)));
    return false;
  }

  void CheckKeys(const YamlNode& node, std::vector<std::string_view> known) {
    for (const YamlEntry& entry : node.entries) {
      const std::string& key = entry.first.value;
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      reporter_.Error("T900", entry.first.range,
                      absl::StrCat("unknown key ", text::Quoted(key)),
                      text::DidYouMean(key, known));
    }
  }

  text::Reporter& reporter_;
  std::vector<FieldMapping>& mappings_;
};

}  // namespace

std::vector<FieldMapping> ParseFieldTables(const text::Source& source,
                                           Diagnostics* diagnostics) {
  std::vector<FieldMapping> mappings;
  int found = 0;
  const std::vector<text::YamlDocument> documents =
      text::ParseYaml(source, diagnostics, &found);
  for (const text::YamlDocument& document : documents) {
    text::Reporter reporter(source, diagnostics);
    TableReader(&reporter, &mappings).ReadFile(document.root);
  }
  return mappings;
}

}  // namespace tocsin::fields
