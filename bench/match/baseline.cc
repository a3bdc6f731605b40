#include "bench/match/baseline.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>

namespace tocsin::bench {
namespace {

void RequireOneThread() {
  const auto threads =
      std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
  if (threads == 1) return;
  std::fprintf(stderr, "%ld threads run; times would be wrong\n",
               static_cast<long>(threads));
  std::abort();
}

}  // namespace

struct Parser::Impl {
  simdjson::dom::parser tree;
  std::unique_ptr<simdjson::internal::dom_parser_implementation> index;
  size_t index_capacity = 0;
};

Parser::Parser() : impl_(std::make_unique<Impl>()) {
#ifdef SIMDJSON_THREADS_ENABLED
  impl_->tree.threaded = false;
#endif
}
Parser::~Parser() = default;

int64_t ScanNewlines(const Lane& lane) {
  int64_t lines = 0;
  const char* at = lane.text.data();
  const char* const end = at + lane.bytes;
  while (at < end) {
    const void* found = std::memchr(at, '\n', static_cast<size_t>(end - at));
    ++lines;
    if (found == nullptr) break;
    at = static_cast<const char*>(found) + 1;
  }
  return lines;
}

int64_t Parser::IndexStructure(const Lane& lane) {
  int64_t structurals = 0;
  for (const std::string_view line : lane.lines) {
    if (line.size() > impl_->index_capacity) {
      impl_->index_capacity = std::max(line.size(), size_t{1} << 20);
      if (simdjson::get_active_implementation()
              ->create_dom_parser_implementation(impl_->index_capacity, 1024,
                                                 impl_->index)) {
        std::abort();
      }
    }
    if (impl_->index->stage1(reinterpret_cast<const uint8_t*>(line.data()),
                             line.size(), simdjson::stage1_mode::regular)) {
      continue;
    }
    structurals += impl_->index->n_structural_indexes;
  }
  return structurals;
}

int64_t Parser::ParseMany(const Lane& lane) {
  int64_t documents = 0;
  simdjson::dom::document_stream stream;
  if (impl_->tree.parse_many(lane.text.data(), lane.bytes, size_t{1} << 20)
          .get(stream)) {
    std::abort();
  }
  for (const auto document : stream) {
    if (documents == 0) RequireOneThread();
    documents += document.error() ? 0 : 1;
  }
  return documents;
}

}  // namespace tocsin::bench
