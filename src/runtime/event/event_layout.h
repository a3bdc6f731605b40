// Event layouts: how events' JSON is written, but for its values.
//
// Events of one sort are written by one program: the same keys in the same
// order, the same brackets and spaces, other values. What stands between two
// values is then the same bytes again, so a few comparisons tell that an event
// is laid out as an earlier one was, and where its values are, without looking
// at any key. Events that are laid out otherwise are read the general way, see
// RawEvent; the answers are the same.

#ifndef TOCSIN_SRC_RUNTIME_EVENT_EVENT_LAYOUT_H_
#define TOCSIN_SRC_RUNTIME_EVENT_EVENT_LAYOUT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "src/runtime/event/raw_value.h"

namespace tocsin::runtime {

// A JSON text and simdjson's index of it: places of structural characters
// outside of strings, of opening quotes, and of the starts of other scalars.
struct IndexedText {
  std::string_view json;
  const uint32_t* places = nullptr;
  uint32_t count = 0;
};

// What reading an event the general way came to, but for where its values are
// and what the kind of a number, true, false or null is.
struct EventLayout {
  struct FieldStart {
    uint32_t field = 0;
    uint32_t first = 0;  // Its first value; 0: it has none.
  };
  std::vector<RawValue> values;   // Value 0 is none.
  std::vector<uint32_t> objects;  // Which of them are objects.
  std::vector<FieldStart> fields;
  std::vector<uint64_t> present;
  uint64_t shape = 0;
  bool keys_once = false;  // No object has a key twice.

  // Whatever the reader's owner wants to remember of events laid out so.
  void* note = nullptr;
};

// The layouts of a stream, as many as are worth remembering.
//
// Thread-compatible. Cost of Find: about 2 ns for each value of the event.
// Memory: bounded, a few MB.
class EventLayouts {
 public:
  // The layout of `text`, if it is known; `values`, which grows as needed, are
  // then set, and garbage otherwise. Lives until the next Add.
  EventLayout* Find(const IndexedText& text, std::vector<RawValue>* values);

  // Whether a text whose layout was not found should be added.
  bool wants_more() const { return resting_ == 0; }

  // Adds the layout of well-formed `text`. Values of `layout` say where they
  // stand, in the text's order.
  void Add(const IndexedText& text, EventLayout layout);

 private:
  // What stands between two values, or before the first or behind the last.
  struct Piece {
    uint32_t bytes = 0;  // Where it stands in Known::bytes.
    uint16_t size = 0;
    uint16_t value = 0;  // Number of the value before it; 0: not asked for.
    uint16_t place = 0;  // Its first structural character in the index.
    // How far before that it begins: with the quote that ends a string, or
    // right behind another scalar.
    uint8_t back = 0;
    bool ends_scalar = false;  // A number, true, false or null is before it.

    friend bool operator==(const Piece&, const Piece&) = default;
  };
  struct Known {
    std::vector<Piece> pieces;
    std::string bytes;  // Of all pieces, and kPadding more.
    EventLayout layout;
  };
  static constexpr size_t kPadding = 16;
  static constexpr size_t kWays = 16;
  // Layouts of texts with as many structural characters.
  struct Set {
    std::vector<std::unique_ptr<Known>> known;
    // How many pieces two of them begin with alike.
    std::array<std::array<uint16_t, kWays>, kWays> alike{};
    std::array<uint8_t, kWays> order{};  // Those that were found often first.
    size_t next_out = 0;                 // What gives way to another next.
  };
  static constexpr size_t kMaxSets = 256;
  static constexpr uint32_t kMaxPlaces = 4096;
  static constexpr size_t kMaxPieces = 1024;
  static constexpr uint32_t kTrial = 4096;
  static constexpr uint32_t kRest = 65536;

  bool Rests();
  static bool Cut(const IndexedText& text, Known* known);
  size_t Follow(const Known& known, const IndexedText& text, size_t from,
                std::vector<RawValue>* values);

  absl::flat_hash_map<uint32_t, std::unique_ptr<Set>> sets_;
  // Behind each piece of the text that was looked at last.
  std::array<const char*, kMaxPieces + 1> behind_{};
  uint32_t asked_ = 0;
  uint32_t found_ = 0;
  uint32_t resting_ = 0;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_EVENT_EVENT_LAYOUT_H_
