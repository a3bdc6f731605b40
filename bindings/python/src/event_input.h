// What `feed` takes, made into text for an EventFeeder: text as it is, records
// as JSON, collections of these in pieces that are large enough to let other
// threads of Python run meanwhile.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_EVENT_INPUT_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_EVENT_INPUT_H_

#include <nanobind/nanobind.h>

#include <cstddef>
#include <string_view>
#include <vector>

#include "event_feeder.h"
#include "json_buffer.h"

namespace tocsin::python {

class EventInput {
 public:
  explicit EventInput(EventFeeder* feeder) : feeder_(feeder) {}

  // Feeds all that `events` holds. TypeError for what cannot be an event, at
  // its turn: what came before it has been fed.
  void Feed(nanobind::handle events);

  // The same of a text of lines.
  void FeedText(std::string_view text);

  // `event` as one JSON object: a str, bytes, dict. Until the next call.
  std::string_view OneEvent(nanobind::handle event);

 private:
  // A text of lines that waits to be fed: bytes that Python holds, or a stretch
  // of `records_`.
  struct Piece {
    const char* data;  // Null: in records_.
    size_t begin;
    size_t size;
  };

  void FeedItems(nanobind::handle items);
  void FeedNested(nanobind::handle items);
  bool AddItem(nanobind::handle item);
  void AddPiece(std::string_view text, nanobind::object holder);
  void AddRecord(nanobind::handle record);
  void FeedPieces();
  void RunPieces();
  void ForgetPieces();

  EventFeeder* feeder_;
  JsonBuffer records_;
  std::vector<Piece> pieces_;
  std::vector<nanobind::object> held_;  // Own the bytes of pieces.
  size_t waiting_bytes_ = 0;
};

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_EVENT_INPUT_H_
