#include "src/cli/input_files.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "src/cli/interrupt.h"

namespace tocsin::cli {
namespace {

namespace fs = std::filesystem;

bool IsEventFile(const fs::path& path) {
  std::string name = path.filename().string();
  absl::AsciiStrToLower(&name);
  std::string_view rest = name;
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (rest.ends_with(packed)) {
      rest.remove_suffix(packed.size());
      break;
    }
  }
  return rest.ends_with(".json") || rest.ends_with(".jsonl") ||
         rest.ends_with(".ndjson") || rest.ends_with(".log");
}

void AddFolder(const std::string& folder, InputFiles* files) {
  std::vector<std::string> found;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, error);
  while (!error && it != fs::recursive_directory_iterator()) {
    std::error_code ignored;
    if (it->is_regular_file(ignored) && IsEventFile(it->path())) {
      found.push_back(it->path().string());
    }
    if (it->is_directory(ignored) && !it->is_symlink(ignored)) {
      // Entering it would end the walk with an error; say so and go on.
      fs::directory_iterator probe(it->path(), ignored);
      if (ignored) {
        files->errors.push_back(
            absl::StrCat(it->path().string(), ": ", ignored.message()));
        it.disable_recursion_pending();
      }
    }
    it.increment(error);
  }
  if (error) {
    files->errors.push_back(absl::StrCat(folder, ": ", error.message()));
  } else if (found.empty()) {
    files->errors.push_back(absl::StrCat(
        folder,
        ": no event files below this folder; looked for .json, .jsonl, "
        ".ndjson and .log, also .gz and .zst"));
  }
  std::sort(found.begin(), found.end());
  files->paths.insert(files->paths.end(), found.begin(), found.end());
}

class StandardInput : public ByteSource {
 public:
  absl::StatusOr<size_t> Read(char* buffer, size_t capacity) override {
    while (!Interrupted()) {
      const ssize_t n = read(STDIN_FILENO, buffer, capacity);
      if (n >= 0) return static_cast<size_t>(n);
      if (errno != EINTR) {
        return absl::UnavailableError(std::strerror(errno));
      }
    }
    return size_t{0};
  }
};

}  // namespace

InputFiles ListInputFiles(const std::vector<std::string>& operands) {
  InputFiles files;
  if (operands.empty()) files.paths.emplace_back("-");
  for (const std::string& operand : operands) {
    std::error_code error;
    if (operand != "-" && fs::is_directory(operand, error)) {
      AddFolder(operand, &files);
    } else {
      files.paths.push_back(operand);
    }
  }
  for (const std::string& path : files.paths) {
    if (path == "-") {
      files.total_bytes = 0;
      break;
    }
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (!error) files.total_bytes += static_cast<int64_t>(size);
  }
  return files;
}

absl::StatusOr<std::unique_ptr<ByteSource>> OpenInput(const std::string& path) {
  if (path == "-") return std::make_unique<StandardInput>();
  return OpenFile(path);
}

std::string InputName(const std::string& path) {
  return path == "-" ? "stdin" : path;
}

}  // namespace tocsin::cli
