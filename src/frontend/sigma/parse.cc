#include "src/frontend/sigma/parse.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/digest.h"
#include "src/base/utf8.h"
#include "src/frontend/sigma/condition.h"
#include "src/frontend/sigma/correlation.h"
#include "src/frontend/sigma/modifiers.h"
#include "src/frontend/sigma/yaml_keys.h"

namespace tocsin::sigma {
namespace {

using text::Quoted;
using text::Range;
using text::YamlNode;

// Keys of a document that mean something; others are the author's own.
constexpr std::string_view kDocumentKeys[] = {
    "title",      "id",       "name",           "related",   "taxonomy",
    "status",     "license",  "description",    "author",    "references",
    "date",       "modified", "logsource",      "detection", "fields",
    "level",      "tags",     "falsepositives", "scope",     "filter",
    "correlation"};
constexpr std::string_view kKindKeys[] = {"detection", "filter", "correlation"};
constexpr std::string_view kLogSourceKeys[] = {"product", "category", "service",
                                               "definition"};
constexpr std::string_view kLevels[] = {"informational", "low", "medium",
                                        "high", "critical"};
constexpr std::string_view kStatuses[] = {"stable", "test", "experimental",
                                          "deprecated", "unsupported"};

// The place of characters [offset, offset + length) in a scalar's value; the
// whole scalar if its value does not stand in the file as it is.
Range PlaceIn(const YamlNode& scalar, size_t offset, std::string_view part) {
  const std::string_view value = scalar.value;
  const int characters = static_cast<int>(base::CountCodePoints(value));
  const int quotes = scalar.range.length - characters;
  if (quotes != (scalar.quoted ? 2 : 0)) return scalar.range;
  Range range = scalar.range;
  range.start.column +=
      quotes / 2 +
      static_cast<int>(base::CountCodePoints(value.substr(0, offset)));
  range.length = static_cast<int>(base::CountCodePoints(part));
  return range;
}

Value ReadValue(const YamlNode& node) {
  Value value;
  value.range = node.range;
  value.quoted = node.quoted;
  value.text = node.value;
  if (node.is_null()) {
    value.kind = Value::kNull;
  } else if (const std::optional<bool> flag = node.AsBool()) {
    value.kind = Value::kBool;
    value.bool_value = *flag;
  } else if (std::optional<base::Number> number = node.AsNumber()) {
    value.kind = Value::kNumber;
    value.number = *std::move(number);
  } else {
    value.kind = Value::kString;
  }
  return value;
}

// Reads the selections of one detection.
class SelectionParser {
 public:
  SelectionParser(Detection* detection, text::Reporter* reporter)
      : detection_(detection), reporter_(reporter) {}

  void Read(const YamlNode& key, const YamlNode& node) {
    Selection selection;
    selection.name = key.value;
    selection.range = key.range;
    name_ = &key;
    ReadAlternatives(node, &selection);
    detection_->selections.push_back(std::move(selection));
  }

 private:
  void ReadAlternatives(const YamlNode& node, Selection* selection) {
    if (node.is_mapping()) {
      ReadMap(node, selection);
    } else if (node.is_sequence()) {
      ReadList(node, selection);
    } else if (node.is_null()) {
      FailEmpty(name_->range);
    } else {
      selection->alternatives.push_back({Keywords({&node})});
    }
  }

  void FailEmpty(Range range) {
    reporter_->Error("T020", range,
                     "selection " + Quoted(name_->value) + " is empty",
                     "an empty selection says nothing: give it an item, or "
                     "take it out of the rule and its condition");
  }

  Item Keywords(const std::vector<const YamlNode*>& nodes) {
    Item item;
    item.range = name_->range;
    item.values_were_list = nodes.size() > 1;
    for (const YamlNode* node : nodes) {
      if (node->is_null()) {
        reporter_->Error("T016", node->range,
                         "expected a keyword or a map, found null",
                         "take the empty entry out of the list");
        continue;
      }
      item.values.push_back(ReadValue(*node));
    }
    return item;
  }

