#include "src/runtime/event/raw_event.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "src/base/case_fold.h"
#include "src/base/json_unescape.h"
#include "src/base/number.h"
#include "src/runtime/event/json_tree.h"

namespace tocsin::runtime {
namespace {

// Positions are 32 bits.
constexpr size_t kMaxRawBytes = size_t{1} << 31;

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// splitmix64: a fixed, well-spread constant for each field number.
uint64_t Mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

}  // namespace

// simdjson's first stage: positions of structural characters and of the starts
// of scalars. Its On-Demand interface offers the same pass but resolves keys
// and skips values one call at a time; walking the positions costs about half.
struct RawEvent::Structure {
  // What surrounds a place in the text.
  struct Level {
    FieldIndex::Node* node;      // Null: nothing of interest below.
    FieldIndex::Guess* guess;    // Where the key that comes next is guessed.
    uint32_t field;              // Arrays: the field its elements belong to,
    const FieldIndex::Key* key;  // and the key that says so.
    uint32_t object;             // Number of this object.
    uint32_t array;              // Outermost array around; 0: none.
    bool is_array;
  };

  simdjson::dom::parser parser;
  std::array<Level, kMaxJsonDepth> levels;

  bool Index(std::string_view json) {
    if (parser.capacity() < json.size()) {
      const size_t capacity = std::max<size_t>(json.size() * 2, 1 << 16);
      if (parser.allocate(capacity, kMaxJsonDepth) != simdjson::SUCCESS) {
        return false;
      }
    }
    return parser.implementation->stage1(
               reinterpret_cast<const uint8_t*>(json.data()), json.size(),
               simdjson::stage1_mode::regular) == simdjson::SUCCESS;
  }
};

// Walks the structural characters of one text. The last of them is the text's
// last character, a `}`, so any place that expects something else stops there
// and no step needs a check against the end.
struct RawEvent::Walker {
  RawEvent* event;
  const char* json;
  uint32_t size;
  const uint32_t* last;  // Position of the final `}`.
  Structure::Level* levels;

  bool Run(const uint32_t* at);

  // The end of a scalar whose next structural character is at `next`.
  uint32_t EndOfScalar(uint32_t next) const {
    while (IsSpace(json[next - 1])) --next;
    return next;
  }

