// What the twins of books of incidents and of windows share.

#ifndef TOCSIN_TESTS_REFERENCE_BOOKS_H_
#define TOCSIN_TESTS_REFERENCE_BOOKS_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "src/runtime/correlate/key_writer.h"
#include "src/state/snapshot_reader.h"
#include "src/state/snapshot_writer.h"

namespace tocsin::reference {

inline std::string KeyOf(uint32_t number) {
  runtime::KeyWriter writer;
  writer.Add(FieldValue::Int(number));
  return std::string(writer.bytes());
}

// Puts what `book` holds into `fresh` by way of a snapshot in which its rules
// have other numbers, and takes that instead.
template <typename Book>
void Restart(const std::vector<uint32_t>& numbers, std::unique_ptr<Book> fresh,
             std::unique_ptr<Book>* book) {
  std::vector<uint32_t> back(numbers.size());
  for (uint32_t i = 0; i < numbers.size(); ++i) back[numbers[i]] = i;
  std::string bytes;
  state::SnapshotWriter out(&bytes);
  (*book)->Save(numbers, nullptr, &out);
  *book = std::move(fresh);
  state::SnapshotReader in(bytes);
  (*book)->Load(back, nullptr, &in);
  EXPECT_TRUE(in.ok()) << in.error();
  EXPECT_EQ(in.remaining(), 0u);
}

// A stream whose time goes on by little, and now and then by more.
class Stream {
 public:
  // Things come up to `late` behind the newest.
  Stream(uint32_t seed, int64_t late) : random_(seed), late_(late) {}

  int64_t Below(int64_t n) {
    return static_cast<int64_t>(random_() % static_cast<uint32_t>(n));
  }
  void GoOn() {
    newest_ += Below(4);
    if (Below(30) == 0) newest_ += 25;
  }
  int64_t watermark() const { return newest_ - late_; }
  // A time that a rule may find which takes up to `delay` to decide.
  int64_t Time(int64_t delay) { return newest_ - Below(delay + late_ + 1); }

 private:
  std::mt19937 random_;
  const int64_t late_;
  int64_t newest_ = 1000;
};

}  // namespace tocsin::reference

#endif  // TOCSIN_TESTS_REFERENCE_BOOKS_H_
