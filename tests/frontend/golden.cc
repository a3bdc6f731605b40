#include "tests/frontend/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tocsin::testing {
namespace {

namespace fs = std::filesystem;

std::string Folder(std::string_view folder) {
  return std::string(TOCSIN_SOURCE_DIR "/tests/golden/").append(folder);
}

bool IsUpdating() {
  const char* const flag = std::getenv("TOCSIN_UPDATE_GOLDENS");
  return flag != nullptr && std::string_view(flag) == "1";
}

}  // namespace

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path << " cannot be read";
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> GoldenNames(std::string_view folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(Folder(folder))) {
    if (entry.path().extension() == ".in") {
      names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string GoldenInput(std::string_view folder, std::string_view name) {
  return ReadFile(Folder(folder) + "/" + std::string(name) + ".in");
}

void ExpectGolden(std::string_view folder, std::string_view name,
                  std::string_view extension, const std::string& actual) {
  const std::string path =
      Folder(folder) + "/" + std::string(name) + "." + std::string(extension);
  if (IsUpdating()) {
    std::ofstream(path, std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(actual, ReadFile(path))
      << "TOCSIN_UPDATE_GOLDENS=1 rewrites " << path;
}

}  // namespace tocsin::testing
