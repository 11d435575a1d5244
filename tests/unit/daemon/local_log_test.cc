// What the embedded log does when something of it is damaged or gone while the process runs.
#include "daemon/log/local_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

class Listener final : public LogListener {
 public:
  void OnAssigned(int32_t) override {}
  void OnSuspended(int32_t) override {}
  void OnRevoked(int32_t) override {}
  void OnInputLost(int32_t partition) override { lost.push_back(partition); }
  bool OnRecord(const schemas::Record& record) override {
    records.push_back(record.partition);
    return true;
  }
  std::vector<int32_t> lost;
  std::vector<int32_t> records;
};

class LocalLogTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = Open();
    ASSERT_TRUE(opened) << opened.error().ToString();
    store_ = *std::move(opened);
    for (int i = 0; keys_[0].empty() || keys_[1].empty(); ++i) {
      const std::string key = "k" + std::to_string(i);
      keys_.at(static_cast<size_t>(store_->PartitionOf(key))) = key;
    }
  }
  [[nodiscard]] Result<std::unique_ptr<LocalStore>> Open() const {
    return LocalStore::Open(
        {.directory = directory_ / "log", .outputs = directory_ / "out", .partitions = 2});
  }
  Result<Done> Send(size_t partition) {
    const Accepted event{.account = keys_.at(partition), .topic = "t", .headers = {}, .value = "value"};
    return store_->Append({&event, 1}, Timestamp{});
  }
  // One change; where the commits end then.
  int64_t Commit(int partition) {
    std::vector<TaskCommit> commit(1);
    commit[0].partition = partition;
    commit[0].positions = {{std::string(kLocalTopic), store_->InputEnd(partition)}};
    commit[0].changelog = {{"key", "value"}};
    int64_t end = 0;
    EXPECT_TRUE(store_->Commit(commit, end));
    return end;
  }
  // As a restore reads from a checkpoint; -1: it cannot.
  static int ChangesSince(LocalLog& log, int partition, int64_t checkpoint) {
    const auto reading = log.OpenChangelog(partition, checkpoint);
    if (!reading) return -1;
    int changes = 0;
    const auto count = [&](std::string_view, std::string_view, int64_t) -> Result<Done> {
      ++changes;
      return Done{};
    };
    const auto end = (*reading)->Read(100, count);
    return end && *end ? changes : -1;
  }
  void Damage(int partition) {
    std::fstream segment(fs::path(store_->InputDirectory(partition)) / "00000000000000000000.log",
                         std::ios::in | std::ios::out | std::ios::binary);
    segment.seekp(25);
    segment.put('X');
  }

  TempDirectory directory_;
  std::unique_ptr<LocalStore> store_;
  std::array<std::string, 2> keys_;
  Listener listener_;
};

// Nothing of what a start goes by may be taken for absent: it would begin a log of its own in the old one's
// place.
TEST_F(LocalLogTest, WhatCannotBeReadIsNotTakenForAbsent) {
  ASSERT_TRUE(Send(0));
  for (const char* const name : {"identity", "outputs.mark", "log.mark"}) {
    SCOPED_TRACE(name);
    store_.reset();
    const fs::path path = fs::path(directory_ / "log") / name;
    const fs::path aside = path.string() + ".aside";
    fs::rename(path, aside);
    fs::create_directory(path);
    const auto unreadable = Open();
    ASSERT_FALSE(unreadable);
    EXPECT_EQ(unreadable.error().code, ErrorCode::kInvalid);
    EXPECT_EQ(unreadable.error().field, path);
    fs::remove(path);
    fs::rename(aside, path);
    auto again = Open();
    ASSERT_TRUE(again) << again.error().ToString();
    store_ = *std::move(again);
  }
}

TEST_F(LocalLogTest, WithoutItsIdentityNoLogIsTakenForANewOne) {
  const std::string id = store_->id();
  store_.reset();
  const fs::path path = fs::path(directory_ / "log") / "identity";
  fs::rename(path, path.string() + ".aside");
  const auto lost = Open();
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::kCorrupt);
  fs::rename(path.string() + ".aside", path);
  auto again = Open();
  ASSERT_TRUE(again) << again.error().ToString();
  store_ = *std::move(again);
  EXPECT_EQ(store_->id(), id);
}

// A person would look for a process that is not there.
TEST_F(LocalLogTest, ALockThatCannotBeHadIsNotSaidToBeAnothers) {
  const auto second = Open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().detail, "another process holds this state directory");
  store_.reset();
  const fs::path lock = fs::path(directory_ / "log") / "lock";
  fs::remove(lock);
  fs::create_directory(lock);
  const auto opened = Open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(opened.error().field, lock);
  EXPECT_EQ(opened.error().detail, "cannot be locked: Is a directory");
}

