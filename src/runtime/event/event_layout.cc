#include "src/runtime/event/event_layout.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tocsin::runtime {
namespace {

bool IsStructural(char c) {
  return c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':';
}

// Behind the scalar that begins at a place of a well-formed text. Only blanks
// are between it and the next.
uint32_t EndOfScalar(const IndexedText& text, uint32_t place) {
  const std::string_view before = text.json.substr(0, text.places[place + 1]);
  return static_cast<uint32_t>(before.find_last_not_of(" \t\r\n") + 1);
}

#if defined(__x86_64__)
// From 32 less a size on: as many bytes of ones, then zeros.
constexpr std::array<char, 64> kMasks = [] {
  std::array<char, 64> masks{};
  for (size_t i = 0; i < 32; ++i) masks[i] = '\xFF';
  return masks;
}();
#endif

// What a layout is guessed by: how many structural characters a text has, and
// how some of its keys begin.
uint64_t SignatureOf(const IndexedText& text) {
  constexpr uint32_t kSamples = 8;
  // Of so many structural characters next to each other one begins a key, but
  // for arrays and where objects end.
  constexpr uint32_t kPeriod = 4;
  constexpr uint32_t kBytes = 8;
  const char* const json = text.json.data();
  uint64_t sum = text.count;
  for (uint32_t i = 0; i < kSamples; ++i) {
    const uint32_t first = text.count * i / kSamples;
    if (first + kPeriod >= text.count) break;
    uint32_t quote = first;
    for (uint32_t k = first; k < first + kPeriod; ++k) {
      quote = json[text.places[k + 1]] == ':' ? k : quote;
    }
    const uint32_t place = text.places[quote];
    if (place + kBytes > text.json.size()) break;
    uint64_t bytes;
    std::memcpy(&bytes, json + place, kBytes);
    // What is behind a short key does not count.
    const uint32_t size = text.places[quote + 1] - place;
    if (size < kBytes) bytes &= (uint64_t{1} << (8 * size)) - 1;
    const bool is_key = json[text.places[quote + 1]] == ':';
    sum += (is_key ? bytes : 0) * (0x9E3779B97F4A7C15u + 2 * i);
  }
  return sum ^ sum >> 32;
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

#if defined(__x86_64__)
__attribute__((target("avx2"))) inline __m256i Load32(const char* data) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data));
}
#endif

}  // namespace

void EventLayouts::StartOver() {
  pieces_.clear();
  rests_.clear();
  numbers_.clear();
  sets_.clear();
  latest_.fill(Latest());
  known_ = 0;
}

// Whether layouts are not looked for at present: of the last events, under a
// quarter had one that was known. Then what is known is forgotten, too.
bool EventLayouts::Rests() {
  if (resting_ > 0) {
    --resting_;
    return true;
  }
  if (++asked_ >= kTrial) {
    if (found_ < asked_ / 4) {
      resting_ = kRest;
      StartOver();
    }
    asked_ = 0;
    found_ = 0;
  }
  return false;
}

#if defined(__x86_64__)
// Compares the heads of pieces up to the first that may reach out of the text,
// and returns its number; kNone if one is another.
__attribute__((target("avx2"))) size_t EventLayouts::CompareHeadsAvx2(
    const Known& known, const IndexedText& text) const {
  if (text.json.size() < kBlock) return 0;
  const char* const json = text.json.data();
  const size_t last = text.json.size() - kBlock;
  __m256i differing = _mm256_setzero_si256();
  size_t i = 0;
  for (; i < known.steps.size(); ++i) {
    const Step step = known.steps[i];
    const Piece& piece = pieces_[step.piece];
    // Before the text: a number beyond it, too.
    const size_t at = text.places[step.place] - size_t{piece.back};
    if (at > last) break;
    const __m256i other =
        _mm256_xor_si256(Load32(json + at), Load32(piece.head.data()));
    const __m256i mask = Load32(kMasks.data() + kBlock - piece.head_size);
    differing = _mm256_or_si256(differing, _mm256_and_si256(other, mask));
  }
  return _mm256_testz_si256(differing, differing) != 0 ? i : kNone;
}
#endif

