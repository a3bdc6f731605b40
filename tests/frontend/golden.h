// Golden files: an input and what becomes of it, side by side.

#ifndef TOCSIN_TESTS_FRONTEND_GOLDEN_H_
#define TOCSIN_TESTS_FRONTEND_GOLDEN_H_

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::testing {

std::string ReadFile(const std::string& path);

// Names without extension of the files NAME.in of tests/golden/`folder`.
std::vector<std::string> GoldenNames(std::string_view folder);

std::string GoldenInput(std::string_view folder, std::string_view name);

// Fails unless NAME.`extension` holds `actual`. With TOCSIN_UPDATE_GOLDENS=1 in
// the environment the file is written instead; review the difference.
void ExpectGolden(std::string_view folder, std::string_view name,
                  std::string_view extension, const std::string& actual);

}  // namespace tocsin::testing

#endif  // TOCSIN_TESTS_FRONTEND_GOLDEN_H_
