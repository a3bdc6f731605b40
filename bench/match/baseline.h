// What it takes to look at the bytes of a lane without matching: the limits
// that rows of the table are held against. All on the calling thread.

#ifndef TOCSIN_BENCH_MATCH_BASELINE_H_
#define TOCSIN_BENCH_MATCH_BASELINE_H_

#include <cstdint>
#include <memory>

#include "bench/match/corpus.h"

namespace tocsin::bench {

// Finds the line breaks; returns how many lines there are.
int64_t ScanNewlines(const Lane& lane);

// simdjson, which keeps its buffers from one call to the next.
class Parser {
 public:
  Parser();
  ~Parser();

  // Finds the structural characters of each line; returns their number.
  int64_t IndexStructure(const Lane& lane);

  // Makes a tree of each line, in batches of 1 MB; returns how many. Ends the
  // program if a thread was started for it: its work would not be counted.
  int64_t ParseMany(const Lane& lane);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::bench

#endif  // TOCSIN_BENCH_MATCH_BASELINE_H_