// Whether all pieces of a layout stand in a text with as many structural
// characters.
//
// Pieces are equal from outside of a string on, so each holds as many
// structural characters as it did in the text that it was taken from, and the
// place behind a value is known by counting.
bool EventLayouts::Stand(const Known& known, const IndexedText& text) const {
  const char* const json = text.json.data();
  const size_t size = text.json.size();
  size_t i = 0;
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) i = CompareHeadsAvx2(known, text);
  if (i == kNone) return false;
#endif
  for (; i < known.steps.size(); ++i) {
    const Piece& piece = pieces_[known.steps[i].piece];
    const size_t at = text.places[known.steps[i].place] - size_t{piece.back};
    if (at > size || piece.head_size > size - at ||
        std::memcmp(json + at, piece.head.data(), piece.head_size) != 0) {
      return false;
    }
  }
  for (const Step step : known.long_steps) {
    const Piece& piece = pieces_[step.piece];
    const size_t at = text.places[step.place] - size_t{piece.back};
    if (piece.size > size - at ||
        std::memcmp(json + at + kBlock, rests_.data() + piece.rest,
                    piece.size - kBlock) != 0) {
      return false;
    }
  }
  const Step last = known.steps.back();
  const Piece& end = pieces_[last.piece];
  return text.places[last.place] - size_t{end.back} + end.size == size;
}

// Reads the values of a text in which all pieces stand. False: some scalar is
// not well-formed.
bool EventLayouts::Read(const Known& known, const IndexedText& text,
                        std::vector<RawValue>* values) {
  if (values->size() < known.layout.values) {
    values->resize(known.layout.values * 2);
  }
  const char* const json = text.json.data();
  for (const Value& value : known.values) {
    const char* const begin =
        json + text.places[value.place] + (value.is_string ? 1 : 0);
    const char* const end = json + text.places[value.place + 1] - value.back;
    RawValue& read = (*values)[value.slot];
    read.data = begin;
    read.size = static_cast<uint32_t>(end - begin);
    read.kind = RawKind::kString;
    read.next = 0;
    if (value.is_string) continue;
    const std::optional<RawKind> kind =
        KindOfScalar(read.text(), json + text.json.size());
    if (!kind) return false;
    read.kind = *kind;
  }
  return true;
}

// Whether `text` is laid out so; `values` are then read.
bool EventLayouts::Fits(const Known& known, const IndexedText& text,
                        std::vector<RawValue>* values) const {
  __builtin_prefetch(known.layout.note);
  return known.count == text.count && Stand(known, text) &&
         Read(known, text, values);
}

EventLayout* EventLayouts::Find(const IndexedText& text,
                                std::vector<RawValue>* values) {
  if (Rests()) return nullptr;
  const uint64_t signature = SignatureOf(text);
  Latest& latest = LatestOf(signature);
  if (latest.signature == signature && latest.known != nullptr) {
    constexpr size_t kCacheLine = 64;
    constexpr size_t kLines = 8;
    for (size_t i = 0; i < kLines; ++i) {
      __builtin_prefetch(latest.block + i * kCacheLine);
    }
    if (Fits(*latest.known, text, values)) {
      ++found_;
      return &latest.known->layout;
    }
  }
  const auto found = sets_.find(signature);
  if (found == sets_.end()) return nullptr;
  Set& set = found->second;
  for (size_t i = 0; i < set.size(); ++i) {
    Known* const known = set[i].get();
    if (known == latest.known || !Fits(*known, text, values)) continue;
    ++found_;
    latest = {signature, known, known->block.get()};
    if (i > 0) std::swap(set[i], set[i - 1]);
    return &known->layout;
  }
  return nullptr;
}

// The number of a piece, a new one if it has none.
std::optional<uint16_t> EventLayouts::NumberOf(std::string_view piece,
                                               uint32_t back) {
  std::string name(piece);
  name.append(reinterpret_cast<const char*>(&back), sizeof(back));
  if (const auto found = numbers_.find(name); found != numbers_.end()) {
    return found->second;
  }
  if (pieces_.size() >= kMaxPieces ||
      rests_.size() + piece.size() > kMaxRestBytes) {
    return std::nullopt;
  }
  const auto number = static_cast<uint16_t>(pieces_.size());
  Piece& made = pieces_.emplace_back();
  made.head_size = static_cast<uint32_t>(std::min(piece.size(), kBlock));
  std::copy_n(piece.data(), made.head_size, made.head.data());
  made.size = static_cast<uint32_t>(piece.size());
  made.rest = static_cast<uint32_t>(rests_.size());
  made.back = back;
  rests_ += piece.substr(made.head_size);
  numbers_.emplace(std::move(name), number);
  return number;
}

