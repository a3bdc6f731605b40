#include "src/ingest/decompress.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#ifdef TOCSIN_HAVE_ZSTD
#include <zstd.h>
#include <zstd_errors.h>
#endif

namespace tocsin::ingest {
namespace {

constexpr size_t kInputBytes = size_t{64} << 10;

constexpr std::string_view kGzipMagic = "\x1F\x8B";
constexpr std::string_view kZstdMagic = "\x28\xB5\x2F\xFD";

class PlainCodec : public Codec {
 public:
  absl::StatusOr<size_t> Read(CompressedInput* input, char* buffer,
                              size_t capacity) override {
    input->Require(1);
    const size_t count = std::min(capacity, input->size());
    if (count == 0) {
      if (!input->status().ok()) return input->status();
      return 0;
    }
    std::memcpy(buffer, input->data(), count);
    input->Take(count);
    return count;
  }
};

class GzipCodec : public Codec {
 public:
  GzipCodec() {
    constexpr int kGzipOnly = 16;
    ready_ = inflateInit2(&stream_, MAX_WBITS + kGzipOnly) == Z_OK;
  }
  ~GzipCodec() override { inflateEnd(&stream_); }

  absl::StatusOr<size_t> Read(CompressedInput* input, char* buffer,
                              size_t capacity) override {
    if (!ready_) return absl::ResourceExhaustedError("no memory for gzip");
    if (!damage_.ok()) return damage_;
    while (true) {
      input->Require(1);
      if (input->size() == 0) return AtEnd(*input);
      if (between_members_) {
        if (const absl::Status status = StartMember(input); !status.ok()) {
          return status;
        }
        continue;
      }
      stream_.next_in =
          reinterpret_cast<Bytef*>(const_cast<char*>(input->data()));
      stream_.avail_in = static_cast<uInt>(input->size());
      stream_.next_out = reinterpret_cast<Bytef*>(buffer);
      stream_.avail_out = static_cast<uInt>(std::min(capacity, kMostAtOnce));
      const uInt room = stream_.avail_out;
      const int code = inflate(&stream_, Z_NO_FLUSH);
      input->Take(input->size() - stream_.avail_in);
      if (code == Z_STREAM_END) {
        between_members_ = true;
      } else if (code != Z_OK && code != Z_BUF_ERROR) {
        damage_ = Damaged();
        if (stream_.avail_out == room) return damage_;
      }
      if (stream_.avail_out < room) return room - stream_.avail_out;
    }
  }

 private:
  static constexpr size_t kMostAtOnce = size_t{1} << 30;  // A uInt holds it.

  absl::StatusOr<size_t> AtEnd(const CompressedInput& input) const {
    if (!input.status().ok()) return input.status();
    if (between_members_) return 0;
    return absl::DataLossError("gzip data ends early");
  }

  absl::Status Damaged() const {
    std::string reason = "gzip data is damaged";
    if (stream_.msg != nullptr) reason.append(": ").append(stream_.msg);
    return absl::DataLossError(reason);
  }

  // Behind a member: another one, or zeros up to the end, as tapes pad.
  absl::Status StartMember(CompressedInput* input) {
    if (*input->data() == '\0') {
      is_padding_ = true;
      input->Take(1);
      return absl::OkStatus();
    }
    input->Require(kGzipMagic.size());
    const std::string_view rest(input->data(), input->size());
    if (is_padding_ || !rest.starts_with(kGzipMagic)) {
      return absl::DataLossError("data behind the gzip stream is no gzip");
    }
    between_members_ = false;
    inflateReset(&stream_);
    return absl::OkStatus();
  }

  z_stream stream_ = {};
  bool ready_ = false;
  bool between_members_ = false;
  bool is_padding_ = false;
  absl::Status damage_;  // Told once what came before it is handed out.
};

#ifdef TOCSIN_HAVE_ZSTD

class ZstdCodec : public Codec {
 public:
  ZstdCodec() : stream_(ZSTD_createDCtx()) {
    if (stream_ != nullptr) {
      ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kWindowLog);
    }
  }
  ~ZstdCodec() override { ZSTD_freeDCtx(stream_); }
  ZstdCodec(const ZstdCodec&) = delete;
  ZstdCodec& operator=(const ZstdCodec&) = delete;

