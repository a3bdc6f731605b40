#include <zlib.h>

#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ingest/reading.h"
#include "tocsin/event_reader.h"

#ifdef TOCSIN_HAVE_ZSTD
#include <zstd.h>
#endif

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string Gzip(std::string_view text) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8,
                         Z_DEFAULT_STRATEGY),
            Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Lines(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += "{\"n\":" + std::to_string(i) + "}\n";
  return text;
}

TEST(GzipTest, IsToldByItsFirstBytes) {
  EXPECT_THAT(Read(Gzip("{\"n\":1}\n{\"n\":2}")),
              ElementsAre("1:1 {\"n\":1}", "2:1 {\"n\":2}"));
}

TEST(GzipTest, SeveralMembersAreOneInput) {
  const std::string input =
      Gzip("{\"n\":1}\n{\"n\"") + Gzip(":2}\n") + Gzip("");
  EXPECT_THAT(Read(input), ElementsAre("1:1 {\"n\":1}", "2:1 {\"n\":2}"));
}

TEST(GzipTest, ZerosBehindTheLastMemberArePadding) {
  EXPECT_THAT(Read(Gzip("{\"n\":1}") + std::string(1000, '\0')), SizeIs(1));
}

TEST(GzipTest, OtherDataBehindTheStreamIsAnError) {
  EXPECT_THAT(Read(Gzip("{\"n\":1}\n") + "rest"),
              ElementsAre("1:1 {\"n\":1}",
                          "2:1 error: data behind the gzip stream is no gzip"));
  EXPECT_THAT(Read(Gzip("{\"n\":1}\n") + std::string(3, '\0') + Gzip("{}")),
              SizeIs(2));
}

TEST(GzipTest, TruncatedDataKeepsWhatWasDecoded) {
  const std::string whole = Gzip(Lines(0, 50'000));
  const Reading reading =
      ReadFrom(FromBytes(std::string_view(whole).substr(0, whole.size() / 2)));
  EXPECT_GT(reading.stats.events, 10'000);
  EXPECT_THAT(reading.steps.back(), HasSubstr("error: gzip data ends early"));
  const Reading no_checksum =
      ReadFrom(FromBytes(std::string_view(whole).substr(0, whole.size() - 4)));
  EXPECT_EQ(no_checksum.stats.events, 50'000);
  EXPECT_THAT(no_checksum.steps.back(),
              HasSubstr("50001:1 error: gzip data ends early"));
}

TEST(GzipTest, DamagedDataIsALocatedError) {
  std::string damaged = Gzip(Lines(0, 1000));
  damaged[damaged.size() - 6] ^= 1;  // The checksum.
  EXPECT_THAT(Read(damaged).back(),
              HasSubstr("1001:1 error: gzip data is damaged"));
  EXPECT_THAT(Read("\x1F\x8B\x08garbage").back(),
              HasSubstr("error: gzip data"));
}

TEST(GzipTest, EverySeamGivesTheSame) {
  const std::string input = Gzip("{\"n\":1}\n{\"n\"") + Gzip(":2}\n");
  const std::vector<std::string> whole = Read(input);
  for (size_t step = 1; step < input.size(); ++step) {
    EXPECT_EQ(ReadFrom(std::make_unique<SlowSource>(input, step)).steps, whole)
        << step;
  }
}

TEST(GzipTest, SourceBytesAreTheCompressedOnes) {
  const std::string input = Gzip(Lines(0, 1000));
  EventReader reader(FromBytes(input));
  while (reader.Next() != EventReader::kEnd) continue;
  EXPECT_EQ(reader.source_bytes(), static_cast<int64_t>(input.size()));
  EXPECT_EQ(reader.stats().bytes, static_cast<int64_t>(Lines(0, 1000).size()));
}

TEST(GzipTest, AShortStartThatOnlyLooksCompressedIsText) {
  EXPECT_THAT(Read("\x1F"), SizeIs(1));
  EXPECT_THAT(Read("\x28\xB5"), SizeIs(1));
}

#ifdef TOCSIN_HAVE_ZSTD

std::string Zstd(std::string_view text, int window_log = 0) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  if (window_log != 0) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  }
  std::string out(ZSTD_compressBound(text.size()) + 64, '\0');
  ZSTD_inBuffer in = {text.data(), text.size(), 0};
  ZSTD_outBuffer to = {out.data(), out.size(), 0};
  // Without knowing the end ahead, the frame is not a single segment.
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_continue);
  EXPECT_EQ(ZSTD_compressStream2(context, &to, &in, ZSTD_e_end), 0u);
  out.resize(to.pos);
  ZSTD_freeCCtx(context);
  return out;
}

TEST(ZstdTest, FramesAreOneInput) {
  EXPECT_THAT(Read(Zstd("{\"n\":1}\n{\"n\"") + Zstd(":2}\n")),
              ElementsAre("1:1 {\"n\":1}", "2:1 {\"n\":2}"));
}

TEST(ZstdTest, AFrameToSkipMayComeFirst) {
  const std::string skipped("\x50\x2A\x4D\x18\x02\x00\x00\x00zz", 10);
  EXPECT_THAT(Read(skipped + Zstd("{\"n\":1}")), ElementsAre("1:1 {\"n\":1}"));
}

TEST(ZstdTest, LargeOutputIsAllThere) {
  EXPECT_EQ(ReadFrom(FromBytes(Zstd(Lines(0, 200'000)))).stats.events, 200'000);
}

TEST(ZstdTest, TruncatedDataKeepsWhatWasDecoded) {
  const std::string whole = Zstd(Lines(0, 200'000));
  const Reading reading =
      ReadFrom(FromBytes(std::string_view(whole).substr(0, whole.size() / 2)));
  EXPECT_GT(reading.stats.events, 10'000);
  EXPECT_THAT(reading.steps.back(), HasSubstr("error: zstd data ends early"));
}

TEST(ZstdTest, DamagedDataIsALocatedError) {
  EXPECT_THAT(Read(Zstd("{\"n\":1}\n") + "rest"),
              ElementsAre("1:1 {\"n\":1}",
                          HasSubstr("2:1 error: zstd data is damaged")));
}

TEST(ZstdTest, WindowsUpTo128MiBAreReadAndLargerOnesRefused) {
  EXPECT_THAT(Read(Zstd("{\"n\":1}", 27)), ElementsAre("1:1 {\"n\":1}"));
  EXPECT_THAT(
      Read(Zstd("{\"n\":1}", 28)),
      ElementsAre("1:1 error: zstd data needs a window of more than 128 MiB"));
}

TEST(ZstdTest, EverySeamGivesTheSame) {
  const std::string input = Zstd("{\"n\":1}\n{\"n\"") + Zstd(":2}\n");
  const std::vector<std::string> whole = Read(input);
  for (size_t step = 1; step < input.size(); ++step) {
    EXPECT_EQ(ReadFrom(std::make_unique<SlowSource>(input, step)).steps, whole)
        << step;
  }
}

#endif  // TOCSIN_HAVE_ZSTD

}  // namespace
}  // namespace tocsin
