// Progress: one line on a terminal that tells how far a run has come.

#ifndef TOCSIN_SRC_CLI_PROGRESS_H_
#define TOCSIN_SRC_CLI_PROGRESS_H_

#include <chrono>
#include <cstdint>

#include "src/cli/terminal.h"

namespace tocsin::cli {

class Progress {
 public:
  // Draws on standard error, nothing if that is no terminal. `total_bytes`: 0
  // where it is not known beforehand.
  Progress(const Terminal& terminal, int64_t total_bytes)
      : terminal_(terminal), total_bytes_(total_bytes) {}
  ~Progress() { Clear(); }

  // Cheap; draws some ten times a second.
  void Update(int64_t bytes, int64_t events, int64_t detections);

  // Takes the line away, so that others may write.
  void Clear();

 private:
  void Draw(int64_t bytes, int64_t events, int64_t detections);

  Terminal terminal_;
  int64_t total_bytes_;
  int calls_ = 0;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace tocsin::cli

#endif  // TOCSIN_SRC_CLI_PROGRESS_H_
