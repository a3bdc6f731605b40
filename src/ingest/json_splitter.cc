#include "src/ingest/json_splitter.h"

#include <utility>

#include "src/base/number.h"

namespace tocsin::ingest {
namespace {

// How far an envelope is looked for behind its opening bracket.
constexpr int64_t kEnvelopeLookahead = 256;

// Bytes that may be read a second time: a fixed part, and a share of the
// input. Past it, lines that were tried as one object are taken one by one.
constexpr int64_t kRescanBytes = int64_t{1} << 20;
constexpr int64_t kRescanShare = 4;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool StartsValue(char c) {
  return c == '{' || c == '[' || c == '"' || c == '-' ||
         (c >= '0' && c <= '9') || c == 't' || c == 'f' || c == 'n' ||
         c == 'N' || c == 'I';
}

bool EndsScalar(char c) {
  return IsBlank(c) || c == '\n' || c == '\0' || c == ',' || c == ']' ||
         c == '}' || c == '[' || c == '{' || c == '"';
}

// Whether a line that begins with `next` can go on with an object or array
// whose last byte before the line break is `last`.
bool CanFollow(char last, char next, bool in_object) {
  switch (last) {
    case '{':
      return next == '"' || next == '}';
    case '[':
      return next == ']' || StartsValue(next);
    case ',':
      return in_object ? next == '"' : StartsValue(next);
    case ':':
      return StartsValue(next);
    default:
      break;
  }
  if (next == ',' || next == '}' || next == ']') return true;
  return next == ':' && in_object && last == '"';
}

}  // namespace

void BracketStack::Push(bool is_object) {
  if (size_ / 64 == words_.size()) words_.push_back(0);
  uint64_t& word = words_[size_ / 64];
  const uint64_t bit = uint64_t{1} << Bit(size_);
  word = is_object ? word | bit : word & ~bit;
  ++size_;
}

JsonSplitter::JsonSplitter(InputWindow* window, bool one_line, size_t max_bytes)
    : window_(window),
      one_line_(one_line),
      max_bytes_(static_cast<int64_t>(max_bytes)) {}

JsonSplitter::Step JsonSplitter::Next() {
  while (true) {
    switch (SkipBlank()) {
      case Blank::kEnd:
        return AtEnd();
      case Blank::kArrayCut: {
        const bool is_told = is_array_suspect_;
        context_ = Context::kTop;
        if (!is_told) return Error(array_place_, "array is not closed");
        continue;
      }
      case Blank::kByte:
        break;
    }
    if (context_ != Context::kTop) {
      const Step step = NextInArray();
      if (step != kEnd) return step;
      continue;
    }
    if (Byte() == '{') {
      if (EnterRecords()) continue;
      return ReadObject();
    }
    if (Byte() == '[') {
      EnterArray(Context::kArray, at_);
      ++at_.offset;
      continue;
    }
    return ReadOther();
  }
}

// One token of an array; kEnd stands for "nothing to hand out yet".
JsonSplitter::Step JsonSplitter::NextInArray() {
  const char c = Byte();
  const bool is_behind_element =
      expect_ == Expect::kSeparator || expect_ == Expect::kAnything;
  if (c == ']') {
    if (expect_ == Expect::kElement) {
      expect_ = Expect::kSeparator;
      return Error(at_, "expected a JSON object, found `]`");
    }
    ++at_.offset;
    return CloseArray() ? kEnd : kError;
  }
  if (c == ',' && is_behind_element) {
    ++at_.offset;
    expect_ = Expect::kElement;
    return kEnd;
  }
  if (c == '{') {
    if (expect_ != Expect::kSeparator) return ReadObject();
    if (AtLineStart()) return LeaveBrokenArray();
    expect_ = Expect::kElement;
    return Error(at_, "expected `,` or `]`, found `{`");
  }
  if (is_behind_element && AtLineStart()) return LeaveBrokenArray();
  return ReadWrongElement();
}

JsonSplitter::Step JsonSplitter::LeaveBrokenArray() {
  context_ = Context::kTop;
  if (is_array_suspect_) return kEnd;
  return Error(array_place_, "array is not closed");
}

JsonSplitter::Step JsonSplitter::ReadWrongElement() {
  const Place start = at_;
  const std::string reason = "expected a JSON object, found " + Describe();
  expect_ = Byte() == ',' ? Expect::kElement : Expect::kSeparator;
  if (Byte() != '[') {
    SkipScalar();
    return Error(start, reason);
  }
  brackets_.Clear();
  const Scan scan = ScanBrackets(start, /*keep=*/false);
  if (scan.end != ScanEnd::kClosed) return Recover(scan, start, indent_);
  return Error(start, reason);
}

JsonSplitter::Step JsonSplitter::AtEnd() {
  if (context_ != Context::kTop) {
    context_ = Context::kTop;
    if (!is_array_suspect_) return Error(array_place_, "array is not closed");
  }
  if (!window_->status().ok() && !told_of_input_) {
    told_of_input_ = true;
    return Error(at_, std::string(window_->status().message()));
  }
  return kEnd;
}

void JsonSplitter::EnterArray(Context context, const Place& start) {
  context_ = context;
  expect_ = Expect::kFirst;
  array_place_ = start;
  elements_ = 0;
  is_array_suspect_ = false;
}

// Behind the closing bracket. False if what is left of the envelope is broken:
// then the error is set.
bool JsonSplitter::CloseArray() {
  const bool is_envelope = context_ == Context::kRecords;
  context_ = Context::kTop;
  if (!is_envelope) return true;
  if (elements_ == 0 && !is_array_suspect_) ++empty_envelopes_;
  // What follows `Records` holds no events.
  const int64_t indent = indent_;
  brackets_.Clear();
  brackets_.Push(/*is_object=*/true);
  const Scan scan = ScanBrackets(at_, /*keep=*/false);
  if (scan.end == ScanEnd::kClosed) return true;
  Recover(scan, array_place_, indent);
  return false;
}

bool JsonSplitter::EnterRecords() {
  int64_t distance = 1;
  const auto skip_blank = [&] {
    for (; distance < kEnvelopeLookahead; ++distance) {
      const char c = Peek(distance);
      if (!IsBlank(c) && (c != '\n' || IsOneLine(at_))) return;
    }
  };
  const auto skip = [&](std::string_view text) {
    for (const char c : text) {
      if (Peek(distance) != c) return false;
      ++distance;
    }
    return true;
  };
  skip_blank();
  if (!skip("\"Records\"")) return false;
  skip_blank();
  if (!skip(":")) return false;
  skip_blank();
  if (!skip("[")) return false;
  const int64_t behind = distance;
  skip_blank();
  // A field that merely has this name may hold anything else.
  const char first = Peek(distance);
  if (first != '{' && first != ']') return false;

  EnterArray(Context::kRecords, at_);
  const int64_t end = at_.offset + behind;
  while (at_.offset < end) {
    const char c = Byte();
    if (c == '\n') {
      at_.EnterNextLine();
      indent_ = -1;
      continue;
    }
    if (indent_ < 0 && !IsBlank(c)) indent_ = at_.column() - 1;
    ++at_.offset;
  }
  return true;
}

JsonSplitter::Step JsonSplitter::ReadObject() {
  const Place start = at_;
  const int64_t indent = indent_;
  brackets_.Clear();
  const Scan scan = ScanBrackets(start, /*keep=*/true);
  if (scan.end != ScanEnd::kClosed) return Recover(scan, start, indent);
  expect_ = Expect::kSeparator;
  ++elements_;
  if (scan.too_long) return Recover(scan, start, indent);
  object_ = window_->Text(start.offset, at_.offset);
  place_ = start;
  return kObject;
}

// What is no object, outside any array. Text that begins like JSON is one error
// up to the next bracket of its line; other text is one up to the line's end.
JsonSplitter::Step JsonSplitter::ReadOther() {
  const Place start = at_;
  const std::string found = Describe();
  if (found == "text") {
    SkipLine();
  } else {
    SkipToBracket();
  }
  return Error(start, "expected a JSON object, found " + found);
}

// Follows brackets until those of brackets_, or of the value that begins here,
// are closed. `keep`: the text stays in the window, up to the limit.
JsonSplitter::Scan JsonSplitter::ScanBrackets(const Place& start, bool keep) {
  Scan scan;
  ScanState state;
  scan.is_kept = keep;
  do {
    if (at_.offset != window_->end()) continue;
    if (scan.is_kept && at_.offset - start.offset > max_bytes_) {
      scan.too_long = true;
      scan.is_kept = false;
    }
    if (!scan.is_kept) window_->Forget(at_.offset);
    if (!window_->Fill()) {
      scan.end = ScanEnd::kInputEnded;
      return scan;
    }
  } while (!ScanWindow(start, &state, &scan));
  if (scan.is_kept && at_.offset - start.offset > max_bytes_) {
    scan.too_long = true;
  }
  return scan;
}

// The part of ScanBrackets that is in memory; whether the scan ended there.
bool JsonSplitter::ScanWindow(const Place& start, ScanState* state,
                              Scan* scan) {
  const char* begin = window_->At(at_.offset);  // Where at_ stands.
  const char* const end = window_->At(window_->end());
  const char* p = begin;
  const auto stop = [&](ScanEnd why) {
    at_.offset += p - begin;
    scan->end = why;
    return true;
  };
  for (; p != end; ++p) {
    const char c = *p;
    if (state->in_string) {
      if (c == '\n') return stop(ScanEnd::kStringCut);
      if (state->escaped) {
        state->escaped = false;
      } else if (c == '\\') {
        state->escaped = true;
      } else if (c == '"') {
        state->in_string = false;
      }
      continue;
    }
    if (IsBlank(c)) continue;
    if (c == '\n') {
      if (IsOneLine(start) || (scan->too_long && !scan->crossed)) {
        return stop(ScanEnd::kLineEnded);
      }
      at_.offset += p - begin;
      at_.EnterNextLine();
      begin = p + 1;
      if (!scan->crossed) scan->second_line = at_;
      scan->crossed = true;
      indent_ = -1;
      continue;
    }
    if (indent_ < 0) {  // The first token of a further line.
      indent_ = at_.offset + (p - begin) - at_.line_start;
      if (!CanFollow(state->last, c, brackets_.top_is_object())) {
        return stop(ScanEnd::kMisfit);
      }
    }
    state->last = c;
    if (c == '"') {
      state->in_string = true;
    } else if (c == '{' || c == '[') {
      if (brackets_.full()) return stop(ScanEnd::kTooDeep);
      brackets_.Push(c == '{');
    } else if (c == '}' || c == ']') {
      if (brackets_.top_is_object() != (c == '}')) {
        return stop(ScanEnd::kMismatch);
      }
      brackets_.Pop();
      if (brackets_.empty()) {
        ++p;
        return stop(ScanEnd::kClosed);
      }
    }
  }
  at_.offset += p - begin;
  return false;
}

// Reports a value that is broken or too long and moves to where reading can go
// on. A value that began and broke on one line costs that line. One that went
// on costs its first line if there is more than a bracket on it, as in NDJSON;
// else what follows was meant to be part of it, and reading goes on at the next
// line that opens a bracket at its depth.
JsonSplitter::Step JsonSplitter::Recover(const Scan& scan, const Place& start,
                                         int64_t indent) {
  std::string reason = Reason(scan);
  if (scan.end == ScanEnd::kClosed) return Error(start, std::move(reason));
  if (context_ != Context::kTop) is_array_suspect_ = true;
  expect_ = Expect::kAnything;
  if (scan.is_kept && scan.crossed) {
    rescanned_ += at_.offset - scan.second_line.offset;
    if (rescanned_ > kRescanBytes + kRescanShare * at_.offset) {
      one_line_until_ = at_.offset;
    }
    at_ = scan.second_line;
    indent_ = -1;
    if (IsLoneBracket(start, scan.second_line)) SkipToDocument(indent);
    return Error(start, std::move(reason));
  }
  if (scan.end == ScanEnd::kMismatch || scan.end == ScanEnd::kTooDeep) {
    SkipLine();
  }
  if (scan.crossed && window_->Has(at_.offset)) SkipToDocument(indent);
  return Error(start, std::move(reason));
}

std::string JsonSplitter::Reason(const Scan& scan) const {
  if (scan.too_long) {
    return "event is longer than " + std::to_string(max_bytes_) + " bytes";
  }
  switch (scan.end) {
    case ScanEnd::kStringCut:
      return "string is not closed on its line";
    case ScanEnd::kMismatch:
      return "closing bracket does not fit the opening one";
    case ScanEnd::kTooDeep:
      return "brackets are nested too deep";
    default:
      return "object or array is not closed";
  }
}

bool JsonSplitter::IsLoneBracket(const Place& start,
                                 const Place& second_line) const {
  const std::string_view behind =
      window_->Text(start.offset + 1, second_line.offset - 1);
  return behind.find_first_not_of(" \t\r") == std::string_view::npos;
}

char JsonSplitter::Peek(int64_t distance) {
  while (at_.offset + distance >= window_->end()) {
    if (!window_->Fill()) return '\0';
  }
  return *window_->At(at_.offset + distance);
}

JsonSplitter::Blank JsonSplitter::SkipBlank() {
  while (true) {
    window_->Forget(at_.offset);
    if (!window_->Has(at_.offset)) return Blank::kEnd;
    const char c = Byte();
    if (c == '\n') {
      at_.EnterNextLine();
      indent_ = -1;
      if (context_ != Context::kTop && IsOneLine(array_place_)) {
        return Blank::kArrayCut;
      }
    } else if (IsBlank(c)) {
      ++at_.offset;
    } else if (at_.offset != at_.line_start || !SkipByteOrderMark()) {
      if (indent_ < 0) indent_ = at_.column() - 1;
      return Blank::kByte;
    }
  }
}

bool JsonSplitter::SkipByteOrderMark() {
  if (Peek(0) != '\xEF' || Peek(1) != '\xBB' || Peek(2) != '\xBF') return false;
  at_.offset += 3;
  return true;
}

// To the line break, or to the end.
void JsonSplitter::SkipLine() {
  while (window_->Has(at_.offset)) {
    const std::string_view rest = window_->Text(at_.offset, window_->end());
    const size_t line_break = rest.find('\n');
    if (line_break != std::string_view::npos) {
      at_.offset += static_cast<int64_t>(line_break);
      return;
    }
    at_.offset = window_->end();
    window_->Forget(at_.offset);
  }
}

// Over a string, or its part on this line. REQUIRES: at its opening quote.
void JsonSplitter::SkipString() {
  ++at_.offset;
  for (; window_->Has(at_.offset) && Byte() != '\n'; ++at_.offset) {
    window_->Forget(at_.offset);
    if (Byte() == '"') {
      ++at_.offset;
      return;
    }
    if (Byte() == '\\' && Peek(1) != '\n') ++at_.offset;
  }
}

// Over what is on this line, up to a bracket that may open an event.
void JsonSplitter::SkipToBracket() {
  while (window_->Has(at_.offset)) {
    window_->Forget(at_.offset);
    const char c = Byte();
    if (c == '{' || c == '[' || c == '\n') return;
    if (c == '"') {
      SkipString();
    } else {
      ++at_.offset;
    }
  }
}

// Over an element of an array that is no object and no array.
void JsonSplitter::SkipScalar() {
  if (Byte() == '"') {
    SkipString();
    return;
  }
  do {
    window_->Forget(at_.offset);
    ++at_.offset;
  } while (window_->Has(at_.offset) && !EndsScalar(Byte()));
}

// To the next line that is indented by no more than `indent` and opens a
// bracket, perhaps after closing some.
void JsonSplitter::SkipToDocument(int64_t indent) {
  const auto skip_while = [this](auto is_skipped) {
    while (window_->Has(at_.offset) && is_skipped(Byte())) {
      window_->Forget(at_.offset);
      ++at_.offset;
    }
    return window_->Has(at_.offset);
  };
  const auto is_closing = [](char c) {
    return IsBlank(c) || c == '}' || c == ']' || c == ',';
  };
  while (skip_while(IsBlank)) {
    if (Byte() != '\n') {
      indent_ = at_.column() - 1;
      if (indent_ <= indent && skip_while(is_closing) &&
          (Byte() == '{' || Byte() == '[')) {
        return;
      }
      SkipLine();
    }
    if (!window_->Has(at_.offset)) return;
    at_.EnterNextLine();
    indent_ = -1;
  }
}

JsonSplitter::Step JsonSplitter::Error(const Place& place, std::string reason) {
  place_ = place;
  reason_ = std::move(reason);
  return kError;
}

// What stands here, for people; "text" for what does not begin like JSON.
std::string JsonSplitter::Describe() {
  const char c = Byte();
  if (c == '"') return "a string";
  if (c == '[') return "an array";
  if (c == ',' || c == ':' || c == ']' || c == '}') {
    return std::string("`") + c + "`";
  }
  constexpr int64_t kLongest = 64;
  std::string token;
  for (int64_t i = 0; i < kLongest && !EndsScalar(Peek(i)); ++i) {
    token.push_back(Peek(i));
  }
  if (token == "null") return "null";
  if (token == "true" || token == "false") return "a boolean";
  if (base::ParseNumberValue(token)) return "a number";
  return "text";
}

}  // namespace tocsin::ingest
