// What examples of pages and headers run in: a folder with rules and events,
// some lines on standard input, and names for what a host would do.

#ifndef TOCSIN_TESTS_DOCS_EXAMPLE_H_
#define TOCSIN_TESTS_DOCS_EXAMPLE_H_

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "tocsin/detectors/bucket_values.h"
#include "tocsin/detectors/count_model.h"
#include "tocsin/detectors/distinct_counter.h"
#include "tocsin/detectors/metric_series.h"
#include "tocsin/detectors/rarity.h"
#include "tocsin/detectors/score.h"
#include "tocsin/detectors/state_bytes.h"
#include "tocsin/detectors/tails.h"
#include "tocsin/detectors/time_profile.h"
#include "tocsin/tocsin.h"

namespace tocsin {

class ExampleTest : public ::testing::Test {
 protected:
  ExampleTest();
  ~ExampleTest() override;

  // A host's own functions.
  template <typename... Arguments>
  static void Report(const Arguments&...) {}
  template <typename... Arguments>
  static void Raise(const Arguments&...) {}
  static void Fail(const absl::Status& status) {
    ADD_FAILURE() << status.message();
  }

  // A rule set of one rule, which fires on `line`.
  CompileResult compiled;
  std::string line;

 private:
  std::filesystem::path folder_before_;
  std::istringstream input_;
  std::streambuf* input_before_;
};

}  // namespace tocsin

using tocsin::ExampleTest;

#endif  // TOCSIN_TESTS_DOCS_EXAMPLE_H_
