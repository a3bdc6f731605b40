#include "src/runtime/event/derived_fields.h"

#include <algorithm>
#include <optional>

#include "src/base/regex.h"

namespace tocsin::runtime {
namespace {

using base::Derivation;
using base::FieldMapping;

// Whether the text stands in JSON as it is.
bool NeedsNoEscape(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
  });
}

// The file's name in a path as JSON has it, if that can be told without
// resolving escapes: then it needs no copy.
std::optional<std::string_view> RawFileName(std::string_view raw) {
  const size_t last = raw.find_last_of("\\/");
  if (last == std::string_view::npos) return raw;
  if (raw[last] == '/') {
    if (last > 0 && raw[last - 1] == '\\') return std::nullopt;
    return raw.substr(last + 1);
  }
  // A backslash is written as two; of an odd number, the last escapes
  // something else.
  size_t first = last;
  while (first > 0 && raw[first - 1] == '\\') --first;
  if ((last - first) % 2 == 0) return std::nullopt;
  return raw.substr(last + 1);
}

}  // namespace

void AppendObjectText(const base::Value& value, std::string* text) {
  // Values come from JSON of bounded depth.
  if (value.kind == base::ValueKind::kObject) {
    *text += '{';
    for (size_t i = 0; i < value.items.size(); ++i) {
      if (i > 0) *text += ", ";
      *text += value.item_names[i];
      *text += '=';
      AppendObjectText(value.items[i], text);
    }
    *text += '}';
  } else if (value.is_array()) {
    *text += '[';
    for (size_t i = 0; i < value.items.size(); ++i) {
      if (i > 0) *text += ", ";
      AppendObjectText(value.items[i], text);
    }
    *text += ']';
  } else {
    *text += base::TextOf(value).value_or("null");
  }
}

uint32_t DerivedFields::NumberOf(const FieldMapping& mapping,
                                 std::vector<uint32_t> inputs) {
  const auto [entry, is_new] =
      numbers_.try_emplace(std::pair(&mapping, inputs), 0);
  if (!is_new) return entry->second;
  entry->second = event_->AddDerived(this);
  Field& field = fields_[entry->second];
  field.mapping = &mapping;
  field.inputs = std::move(inputs);
  if (mapping.as == Derivation::kCapture) {
    field.capture =
        std::make_unique<re2::RE2>(mapping.argument, base::RegexOptions());
  }
  return entry->second;
}

uint32_t DerivedFields::KeyOf(uint32_t number) const {
  const Field& field = fields_.find(number)->second;
  switch (field.mapping->as) {
    case Derivation::kSame:
    case Derivation::kFileName:
    case Derivation::kFolder:
    case Derivation::kExtension:
    case Derivation::kRoot:
    case Derivation::kLower:
    case Derivation::kUpper:
    case Derivation::kAccount:
    case Derivation::kDomain:
      return field.inputs.size() == 1 ? field.inputs[0] : kNoField;
    default:
      return kNoField;
  }
}

void DerivedFields::Derive(uint32_t number, RawEvent*) {
  const Field& field = fields_.find(number)->second;
  switch (field.mapping->as) {
    case Derivation::kValue:
      for (const std::string& value : field.mapping->values) {
        AddText(field, number, value, true);
      }
      return;
    case Derivation::kPresent:
      AddPresence(field, number);
      return;
    case Derivation::kText:
      AddObjects(field, number);
      return;
    default:
      break;
  }
  for (const uint32_t input : field.inputs) DeriveEach(field, number, input);
}

void DerivedFields::DeriveEach(const Field& field, uint32_t number,
                               uint32_t input) {
  const FieldMapping& mapping = *field.mapping;
  // Adding moves values, but not their places.
  const RawValue* first = event_->First(input);
  for (uint32_t place = first != nullptr ? event_->PlaceOf(*first) : 0;
       place != 0; place = event_->At(place).next) {
    const RawValue value = event_->At(place);
    if (value.kind == RawKind::kNull || value.kind == RawKind::kObject) {
      continue;
    }
    if (mapping.as == Derivation::kFileName && mapping.words.empty() &&
        value.kind == RawKind::kString) {
      if (const auto name = RawFileName(value.text())) {
        event_->Add(number, RawKind::kString, *name);
        continue;
      }
    }
    const std::string_view text = event_->Text(event_->At(place));
    made_.clear();
    base::Derive(mapping.as, mapping.argument, field.capture.get(), text,
                 &made_);
    for (const std::string& one : made_) {
      if (mapping.words.empty()) {
        AddText(field, number, one, false);
        continue;
      }
      words_.clear();
      base::TakeWords(mapping, one, &words_);
      for (const std::string& word : words_) {
        AddText(field, number, word, false);
      }
    }
  }
}

bool DerivedFields::HasValue(uint32_t input) const {
  for (const RawValue* value = event_->First(input); value != nullptr;
       value = event_->Next(*value)) {
    if (value->kind != RawKind::kNull) return true;
  }
  return false;
}

void DerivedFields::AddPresence(const Field& field, uint32_t number) {
  const bool is_there =
      std::any_of(field.inputs.begin(), field.inputs.end(),
                  [this](uint32_t input) { return HasValue(input); });
  const std::vector<std::string>& words = field.mapping->values;
  const size_t place = is_there ? 0 : 1;
  if (place < words.size()) AddText(field, number, words[place], true);
}

void DerivedFields::AddObjects(const Field& field, uint32_t number) {
  std::vector<base::Value> values;
  for (const uint32_t input : field.inputs) {
    tree_->Loaded().FindWhole(names_[input], &values);
  }
  std::string text;
  for (const base::Value& value : values) {
    if (value.is_null()) continue;
    text.clear();
    AppendObjectText(value, &text);
    AddText(field, number, text, false);
  }
}

void DerivedFields::AddText(const Field& field, uint32_t number,
                            std::string_view text, bool is_kept) {
  if (!is_kept) text = event_->Keep(text);
  RawKind kind = NeedsNoEscape(text) ? RawKind::kString : RawKind::kText;
  if (field.mapping->as == Derivation::kArgumentCount) kind = RawKind::kNumber;
  event_->Add(number, kind, text);
}

}  // namespace tocsin::runtime
