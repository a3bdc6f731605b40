// Event layouts: how events' JSON is written, but for its values.
//
// Events of one sort are written by one program: the same keys in the same
// order, the same brackets and spaces, other values. What stands between two
// values, a piece, is then the same bytes again, so a few comparisons tell that
// an event is laid out as an earlier one was, and where its values are, without
// looking at any key but some, by which the layout is guessed. Events that are
// laid out otherwise are read the general way, see RawEvent; the answers are
// the same.

#ifndef TOCSIN_SRC_RUNTIME_EVENT_EVENT_LAYOUT_H_
#define TOCSIN_SRC_RUNTIME_EVENT_EVENT_LAYOUT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "src/base/string_map.h"
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
    uint16_t field = 0;
    uint16_t first = 0;  // Its first value; 0: it has none.
  };
  struct Link {
    uint16_t value = 0;
    uint16_t next = 0;  // The field's value after it.
  };
  uint32_t values = 1;                // How many; value 0 is none.
  std::span<const uint16_t> objects;  // Which of them are objects.
  std::span<const Link> links;
  std::span<const FieldStart> fields;
  std::span<const uint64_t> present;
  uint64_t shape = 0;
  bool keys_once = false;  // No object has a key twice.

  // Whatever the reader's owner wants to remember of events laid out so.
  void* note = nullptr;
};

// The layouts of a stream, as many as are worth remembering.
//
// Thread-compatible. Cost of Find: about 3 ns for each value of the event.
// Memory: bounded, a few MB.
class EventLayouts {
 public:
  // The layout of `text`, if it is known; `values`, which grows as needed, are
  // then set but for objects and links, and garbage otherwise. Lives until the
  // next Find.
  EventLayout* Find(const IndexedText& text, std::vector<RawValue>* values);

  // Whether a text whose layout was not found should be added.
  bool wants_more() const { return resting_ == 0; }

  // Adds the layout of well-formed `text`; what `layout` refers to is copied.
  // `values`, of which the first is none, say where the layout's values stand,
  // in the text's order.
  void Add(const IndexedText& text, std::span<const RawValue> values,
           EventLayout layout);

 private:
  static constexpr size_t kBlock = 32;
  static constexpr size_t kNone = SIZE_MAX;

  // What stands between two values, or before the first or behind the last.
  // Layouts share them: together they are small.
  struct alignas(64) Piece {
    std::array<char, kBlock> head{};  // Its first bytes,
    uint32_t head_size = 0;           // and how many.
    uint32_t size = 0;
    uint32_t rest = 0;  // Where the other bytes are in rests_.
    // It begins so far before its first structural character, with the quote
    // that ends a string, or right behind another scalar.
    uint32_t back = 0;
  };
  // Where a piece stands: before the structural character of that number.
  struct Step {
    uint16_t piece = 0;
    uint16_t place = 0;
  };
  // A value of a field, or a scalar that must be well-formed.
  struct Value {
    uint16_t place = 0;  // Its structural character.
    uint16_t slot = 0;   // Number among the layout's values; 0: none.
    uint8_t back = 0;    // It ends so far before the next.
    bool is_string = false;
  };
  struct Known {
    uint64_t signature = 0;
    uint32_t count = 0;  // Structural characters of a text.
    EventLayout layout;
    std::span<const Step> steps;
    std::span<const Step> long_steps;  // Those with pieces longer than a block.
    std::span<const Value> values;
    // All that is referred to, next to each other, so that it comes from memory
    // together.
    std::unique_ptr<std::byte[]> block;
  };
  // A layout that was found last of those with some signatures.
  struct Latest {
    uint64_t signature = 0;
    Known* known = nullptr;
    const std::byte* block = nullptr;
  };
  // Layouts that are guessed alike, the one that was found last first.
  using Set = std::vector<std::unique_ptr<Known>>;

  static constexpr size_t kMaxPieces = 8192;
  static constexpr size_t kMaxRestBytes = size_t{1} << 20;
  static constexpr size_t kMaxPlaces = 4096;
  static constexpr size_t kMaxKnown = 4096;
  static constexpr size_t kWays = 16;
  static constexpr uint32_t kTrial = 4096;
  static constexpr uint32_t kRest = 65536;

  bool Rests();
  void StartOver();
  Latest& LatestOf(uint64_t signature) {
    return latest_[signature % latest_.size()];
  }
  bool Fits(const Known& known, const IndexedText& text,
            std::vector<RawValue>* values) const;
  bool Stand(const Known& known, const IndexedText& text) const;
#if defined(__x86_64__)
  size_t CompareHeadsAvx2(const Known& known, const IndexedText& text) const;
#endif
  static bool Read(const Known& known, const IndexedText& text,
                   std::vector<RawValue>* values);
  static void Pack(Known* known);
  std::optional<uint16_t> NumberOf(std::string_view piece, uint32_t back);

  std::vector<Piece> pieces_;
  std::string rests_;
  base::StringMap<uint16_t> numbers_;        // Of pieces.
  absl::flat_hash_map<uint64_t, Set> sets_;  // By signature.
  std::array<Latest, 1024> latest_{};        // By some bits of it.
  size_t known_ = 0;
  uint32_t asked_ = 0;
  uint32_t found_ = 0;
  uint32_t resting_ = 0;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_EVENT_EVENT_LAYOUT_H_
