// How long the embedded log keeps what it was given.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/log/local_log.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::minutes;

constexpr hours kRetention{100};
const Timestamp kStart = FromMillis(1'800'000'000'000);

class LocalRetentionTest : public testing::Test {
 protected:
  void SetUp() override { Open(); }
  void Open() {
    store_.reset();
    auto opened = LocalStore::Open({.directory = directory_ / "log",
                                    .outputs = directory_ / "out",
                                    .partitions = 1,
                                    .retention = kRetention});
    ASSERT_TRUE(opened) << opened.error().ToString();
    store_ = *std::move(opened);
  }
  void Send(const std::string& value, Timestamp now) {
    const Accepted event{.account = "a", .topic = "t", .headers = {}, .value = value};
    ASSERT_TRUE(store_->Append({&event, 1}, now));
  }
  // All that was sent is processed; `value` is in its commit.
  void Process(const std::string& value) {
    std::vector<TaskCommit> commit(1);
    commit[0].positions = {{std::string(kLocalTopic), store_->InputEnd(0)}};
    commit[0].changelog = {{"key", value}};
    ASSERT_TRUE(store_->Commit(commit, committed_));
  }
  // As a daemon does, for so long.
  void TidyUntil(Timestamp now) {
    for (; tidied_ < now; tidied_ += minutes(10)) store_->Tidy(tidied_);
    store_->Tidy(now);
    tidied_ = now;
  }
  [[nodiscard]] bool IsOnDisk(const std::string& value) const {
    for (const auto& entry : fs::recursive_directory_iterator(directory_ / "log")) {
      if (!entry.is_regular_file()) continue;
      std::ostringstream bytes;
      bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      if (bytes.str().find(value) != std::string::npos) return true;
    }
    return false;
  }

  TempDirectory directory_;
  std::unique_ptr<LocalStore> store_;
  Timestamp tidied_ = kStart;
  int64_t committed_ = 0;
};

TEST_F(LocalRetentionTest, ProcessedInputOfAQuietPartitionIsGoneAfterItsTime) {
  Send("secret", kStart);
  Process("");
  TidyUntil(kStart + kRetention - minutes(1));
  EXPECT_TRUE(IsOnDisk("secret"));
  TidyUntil(kStart + kRetention);
  EXPECT_FALSE(IsOnDisk("secret"));
}

TEST_F(LocalRetentionTest, WhatIsYoungerStays) {
  for (int hour = 0; hour < 100; ++hour) {
    Send("secret-" + std::to_string(hour) + ".", kStart + hours(hour));
    Process("");
    TidyUntil(kStart + hours(hour));
  }
  TidyUntil(kStart + kRetention + hours(50));
  EXPECT_FALSE(IsOnDisk("secret-50."));
  EXPECT_TRUE(IsOnDisk("secret-60."));  // A tenth of the time is more than the two can be apart.
}

TEST_F(LocalRetentionTest, AStartKnowsHowOldTheInputIs) {
  Send("secret", kStart);
  Process("");
  TidyUntil(kStart + hours(50));
  Open();
  tidied_ = kStart + kRetention;
  TidyUntil(tidied_);
  EXPECT_FALSE(IsOnDisk("secret"));
}

TEST_F(LocalRetentionTest, WhatIsNotProcessedStaysHoweverOld) {
  Send("secret-1", kStart);
  Process("");
  TidyUntil(kStart + hours(49));
  Send("secret-2", kStart + hours(50));
  TidyUntil(kStart + 3 * kRetention);
  EXPECT_FALSE(IsOnDisk("secret-1"));
  EXPECT_TRUE(IsOnDisk("secret-2"));
  Process("");
  TidyUntil(kStart + 3 * kRetention + minutes(2));
  EXPECT_FALSE(IsOnDisk("secret-2"));
}

// One flipped bit must not keep a person's events for ever.
TEST_F(LocalRetentionTest, WhatCannotBeReadGoesWithWhatFollowsIt) {
  Send("secret-1", kStart);
  Process("");
  TidyUntil(kStart + hours(20));
  Send("secret-2", kStart + hours(21));
  Process("");
  {
    std::fstream segment(fs::path(store_->InputDirectory(0)) / "00000000000000000000.log",
                         std::ios::in | std::ios::out | std::ios::binary);
    segment.seekp(25);
    segment.put('X');
  }
  TidyUntil(kStart + hours(21) + kRetention);
  EXPECT_FALSE(IsOnDisk("secret-1"));
  EXPECT_FALSE(IsOnDisk("secret-2"));
}

TEST_F(LocalRetentionTest, ReadersGoOnBehindWhatIsGone) {
  Send("1", kStart);
  Process("");
  FrameFile::Reader reader(store_->InputDirectory(0));
  std::string_view frame;
  ASSERT_TRUE(reader.Seek(0));
  ASSERT_TRUE(*reader.Next(store_->InputEnd(0), frame));
  TidyUntil(kStart + kRetention);
  EXPECT_EQ(store_->InputBegin(0), store_->InputEnd(0));
  EXPECT_FALSE(*reader.Next(store_->InputEnd(0), frame));
  Send("secret", kStart + kRetention);
  const Result<bool> more = reader.Next(store_->InputEnd(0), frame);
  ASSERT_TRUE(more) << more.error().ToString();
  ASSERT_TRUE(*more);
  EXPECT_NE(frame.find("secret"), std::string_view::npos);
}

