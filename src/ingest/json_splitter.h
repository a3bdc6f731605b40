// JsonSplitter: cuts an input into JSON objects by structure alone.
//
// Strings, escapes and brackets are followed; what stands between them is not
// looked at. An object may span lines. Where one is not closed, the next line
// decides: if it can continue the object it does, else the object ended broken
// on its line and reading goes on at the line behind. So NDJSON with a cut line
// and pretty-printed documents are told apart without being told.
//
// Elements of a top-level array and of {"Records":[...]} are handed out one by
// one; the array as a whole is never held. An object over the limit is skipped
// in constant memory.

#ifndef TOCSIN_SRC_INGEST_JSON_SPLITTER_H_
#define TOCSIN_SRC_INGEST_JSON_SPLITTER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/ingest/input_window.h"

namespace tocsin::ingest {

// Open brackets, a bit each.
class BracketStack {
 public:
  // Deeper nesting is refused: a line of nothing but brackets must not take
  // memory without bound.
  static constexpr size_t kMaxSize = size_t{1} << 20;

  void Clear() { size_ = 0; }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == kMaxSize; }
  void Push(bool is_object);
  void Pop() { --size_; }
  bool top_is_object() const {
    return (*Word(size_ - 1) >> Bit(size_ - 1)) & 1;
  }

 private:
  static size_t Bit(size_t index) { return index % 64; }
  const uint64_t* Word(size_t index) const { return &words_[index / 64]; }

  std::vector<uint64_t> words_;
  size_t size_ = 0;
};

class JsonSplitter {
 public:
  enum Step { kObject, kError, kEnd };

  // `one_line`: a line break ends whatever is open.
  JsonSplitter(InputWindow* window, bool one_line, size_t max_bytes);

  Step Next();

  // After kObject, until the next call of Next.
  std::string_view object() const { return object_; }
  // Where the object, or what is wrong, begins.
  const Place& place() const { return place_; }
  // After kError.
  const std::string& reason() const { return reason_; }

  // Envelopes whose `Records` were empty.
  int64_t empty_envelopes() const { return empty_envelopes_; }

 private:
  enum class Context { kTop, kArray, kRecords };
  // What may come next in an array. kAnything: behind a broken element.
  enum class Expect { kFirst, kElement, kSeparator, kAnything };
  enum class Blank { kByte, kEnd, kArrayCut };
  enum class ScanEnd {
    kClosed,
    kLineEnded,  // At a line break that the object does not get over.
    kStringCut,  // At a line break inside a string.
    kMisfit,     // At the start of a line that cannot continue it.
    kMismatch,   // At a closing bracket of the wrong kind.
    kTooDeep,
    kInputEnded,
  };
  struct Scan {
    ScanEnd end = ScanEnd::kClosed;
    bool crossed = false;  // It got over a line break.
    bool too_long = false;
    bool is_kept = false;  // All of it is in the window.
    Place second_line;     // Behind the first line break, if `crossed`.
  };
  struct ScanState {
    bool in_string = false;
    bool escaped = false;
    char last = ']';  // The last byte that is no blank.
  };

  char Byte() const { return *window_->At(at_.offset); }
  char Peek(int64_t distance);
  bool IsOneLine(const Place& start) const {
    return one_line_ || start.offset < one_line_until_;
  }
  bool AtLineStart() const { return at_.column() == indent_ + 1; }

  Blank SkipBlank();
  bool SkipByteOrderMark();
  void SkipLine();
  void SkipString();
  void SkipToBracket();
  void SkipScalar();
  void SkipToDocument(int64_t indent);

  Step NextInArray();
  Step ReadObject();
  Step ReadOther();
  Step ReadWrongElement();
  bool EnterRecords();
  void EnterArray(Context context, const Place& start);
  bool CloseArray();
  Step LeaveBrokenArray();
  Step AtEnd();

  Scan ScanBrackets(const Place& start, bool keep);
  bool ScanWindow(const Place& start, ScanState* state, Scan* scan);
  Step Recover(const Scan& scan, const Place& start, int64_t indent);
  bool IsLoneBracket(const Place& start, const Place& second_line) const;

  std::string Reason(const Scan& scan) const;
  Step Error(const Place& place, std::string reason);
  std::string Describe();

  InputWindow* window_;
  const bool one_line_;
  const int64_t max_bytes_;

  Place at_;
  int64_t indent_ =
      -1;  // Blanks before the first token of the line; -1: none yet.
  Context context_ = Context::kTop;
  Expect expect_ = Expect::kFirst;
  Place array_place_;
  int64_t elements_ = 0;
  // An error in the array was told already; its end may look odd.
  bool is_array_suspect_ = false;

  // Objects that begin before this have been tried over several lines.
  int64_t one_line_until_ = 0;
  int64_t rescanned_ = 0;

  BracketStack brackets_;
  bool told_of_input_ = false;
  std::string_view object_;
  Place place_;
  std::string reason_;
  int64_t empty_envelopes_ = 0;
};

}  // namespace tocsin::ingest

#endif  // TOCSIN_SRC_INGEST_JSON_SPLITTER_H_
