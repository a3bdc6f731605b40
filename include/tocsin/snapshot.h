// Snapshots: the state of an Engine as bytes, to stop and go on, to move to
// another process, or to carry over to other rules.
//
//   std::string bytes;
//   engine.SaveTo(&bytes, "81920");  // A note of the host: where input stands.
//
// And later, in a process that knows the same rules:
//
//   absl::StatusOr<tocsin::LoadReport> report = engine.LoadFrom(bytes);
//   if (report.ok()) SeekTo(report->note);
//
// An engine that has loaded a snapshot goes on as the one that saved it would
// have: the same incidents with the same ids. Events that are fed again after a
// crash, from the place of the last snapshot on, give the ids they gave before.
//
// Bytes are the same on every machine, and say which version they are of
// (docs/state_format.md). They hold keys and times of events and the secret
// that keeps hashes from being foreseen: keep them as private as the events.
// Bytes that were damaged, cut or made up are an error with a reason, and
// nothing worse.

#ifndef TOCSIN_SNAPSHOT_H_
#define TOCSIN_SNAPSHOT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tocsin {

// What became of the correlations and jobs of a snapshot and of a rule set, by
// their ids. Each is in one list.
struct LoadReport {
  std::vector<std::string> kept;     // The same rule: it goes on.
  std::vector<std::string> changed;  // Has become another: it starts fresh.
  std::vector<std::string> added;    // Was not in the snapshot.
  std::vector<std::string> dropped;  // Is no longer in the rule set.

  // What SaveTo was given.
  std::string note;
};

// The note of a snapshot, for hosts that need it before they have an engine.
absl::StatusOr<std::string> SnapshotNote(std::string_view bytes);

}  // namespace tocsin

#endif  // TOCSIN_SNAPSHOT_H_