  absl::StatusOr<size_t> Read(CompressedInput* input, char* buffer,
                              size_t capacity) override {
    if (stream_ == nullptr) {
      return absl::ResourceExhaustedError("no memory for zstd");
    }
    if (!damage_.ok()) return damage_;
    while (true) {
      input->Require(1);
      ZSTD_inBuffer in = {input->data(), input->size(), 0};
      ZSTD_outBuffer out = {buffer, capacity, 0};
      if (in.size == 0 && is_frame_done_) return AtEnd(*input);
      // Without input there may still be output to flush.
      const size_t code = ZSTD_decompressStream(stream_, &out, &in);
      if (ZSTD_isError(code)) {
        damage_ = Damaged(code);
        if (out.pos == 0) return damage_;
        return out.pos;
      }
      is_frame_done_ = code == 0;
      input->Take(in.pos);
      if (out.pos > 0) return out.pos;
      if (in.size == 0) return AtEnd(*input);
    }
  }

 private:
  // 128 MiB, the most that `zstd -d` takes without being asked for more.
  static constexpr int kWindowLog = 27;

  absl::StatusOr<size_t> AtEnd(const CompressedInput& input) const {
    if (!input.status().ok()) return input.status();
    if (is_frame_done_) return 0;
    return absl::DataLossError("zstd data ends early");
  }

  static absl::Status Damaged(size_t code) {
    if (ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge) {
      return absl::ResourceExhaustedError(
          "zstd data needs a window of more than 128 MiB");
    }
    return absl::DataLossError(std::string("zstd data is damaged: ") +
                               ZSTD_getErrorName(code));
  }

  ZSTD_DCtx* stream_;
  bool is_frame_done_ = true;
  absl::Status damage_;  // Told once what came before it is handed out.
};

#else

class ZstdCodec : public Codec {
 public:
  absl::StatusOr<size_t> Read(CompressedInput*, char*, size_t) override {
    return absl::UnimplementedError("zstd data, and this build has no zstd");
  }
};

#endif  // TOCSIN_HAVE_ZSTD

// Frames that hold no data may come first; they start with 50 to 5F.
bool IsZstd(std::string_view head) {
  if (head.starts_with(kZstdMagic)) return true;
  return head.size() >= 4 && (head[0] & 0xF0) == 0x50 &&
         head.substr(1, 3) == "\x2A\x4D\x18";
}

std::unique_ptr<Codec> MakeCodec(std::string_view head) {
  if (head.starts_with(kGzipMagic)) return std::make_unique<GzipCodec>();
  if (IsZstd(head)) return std::make_unique<ZstdCodec>();
  return std::make_unique<PlainCodec>();
}

}  // namespace

CompressedInput::CompressedInput(std::unique_ptr<ByteSource> source)
    : source_(std::move(source)), buffer_(kInputBytes) {}

void CompressedInput::Require(size_t count) {
  if (size() >= count) return;
  std::memmove(buffer_.data(), data(), size());
  end_ = size();
  begin_ = 0;
  while (end_ < count && !at_end_) {
    const absl::StatusOr<size_t> got =
        source_->Read(buffer_.data() + end_, buffer_.size() - end_);
    if (!got.ok()) status_ = got.status();
    at_end_ = !got.ok() || *got == 0;
    if (at_end_) return;
    end_ += *got;
    bytes_read_ += static_cast<int64_t>(*got);
  }
}

Decompressor::Decompressor(std::unique_ptr<ByteSource> source)
    : input_(std::move(source)) {}

absl::StatusOr<size_t> Decompressor::Read(char* buffer, size_t capacity) {
  if (codec_ == nullptr) {
    input_.Require(kZstdMagic.size());
    codec_ = MakeCodec(std::string_view(input_.data(), input_.size()));
  }
  return codec_->Read(&input_, buffer, capacity);
}

}  // namespace tocsin::ingest
