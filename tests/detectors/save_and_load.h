// A model saved and loaded again, and what must hold of both.

#ifndef TOCSIN_TESTS_DETECTORS_SAVE_AND_LOAD_H_
#define TOCSIN_TESTS_DETECTORS_SAVE_AND_LOAD_H_

#include <string>

#include "gtest/gtest.h"
#include "tocsin/detectors/state_bytes.h"

namespace tocsin::detectors {

template <typename Model>
std::string BytesOf(const Model& model) {
  std::string bytes;
  StateWriter out(&bytes);
  model.Save(&out);
  return bytes;
}

// Also: that saving again gives the same bytes, and that bytes which are cut
// anywhere are refused and leave the model as it was.
template <typename Model>
Model SavedAndLoaded(const Model& model) {
  const std::string bytes = BytesOf(model);
  Model loaded;
  const std::string empty = BytesOf(loaded);
  for (size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 97) {
    StateReader cut(std::string_view(bytes).substr(0, size));
    EXPECT_FALSE(loaded.Load(&cut)) << size << " of " << bytes.size();
  }
  EXPECT_EQ(BytesOf(loaded), empty);
  StateReader in(bytes);
  EXPECT_TRUE(loaded.Load(&in));
  EXPECT_EQ(in.remaining(), 0u);
  EXPECT_EQ(BytesOf(loaded), bytes);
  return loaded;
}

}  // namespace tocsin::detectors

#endif  // TOCSIN_TESTS_DETECTORS_SAVE_AND_LOAD_H_
