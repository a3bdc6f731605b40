#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "absl/status/status.h"
#include "tocsin/event_reader.h"

namespace tocsin {
namespace {

class DescriptorSource : public ByteSource {
 public:
  DescriptorSource(int descriptor, bool owns)
      : descriptor_(descriptor), owns_(owns) {}
  ~DescriptorSource() override {
    if (owns_) ::close(descriptor_);
  }
  DescriptorSource(const DescriptorSource&) = delete;
  DescriptorSource& operator=(const DescriptorSource&) = delete;

  absl::StatusOr<size_t> Read(char* buffer, size_t capacity) override {
    while (true) {
      const ssize_t count = ::read(descriptor_, buffer, capacity);
      if (count >= 0) return static_cast<size_t>(count);
      if (errno != EINTR) return absl::ErrnoToStatus(errno, "cannot read");
    }
  }

 private:
  int descriptor_;
  bool owns_;
};

class BytesSource : public ByteSource {
 public:
  explicit BytesSource(std::string_view bytes) : rest_(bytes) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t capacity) override {
    const size_t count = std::min(capacity, rest_.size());
    if (count > 0) std::memcpy(buffer, rest_.data(), count);
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> OpenFile(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return absl::ErrnoToStatus(errno, "cannot open " + path);
  }
  auto source = std::make_unique<DescriptorSource>(descriptor, /*owns=*/true);
  struct stat status;
  if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
    return absl::FailedPreconditionError("cannot read " + path +
                                         ": it is a folder");
  }
  return source;
}

std::unique_ptr<ByteSource> FromDescriptor(int descriptor) {
  return std::make_unique<DescriptorSource>(descriptor, /*owns=*/false);
}

std::unique_ptr<ByteSource> FromBytes(std::string_view bytes) {
  return std::make_unique<BytesSource>(bytes);
}

}  // namespace tocsin