  // Maps of a list, and its keywords together, are alternatives.
  void ReadList(const YamlNode& node, Selection* selection) {
    if (node.items.empty()) return FailEmpty(name_->range);
    std::vector<const YamlNode*> keywords;
    for (const YamlNode& item : node.items) {
      if (item.is_scalar()) {
        keywords.push_back(&item);
      } else {
        ReadAlternatives(item, selection);
      }
    }
    if (keywords.empty()) return;
    selection->alternatives.push_back({Keywords(keywords)});
  }

  void ReadMap(const YamlNode& node, Selection* selection) {
    if (node.entries.empty()) return FailEmpty(name_->range);
    std::vector<Item> items;
    items.reserve(node.entries.size());
    for (const auto& [key, value] : node.entries) {
      items.push_back(ReadItem(key, value));
    }
    selection->alternatives.push_back(std::move(items));
  }

  Item ReadItem(const YamlNode& key, const YamlNode& node) {
    Item item;
    item.range = key.range;
    ReadKey(key, &item);
    if (node.is_scalar()) {
      item.values.push_back(ReadValue(node));
      return item;
    }
    if (node.is_mapping()) {
      FailNested(key, node);
      return item;
    }
    item.values_were_list = true;
    item.values.reserve(node.items.size());
    if (node.items.empty()) FailEmptyList(key, item);
    for (const YamlNode& value : node.items) {
      if (value.is_scalar()) {
        item.values.push_back(ReadValue(value));
      } else {
        FailNested(key, value);
      }
    }
    return item;
  }

  void FailEmptyList(const YamlNode& key, const Item& item) {
    reporter_->Error(
        "T020", key.range,
        item.fields.empty()
            ? std::string("the list of keywords is empty")
            : "the list of field " + Quoted(item.fields[0]) + " is empty",
        item.fields.empty()
            ? "give at least one keyword"
            : "give at least one value; write `null` for a field that is "
              "absent");
  }

  void FailNested(const YamlNode& key, const YamlNode& node) {
    reporter_->Error("T021", node.range,
                     "expected a value or a list of values for " +
                         Quoted(key.value) + ", found " +
                         std::string(Describe(node)),
                     NestedHelp(key, node));
  }

  static std::string NestedHelp(const YamlNode& key, const YamlNode& node) {
    if (key.value == "<<") {
      return "merge keys are not part of YAML 1.2: write the items out";
    }
    if (!node.entries.empty() &&
        FindModifier(node.entries[0].first.value) != nullptr) {
      return "a modifier stands behind the field's name: " +
             Quoted(key.value + "|" + node.entries[0].first.value + ": value");
    }
    return "name a nested field with dots: `outer.inner: value`";
  }

  void ReadKey(const YamlNode& key, Item* item) {
    constexpr size_t kMaxModifiers = 20;
    const std::string_view text = key.value;
    size_t bar = text.find('|');
    if (const std::string_view field = text.substr(0, bar); !field.empty()) {
      item->fields.emplace_back(field);
    }
    while (bar != std::string_view::npos) {
      if (item->modifiers.size() == kMaxModifiers) {
        reporter_->Error("T015", key.range,
                         "more than " + std::to_string(kMaxModifiers) +
                             " modifiers on one field");
        return;
      }
      const size_t begin = bar + 1;
      bar = text.find('|', begin);
      const std::string_view name =
          text.substr(begin, bar == std::string_view::npos ? bar : bar - begin);
      item->modifiers.push_back({std::string(name), PlaceIn(key, begin, name)});
    }
  }

  Detection* detection_;
  text::Reporter* reporter_;
  const YamlNode* name_ = nullptr;
};

void ReadSelections(const YamlNode& node, bool is_filter, Detection* detection,
                    text::Reporter* reporter) {
  SelectionParser parser(detection, reporter);
  for (const auto& [key, value] : node.entries) {
    // A rule may have a selection of the name `rules`; in a filter the key says
    // which rules it is for.
    const bool is_selection = key.value != "condition" &&
                              key.value != "timeframe" &&
                              !(is_filter && key.value == "rules");
    if (is_selection) parser.Read(key, value);
  }
}

void AddToDigest(const YamlNode& node, base::Digest* digest) {
  digest->AddInt(node.kind);
  digest->AddInt(node.quoted ? 1 : 0);
  digest->Add(node.value);
  digest->AddInt(static_cast<long long>(node.items.size()));
  for (const YamlNode& item : node.items) AddToDigest(item, digest);
  digest->AddInt(static_cast<long long>(node.entries.size()));
  for (const auto& [key, value] : node.entries) {
    AddToDigest(key, digest);
    AddToDigest(value, digest);
  }
}

class DocumentParser {
 public:
  DocumentParser(const text::YamlDocument& yaml,
                 std::shared_ptr<const text::Source> source,
                 text::Reporter* reporter)
      : root_(yaml.root), reporter_(reporter) {
    document_.info.format = "sigma";
    document_.info.path = source->path();
    document_.info.line = yaml.start.line;
    document_.source = std::move(source);
  }

