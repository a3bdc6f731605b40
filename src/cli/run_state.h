// RunState: a file that holds how far a run has come, so that the next one goes
// on from there.
//
// It is a snapshot of the engine whose note says what has been read of each
// input and written to the output. A place in an input is a count of what the
// reader gave, events and errors: it means the same in a compressed file and in
// the middle of an array, and to go there is to read and not to feed.

#ifndef TOCSIN_SRC_CLI_RUN_STATE_H_
#define TOCSIN_SRC_CLI_RUN_STATE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tocsin/engine.h"

namespace tocsin::cli {

class RunState {
 public:
  // `path` of the file, and of the run's output.
  RunState(std::string path, std::string output)
      : path_(std::move(path)), output_(std::move(output)) {}

  // Reads the file, if there is one. An error names it.
  absl::Status Read();
  // Whether Read found one.
  bool goes_on() const { return !snapshot_.empty(); }

  // What the output held when the file was written; of another output than that
  // of the run before, all that it may hold.
  int64_t output_bytes() const { return output_bytes_; }

  // Puts the engine where it was. REQUIRES: goes_on().
  absl::StatusOr<LoadReport> Restore(Engine* engine);

  // How much of an input has been read before; 0 of one that is new, or has
  // become another file since. Of standard input and of pipes nothing can be
  // read again: 0.
  int64_t Begin(const std::string& input);
  // One more event or error of the input that was begun last.
  void Step() { ++current_->steps; }

  // What of standard input was fed, in this and former runs.
  int64_t standard_input_steps() const;

  // Replaces the file, at once and as a whole.
  absl::Status Write(const Engine& engine, int64_t output_bytes);

 private:
  // What tells a file from another that takes its name later: a digest of its
  // first bytes. It may grow.
  struct Input {
    int64_t steps = 0;
    int64_t prefix_bytes = 0;
    std::string prefix_digest;
  };
  absl::Status ReadNote(std::string_view note);
  std::string Note(int64_t output_bytes) const;

  std::string path_;
  std::string output_;
  std::string snapshot_;
  int64_t output_bytes_ = 0;
  std::map<std::string, Input> inputs_;  // By the path as it was given.
  Input* current_ = nullptr;
};

}  // namespace tocsin::cli

#endif  // TOCSIN_SRC_CLI_RUN_STATE_H_
