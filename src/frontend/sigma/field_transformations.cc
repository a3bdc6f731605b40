// Transformations of field names.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/frontend/sigma/item_transformation.h"
#include "src/frontend/sigma/transformation_kinds.h"

namespace tocsin::sigma {
namespace {

using Names = std::vector<std::string>;

struct Mapping {
  // In the order of the file: the first prefix that fits wins.
  std::vector<std::pair<std::string, Names>> entries;
  Names keyword_fields;  // Of the key `null`.
};

Mapping ReadMapping(MapReader* reader) {
  Mapping mapping;
  const text::YamlNode* node = reader->RequireNode("mapping");
  if (node == nullptr) return mapping;
  if (!node->is_mapping()) {
    reader->Error("T063", "mapping",
                  absl::StrCat("expected a mapping for `mapping` of the ",
                               reader->what()));
    return mapping;
  }
  for (const auto& [key, value] : node->entries) {
    std::optional<Names> names = StringsOf(value);
    if (!names.has_value() || names->empty() ||
        std::find(names->begin(), names->end(), "") != names->end()) {
      reader->reporter()->Error(
          "T063", value.range,
          absl::StrCat("expected a name or a list of names for ",
                       text::Quoted(key.value)));
      continue;
    }
    if (key.is_null()) {
      mapping.keyword_fields = *std::move(names);
    } else {
      mapping.entries.emplace_back(key.value, *std::move(names));
    }
  }
  return mapping;
}

class FieldNameMapping : public FieldTransformation {
 public:
  explicit FieldNameMapping(Mapping mapping)
      : keyword_fields_(std::move(mapping.keyword_fields)) {
    for (auto& [from, to] : mapping.entries) {
      names_.emplace(std::move(from), std::move(to));
    }
  }

 protected:
  std::optional<Names> Rename(const std::string& field) const override {
    const auto found = names_.find(field);
    if (found == names_.end()) return std::nullopt;
    return found->second;
  }
  Names keyword_fields() const override { return keyword_fields_; }

 private:
  base::StringMap<Names> names_;
  Names keyword_fields_;
};

class FieldNamePrefixMapping : public FieldTransformation {
 public:
  explicit FieldNamePrefixMapping(Mapping mapping)
      : prefixes_(std::move(mapping.entries)) {}

 protected:
  std::optional<Names> Rename(const std::string& field) const override {
    for (const auto& [from, to] : prefixes_) {
      if (!field.starts_with(from)) continue;
      Names names;
      for (const std::string& prefix : to) {
        names.push_back(prefix + field.substr(from.size()));
      }
      return names;
    }
    return std::nullopt;
  }

 private:
  std::vector<std::pair<std::string, Names>> prefixes_;
};

class FieldNameAffixes : public FieldTransformation {
 public:
  FieldNameAffixes(std::string prefix, std::string suffix)
      : prefix_(std::move(prefix)), suffix_(std::move(suffix)) {}

 protected:
  std::optional<Names> Rename(const std::string& field) const override {
    return Names{absl::StrCat(prefix_, field, suffix_)};
  }

 private:
  std::string prefix_;
  std::string suffix_;
};

}  // namespace

TransformationPtr ParseFieldNameMapping(MapReader* reader, PipelineFile*) {
  return std::make_unique<FieldNameMapping>(ReadMapping(reader));
}

TransformationPtr ParseFieldNamePrefixMapping(MapReader* reader,
                                              PipelineFile*) {
  Mapping mapping = ReadMapping(reader);
  if (!mapping.keyword_fields.empty()) {
    reader->Error("T063", "mapping", "`null` is not a prefix of field names");
  }
  return std::make_unique<FieldNamePrefixMapping>(std::move(mapping));
}

TransformationPtr ParseFieldNamePrefix(MapReader* reader, PipelineFile*) {
  return std::make_unique<FieldNameAffixes>(reader->RequireString("prefix"),
                                            "");
}

TransformationPtr ParseFieldNameSuffix(MapReader* reader, PipelineFile*) {
  return std::make_unique<FieldNameAffixes>("",
                                            reader->RequireString("suffix"));
}

}  // namespace tocsin::sigma
