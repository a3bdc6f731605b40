#include "event_input.h"

#include <string>
#include <utility>

#include "arrow_input.h"
#include "object_json.h"

namespace tocsin::python {
namespace {

namespace nb = nanobind;

// The lock is not released for less: handing it back and forth would cost more
// than the events.
constexpr size_t kReleaseBytes = 16 << 10;

// How much of a collection is gathered before it is fed. It should stay in the
// second cache.
constexpr size_t kGatherBytes = 128 << 10;
constexpr size_t kGatherPieces = 4096;

// After so many bytes Ctrl-C is looked for.
constexpr size_t kSignalBytes = 16 << 20;

// A view of the bytes of a bytearray, memoryview, mmap or the like; empty
// handed for what has none, as an array of numbers. While it lives a bytearray
// cannot change its size.
class BufferView {
 public:
  explicit BufferView(nb::handle object) {
    if (PyObject_CheckBuffer(object.ptr()) == 0) return;
    if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_SIMPLE) != 0) {
      PyErr_Clear();
      return;
    }
    held_ = true;
  }
  ~BufferView() {
    if (held_) PyBuffer_Release(&view_);
  }
  BufferView(const BufferView&) = delete;
  BufferView& operator=(const BufferView&) = delete;

  bool ok() const { return held_ && view_.itemsize == 1; }
  std::string_view text() const {
    return {static_cast<const char*>(view_.buf),
            static_cast<size_t>(view_.len)};
  }

 private:
  Py_buffer view_;
  bool held_ = false;
};

std::string_view BytesOf(nb::handle bytes) {
  return {PyBytes_AS_STRING(bytes.ptr()),
          static_cast<size_t>(PyBytes_GET_SIZE(bytes.ptr()))};
}

bool IsMapping(nb::handle object) {
  return PyDict_Check(object.ptr()) ||
         nb::isinstance(
             object, nb::module_::import_("collections.abc").attr("Mapping"));
}

[[noreturn]] void RefuseEvent(nb::handle event) {
  const std::string type = nb::cast<std::string>(
      nb::str(nb::handle(reinterpret_cast<PyObject*>(Py_TYPE(event.ptr())))
                  .attr("__name__")));
  throw nb::type_error(("expected events as bytes, str, dict, an iterable of "
                        "these or an Arrow column, found " +
                        type)
                           .c_str());
}

}  // namespace

void EventInput::Feed(nb::handle events) {
  if (PyBytes_Check(events.ptr())) {
    FeedText(BytesOf(events));
  } else if (PyDict_Check(events.ptr())) {
    feeder_->FeedLine(OneEvent(events));
  } else if (PyUnicode_Check(events.ptr())) {
    nb::object keep;
    FeedText(Utf8Of(events, &keep));
  } else if (const BufferView view(events); view.ok()) {
    FeedText(view.text());
  } else if (IsArrow(events)) {
    FeedArrow(events, feeder_);
  } else if (IsMapping(events)) {
    feeder_->FeedLine(OneEvent(events));
  } else if (nb::hasattr(events, "__iter__")) {
    FeedItems(events);
  } else {
    RefuseEvent(events);
  }
}

void EventInput::FeedText(std::string_view text) {
  if (text.size() < kReleaseBytes) {
    feeder_->FeedLines(text, text.size());
    return;
  }
  while (!text.empty()) {
    {
      nb::gil_scoped_release release;
      text = feeder_->FeedLines(text, kSignalBytes);
    }
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
  }
}

std::string_view EventInput::OneEvent(nb::handle event) {
  ForgetPieces();
  if (!AddItem(event) || pieces_.size() != 1) RefuseEvent(event);
  const Piece& piece = pieces_.front();
  return Trim(piece.data == nullptr
                  ? records_.text().substr(piece.begin, piece.size)
                  : std::string_view(piece.data, piece.size));
}

void EventInput::FeedItems(nb::handle items) {
  ForgetPieces();
  try {
    for (nb::handle item : nb::iter(items)) {
      if (!AddItem(item)) {
        // A collection within the collection, as a list of batches.
        FeedPieces();
        FeedNested(item);
      } else if (waiting_bytes_ >= kGatherBytes ||
                 pieces_.size() >= kGatherPieces) {
        FeedPieces();
      }
    }
  } catch (...) {
    // What came before the failure is fed all the same.
    RunPieces();
    ForgetPieces();
    throw;
  }
  FeedPieces();
}

void EventInput::FeedNested(nb::handle items) {
  // A list may hold itself.
  if (Py_EnterRecursiveCall(" in a collection of events") != 0) {
    throw nb::python_error();
  }
  try {
    EventInput(feeder_).Feed(items);
  } catch (...) {
    Py_LeaveRecursiveCall();
    throw;
  }
  Py_LeaveRecursiveCall();
}

// Returns false for what is not one event or a text of some.
bool EventInput::AddItem(nb::handle item) {
  if (PyDict_Check(item.ptr())) {
    AddRecord(item);
  } else if (PyBytes_Check(item.ptr())) {
    AddPiece(BytesOf(item), nb::borrow(item));
  } else if (PyUnicode_Check(item.ptr())) {
    nb::object keep;
    const std::string_view text = Utf8Of(item, &keep);
    AddPiece(text, keep.is_valid() ? std::move(keep) : nb::borrow(item));
  } else if (const BufferView view(item); view.ok()) {
    // Copied, since its owner may change it before its turn.
    const size_t begin = records_.size();
    records_.Append(view.text());
    pieces_.push_back({nullptr, begin, view.text().size()});
    waiting_bytes_ += view.text().size();
  } else if (IsMapping(item)) {
    AddRecord(item);
  } else {
    return false;
  }
  return true;
}

void EventInput::AddPiece(std::string_view text, nb::object holder) {
  pieces_.push_back({text.data(), 0, text.size()});
  held_.push_back(std::move(holder));
  waiting_bytes_ += text.size();
}

void EventInput::AddRecord(nb::handle record) {
  const size_t begin = records_.size();
  try {
    AppendJson(record, &records_);
  } catch (...) {
    records_.CutTo(begin);
    throw;
  }
  pieces_.push_back({nullptr, begin, records_.size() - begin});
  waiting_bytes_ += records_.size() - begin;
}

void EventInput::FeedPieces() {
  if (waiting_bytes_ < kReleaseBytes) {
    RunPieces();
  } else {
    nb::gil_scoped_release release;
    RunPieces();
  }
  ForgetPieces();
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
}

void EventInput::RunPieces() {
  for (const Piece& piece : pieces_) {
    const std::string_view text =
        piece.data == nullptr ? records_.text().substr(piece.begin, piece.size)
                              : std::string_view(piece.data, piece.size);
    if (text.empty()) {
      feeder_->FeedLine(text);
    } else {
      feeder_->FeedLines(text, text.size());
    }
  }
}

void EventInput::ForgetPieces() {
  pieces_.clear();
  held_.clear();
  records_.Clear();
  waiting_bytes_ = 0;
}

}  // namespace tocsin::python