  // Whether `key` stands at `begin`, with its quote right before `colon`.
  bool Stands(const FieldIndex::Key* key, uint32_t begin,
              uint32_t colon) const {
    return key != nullptr && begin + key->size + 1 == colon &&
           json[colon - 1] == '"' && begin + 16 <= size &&
           FieldIndex::Matches(*key, json + begin);
  }
  FieldIndex::Key* LookUpKey(FieldIndex::Node* node, uint32_t begin,
                             uint32_t colon);
  bool Record(uint32_t field, const FieldIndex::Key* key,
              const Structure::Level& level, RawKind kind, uint32_t begin,
              uint32_t end);
  bool BeginArray(uint32_t field, const FieldIndex::Key* key,
                  const Structure::Level& level, uint32_t begin);
};

// The key between `begin` and the quote before `colon`; null if it has escapes.
FieldIndex::Key* RawEvent::Walker::LookUpKey(FieldIndex::Node* node,
                                             uint32_t begin, uint32_t colon) {
  uint32_t end = colon - 1;
  while (IsSpace(json[end])) --end;
  const std::string_view text(json + begin, end - begin);
  if (text.find('\\') != std::string_view::npos) return nullptr;
  return event->index_->Find(node, text);
}

// False: the field occurs twice in a way that is not an array's, and which
// value counts is for the tree reader to say.
inline bool RawEvent::Walker::Record(uint32_t field, const FieldIndex::Key* key,
                                     const Structure::Level& level,
                                     RawKind kind, uint32_t begin,
                                     uint32_t end) {
  if (event->Has(field)) {
    const Head& head = event->heads_[field];
    const bool same_array = level.array != 0 && head.array == level.array;
    const bool same_object = head.object == level.object;
    if (!same_array || head.key != key || (same_object && !level.is_array)) {
      return false;
    }
  }
  event->Add(field, kind, {json + begin, end - begin});
  Head& head = event->heads_[field];
  head.key = key;
  head.object = level.object;
  head.array = level.array;
  return true;
}

// The field is there, whatever its array holds. False as for Record.
bool RawEvent::Walker::BeginArray(uint32_t field, const FieldIndex::Key* key,
                                  const Structure::Level& level,
                                  uint32_t begin) {
  if (event->Has(field)) {
    const Head& head = event->heads_[field];
    if (level.array == 0 || head.array != level.array || head.key != key ||
        head.object == level.object) {
      return false;
    }
  }
  event->Mark(field);
  Head& head = event->heads_[field];
  head.key = key;
  head.object = level.object;
  head.array = level.array != 0 ? level.array : begin;
  return true;
}

// One loop, one iteration a value. Returns false for anything that is not
// well-formed or not plain.
bool RawEvent::Walker::Run(const uint32_t* at) {
  const char* const text = json;
  if (text[*at] != '{') return false;
  Structure::Level* level = levels;
  *level = {event->index_->root(),
            &event->index_->root()->first,
            kNoField,
            nullptr,
            1,
            0,
            false};
  uint32_t objects = 1;
  ++at;
  bool fresh = true;  // Directly behind an opening bracket.
  while (true) {
    // A comma and the next member, or the end of the container.
    const char separator = text[*at];
    if (separator == ',' && !fresh) {
      ++at;
    } else if (separator == (level->is_array ? ']' : '}')) {
      if (level == levels) return at == last;
      if (at == last) return false;
      ++at;
      --level;
      fresh = false;
      continue;
    } else if (!fresh) {
      return false;
    }
    fresh = false;

    uint32_t field = level->field;
    const FieldIndex::Key* key = level->key;
    FieldIndex::Node* child = level->node;
    if (!level->is_array) {
      if (text[at[0]] != '"' || text[at[1]] != ':') return false;
      if (child != nullptr) {
        const uint32_t begin = at[0] + 1;
        const uint32_t colon = at[1];
        FieldIndex::Guess& guess = *level->guess;
        FieldIndex::Key* found = guess.first;
        if (!Stands(found, begin, colon)) {
          found = guess.second;
          if (!Stands(found, begin, colon)) {
            found = LookUpKey(child, begin, colon);
            if (found == nullptr) return false;
          }
          guess.second = guess.first;
          guess.first = found;
        }
        level->guess = &found->next;
        if (found->odd) return false;
        key = found;
        field = found->field;
        child = found->child;
      }
      at += 2;
    }

    const uint32_t begin = *at;
    const char c = text[begin];
    if (c == '"') {
      ++at;
      if (field != kNoField && !Record(field, key, *level, RawKind::kString,
                                       begin + 1, EndOfScalar(*at) - 1)) {
        return false;
      }
    } else if (c == '{' || c == '[') {
      const bool is_array = c == '[';
      if (level == levels + kMaxJsonDepth - 1) return false;
      if (field != kNoField) {
        if (is_array && !level->is_array) {
          if (!BeginArray(field, key, *level, begin)) return false;
        } else if (!is_array && !Record(field, key, *level, RawKind::kObject,
                                        begin, begin)) {
          return false;
        }
      }
      const Structure::Level& above = *level++;
      level->node = child;
      level->guess = child != nullptr ? &child->first : nullptr;
      level->field = is_array ? field : kNoField;
      level->key = key;
      level->object = is_array ? above.object : ++objects;
      level->array = above.array != 0 ? above.array : (is_array ? begin : 0);
      level->is_array = is_array;
      fresh = true;
      ++at;
    } else {
      if (at == last) return false;
      ++at;
      const uint32_t end = EndOfScalar(*at);
      const std::optional<RawKind> kind =
          KindOfScalar({text + begin, end - begin}, text + size);
      if (!kind) return false;
      if (field != kNoField && !Record(field, key, *level, *kind, begin, end)) {
        return false;
      }
    }
  }
}

RawEvent::RawEvent(FieldIndex* index)
    : index_(index),
      structure_(std::make_unique<Structure>()),
      present_((index->size() + 63) / 64),
      heads_(index->size()),
      values_(64),
      first_derived_(static_cast<uint32_t>(index->size())),
      field_hash_(index->size()) {
  for (size_t i = 0; i < field_hash_.size(); ++i) field_hash_[i] = Mix(i);
  Clear();
}
RawEvent::~RawEvent() = default;
RawEvent::RawEvent(RawEvent&&) noexcept = default;

uint32_t RawEvent::AddDerived(Deriver* deriver) {
  deriver_ = deriver;
  const auto field = static_cast<uint32_t>(heads_.size());
  heads_.emplace_back();
  field_hash_.push_back(0);  // Shapes are of what events have themselves.
  derived_in_.push_back(0);
  present_.resize((heads_.size() + 63) / 64);
  return field;
}

void RawEvent::MakeDerived(uint32_t field) {
  uint64_t& made_in = derived_in_[field - first_derived_];
  if (made_in == event_number_) return;
  made_in = event_number_;
  deriver_->Derive(field, this);
}

void RawEvent::Clear() {
  std::fill(present_.begin(), present_.end(), 0);
  used_ = 1;
  shape_ = 0;
  layout_ = nullptr;
  text_ = IndexedText();
  ++event_number_;
  arena_.Clear();
}

RawEvent::Made& RawEvent::MadeOf(const RawValue& value) {
  const auto place = static_cast<size_t>(&value - values_.data());
  if (made_.size() <= place) made_.resize(values_.size());
  Made& made = made_[place];
  if (made.event_number != event_number_) {
    made = Made();
    made.event_number = event_number_;
  }
  return made;
}

std::string_view RawEvent::Text(const RawValue& value) {
  switch (value.kind) {
    case RawKind::kTrue:
      return "true";
    case RawKind::kFalse:
      return "false";
    case RawKind::kNull:
    case RawKind::kObject:
      return {};
    case RawKind::kText:
    case RawKind::kNumber:
      return value.text();
    case RawKind::kString:
      break;
  }
  Made& made = MadeOf(value);
  if (!made.has_text) {
    made.has_text = true;
    made.text = value.text();
    if (made.text.find('\\') != std::string_view::npos) {
      char* const place = arena_.Allocate(made.text.size());
      std::memcpy(place, made.text.data(), made.text.size());
      made.text = {place, base::UnescapeJsonInPlace(place, made.text.size())};
    }
  }
  return made.text;
}

std::string_view RawEvent::Folded(const RawValue& value) {
  const std::string_view text = Text(value);
  Made& made = MadeOf(value);
  if (!made.has_folded) {
    made.has_folded = true;
    made.folded = base::FoldTo(text, &arena_);
  }
  return made.folded;
}

FieldValue RawEvent::Read(const RawValue& value) {
  switch (value.kind) {
    case RawKind::kString:
    case RawKind::kText:
      return FieldValue::String(Text(value));
    case RawKind::kNumber:
      return base::ParseNumberValue(value.text()).value_or(FieldValue());
    case RawKind::kTrue:
      return FieldValue::Bool(true);
    case RawKind::kFalse:
      return FieldValue::Bool(false);
    case RawKind::kNull:
      break;
    case RawKind::kObject:
      return FieldValue::Object();
  }
  return FieldValue::Null();
}

void RawEvent::FetchAhead() {
  constexpr size_t kCacheLine = 64;
  constexpr size_t kLinesAtOnce = 10;
  for (size_t i = 0; i < kLinesAtOnce && ahead_ < ahead_end_; ++i) {
    __builtin_prefetch(ahead_);
    ahead_ += kCacheLine;
  }
}

RawEvent::Outcome RawEvent::Load(std::string_view json) {
  Clear();
  constexpr size_t kMaxAhead = 4096;
  ahead_ = json.data() + json.size();
  ahead_end_ = ahead_ + std::min(json.size(), kMaxAhead);
  FetchAhead();
  while (!json.empty() && IsSpace(json.back())) json.remove_suffix(1);
  if (json.empty() || json.back() != '}' || json.size() > kMaxRawBytes ||
      !structure_->Index(json)) {
    return kOdd;
  }
  const auto& implementation = *structure_->parser.implementation;
  const uint32_t* positions = implementation.structural_indexes.get();
  const uint32_t count = implementation.n_structural_indexes;
  // A `}` inside a string is no structural character.
  if (positions[count - 1] + 1 != json.size()) return kOdd;
  text_ = {json, positions, count};
  FetchAhead();
  layout_ = layouts_.Find(text_, &values_);
  if (layout_ != nullptr) {
    TakeFrom(*layout_);
    return kOk;
  }
  Walker walker{.event = this,
                .json = json.data(),
                .size = static_cast<uint32_t>(json.size()),
                .last = positions + count - 1,
                .levels = structure_->levels.data()};
  if (!walker.Run(positions)) return kOdd;
  if (layouts_.wants_more()) AddLayout();
  return kOk;
}

// The values are there already.
void RawEvent::TakeFrom(const EventLayout& layout) {
  std::copy(layout.present.begin(), layout.present.end(), present_.begin());
  for (const EventLayout::FieldStart& field : layout.fields) {
    heads_[field.field].first = field.first;
  }
  used_ = layout.values;
  for (const uint16_t object : layout.objects) {
    values_[object] = {nullptr, 0, RawKind::kObject, 0};
  }
  for (const EventLayout::Link& link : layout.links) {
    values_[link.value].next = link.next;
  }
  shape_ = layout.shape;
}

void RawEvent::AddLayout() {
  if (heads_.size() > UINT16_MAX) return;
  std::vector<EventLayout::FieldStart> fields;
  std::vector<EventLayout::Link> links;
  std::vector<uint16_t> objects;
  for (uint32_t field = 0; field < heads_.size(); ++field) {
    if (!Has(field)) continue;
    fields.push_back({static_cast<uint16_t>(field),
                      static_cast<uint16_t>(heads_[field].first)});
  }
  for (uint32_t i = 1; i < used_; ++i) {
    const auto value = static_cast<uint16_t>(i);
    if (values_[i].kind == RawKind::kObject) objects.push_back(value);
    if (values_[i].next == 0) continue;
    links.push_back({value, static_cast<uint16_t>(values_[i].next)});
  }
  layouts_.Add(text_, std::span(values_).first(used_),
               {.values = used_,
                .objects = objects,
                .links = links,
                .fields = fields,
                .present = present_,
                .shape = shape_});
}

}  // namespace tocsin::runtime