TEST_F(LocalLogTest, AnUnreadableFrameStopsItsPartitionAndNoOther) {
  std::string said;
  LocalLog log(*store_, 0, 1, [&](std::string_view code, const std::string& text) {
    said += std::string(code) + ": " + text;
  });
  ASSERT_TRUE(Send(0));
  ASSERT_TRUE(Send(1));
  Damage(0);
  ASSERT_TRUE(log.Poll({}, 100, listener_));
  ASSERT_TRUE(log.Seek(0, {}));
  ASSERT_TRUE(log.Seek(1, {}));
  for (int round = 0; round < 3; ++round) {
    const Result<size_t> polled = log.Poll({}, 100, listener_);
    ASSERT_TRUE(polled) << polled.error().ToString();
    ASSERT_TRUE(Send(1));
  }
  EXPECT_EQ(listener_.lost, std::vector<int32_t>{0});
  EXPECT_EQ(listener_.records, (std::vector<int32_t>{1, 1, 1}));
  EXPECT_TRUE(said.starts_with("input_lost: partition 0: ")) << said;
  // What might never be judged is not acknowledged.
  const Result<Done> refused = Send(0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
}

TEST_F(LocalLogTest, InputThatEndsBeforeWhatWasProcessedStopsThePartition) {
  LocalLog log(*store_, 0, 1);
  ASSERT_TRUE(Send(0));
  const TopicPosition beyond{std::string(kLocalTopic), store_->InputEnd(0) + 1};
  const Result<Done> sought = log.Seek(0, {&beyond, 1});
  ASSERT_FALSE(sought);
  EXPECT_EQ(sought.error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(Send(0));
  EXPECT_TRUE(Send(1));
  ASSERT_TRUE(log.Seek(0, {}));
  EXPECT_TRUE(Send(0));
}

TEST_F(LocalLogTest, CommitsThatEndBeforeTheCheckpointStopThePartition) {
  LocalLog log(*store_, 0, 1);
  EXPECT_TRUE(log.OpenChangelog(0, store_->CommitsEnd()));
  const auto opened = log.OpenChangelog(0, store_->CommitsEnd() + 1);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(Send(0));
}

// On a full disk a commit fails, and the partition is restored from the same checkpoint again.
TEST_F(LocalLogTest, APartitionThatRestedIsRestoredAsOftenAsItMust) {
  const Timestamp start = FromMillis(1'800'000'000'000);
  LocalLog log(*store_, 0, 1);
  const int64_t checkpoint = Commit(0);
  log.OnCheckpoint(0, checkpoint);
  log.OnCheckpoint(1, Commit(1));
  store_->Tidy(start);
  ASSERT_FALSE(FrameFile::Reader(store_->CommitsDirectory()).Seek(checkpoint)) << "it is removed";
  const int64_t last = Commit(0);
  for (int restore = 0; restore < 3; ++restore) {
    EXPECT_EQ(ChangesSince(log, 0, checkpoint), 1) << restore;
    log.OnCheckpoint(0, checkpoint);
    log.OnCheckpoint(1, Commit(1));
    store_->Tidy(start + std::chrono::hours(24 * 30 * (restore + 1)));
  }
  log.OnCheckpoint(0, last);
  EXPECT_EQ(ChangesSince(log, 0, last), 0);
  store_->Tidy(start + std::chrono::hours(24 * 365));
  EXPECT_FALSE(FrameFile::Reader(store_->CommitsDirectory()).Seek(last)) << "nobody needs it any more";
}

// One that begins with nothing writes checkpoints on its way: what follows them is needed again.
TEST_F(LocalLogTest, ARestoreFromNothingGoesOnFromItsOwnCheckpoint) {
  const Timestamp start = FromMillis(1'800'000'000'000);
  LocalLog log(*store_, 0, 1);
  const int64_t first = Commit(0);
  const int64_t second = Commit(0);
  Commit(0);
  log.OnCheckpoint(0, second);
  EXPECT_EQ(ChangesSince(log, 0, second), 1);
  EXPECT_EQ(ChangesSince(log, 0, 0), 3);
  log.OnCheckpoint(0, first);
  log.OnCheckpoint(1, Commit(1));
  store_->Tidy(start);
  EXPECT_EQ(ChangesSince(log, 0, first), 2);
}

}  // namespace
}  // namespace tocsin::daemon
