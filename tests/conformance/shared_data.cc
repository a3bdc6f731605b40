#include "tests/conformance/shared_data.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace tocsin::conformance {

namespace fs = std::filesystem;

std::string SharedFolder() {
  if (const char* given = std::getenv("TOCSIN_CORPUS")) return given;
  const fs::path beside = fs::path(TOCSIN_SOURCE_DIR) / ".." / "shared";
  return fs::exists(beside) ? beside.string() : std::string();
}

bool ForEachLine(const std::string& name,
                 const std::function<void(long, std::string_view)>& line) {
  const std::string path = SharedFolder() + "/" + name;
  const bool compressed = path.ends_with(".zst");
  const std::string command =
      compressed ? "zstd -qdc --long=27 '" + path + "'" : "cat '" + path + "'";
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return false;
  char* buffer = nullptr;
  size_t capacity = 0;
  long number = 0;
  ssize_t length;
  while ((length = getline(&buffer, &capacity, pipe)) > 0) {
    std::string_view text(buffer, static_cast<size_t>(length));
    if (text.ends_with('\n')) text.remove_suffix(1);
    line(number++, text);
  }
  std::free(buffer);
  return pclose(pipe) == 0;
}

std::string UnpackedFolder(const std::string& name) {
  const fs::path archive = fs::path(SharedFolder()) / name;
  // corpora/sigma-rules.tar.zst is unpacked to sigma-rules.
  const fs::path folder =
      fs::path(TOCSIN_BINARY_DIR) / archive.stem().stem().string();
  const fs::path done = folder / "unpacked";
  if (fs::exists(done)) return folder.string();
  if (!fs::exists(archive)) return "";
  fs::create_directories(folder);
  // Two suites may start at once: each unpacks the same bytes, then marks.
  const std::string command = "zstd -qdc --long=27 '" + archive.string() +
                              "' | tar -x -C '" + folder.string() +
                              "' && touch '" + done.string() + "'";
  if (std::system(command.c_str()) != 0) {
    std::fprintf(stderr, "cannot unpack %s\n", archive.c_str());
    return "";
  }
  return folder.string();
}

std::string SigmaRulesFolder() {
  return UnpackedFolder("corpora/sigma-rules.tar.zst");
}

}  // namespace tocsin::conformance
