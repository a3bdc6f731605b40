#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "src/state/snapshot_reader.h"
#include "src/state/snapshot_writer.h"

namespace tocsin::state {
namespace {

std::string OneSection() {
  std::string bytes;
  SnapshotWriter out(&bytes);
  out.BeginSection(7);
  out.PutText("kim");
  out.PutInt(-2);
  out.EndSection();
  return bytes;
}

TEST(SnapshotBytesTest, WhatIsWrittenIsRead) {
  std::string bytes;
  SnapshotWriter out(&bytes);
  out.Put8(200);
  out.PutBool(true);
  out.Put32(4'000'000'000);
  out.Put64(std::numeric_limits<uint64_t>::max());
  out.PutInt(std::numeric_limits<int64_t>::min());
  out.PutDouble(0.1);
  out.PutText(std::string_view("a\0b", 3));
  SnapshotReader in(bytes);
  EXPECT_EQ(in.Get8(), 200);
  EXPECT_TRUE(in.GetBool());
  EXPECT_EQ(in.Get32(), 4'000'000'000);
  EXPECT_EQ(in.Get64(), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(in.GetInt(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(in.GetDouble(), 0.1);
  EXPECT_EQ(in.GetText(), std::string_view("a\0b", 3));
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.remaining(), 0u);
}

TEST(SnapshotBytesTest, TheLowByteComesFirst) {
  std::string bytes;
  SnapshotWriter(&bytes).Put32(0x04030201);
  EXPECT_EQ(bytes, "\1\2\3\4");
}

TEST(SnapshotBytesTest, ASectionIsReadBack) {
  const std::string bytes = OneSection();
  SnapshotReader in(bytes);
  SnapshotReader::Section section;
  ASSERT_TRUE(in.GetSection(&section));
  EXPECT_EQ(section.kind, 7u);
  SnapshotReader body(section.body);
  EXPECT_EQ(body.GetText(), "kim");
  EXPECT_EQ(body.GetInt(), -2);
  EXPECT_FALSE(in.GetSection(&section));
  EXPECT_TRUE(in.ok());
}

TEST(SnapshotBytesTest, EveryFlippedBitIsNoticed) {
  const std::string bytes = OneSection();
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    SnapshotReader in(flipped);
    SnapshotReader::Section section;
    EXPECT_FALSE(in.GetSection(&section)) << "bit " << bit;
    EXPECT_FALSE(in.ok()) << "bit " << bit;
  }
}

TEST(SnapshotBytesTest, EveryMissingEndIsNoticed) {
  const std::string bytes = OneSection();
  for (size_t size = 1; size < bytes.size(); ++size) {
    SnapshotReader in(std::string_view(bytes).substr(0, size));
    SnapshotReader::Section section;
    EXPECT_FALSE(in.GetSection(&section)) << size << " bytes";
    EXPECT_EQ(in.error(), "ends too early") << size << " bytes";
  }
}

TEST(SnapshotBytesTest, ACountBeyondTheBytesIsRefused) {
  std::string bytes;
  SnapshotWriter out(&bytes);
  out.Put64(3);
  out.Put64(0);
  out.Put64(0);
  SnapshotReader in(bytes);
  EXPECT_EQ(in.GetCount(8), 0u);
  EXPECT_EQ(in.error(), "counts more than it holds");
}

TEST(SnapshotBytesTest, TheFirstThingWrongIsKeptAndAllElseIsEmpty) {
  const std::string bytes(64, '\1');
  SnapshotReader in(bytes);
  in.Fail("is not what it should be");
  EXPECT_EQ(in.Get64(), 0u);
  EXPECT_EQ(in.GetText(), "");
  EXPECT_EQ(in.error(), "is not what it should be");
}

}  // namespace
}  // namespace tocsin::state
