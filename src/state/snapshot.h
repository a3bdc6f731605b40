// A snapshot as a whole: what stands before its sections, and which there are.

#ifndef TOCSIN_SRC_STATE_SNAPSHOT_H_
#define TOCSIN_SRC_STATE_SNAPSHOT_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/state/snapshot_reader.h"
#include "src/state/snapshot_writer.h"

namespace tocsin::state {

// Raised when the sections themselves change. What one kind of rule keeps can
// change without that: its layout has a number of its own.
inline constexpr uint32_t kSnapshotVersion = 1;

// In the order in which they stand, but for the last. Numbers are never used
// again.
enum SectionKind : uint32_t {
  kEngineSection = 1,     // Once: what is of no correlation.
  kClockSection = 2,      // Time and seed of all correlations.
  kRuleSection = 3,       // A correlation and its groups.
  kWaitingSection = 4,    // Events that wait for the watermark.
  kKeySection = 5,        // Instead of the first two: of which group key it is.
  kOutcomeSection = 6,    // Behind these: incidents that are open, and windows.
  kEventSection = 7,      // Behind that: recent events, for samples.
  kJobSection = 8,        // Behind the first: a job and what it has learned.
  kIndicatorSection = 9,  // The last: indicators.
};

// Appends what stands before the sections.
void BeginSnapshot(SnapshotWriter* out);

// Completes what BeginSnapshot appended at `begin`, when all sections have been
// written.
void EndSnapshot(size_t begin, SnapshotWriter* out);

// The sections of a snapshot, all of them whole and as their digests say. Views
// into `bytes`.
absl::StatusOr<std::vector<SnapshotReader::Section>> OpenSnapshot(
    std::string_view bytes);

// InvalidArgument: "the snapshot " and what is wrong with it.
absl::Status SnapshotError(std::string_view reason);

// The same of a reader that is not ok, or of one that has read less than there
// was; else OK.
absl::Status FinishReading(const SnapshotReader& in);

}  // namespace tocsin::state

#endif  // TOCSIN_SRC_STATE_SNAPSHOT_H_
