// Runs a fuzz target over the files of a folder, for compilers without
// libFuzzer. What once broke a target stays in its corpus, and so is a test.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " FOLDER\n";
    return 3;
  }
  LLVMFuzzerTestOneInput(nullptr, 0);
  int inputs = 0;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(argv[1], error)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    // A copy of the exact size, so that a sanitizer sees a read past its end.
    const std::vector<uint8_t> bytes(text.begin(), text.end());
    std::cout << entry.path().filename().string() << std::endl;
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    ++inputs;
  }
  if (error || inputs == 0) {
    std::cerr << "no corpus in " << argv[1] << "\n";
    return 1;
  }
  std::cout << inputs << " inputs replayed\n";
  return 0;
}
