#include "src/cli/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tocsin::cli {
namespace {

// Returns 0, or the errno of the write that failed.
int WriteAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(descriptor, text.data(), text.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    text.remove_prefix(static_cast<size_t>(n));
  }
  return 0;
}

}  // namespace

std::unique_ptr<Output> Output::Standard() {
  return std::unique_ptr<Output>(
      new Output(STDOUT_FILENO, false, "standard output"));
}

absl::StatusOr<std::unique_ptr<Output>> Output::Create(
    const std::string& path) {
  const int descriptor =
      open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) {
    return absl::UnavailableError(
        absl::StrCat(path, ": cannot be written: ", std::strerror(errno)));
  }
  return std::unique_ptr<Output>(new Output(descriptor, true, path));
}

absl::StatusOr<std::unique_ptr<Output>> Output::Continue(
    const std::string& path, int64_t bytes) {
  const int descriptor =
      open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  off_t end = descriptor < 0 ? -1 : lseek(descriptor, 0, SEEK_END);
  if (end > bytes) {
    end = ftruncate(descriptor, bytes) == 0 ? lseek(descriptor, bytes, SEEK_SET)
                                            : -1;
  }
  if (end < 0) {
    const int error = errno;
    if (descriptor >= 0) close(descriptor);
    return absl::UnavailableError(
        absl::StrCat(path, ": cannot be continued: ", std::strerror(error)));
  }
  auto output = std::unique_ptr<Output>(new Output(descriptor, true, path));
  output->bytes_ = end;
  return output;
}

Output::~Output() {
  if (owned_ && descriptor_ >= 0) close(descriptor_);
}

void Output::Flush() {
  if (!broken()) {
    const int error = WriteAll(descriptor_, buffer_);
    bytes_ += static_cast<int64_t>(buffer_.size());
    if (error == EPIPE) {
      closed_pipe_ = true;
    } else if (error != 0) {
      status_ = absl::UnavailableError(
          absl::StrCat(name_, ": cannot be written: ", std::strerror(error)));
    }
  }
  buffer_.clear();
}

absl::Status Output::Close() {
  Flush();
  if (owned_ && descriptor_ >= 0) {
    if (close(descriptor_) != 0 && status_.ok()) {
      status_ = absl::UnavailableError(
          absl::StrCat(name_, ": cannot be written: ", std::strerror(errno)));
    }
    descriptor_ = -1;
  }
  return status_;
}

void Tell(std::string_view text) { WriteAll(STDERR_FILENO, text); }

}  // namespace tocsin::cli
