// Which files a run reads, and how they are opened.

#ifndef TOCSIN_SRC_CLI_INPUT_FILES_H_
#define TOCSIN_SRC_CLI_INPUT_FILES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tocsin/event_reader.h"

namespace tocsin::cli {

struct InputFiles {
  // In the order given; below a folder in byte order of the paths. "-" is
  // standard input.
  std::vector<std::string> paths;
  // Of the files whose size is known; 0 if standard input is among them.
  int64_t total_bytes = 0;
  // What could not be taken: "logs: Permission denied".
  std::vector<std::string> errors;
};

// Replaces folders by the event files below them. No operands: standard input.
InputFiles ListInputFiles(const std::vector<std::string>& operands);

// Opens one of InputFiles::paths. Reading standard input ends when the program
// is interrupted.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenInput(const std::string& path);

// How a path is called in output: "stdin" for "-".
std::string InputName(const std::string& path);

}  // namespace tocsin::cli

#endif  // TOCSIN_SRC_CLI_INPUT_FILES_H_
