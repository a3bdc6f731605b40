// EqlReplay: one EQL query over events that are all there, with what a stream
// cannot have: pipes, samples of everything, ancestors of processes.
//
//   text::Source source("query", "process where true | tail 3");
//   auto replay = engine::EqlReplay::Compile(source, {}, &reporter);
//   for (const engine::EqlHit& hit : replay->Run(events)) ...
//
// Cost: linear in the events; all of them are looked at by each step.

#ifndef TOCSIN_SRC_ENGINE_EQL_REPLAY_H_
#define TOCSIN_SRC_ENGINE_EQL_REPLAY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/frontend/eql/eql.h"
#include "src/text/reporter.h"

namespace tocsin::engine {

struct EqlReplayOptions {
  eql::EqlOptions eql;
  // Of a sample: how many results in all, and of one key.
  size_t size = 10;
  size_t samples_of_key = 1;
  // What tells of processes who made whom: fields of the old dialect.
  std::string process_id = "unique_pid";
  std::string parent_id = "unique_ppid";
};

struct ReplayedEvent {
  std::string_view json;
  int64_t time = 0;  // Nanoseconds. Events come in order.
};

struct EqlHit {
  std::vector<int64_t> events;  // By their places; -1: a missing one.
  std::vector<std::optional<std::string>> keys;
};

class EqlReplay {
 public:
  // Null: something is wrong with the query, and was told.
  static std::unique_ptr<EqlReplay> Compile(const text::Source& source,
                                            const EqlReplayOptions& options,
                                            text::Reporter* reporter);
  ~EqlReplay();

  std::vector<EqlHit> Run(std::span<const ReplayedEvent> events);

 private:
  struct Impl;
  explicit EqlReplay(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::engine

#endif  // TOCSIN_SRC_ENGINE_EQL_REPLAY_H_