  std::optional<Document> Parse() {
    const int errors_before = reporter_->errors();
    if (!FindKind()) return std::nullopt;
    ReadIdentity();
    ReadMetadata();
    WarnOfKeys(root_, kDocumentKeys, "of a Sigma document", reporter_);
    WarnOfVersion();
    if (document_.kind == Document::kCorrelation) {
      ReadCorrelation();
    } else {
      ReadLogSource();
      ReadDetection(*body_);
    }
    if (reporter_->errors() != errors_before) {
      // Lost; tell at once what else is wrong with it.
      for (const auto& [text, range] : document_.detection.conditions) {
        static_cast<void>(ParseCondition(text, range, reporter_));
      }
      return std::nullopt;
    }
    return std::move(document_);
  }

 private:
  bool FindKind() {
    if (!root_.is_mapping()) {
      reporter_->Error("T006", root_.range,
                       "expected a Sigma document, a map, found " +
                           std::string(Describe(root_)),
                       "a rule starts with `title:`");
      return false;
    }
    for (const auto& [key, value] : root_.entries) {
      if (!Contains(kKindKeys, key.value)) continue;
      if (body_ != nullptr) {
        reporter_->Error("T006", key.range,
                         "a document cannot have both " + Quoted(kind_key_) +
                             " and " + Quoted(key.value),
                         "put them into documents of their own, with `---` "
                         "between");
        return false;
      }
      body_ = &value;
      kind_key_ = key.value;
      document_.range = key.range;
    }
    if (body_ == nullptr) FindOldCorrelation();
    if (body_ == nullptr) return FailWithoutKind();
    document_.kind = kind_key_ == "detection" ? Document::kRule
                     : kind_key_ == "filter"  ? Document::kFilter
                                              : Document::kCorrelation;
    if (!body_->is_mapping()) {
      reporter_->Error("T006", document_.range,
                       "expected a map under " + Quoted(kind_key_) +
                           ", found " + std::string(Describe(*body_)),
                       body_->is_null() ? "indent what belongs to it" : "");
      return false;
    }
    return true;
  }

  // `action: correlation`, the form of a draft before Sigma 2.
  void FindOldCorrelation() {
    for (const auto& [key, value] : root_.entries) {
      if (key.value != "action" || value.value != "correlation") continue;
      body_ = &root_;
      kind_key_ = "correlation";
      document_.range = key.range;
    }
  }

  bool FailWithoutKind() {
    Range place = root_.range;
    std::string help = "a rule needs `detection:`";
    for (const auto& [key, value] : root_.entries) {
      const std::string hint = text::DidYouMean(key.value, kKindKeys);
      if (hint.empty()) continue;
      place = key.range;
      help = hint;
    }
    reporter_->Error("T006", place,
                     "the document has no `detection`, `filter` or "
                     "`correlation`",
                     std::move(help));
    return false;
  }

  void WarnOfVersion() {
    const YamlNode* version = root_.Find("sigma-version");
    if (version == nullptr) return;
    const std::optional<base::Number> number = version->AsNumber();
    if (!number || base::Compare(*number, *base::ParseNumber("3")) < 0) return;
    reporter_->Warning("T031", version->range,
                       "the document is read as Sigma 2.1",
                       "what later versions add, such as `field[any]`, counts "
                       "as part of a field's name");
  }

