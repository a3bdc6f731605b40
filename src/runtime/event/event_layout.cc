#include "src/runtime/event/event_layout.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tocsin::runtime {
namespace {

constexpr size_t kBlock = 16;

// Whether the first `size` bytes of two blocks differ.
inline bool BlocksDiffer(const char* a, const char* b, size_t size) {
#if defined(__SSE2__)
  const auto load = [](const char* data) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(data));
  };
  const int equal = _mm_movemask_epi8(_mm_cmpeq_epi8(load(a), load(b)));
  return (~static_cast<uint32_t>(equal) & ((uint32_t{1} << size) - 1)) != 0;
#else
  return std::memcmp(a, b, size) != 0;
#endif
}

// Whether the `size` bytes of `piece`, behind which there are as many as a
// block has, stand at `at`, behind which the text has `room`.
inline bool Stands(const char* piece, size_t size, const char* at,
                   size_t room) {
  if (room < kBlock) {
    return size <= room && std::memcmp(at, piece, size) == 0;
  }
  if (size <= kBlock) return !BlocksDiffer(at, piece, size);
  if (size > room || BlocksDiffer(at, piece, kBlock) ||
      BlocksDiffer(at + size - kBlock, piece + size - kBlock, kBlock)) {
    return false;
  }
  return size <= 2 * kBlock ||
         std::memcmp(at + kBlock, piece + kBlock, size - 2 * kBlock) == 0;
}

bool IsStructural(char c) {
  return c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':';
}

// Whether no object of a well-formed text has a key twice. May say no where
// escapes make it hard to tell.
bool HasKeysOnce(const IndexedText& text) {
  std::vector<std::vector<std::string_view>> open;  // Keys, by depth.
  for (uint32_t i = 0; i < text.count; ++i) {
    const char c = text.json[text.places[i]];
    if (c == '{' || c == '[') {
      open.emplace_back();
    } else if (c == '}' || c == ']') {
      open.pop_back();
    } else if (c == ':') {
      const uint32_t begin = text.places[i - 1];
      const std::string_view key =
          text.json.substr(begin, text.json.rfind('"', text.places[i]) - begin);
      std::vector<std::string_view>& keys = open.back();
      if (key.find('\\') != std::string_view::npos ||
          std::find(keys.begin(), keys.end(), key) != keys.end()) {
        return false;
      }
      keys.push_back(key);
    }
  }
  return true;
}

// Behind the scalar that begins at a place of a well-formed text. Only blanks
// are between it and the next.
uint32_t EndOfScalar(const IndexedText& text, uint32_t place) {
  const std::string_view before = text.json.substr(0, text.places[place + 1]);
  return static_cast<uint32_t>(before.find_last_not_of(" \t\r\n") + 1);
}

}  // namespace

// Whether layouts are not looked for at present: of the last events, under a
// quarter had one that was known.
bool EventLayouts::Rests() {
  if (resting_ > 0) {
    --resting_;
    return true;
  }
  if (++asked_ >= kTrial) {
    if (found_ < asked_ / 4) resting_ = kRest;
    asked_ = 0;
    found_ = 0;
  }
  return false;
}

// Goes on behind the first `from` pieces, and returns how many stand there.
//
// Pieces are equal from outside of a string on, so each holds as many
// structural characters as it did in the text that it was taken from, and the
// place behind a value is known by counting.
inline size_t EventLayouts::Follow(const Known& known, const IndexedText& text,
                                   size_t from, std::vector<RawValue>* values) {
  const char* const json = text.json.data();
  const char* const end = json + text.json.size();
  const char* begin = behind_[from];  // Of the value before the piece.
  for (size_t i = from; i < known.pieces.size(); ++i) {
    const Piece& piece = known.pieces[i];
    const char* const at = json + text.places[piece.place] - piece.back;
    if (at < begin || !Stands(known.bytes.data() + piece.bytes, piece.size, at,
                              static_cast<size_t>(end - at))) {
      return i;
    }
    const auto size = static_cast<uint32_t>(at - begin);
    RawKind kind = RawKind::kString;
    if (piece.ends_scalar) {
      const std::optional<RawKind> scalar = KindOfScalar({begin, size});
      if (!scalar) return i;
      kind = *scalar;
    }
    if (piece.value != 0) {
      RawValue& value = (*values)[piece.value];
      value.data = begin;
      value.size = size;
      value.kind = kind;
    }
    begin = at + piece.size;
    behind_[i + 1] = begin;
  }
  return known.pieces.size();
}

