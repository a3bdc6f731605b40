#include "src/cli/run_state.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/digest.h"
#include "src/base/string_map.h"
#include "tocsin/event_reader.h"
#include "tocsin/snapshot.h"

namespace tocsin::cli {
namespace {

using base::ToAbsl;

// The note: records that end with a zero byte, which no path can hold.
constexpr std::string_view kFirstWord = "tocsin-run-1";
constexpr int64_t kPrefixBytes = 4096;
constexpr std::string_view kStandardInput = "-";

absl::Status Failed(const std::string& path, std::string_view what, int error) {
  return absl::UnavailableError(
      absl::StrCat(path, ": ", ToAbsl(what), ": ", std::strerror(error)));
}

// Up to `most` bytes of a file.
absl::StatusOr<std::string> ReadBytes(const std::string& path, size_t most) {
  absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenFile(path);
  if (!source.ok()) return source.status();
  std::string bytes;
  std::vector<char> buffer(1 << 16);
  while (bytes.size() < most) {
    const absl::StatusOr<size_t> n = (*source)->Read(
        buffer.data(), std::min(buffer.size(), most - bytes.size()));
    if (!n.ok()) return n.status();
    if (*n == 0) break;
    bytes.append(buffer.data(), *n);
  }
  return bytes;
}

std::string DigestOf(std::string_view bytes) {
  return base::Digest().Add(bytes).Hex();
}

absl::Status WriteWhole(const std::string& path, std::string_view bytes) {
  const int file =
      open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Failed(path, "cannot be written", errno);
  int error = 0;
  while (error == 0 && !bytes.empty()) {
    const ssize_t n = write(file, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  // Else the new name could last, and what it names be lost.
  if (error == 0 && fsync(file) != 0) error = errno;
  if (close(file) != 0 && error == 0) error = errno;
  if (error != 0) return Failed(path, "cannot be written", error);
  return absl::OkStatus();
}

}  // namespace

absl::Status RunState::Read() {
  std::error_code error;
  if (!std::filesystem::exists(path_, error)) return absl::OkStatus();
  absl::StatusOr<std::string> bytes = ReadBytes(path_, SIZE_MAX);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<std::string> note = SnapshotNote(*bytes);
  absl::Status status = note.ok() ? ReadNote(*note) : note.status();
  if (!status.ok()) {
    return absl::Status(status.code(),
                        absl::StrCat(path_, ": ", status.message()));
  }
  snapshot_ = *std::move(bytes);
  return absl::OkStatus();
}

absl::Status RunState::ReadNote(std::string_view note) {
  const absl::Status wrong =
      absl::InvalidArgumentError("the state of another program");
  const std::vector<std::string> records =
      absl::StrSplit(ToAbsl(note), absl::ByChar('\0'));
  const std::vector<std::string> first =
      absl::StrSplit(records[0], absl::MaxSplits(' ', 2));
  if (first.size() != 3 || first[0] != kFirstWord ||
      !absl::SimpleAtoi(first[1], &output_bytes_) || output_bytes_ < 0) {
    return wrong;
  }
  if (first[2] != output_) output_bytes_ = INT64_MAX;
  for (size_t i = 1; i < records.size(); ++i) {
    if (records[i].empty()) continue;  // Behind the last one.
    const std::vector<std::string> words =
        absl::StrSplit(records[i], absl::MaxSplits(' ', 3));
    Input input;
    if (words.size() != 4 || !absl::SimpleAtoi(words[0], &input.steps) ||
        !absl::SimpleAtoi(words[1], &input.prefix_bytes) || input.steps < 0 ||
        input.prefix_bytes < 0 || input.prefix_bytes > kPrefixBytes) {
      return wrong;
    }
    input.prefix_digest = words[2];
    inputs_[words[3]] = std::move(input);
  }
  return absl::OkStatus();
}

std::string RunState::Note(int64_t output_bytes) const {
  std::string note =
      absl::StrCat(ToAbsl(kFirstWord), " ", output_bytes, " ", output_);
  note += '\0';
  for (const auto& [path, input] : inputs_) {
    absl::StrAppend(&note, input.steps, " ", input.prefix_bytes, " ",
                    input.prefix_digest, " ", path);
    note += '\0';
  }
  return note;
}

absl::StatusOr<LoadReport> RunState::Restore(Engine* engine) {
  absl::StatusOr<LoadReport> report = engine->LoadFrom(snapshot_);
  if (!report.ok()) {
    return absl::Status(report.status().code(),
                        absl::StrCat(path_, ": ", report.status().message()));
  }
  snapshot_ = {};
  return report;
}

int64_t RunState::Begin(const std::string& input) {
  Input& known = inputs_[input];
  current_ = &known;
  std::error_code error;
  if (!std::filesystem::is_regular_file(input, error)) return 0;
  const absl::StatusOr<std::string> prefix = ReadBytes(input, kPrefixBytes);
  if (!prefix.ok()) return known.steps;  // Opening it will fail as well.
  const auto before = static_cast<size_t>(known.prefix_bytes);
  const bool is_same =
      prefix->size() >= before &&
      (before == 0 || DigestOf(std::string_view(*prefix).substr(0, before)) ==
                          known.prefix_digest);
  if (!is_same) known.steps = 0;
  known.prefix_bytes = static_cast<int64_t>(prefix->size());
  known.prefix_digest = DigestOf(*prefix);
  return known.steps;
}

int64_t RunState::standard_input_steps() const {
  const auto found = inputs_.find(std::string(kStandardInput));
  return found == inputs_.end() ? 0 : found->second.steps;
}

absl::Status RunState::Write(const Engine& engine, int64_t output_bytes) {
  // Files that are gone will not be read again.
  std::erase_if(inputs_, [&](const auto& input) {
    std::error_code error;
    return input.first != kStandardInput && &input.second != current_ &&
           !std::filesystem::exists(input.first, error) && !error;
  });
  std::string bytes;
  engine.SaveTo(&bytes, Note(output_bytes));
  const std::string fresh = path_ + ".new";
  if (absl::Status status = WriteWhole(fresh, bytes); !status.ok()) {
    return status;
  }
  if (rename(fresh.c_str(), path_.c_str()) != 0) {
    return Failed(path_, "cannot be replaced", errno);
  }
  return absl::OkStatus();
}

}  // namespace tocsin::cli