// On a disk that was full: commits are not left to the next checkpoint, which comes with the next commit.
TEST_F(LocalRetentionTest, AMarkThatCouldNotBeWrittenIsTriedAgain) {
  TidyUntil(kStart + minutes(10));
  Send("1", kStart);
  Process("secret");
  fs::create_directory(directory_ / "log/outputs.mark.new");
  store_->Checkpointed(0, committed_);
  fs::remove(directory_ / "log/outputs.mark.new");
  EXPECT_TRUE(IsOnDisk("secret"));
  TidyUntil(kStart + hours(11));
  EXPECT_FALSE(IsOnDisk("secret"));
}

TEST_F(LocalRetentionTest, ACommitIsGoneOnceACheckpointHasIt) {
  Send("1", kStart);
  Process("secret");
  TidyUntil(kStart + kRetention);
  EXPECT_TRUE(IsOnDisk("secret")) << "no checkpoint has it";
  store_->Checkpointed(0, committed_);
  TidyUntil(kStart + kRetention + hours(10));
  EXPECT_FALSE(IsOnDisk("secret"));
  Open();
  EXPECT_EQ(*store_->CommitsFrom(0, committed_), store_->CommitsEnd());
}

// On a full disk: nobody else makes the room.
TEST_F(LocalRetentionTest, OutputsThatAreOverMakeRoomForThoseThatWait) {
  constexpr hours kOutputs{24 * 90};
  const auto put = [&](const std::string& finding) {
    std::vector<TaskCommit> commit(1);
    commit[0].outputs.push_back(
        {.kind = schemas::OutputKind::kFinding, .key = {}, .headers = {}, .value = finding});
    ASSERT_TRUE(store_->Commit(commit, committed_));
  };
  put("finding-1");
  store_->Tidy(kStart);
  store_->Tidy(kStart + hours(24));
  const std::string first = directory_ / "out/findings.20270115T080000Z.jsonl";
  ASSERT_TRUE(fs::exists(first));
  const std::string current = directory_ / "out/findings.jsonl";
  store_->Tidy(kStart + kOutputs - hours(20));
  put(std::string(100'000, 'x'));
  store_->Tidy(kStart + kOutputs - hours(9));  // The commit log begins a segment.
  {
    const FileSizeLimit full(50'000);
    put("finding-2");
    store_->Tidy(kStart + kOutputs);
    EXPECT_FALSE(fs::exists(first));
    EXPECT_EQ(fs::file_size(current), 100'001U) << "the second waits";
  }
  store_->Tidy(kStart + kOutputs + minutes(1));
  EXPECT_EQ(fs::file_size(current), 100'011U);
}

// What it said is not believed: the time counts from when that is seen.
TEST_F(LocalRetentionTest, AClockThatWasAheadKeepsNothingForLonger) {
  const Timestamp ahead = kStart + 10 * kRetention;
  store_->Tidy(ahead);
  Send("secret-event", ahead);
  Process("secret-commit");
  store_->Checkpointed(0, committed_);
  EXPECT_TRUE(IsOnDisk("secret-commit"));
  TidyUntil(kStart + hours(11));
  EXPECT_FALSE(IsOnDisk("secret-commit"));
  TidyUntil(kStart + kRetention - minutes(1));
  EXPECT_TRUE(IsOnDisk("secret-event"));
  TidyUntil(kStart + kRetention);
  EXPECT_FALSE(IsOnDisk("secret-event"));
}

TEST_F(LocalRetentionTest, AClockThatWasBehindForAWhileRemovesNothing) {
  for (const int hour : {0, 11, 22}) {
    Send("event-" + std::to_string(hour), kStart + hours(hour));
    Process("");
    TidyUntil(kStart + hours(hour));
  }
  Open();
  store_->Tidy(kStart - hours(24 * 365));
  store_->Tidy(kStart + hours(23));
  for (const int hour : {0, 11, 22}) EXPECT_TRUE(IsOnDisk("event-" + std::to_string(hour))) << hour;
}

// A start does not know since when; what came later says how old it is at least.
TEST_F(LocalRetentionTest, WhatAClockThatWasAheadKeptGoesWithWhatFollowsIt) {
  Send("secret-1", kStart + 10 * kRetention);
  Process("");
  TidyUntil(kStart + hours(20));
  Send("secret-2", kStart + hours(21));
  Process("");
  TidyUntil(kStart + hours(50));
  Open();
  TidyUntil(kStart + hours(21) + kRetention - minutes(1));
  EXPECT_TRUE(IsOnDisk("secret-1"));
  TidyUntil(kStart + hours(21) + kRetention);
  EXPECT_FALSE(IsOnDisk("secret-1"));
  EXPECT_FALSE(IsOnDisk("secret-2"));
}

}  // namespace
}  // namespace tocsin::daemon