EventLayout* EventLayouts::Find(const IndexedText& text,
                                std::vector<RawValue>* values) {
  if (Rests()) return nullptr;
  const auto found = sets_.find(text.count);
  if (found == sets_.end()) return nullptr;
  Set& set = *found->second;
  behind_[0] = text.json.data();
  std::array<uint16_t, kWays> came{};  // How far each that was tried came.
  std::array<uint8_t, kWays> tried{};
  size_t tries = 0;
  for (size_t i = 0; i < set.known.size(); ++i) {
    const size_t number = set.order[i];
    Known& known = *set.known[number];
    const auto& alike = set.alike[number];
    // One that was tried may have had the piece that did not stand there.
    const bool hopeless =
        std::any_of(tried.begin(), tried.begin() + tries,
                    [&](size_t other) { return alike[other] > came[other]; });
    if (hopeless) continue;
    // What the last one had before need not be looked at again.
    size_t from = 0;
    if (tries > 0) {
      const size_t last = tried[tries - 1];
      from = std::min(alike[last], came[last]);
    }
    if (values->size() < known.layout.values.size()) {
      values->resize(known.layout.values.size() * 2);
    }
    const size_t pieces = Follow(known, text, from, values);
    if (pieces == known.pieces.size()) {
      ++found_;
      if (i > 0) std::swap(set.order[i], set.order[i - 1]);
      return &known.layout;
    }
    came[number] = static_cast<uint16_t>(pieces);
    tried[tries++] = static_cast<uint8_t>(number);
  }
  return nullptr;
}

// False: the text is too large for a layout.
bool EventLayouts::Cut(const IndexedText& text, Known* known) {
  const std::vector<RawValue>& values = known->layout.values;
  const auto char_at = [&](uint32_t place) {
    return text.json[text.places[place]];
  };
  size_t next_value = 1;
  // Which of the layout's values begins there.
  const auto value_at = [&](uint32_t begin) {
    const char* const at = text.json.data() + begin;
    while (next_value < values.size() &&
           (values[next_value].kind == RawKind::kObject ||
            values[next_value].data < at)) {
      ++next_value;
    }
    const bool here =
        next_value < values.size() && values[next_value].data == at;
    return static_cast<uint16_t>(here ? next_value : 0);
  };
  uint32_t begin = 0;  // Of the piece at hand.
  Piece piece;
  bool fits = true;
  const auto finish = [&](uint32_t end) {
    fits =
        fits && end - begin <= UINT16_MAX && known->pieces.size() < kMaxPieces;
    piece.bytes = static_cast<uint32_t>(known->bytes.size());
    piece.size = static_cast<uint16_t>(end - begin);
    known->pieces.push_back(piece);
    known->bytes += text.json.substr(begin, end - begin);
  };
  for (uint32_t i = 0; i < text.count && fits; ++i) {
    const bool is_string = char_at(i) == '"';
    const bool is_key =
        is_string && i + 1 < text.count && char_at(i + 1) == ':';
    if (is_key || (!is_string && IsStructural(char_at(i)))) continue;
    const uint32_t value_begin = text.places[i] + (is_string ? 1 : 0);
    finish(value_begin);
    piece = Piece();
    piece.place = static_cast<uint16_t>(i + 1);
    piece.ends_scalar = !is_string;
    piece.value = value_at(value_begin);
    begin = EndOfScalar(text, i) - (is_string ? 1 : 0);
    const uint32_t back = text.places[i + 1] - begin;
    fits = fits && back <= UINT8_MAX;
    piece.back = static_cast<uint8_t>(back);
  }
  finish(static_cast<uint32_t>(text.json.size()));
  known->bytes.append(kPadding, '\0');
  return fits;
}

void EventLayouts::Add(const IndexedText& text, EventLayout layout) {
  if (text.count > kMaxPlaces || layout.values.size() > UINT16_MAX) return;
  const auto known_set = sets_.find(text.count);
  if (known_set == sets_.end() && sets_.size() == kMaxSets) return;
  auto known = std::make_unique<Known>();
  known->layout = std::move(layout);
  known->layout.keys_once = HasKeysOnce(text);
  if (!Cut(text, known.get())) return;

  std::unique_ptr<Set>& set = sets_[text.count];
  if (set == nullptr) set = std::make_unique<Set>();
  size_t number = set->known.size();
  if (number < kWays) {
    set->known.emplace_back();
    set->order[number] = static_cast<uint8_t>(number);
  } else {
    number = set->next_out++ % kWays;
  }
  set->known[number] = std::move(known);
  const auto& made = *set->known[number];
  for (size_t i = 0; i < set->known.size(); ++i) {
    const Known& other = *set->known[i];
    size_t pieces = 0;
    while (pieces < std::min(made.pieces.size(), other.pieces.size()) &&
           made.pieces[pieces] == other.pieces[pieces] &&
           std::memcmp(made.bytes.data() + made.pieces[pieces].bytes,
                       other.bytes.data() + made.pieces[pieces].bytes,
                       made.pieces[pieces].size) == 0) {
      ++pieces;
    }
    set->alike[number][i] = static_cast<uint16_t>(pieces);
    set->alike[i][number] = static_cast<uint16_t>(pieces);
  }
}

}  // namespace tocsin::runtime
