// A file of events as a log: each line once, whatever the lines look like.
#include "daemon/log/file_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Keeps what it is given; seeks to `seek` when the partition is assigned.
class Keeper final : public LogListener {
 public:
  explicit Keeper(Log& log, std::vector<TopicPosition> seek = {}) : log_(log), seek_(std::move(seek)) {}
  void OnAssigned(int32_t partition) override { EXPECT_TRUE(log_.Seek(partition, seek_)); }
  void OnSuspended(int32_t) override {}
  void OnRevoked(int32_t) override {}
  void OnInputLost(int32_t) override {}
  [[nodiscard]] bool OnRecord(const schemas::Record& record) override {
    if (lines.size() == refuse_after) return false;
    lines.emplace_back(record.value);
    told_by.push_back(coming.size());
    offsets.push_back(record.offset);
    return true;
  }
  void OnComing(const schemas::Record& record) override { coming.emplace_back(record.value); }
  std::vector<std::string> lines;
  std::vector<std::string> coming;
  std::vector<size_t> told_by;  // For each line: how many had been told of before.
  std::vector<int64_t> offsets;
  size_t refuse_after = SIZE_MAX;

 private:
  Log& log_;
  std::vector<TopicPosition> seek_;
};

class FileLogTest : public testing::Test {
 protected:
  std::unique_ptr<FileLog> Open(std::string_view text) {
    std::ofstream(directory_ / "events", std::ios::binary) << text;
    auto opened = FileLog::Open(directory_ / "events", *OutputFiles::Make({}, OutputFiles::Open::kTruncate));
    EXPECT_TRUE(opened);
    return *std::move(opened);
  }
  static void ReadAll(FileLog& log, Keeper& keeper, size_t at_once = 3) {
    while (!log.finished()) ASSERT_TRUE(log.Poll(std::chrono::milliseconds(0), at_once, keeper));
  }
  std::vector<std::string> Lines(std::string_view text) {
    const std::unique_ptr<FileLog> log = Open(text);
    Keeper keeper(*log);
    ReadAll(*log, keeper);
    EXPECT_TRUE(log->outcome());
    return keeper.lines;
  }
  TempDirectory directory_;
};

TEST_F(FileLogTest, LinesInAnyForm) {
  EXPECT_THAT(Lines(""), IsEmpty());
  EXPECT_THAT(Lines("\n\n\r\n"), IsEmpty());
  EXPECT_THAT(Lines("a\nb\n"), ElementsAre("a", "b"));
  EXPECT_THAT(Lines("a\nb"), ElementsAre("a", "b"));
  EXPECT_THAT(Lines("a\r\n\r\nb\r"), ElementsAre("a", "b"));
  EXPECT_THAT(Lines("\n\na\n\n\nb\n\n"), ElementsAre("a", "b"));
  EXPECT_THAT(Lines("a\rb\n"), ElementsAre("a\rb"));
  EXPECT_THAT(Lines(std::string_view("a\0b\n", 4)), ElementsAre(std::string("a\0b", 3)));
}

TEST_F(FileLogTest, OffsetsAreLineNumbers) {
  const std::unique_ptr<FileLog> log = Open("a\n\nb\r\nc");
  Keeper keeper(*log);
  ReadAll(*log, keeper, 1);
  EXPECT_THAT(keeper.offsets, ElementsAre(1, 3, 4));
}

TEST_F(FileLogTest, LinesOverTheEdgesOfReads) {
  std::string text;
  std::vector<std::string> lines;
  for (size_t i = 0; i < 40; ++i) {
    lines.emplace_back((i * 7919) % 300'000 + 1, static_cast<char>('a' + i % 26));
    text += lines.back() + (i % 3 == 0 ? "\r\n" : "\n");
  }
  EXPECT_EQ(Lines(text), lines);
}

TEST_F(FileLogTest, TellsOfLinesThatAreComing) {
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += std::to_string(i) + std::string(static_cast<size_t>(i) % 90, '.') + "\n";
  const std::unique_ptr<FileLog> log = Open(text);
  Keeper keeper(*log);
  ReadAll(*log, keeper, 7);
  // The first lines of a read cannot be told of before.
  size_t told = 0;
  for (size_t i = 0; i < keeper.lines.size(); ++i) {
    if (keeper.told_by[i] == 0) continue;
    const int ahead = std::stoi(keeper.coming[keeper.told_by[i] - 1]) - static_cast<int>(i);
    EXPECT_LE(ahead, static_cast<int>(LogListener::kComing));
    told += ahead == static_cast<int>(LogListener::kComing) ? 1 : 0;
  }
  EXPECT_GE(told, 4950U);
  EXPECT_GE(keeper.coming.size(), 4950U);
  EXPECT_TRUE(std::includes(keeper.lines.begin(), keeper.lines.end(), keeper.coming.begin(),
                            keeper.coming.end(),
                            [](const auto& a, const auto& b) { return std::stoi(a) < std::stoi(b); }));
}

TEST_F(FileLogTest, ATooLongLineIsOneRecordAndHidesNoneBehindIt) {
  for (const size_t size : {kLineBytesMax - 1, kLineBytesMax, kLineBytesMax + 1, 2 * kLineBytesMax + 5}) {
    for (const char* end : {"", "\n", "\nafter", "\r\nafter\n"}) {
      const std::vector<std::string> lines = Lines("before\n" + std::string(size, 'x') + end);
      ASSERT_EQ(lines.size(), std::string_view(end).size() > 2 ? 3U : 2U) << size << end;
      EXPECT_EQ(lines[0], "before");
      EXPECT_EQ(lines[1].size(), std::min(size, kLineBytesMax));
      if (lines.size() == 3) {
        EXPECT_EQ(lines[2], "after");
      }
    }
  }
}

TEST_F(FileLogTest, NumbersGoOnWhereTheStateOfAnEarlierReplayEnds) {
  const std::unique_ptr<FileLog> log = Open("a\nb\n");
  Keeper keeper(*log, {{.topic = "events", .next = 8}});
  ReadAll(*log, keeper);
  EXPECT_THAT(keeper.offsets, ElementsAre(8, 9));
}

TEST_F(FileLogTest, WhatIsRefusedEndsTheReplayAndSaysWhere) {
  const std::unique_ptr<FileLog> log = Open("a\nb\nc\n");
  Keeper keeper(*log);
  keeper.refuse_after = 1;
  ReadAll(*log, keeper);
  ASSERT_FALSE(log->outcome());
  EXPECT_EQ(log->outcome().error().detail, "stopped at line 2");
}

TEST_F(FileLogTest, ADirectoryIsAnErrorAndNotAnEmptyFile) {
  auto log = FileLog::Open(directory_.path(), *OutputFiles::Make({}, OutputFiles::Open::kTruncate));
  if (!log) return;
  Keeper keeper(**log);
  ReadAll(**log, keeper);
  EXPECT_FALSE((*log)->outcome());
}

}  // namespace
}  // namespace tocsin::daemon
