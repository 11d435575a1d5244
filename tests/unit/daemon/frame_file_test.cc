#include "daemon/log/frame_file.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "base/hash.h"
#include "tests/support/failing_syncs.h"
#include "tests/support/no_more_files.h"
#include "tests/support/temp_directory.h"

namespace {

bool fail_syncs = false;
bool fail_cuts = false;

}  // namespace

// In the place of the C library's, for this program.
extern "C" int fdatasync(int fd) {
  const auto fails = tocsin::fails_to_sync.load();
  if (!fail_syncs && (fails == nullptr || !fails(fd))) return static_cast<int>(::syscall(SYS_fdatasync, fd));
  errno = EIO;
  return -1;
}
extern "C" int ftruncate(int fd, off_t length) noexcept {
  if (!fail_cuts) return static_cast<int>(::syscall(SYS_ftruncate, fd, length));
  errno = EIO;
  return -1;
}

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
  // Of the first frame; it must be one that cannot be read.
  Error WhyUnreadable(const FrameFile& file) {
    FrameFile::Reader reader(directory_.path());
    EXPECT_TRUE(reader.Seek(0));
    std::string_view frame;
    const auto more = reader.Next(file.durable_end(), frame);
    EXPECT_FALSE(more);
    return more ? Error{} : more.error();
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
      ASSERT_TRUE(i % 3 != 0 || file->Sync());
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

// No later frame knows that the newest sync was one; the owner does.
TEST_F(FrameFileTest, WhatTheOwnerKnowsToBeDurableIsNeverCutOff) {
  int64_t durable = 0;
  {
    auto file = Open();
    ASSERT_TRUE(file->Append("first"));
    ASSERT_TRUE(file->Append("second"));
    ASSERT_TRUE(file->Sync());
    durable = file->durable_end();
  }
  EXPECT_TRUE(FrameFile::Open(directory_.path(), 1 << 20, durable));
  {
    std::fstream segment(LastSegment(), std::ios::in | std::ios::out | std::ios::binary);
    segment.seekp(durable - 2);
    segment.put('X');
  }
  const auto refused = [&] {
    const auto size = fs::file_size(LastSegment());
    const auto opened = FrameFile::Open(directory_.path(), 1 << 20, durable);
    EXPECT_EQ(fs::file_size(LastSegment()), size);
    return !opened && opened.error().code == ErrorCode::kCorrupt;
  };
  EXPECT_TRUE(refused());
  fs::resize_file(LastSegment(), static_cast<uint64_t>(durable) - 1);
  EXPECT_TRUE(refused());
  fs::resize_file(LastSegment(), 0);
  EXPECT_TRUE(refused());
  fs::remove(LastSegment());
  EXPECT_FALSE(FrameFile::Open(directory_.path(), 1 << 20, durable));
  EXPECT_EQ(fs::directory_iterator(directory_.path()), fs::directory_iterator());
}

// Who sends events may put into them what looks like a later frame.
TEST_F(FrameFileTest, WhatAnEventHoldsDoesNotMakeATornEndDamage) {
  int64_t durable = 0;
  std::string forged;
  ByteWriter writer(forged);
  writer.Fixed32(0x314c4354);
  writer.Fixed32(0);
  writer.Fixed64(uint64_t{1} << 40U);
  writer.Fixed32(Crc32c(std::string_view(), Crc32c(forged)));
  {
    auto file = Open();
    ASSERT_TRUE(file->Append("first"));
    ASSERT_TRUE(file->Sync());
    durable = file->durable_end();
    ASSERT_TRUE(file->Append("a note: " + forged + ", and more"));
  }
  fs::resize_file(LastSegment(), fs::file_size(LastSegment()) - 5);
  auto file = Open();
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->end(), durable);
}