  void ReadIdentity() {
    document_.info.title = ReadText("title");
    document_.info.id = ReadText("id");
    document_.info.name = ReadText("name");
    if (document_.info.id.empty()) {
      base::Digest digest;
      AddToDigest(root_, &digest);
      document_.info.id = digest.Hex();
    }
    reporter_->set_rule(document_.info.id, document_.info.title);
    if (document_.info.title.empty()) {
      reporter_->Warning("T008", document_.range, "the document has no title",
                         "add `title:`; people will read it on every alert");
    }
  }

  void ReadMetadata() {
    RuleInfo& info = document_.info;
    info.description = ReadText("description");
    info.level = ReadWord("level", kLevels);
    info.status = ReadWord("status", kStatuses);
    info.date = ReadText("date");
    info.modified = ReadText("modified");
    info.tags = ReadList("tags");
    info.references = ReadList("references");
    info.false_positives = ReadList("falsepositives");
    info.fields = ReadList("fields");
    for (const std::string& author : ReadList("author")) {
      if (!info.author.empty()) info.author += ", ";
      info.author += author;
    }
    if (const std::string taxonomy = ReadText("taxonomy"); !taxonomy.empty()) {
      document_.taxonomy = taxonomy;
    }
  }

  std::string ReadText(std::string_view key) {
    const YamlNode* node = root_.Find(key);
    if (node == nullptr || node->is_null()) return {};
    if (node->is_scalar()) return node->value;
    WarnOfForm(key, *node, "text");
    return {};
  }

  std::string ReadWord(std::string_view key,
                       std::span<const std::string_view> words) {
    std::string word = ReadText(key);
    if (word.empty() || Contains(words, word)) return word;
    std::string help = text::DidYouMean(word, words);
    if (help.empty()) help = "expected one of " + Join(words);
    reporter_->Warning("T009", root_.Find(key)->range,
                       "unknown " + std::string(key) + " " + Quoted(word),
                       std::move(help));
    return word;
  }

  // A list of texts; a single text counts as a list of one.
  std::vector<std::string> ReadList(std::string_view key) {
    std::vector<std::string> list;
    const YamlNode* node = root_.Find(key);
    if (node == nullptr || node->is_null()) return list;
    if (node->is_scalar()) return {node->value};
    if (node->is_mapping()) {
      WarnOfForm(key, *node, "a list");
      return list;
    }
    for (const YamlNode& item : node->items) {
      if (!item.is_scalar()) {
        WarnOfForm(key, item, "text");
      } else if (!item.is_null()) {
        list.push_back(item.value);
      }
    }
    return list;
  }

  void WarnOfForm(std::string_view key, const YamlNode& node,
                  std::string_view wanted) {
    reporter_->Warning("T007", node.range,
                       "expected " + std::string(wanted) + " for " +
                           Quoted(key) + ", found " +
                           std::string(Describe(node)));
  }

  void ReadCorrelation() {
    std::optional<CorrelationBody> body =
        ParseCorrelation(*body_, root_, document_.range, reporter_);
    if (!body.has_value()) return;
    document_.correlation =
        std::make_shared<const CorrelationBody>(*std::move(body));
  }

  void ReadLogSource() {
    const YamlNode* node = root_.Find("logsource");
    if (node == nullptr) {
      reporter_->Warning("T008", document_.range,
                         "the document has no `logsource` and is for events "
                         "of any kind",
                         "add `logsource:` with a product, category or "
                         "service");
      return;
    }
    document_.logsource_range = node->range;
    if (!node->is_mapping()) {
      reporter_->Error("T006", node->range,
                       "expected a map under `logsource`, found " +
                           std::string(Describe(*node)),
                       "write `product:`, `category:` or `service:` under it");
      return;
    }
    WarnOfKeys(*node, kLogSourceKeys, "of `logsource`", reporter_);
    LogSource& source = document_.info.log_source;
    source.product =
        ReadLogSourceKey(*node, "product", &document_.product_range);
    source.category =
        ReadLogSourceKey(*node, "category", &document_.category_range);
    source.service =
        ReadLogSourceKey(*node, "service", &document_.service_range);
    if (source == LogSource()) {
      reporter_->Warning("T008", node->range,
                         "`logsource` names no product, category or service: "
                         "the document is for events of any kind");
    }
  }

