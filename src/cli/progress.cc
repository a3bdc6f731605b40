#include "src/cli/progress.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "src/cli/output.h"

namespace tocsin::cli {

void Progress::Update(int64_t bytes, int64_t events, int64_t detections) {
  constexpr int kCallsBetweenClockReadings = 64;
  if (!terminal_.is_terminal || ++calls_ < kCallsBetweenClockReadings) return;
  calls_ = 0;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  Draw(bytes, events, detections);
}

void Progress::Draw(int64_t bytes, int64_t events, int64_t detections) {
  std::string line;
  if (total_bytes_ > 0) {
    constexpr int64_t kCells = 24;
    const int64_t done = std::clamp<int64_t>(bytes, 0, total_bytes_);
    const double part =
        static_cast<double>(done) / static_cast<double>(total_bytes_);
    const auto filled = static_cast<size_t>(part * kCells);
    absl::StrAppend(&line, "[", std::string(filled, '#'),
                    std::string(kCells - filled, '.'), "] ",
                    static_cast<int>(part * 100), "%  ");
  }
  absl::StrAppend(&line, WithSeparators(events), " events, ",
                  WithSeparators(detections),
                  detections == 1 ? " detection" : " detections");
  if (terminal_.width > 0) line = CutEnd(line, terminal_.width - 1);
  Tell(absl::StrCat("\r", line, "\x1b[K"));
  shown_ = true;
}

void Progress::Clear() {
  if (!shown_) return;
  Tell("\r\x1b[K");
  shown_ = false;
}

}  // namespace tocsin::cli