// It passes, and the frames are still there.
TEST_F(FrameFileTest, TooManyOpenFilesIsNoLoss) {
  {
    auto file = Open(/*segment_bytes=*/30);
    ASSERT_TRUE(file->Append("fills the segment"));
    ASSERT_TRUE(file->Sync());
    ASSERT_TRUE(file->Append("in the next one"));
    ASSERT_TRUE(file->Sync());
    FrameFile::Reader reader(directory_.path());
    ASSERT_TRUE(reader.Seek(0));
    std::string_view frame;
    ASSERT_TRUE(reader.Next(file->durable_end(), frame));
    FrameFile::Reader missing(directory_.path() + "/missing");
    EXPECT_EQ(missing.Seek(0).error().code, ErrorCode::kNotFound);
    {
      const NoMoreFiles none;
      const Result<bool> more = reader.Next(file->durable_end(), frame);
      ASSERT_FALSE(more);
      EXPECT_EQ(more.error().code, ErrorCode::kUnavailable);
      FrameFile::Reader other(directory_.path());
      const Result<Done> sought = other.Seek(reader.position());
      ASSERT_FALSE(sought);
      EXPECT_EQ(sought.error().code, ErrorCode::kUnavailable);
    }
    const Result<bool> more = reader.Next(file->durable_end(), frame);
    ASSERT_TRUE(more) << more.error().ToString();
    ASSERT_TRUE(*more);
    EXPECT_EQ(frame, "in the next one");
  }
  const NoMoreFiles none;
  const auto opened = FrameFile::Open(directory_.path(), 30);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(opened.error().detail.find("cannot be read"), std::string::npos);
}

// A full segment is not a reason to sync: what fails then would take away what others have appended and wait
// for.
TEST_F(FrameFileTest, AppendingTakesNothingAwayThatOthersWaitFor) {
  auto file = Open(/*segment_bytes=*/30);
  ASSERT_TRUE(file->Append("fills the segment"));
  fail_syncs = true;
  EXPECT_TRUE(file->Append("comes after it"));
  fail_syncs = false;
  ASSERT_TRUE(file->Sync());
  EXPECT_EQ(ReadAll(0, file->durable_end()),
            (std::vector<std::string>{"fills the segment", "comes after it"}));
  ASSERT_TRUE(file->Append("in the next segment"));
  EXPECT_GT(LastSegment().filename(), "00000000000000000000.log");
}

TEST_F(FrameFileTest, AFailedSyncIsTakenBackOrNothingIsWrittenAnyMore) {
  auto file = Open();
  ASSERT_TRUE(file->Append("durable"));
  ASSERT_TRUE(file->Sync());
  ASSERT_TRUE(file->Append("lost"));
  fail_syncs = true;
  EXPECT_FALSE(file->Sync());
  EXPECT_EQ(file->end(), file->durable_end());
  ASSERT_TRUE(file->Append("not taken back"));
  fail_cuts = true;
  EXPECT_FALSE(file->Sync());
  fail_syncs = fail_cuts = false;
  // The kernel would call this a success, and need not have written anything.
  EXPECT_FALSE(file->Sync());
  EXPECT_FALSE(file->Append("after it"));
  EXPECT_EQ(ReadAll(0, file->durable_end()), std::vector<std::string>{"durable"});
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
  const Error error = WhyUnreadable(*file);
  EXPECT_EQ(error.code, ErrorCode::kCorrupt);
  EXPECT_NE(error.detail.find("restore the whole state directory from one backup"), std::string::npos);
}

TEST_F(FrameFileTest, AnEndThatIsGoneIsToldWithWhatToDo) {
  auto file = Open();
  ASSERT_TRUE(file->Append("first"));
  ASSERT_TRUE(file->Sync());
  fs::resize_file(LastSegment(), 0);
  const Error error = WhyUnreadable(*file);
  EXPECT_EQ(error.code, ErrorCode::kCorrupt);
  EXPECT_NE(error.detail.find("restore the whole state directory from one backup"), std::string::npos);
}

TEST_F(FrameFileTest, TrimKeepsWhatIsAskedFor) {
  auto file = Open(100);
  std::vector<int64_t> ends;
  for (int i = 0; i < 30; ++i) {
    auto end = file->Append("0123456789");
    ASSERT_TRUE(end);
    ASSERT_TRUE(file->Sync());
    ends.push_back(*end);
  }
  file->TrimBefore(ends[19]);
  EXPECT_GT(file->begin(), 0);
  EXPECT_LE(file->begin(), ends[19]);
  EXPECT_EQ(ReadAll(ends[19], file->durable_end()).size(), 10U);
  FrameFile::Reader reader(directory_.path());
  EXPECT_FALSE(reader.Seek(0));
}

}  // namespace
}  // namespace tocsin::daemon