  std::string ReadLogSourceKey(const YamlNode& map, std::string_view key,
                               text::Range* range) {
    const YamlNode* node = map.Find(key);
    if (node == nullptr || node->is_null()) return {};
    *range = node->range;
    if (node->is_scalar()) return node->value;
    reporter_->Error("T006", node->range,
                     "expected text for " + Quoted(key) + ", found " +
                         std::string(Describe(*node)));
    return {};
  }

  void ReadDetection(const YamlNode& body) {
    ReadConditions(body);
    if (document_.kind == Document::kFilter) ReadFilterRules(body);
    CheckTimeframe(body);
    ReadSelections(body, document_.kind == Document::kFilter,
                   &document_.detection, reporter_);
    if (document_.detection.selections.empty()) {
      reporter_->Error("T020", document_.range,
                       Quoted(kind_key_) + " has no selection",
                       "name a selection and give it `field: value` items");
    }
  }

  void ReadConditions(const YamlNode& body) {
    const YamlNode* node = body.Find("condition");
    if (node == nullptr || node->is_null()) {
      std::string help;
      for (const auto& [key, value] : body.entries) {
        constexpr std::array<std::string_view, 1> kWanted = {"condition"};
        if (help.empty()) help = text::DidYouMean(key.value, kWanted);
      }
      if (help.empty()) help = "add `condition: selection`";
      reporter_->Error("T022", document_.range,
                       Quoted(kind_key_) + " has no condition",
                       std::move(help));
      return;
    }
    if (node->is_scalar()) {
      document_.detection.conditions.emplace_back(node->value, node->range);
      return;
    }
    if (node->is_mapping() || node->items.empty()) {
      reporter_->Error(
          "T022", node->range,
          "expected a condition or a list of conditions, found " +
              std::string(node->is_mapping() ? "a map" : "an empty list"));
      return;
    }
    for (const YamlNode& item : node->items) {
      if (!item.is_scalar() || item.is_null()) {
        reporter_->Error(
            "T022", item.range,
            "expected a condition, found " + std::string(Describe(item)));
        continue;
      }
      document_.detection.conditions.emplace_back(item.value, item.range);
    }
  }

  void CheckTimeframe(const YamlNode& body) {
    for (const auto& [key, value] : body.entries) {
      if (key.value != "timeframe") continue;
      reporter_->Error("T026", key.range,
                       "`timeframe` belongs to Sigma 1 and is not supported",
                       "count matches in a stretch of time with a correlation "
                       "rule: `timespan`");
    }
  }

  void ReadFilterRules(const YamlNode& body) {
    const YamlNode* node = body.Find("rules");
    if (node == nullptr || node->is_null() ||
        (node->is_sequence() && node->items.empty())) {
      reporter_->Error("T029", node == nullptr ? document_.range : node->range,
                       "the filter names no rules",
                       "list ids or names under `rules:`, or write `rules: "
                       "any`");
      return;
    }
    if (node->is_mapping()) {
      reporter_->Error("T029", node->range,
                       "expected a list of rules, found a map");
      return;
    }
    if (node->is_scalar()) {
      if (node->value == "any") {
        document_.filter_any = true;
      } else {
        document_.filter_rules.emplace_back(node->value, node->range);
      }
      return;
    }
    for (const YamlNode& item : node->items) {
      if (item.is_scalar() && !item.is_null()) {
        document_.filter_rules.emplace_back(item.value, item.range);
      } else {
        reporter_->Error("T029", item.range,
                         "expected the id or name of a rule, found " +
                             std::string(Describe(item)));
      }
    }
  }

  const YamlNode& root_;
  text::Reporter* reporter_;
  Document document_;
  const YamlNode* body_ = nullptr;
  std::string_view kind_key_;
};

}  // namespace

std::optional<Document> ParseDocument(
    const text::YamlDocument& yaml, std::shared_ptr<const text::Source> source,
    text::Reporter* reporter) {
  return DocumentParser(yaml, std::move(source), reporter).Parse();
}

void ParseSelections(const YamlNode& node, Detection* detection,
                     text::Reporter* reporter) {
  ReadSelections(node, /*is_filter=*/true, detection, reporter);
}

}  // namespace tocsin::sigma
