// The events that benches run over.
//
// Lanes lie in the folder that TOCSIN_CORPUS names, or in `shared` beside the
// repository, as corpora/NAME.ndjson.zst; rules in corpora/sigma-rules.tar.zst.

#ifndef TOCSIN_BENCH_MATCH_CORPUS_H_
#define TOCSIN_BENCH_MATCH_CORPUS_H_

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::bench {

// Events of one kind, a line each.
struct Lane {
  std::string name;
  std::string text;  // Followed by kPadding bytes that parsers may read.
  std::vector<std::string_view> lines;  // Within `text`.
  size_t bytes = 0;                     // Of `text`, without padding.
};
inline constexpr size_t kPadding = 64;

// Three lanes as they are, then the classes of events that are cut out of the
// first one. Empty, with a message on stderr, where the data is not there.
std::vector<Lane> LoadLanes();

// Unpacks the rules once, below the build folder, and names the folder; empty
// with a message if they are not there.
std::string RulesFolder();

}  // namespace tocsin::bench

#endif  // TOCSIN_BENCH_MATCH_CORPUS_H_
