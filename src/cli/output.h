// Output: where detections are written, buffered.

#ifndef TOCSIN_SRC_CLI_OUTPUT_H_
#define TOCSIN_SRC_CLI_OUTPUT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tocsin::cli {

class Output {
 public:
  // Standard output. It is not closed.
  static std::unique_ptr<Output> Standard();
  // Makes `path` anew.
  static absl::StatusOr<std::unique_ptr<Output>> Create(
      const std::string& path);
  // Goes on behind the first `bytes` of `path`, or behind all of it if there is
  // less; what comes behind them is cut off.
  static absl::StatusOr<std::unique_ptr<Output>> Continue(
      const std::string& path, int64_t bytes);

  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // What is appended here is written by the next Flush.
  std::string& buffer() { return buffer_; }
  bool full() const { return buffer_.size() >= size_t{1} << 16; }

  // After the first failure nothing more is written.
  void Flush();

  // Flushes and closes; what went wrong first. A reader that has closed its
  // end of a pipe is no failure: it has all it wanted.
  absl::Status Close();

  // Nobody reads any more, or nothing can be written: no use to go on.
  bool broken() const { return closed_pipe_ || !status_.ok(); }

  // How much of it has been written, with what Continue found.
  int64_t bytes() const { return bytes_; }

  int descriptor() const { return descriptor_; }

 private:
  Output(int descriptor, bool owned, std::string name)
      : descriptor_(descriptor), owned_(owned), name_(std::move(name)) {}

  int descriptor_;
  bool owned_;
  std::string name_;
  std::string buffer_;
  int64_t bytes_ = 0;
  bool closed_pipe_ = false;
  absl::Status status_;
};

// Writes all of `text` to standard error; failures do not matter.
void Tell(std::string_view text);

}  // namespace tocsin::cli

#endif  // TOCSIN_SRC_CLI_OUTPUT_H_
