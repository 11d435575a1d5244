#include "daemon/log/frame_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

class FrameFileTest : public testing::Test {
 protected:
  std::unique_ptr<FrameFile> Open(uint64_t segment_bytes = 1 << 20) {
    auto opened = FrameFile::Open(directory_.path(), segment_bytes);
    EXPECT_TRUE(opened) << opened.error().ToString();
    return opened ? *std::move(opened) : nullptr;
  }
  std::vector<std::string> ReadAll(int64_t from, int64_t to) {
    FrameFile::Reader reader(directory_.path());
    EXPECT_TRUE(reader.Seek(from));
    std::vector<std::string> frames;
    std::string_view frame;
    for (;;) {
      auto more = reader.Next(to, frame);
      EXPECT_TRUE(more) << more.error().ToString();
      if (!more || !*more) return frames;
      frames.emplace_back(frame);
    }
  }
  fs::path LastSegment() {
    fs::path last;
    for (const auto& entry : fs::directory_iterator(directory_.path())) last = std::max(last, entry.path());
    return last;
  }
  TempDirectory directory_;
};

TEST_F(FrameFileTest, KeepsFramesInOrderAcrossSegmentsAndRestarts) {
  std::vector<std::string> written;
  for (int round = 0; round < 3; ++round) {
    auto file = Open(/*segment_bytes=*/200);
    for (int i = 0; i < 20; ++i) {
      written.push_back("frame " + std::to_string(round) + "/" + std::to_string(i));
      ASSERT_TRUE(file->Append(written.back()));
    }
    ASSERT_TRUE(file->Sync());
  }
  auto file = Open(200);
  EXPECT_GT(std::distance(fs::directory_iterator(directory_.path()), fs::directory_iterator()), 3);
  EXPECT_EQ(ReadAll(0, file->durable_end()), written);
}

TEST_F(FrameFileTest, ReaderStopsAtTheLimit) {
  auto file = Open();
  ASSERT_TRUE(file->Append("durable"));
  ASSERT_TRUE(file->Sync());
  const int64_t durable = file->durable_end();
  ASSERT_TRUE(file->Append("not yet"));
  EXPECT_EQ(ReadAll(0, durable), std::vector<std::string>{"durable"});
}

TEST_F(FrameFileTest, EveryTornEndIsCutOff) {
  int64_t durable = 0;
  uint64_t size = 0;
  {
    auto file = Open();
    ASSERT_TRUE(file->Append("first"));
    ASSERT_TRUE(file->Sync());
    durable = file->durable_end();
    ASSERT_TRUE(file->Append("second, never synced"));
    size = fs::file_size(LastSegment());
  }
  for (uint64_t cut = static_cast<uint64_t>(durable); cut < size; ++cut) {
    fs::resize_file(LastSegment(), cut);
    auto file = Open();
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(file->end(), durable) << cut;
    ASSERT_TRUE(file->Append("again"));
    ASSERT_TRUE(file->Sync());
    EXPECT_EQ(ReadAll(0, file->durable_end()), (std::vector<std::string>{"first", "again"}));
    fs::resize_file(LastSegment(), static_cast<uint64_t>(durable));
    std::ofstream(LastSegment(), std::ios::app | std::ios::binary)
        << std::string(size - static_cast<uint64_t>(durable), 'x');
  }
}

TEST_F(FrameFileTest, RefusesDamageToWhatWasDurable) {
  {
    auto file = Open();
    ASSERT_TRUE(file->Append("first"));
    ASSERT_TRUE(file->Sync());
    ASSERT_TRUE(file->Append("second"));
    ASSERT_TRUE(file->Sync());
  }
  {
    std::fstream segment(LastSegment(), std::ios::in | std::ios::out | std::ios::binary);
    segment.seekp(21);
    segment.put('X');
  }
  auto opened = FrameFile::Open(directory_.path(), 1 << 20);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
}

TEST_F(FrameFileTest, DamageWhileRunningIsAnErrorNotAFrame) {
  auto file = Open();
  ASSERT_TRUE(file->Append("first"));
  ASSERT_TRUE(file->Sync());
  {
    std::fstream segment(LastSegment(), std::ios::in | std::ios::out | std::ios::binary);
    segment.seekp(21);
    segment.put('X');
  }
  FrameFile::Reader reader(directory_.path());
  ASSERT_TRUE(reader.Seek(0));
  std::string_view frame;
  auto more = reader.Next(file->durable_end(), frame);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::kCorrupt);
}

TEST_F(FrameFileTest, TrimKeepsWhatIsAskedFor) {
  auto file = Open(100);
  std::vector<int64_t> ends;
  for (int i = 0; i < 30; ++i) {
    auto end = file->Append("0123456789");
    ASSERT_TRUE(end);
    ends.push_back(*end);
  }
  ASSERT_TRUE(file->Sync());
  file->TrimBefore(ends[19]);
  EXPECT_GT(file->begin(), 0);
  EXPECT_LE(file->begin(), ends[19]);
  EXPECT_EQ(ReadAll(ends[19], file->durable_end()).size(), 10U);
  FrameFile::Reader reader(directory_.path());
  EXPECT_FALSE(reader.Seek(0));
}

}  // namespace
}  // namespace tocsin::daemon