// Copies what a layout refers to into its block.
void EventLayouts::Pack(Known* known) {
  EventLayout& layout = known->layout;
  const auto each = [&](auto&& visit) {  // In the order in which they are read.
    visit(&known->steps);
    visit(&known->long_steps);
    visit(&known->values);
    visit(&layout.present);
    visit(&layout.fields);
    visit(&layout.links);
    visit(&layout.objects);
  };
  constexpr size_t kAlignment = 8;
  size_t size = 0;
  const auto place_of = [&](const auto& array) {
    const size_t place = (size + kAlignment - 1) / kAlignment * kAlignment;
    size = place + array.size_bytes();
    return place;
  };
  each([&](auto* array) { place_of(*array); });
  auto block = std::make_unique<std::byte[]>(size);
  size = 0;
  each([&](auto* array) {
    std::byte* const place = block.get() + place_of(*array);
    if (array->empty()) return;
    std::memcpy(place, array->data(), array->size_bytes());
    *array = {reinterpret_cast<decltype(array->data())>(place), array->size()};
  });
  known->block = std::move(block);
}

void EventLayouts::Add(const IndexedText& text,
                       std::span<const RawValue> values, EventLayout layout) {
  if (known_ >= kMaxKnown || text.count > kMaxPlaces ||
      values.size() > UINT16_MAX) {
    return;
  }
  layout.keys_once = HasKeysOnce(text);
  std::vector<Step> steps;
  std::vector<Step> long_steps;
  std::vector<Value> read;
  const auto char_at = [&](uint32_t i) { return text.json[text.places[i]]; };
  uint32_t begin = 0;  // Of the piece at hand,
  uint32_t place = 0;  // and its first structural character.
  const auto add_piece = [&](size_t end) {
    const std::string_view piece = text.json.substr(begin, end - begin);
    const auto number = NumberOf(piece, text.places[place] - begin);
    if (!number) return false;
    const Step step = {*number, static_cast<uint16_t>(place)};
    steps.push_back(step);
    if (piece.size() > kBlock) long_steps.push_back(step);
    return true;
  };

  uint16_t next_value = 1;
  for (uint32_t i = 0; i < text.count; ++i) {
    const char c = char_at(i);
    const bool is_string = c == '"';
    const bool is_key =
        is_string && i + 1 < text.count && char_at(i + 1) == ':';
    const uint32_t value_begin = text.places[i] + (is_string ? 1 : 0);
    // Whether it is the next of the layout's values.
    const bool asked =
        !is_key && next_value < values.size() &&
        values[next_value].data == text.json.data() + value_begin;
    Value value;
    if (asked) value.slot = next_value++;
    if (is_key || (!is_string && IsStructural(c))) continue;
    if (!add_piece(value_begin)) return;
    begin = EndOfScalar(text, i) - (is_string ? 1 : 0);
    place = i + 1;
    const uint32_t back = text.places[place] - begin;
    if (back > UINT8_MAX) return;
    value.place = static_cast<uint16_t>(i);
    value.back = static_cast<uint8_t>(back);
    value.is_string = is_string;
    if (asked || !is_string) read.push_back(value);
  }
  if (!add_piece(text.json.size())) return;

  auto known = std::make_unique<Known>();
  known->signature = SignatureOf(text);
  known->count = text.count;
  known->layout = layout;
  known->steps = steps;
  known->long_steps = long_steps;
  known->values = read;
  Pack(known.get());
  LatestOf(known->signature) = {known->signature, known.get(),
                                known->block.get()};
  Set& set = sets_[known->signature];
  if (set.size() == kWays) {
    set[kWays / 2 + known_++ % (kWays / 2)] = std::move(known);
  } else {
    set.push_back(std::move(known));
    ++known_;
  }
}

}  // namespace tocsin::runtime
