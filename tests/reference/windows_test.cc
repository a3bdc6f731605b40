// Which findings only count on another one, by plain lists, and by the book.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/runtime/incident/window_book.h"
#include "tests/reference/books.h"

namespace tocsin {
namespace {

using reference::KeyOf;
using reference::Stream;
using runtime::OutcomeWindow;
using runtime::WindowBook;

struct Step {
  uint32_t slot = 0;
  int64_t time = 0;
  int64_t watermark = 0;  // Before it.
  std::string key;
};

// All windows there ever were, looked through each time.
class PlainWindows {
 public:
  PlainWindows(std::vector<WindowBook::Slot> slots, size_t most)
      : slots_(std::move(slots)), most_(most) {}

  void Find(const Step& step, const std::string& id) {
    Advance(step.watermark);
    One* best = nullptr;
    for (One& one : all_) {
      const int64_t apart =
          step.time > one.begin ? step.time - one.begin : one.begin - step.time;
      if (one.open && one.slot == step.slot && one.key == step.key &&
          apart < slots_[one.slot].span) {
        best = &one;  // The newest stands last.
      }
    }
    if (best != nullptr) {
      best->times.push_back(step.time);
      lines.push_back("held " + best->id);
      return;
    }
    all_.push_back(
        {.slot = step.slot, .key = step.key, .id = id, .begin = step.time});
    lines.push_back("out " + id);
    while (OpenCount() > most_) End(true);
  }

 private:
  struct One {
    uint32_t slot = 0;
    std::string key;
    std::string id;
    int64_t begin = 0;
    std::vector<int64_t> times;
    bool open = true;
  };

  int64_t LastOf(const One& one) const {
    return one.begin + slots_[one.slot].span - 1 + slots_[one.slot].delay;
  }
  void Advance(int64_t watermark) {
    while (const One* next = Next()) {
      if (LastOf(*next) >= watermark) return;
      End(false);
    }
  }
  size_t OpenCount() const {
    return static_cast<size_t>(std::count_if(
        all_.begin(), all_.end(), [](const One& one) { return one.open; }));
  }
  One* Next() {
    One* next = nullptr;
    for (One& one : all_) {
      if (one.open && (next == nullptr || LastOf(one) < LastOf(*next))) {
        next = &one;
      }
    }
    return next;
  }
  void End(bool is_early) {
    One* const one = Next();
    one->open = false;
    lines.push_back(absl::StrCat(is_early ? "early " : "end ", one->id, " ",
                                 one->times.size()));
  }

  const std::vector<WindowBook::Slot> slots_;
  const size_t most_;
  std::vector<One> all_;

 public:
  std::vector<std::string> lines;
};

class Book {
 public:
  Book(std::vector<WindowBook::Slot> slots, size_t most)
      : slots_(std::move(slots)), most_(most), book_(Make()) {}

  void Find(const Step& step, const std::string& id) {
    const auto add = [&](const OutcomeWindow& window, bool is_early) {
      lines.push_back(absl::StrCat(is_early ? "early " : "end ", window.id, " ",
                                   window.count));
    };
    book_->End(step.watermark, add);
    OutcomeWindow* const window = book_->Find(step.slot, step.key, step.time);
    if (window != nullptr) {
      ++window->count;
      lines.push_back("held " + window->id);
      return;
    }
    book_->Open(step.slot, step.key, id, step.time);
    lines.push_back("out " + id);
    book_->EndExcess(add);
  }

  void Restart() { reference::Restart({2, 0, 1}, Make(), &book_); }

  std::vector<std::string> lines;

 private:
  std::unique_ptr<WindowBook> Make() const {
    return std::make_unique<WindowBook>(slots_, most_);
  }

  const std::vector<WindowBook::Slot> slots_;
  const size_t most_;
  std::unique_ptr<WindowBook> book_;
};

TEST(WindowTwinTest, TheBookHoldsBackWhatPlainListsHoldBack) {
  const std::vector<WindowBook::Slot> slots = {
      {.span = 10}, {.span = 1}, {.span = 25, .delay = 6}};
  for (uint32_t seed = 0; seed < 60; ++seed) {
    const int64_t late = seed % 3 * 8;
    const size_t most = seed % 4 == 0 ? 3 : 1000;
    PlainWindows plain(slots, most);
    Book book(slots, most);
    Book restarted(slots, most);
    Stream stream(seed, late);
    for (int i = 0; i < 300; ++i) {
      stream.GoOn();
      Step step{.slot = static_cast<uint32_t>(stream.Below(3)),
                .watermark = stream.watermark()};
      step.time = stream.Time(slots[step.slot].delay);
      step.key = KeyOf(static_cast<uint32_t>(stream.Below(3)));
      const std::string id = absl::StrFormat("%032x", i);
      plain.Find(step, id);
      book.Find(step, id);
      restarted.Restart();
      restarted.Find(step, id);
    }
    ASSERT_EQ(book.lines, plain.lines) << seed;
    ASSERT_EQ(restarted.lines, plain.lines) << seed;
  }
}

}  // namespace
}  // namespace tocsin
