// The embedded log's output files as delivery reads them, and what is seen of it when it cannot.
#include "daemon/delivery/tail_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;
using schemas::OutputKind;

class TailLogTest : public testing::Test, public LogListener {
 protected:
  void SetUp() override {
    auto opened = LocalStore::Open(
        {.directory = directory_ / "log", .outputs = directory_ / "delivery-out", .partitions = 1});
    ASSERT_TRUE(opened) << opened.error().ToString();
    store_ = *std::move(opened);
    fs::create_directories(directory_ / "out");
    auto outputs = OutputHistory::Open(directory_ / "out", std::nullopt);
    ASSERT_TRUE(outputs) << outputs.error().ToString();
    outputs_ = *std::move(outputs);
    Write(OutputKind::kNotice, "one");
    Write(OutputKind::kNotice, "two");
    Restart({});
  }
  void Restart(std::vector<TopicPosition> positions) {
    log_ = std::make_unique<TailLog>(
        TailLogParts{.outputs = outputs_.get(),
                     .store = store_.get(),
                     .stats = &stats_,
                     .wall_clock = [this] { return FromMillis(now_); },
                     .report = [this](std::string_view code, const std::string&) { said_ += code; }});
    ASSERT_TRUE(log_->Poll({}, 100, *this));
    ASSERT_TRUE(log_->Seek(0, positions));
  }
  void OnAssigned(int32_t) override {}
  void OnSuspended(int32_t) override {}
  void OnRevoked(int32_t) override {}
  void OnInputLost(int32_t) override { ++lost_; }
  bool OnRecord(const schemas::Record& record) override {
    read_ += std::string(record.value) + " ";
    return true;
  }
  void Write(OutputKind kind, const std::string& line) {
    const schemas::OutRecord record{.kind = kind, .key = {}, .headers = {}, .value = line};
    ASSERT_TRUE(outputs_->Write({&record}));
  }
  void Turn() {
    ASSERT_TRUE(outputs_->BeginTurn(FromMillis(now_)));
    ASSERT_TRUE(outputs_->SetAside());
    now_ += 1'000;
  }
  Result<size_t> Poll(size_t records_max = 100) { return log_->Poll({}, records_max, *this); }

  TempDirectory directory_;
  std::unique_ptr<LocalStore> store_;
  std::unique_ptr<OutputHistory> outputs_;
  TailStats stats_;
  std::unique_ptr<TailLog> log_;
  int64_t now_ = 1'000'000;
  std::string read_;
  std::string said_;
  int lost_ = 0;
};

// As logrotate's copytruncate leaves it.
TEST_F(TailLogTest, AFileThatWasCutStopsThePartitionAndIsToldOnce) {
  ASSERT_TRUE(Poll());
  fs::resize_file(directory_ / "out/notices.jsonl", 0);
  for (int i = 0; i < 3; ++i) {
    const Result<size_t> polled = Poll();
    ASSERT_TRUE(polled) << polled.error().ToString();
    log_->Pause(0, false);  // As when the senders have room again.
    Write(OutputKind::kNotice, "three, which is longer");
  }
  EXPECT_EQ(read_, "one two ");
  EXPECT_EQ(lost_, 1);
  EXPECT_EQ(said_, "delivery_input_lost");
}

TEST_F(TailLogTest, WhatIsNotReadIsCountedAndItsAgeIsKnown) {
  ASSERT_TRUE(Poll());
  EXPECT_EQ(stats_.unread_bytes, 0);
  EXPECT_EQ(stats_.waiting_since_millis, 0);
  log_->Pause(0, true);
  Write(OutputKind::kTicket, "three");
  now_ += 5'000;
  ASSERT_TRUE(Poll());
  now_ += 5'000;
  ASSERT_TRUE(Poll());
  EXPECT_EQ(stats_.unread_bytes, 6);
  EXPECT_EQ(stats_.waiting_since_millis, 1'005'000);
  log_->Pause(0, false);
  ASSERT_TRUE(Poll());
  EXPECT_EQ(read_, "one two three ");
  EXPECT_EQ(stats_.waiting_since_millis, 0);
}

TEST_F(TailLogTest, AFileThatCannotBeOpenedHasAnAgeAsWell) {
  fs::remove(directory_ / "out/tickets.jsonl");
  Restart({});
  ASSERT_TRUE(Poll());
  EXPECT_EQ(read_, "one two ");
  EXPECT_TRUE(Poll()) << "drained: what was read is committed";
  EXPECT_FALSE(Poll());
  EXPECT_EQ(stats_.waiting_since_millis, now_);
}

TEST_F(TailLogTest, GoesOnThroughFilesThatAreSetAside) {
  ASSERT_TRUE(Poll(1));
  Turn();
  Write(OutputKind::kNotice, "three");
  Write(OutputKind::kTicket, "four");
  Turn();
  Write(OutputKind::kTicket, "five");
  EXPECT_EQ(stats_.unread_bytes, 4);
  while (*Poll(1) > 0) {
  }
  EXPECT_EQ(read_, "one two three four five ");
  EXPECT_EQ(stats_.unread_bytes, 0);
  Turn();
  Write(OutputKind::kNotice, "six");
  ASSERT_TRUE(Poll());
  EXPECT_EQ(read_, "one two three four five six ");
  EXPECT_EQ(said_, "");
}

TEST_F(TailLogTest, GoesOnAfterARestartWhereItStood) {
  Turn();
  Write(OutputKind::kNotice, "three");
  Turn();
  Write(OutputKind::kNotice, "four");
  Restart({{"notices", 4}});
  ASSERT_TRUE(Poll());
  ASSERT_TRUE(Poll());
  ASSERT_TRUE(Poll());
  EXPECT_EQ(read_, "two three four ");
}

TEST_F(TailLogTest, WhatIsNotCommittedYetIsKept) {
  Turn();
  ASSERT_TRUE(Poll());
  EXPECT_EQ(read_, "one two ");
  EXPECT_TRUE(outputs_->Remove(FromMillis(now_)));
  std::vector<TaskCommit> commits(1);
  commits[0].positions = {{"notices", 8}};
  std::vector<int64_t> next;
  ASSERT_TRUE(log_->Commit(commits, next));
  EXPECT_FALSE(outputs_->Remove(FromMillis(now_)));
  Restart({{"notices", 4}});
  EXPECT_EQ(outputs_->begin(OutputKind::kNotice), 8);
}

// With the time, while delivery was turned off, or by hand: the rest is delivered, and a person told.
TEST_F(TailLogTest, WhatWasRemovedIsPassedOverAndTold) {
  Turn();
  Write(OutputKind::kNotice, "three");
  const std::string removed = outputs_->PieceAt(OutputKind::kNotice, 0).path;
  ASSERT_TRUE(fs::remove(removed));
  ASSERT_TRUE(Poll());
  EXPECT_EQ(read_, "three ");
  EXPECT_EQ(said_, "delivery_input_removed");
  outputs_->NeededFrom(OutputKind::kNotice, 8);
  EXPECT_FALSE(outputs_->Remove(FromMillis(now_)));
  Restart({{"notices", 4}});
  ASSERT_TRUE(Poll());
  EXPECT_EQ(read_, "three three ");
  EXPECT_EQ(said_, "delivery_input_removeddelivery_input_removed");
  EXPECT_EQ(lost_, 0);
}

// What a write left that failed half way is taken back: it is none of what was put out.
TEST_F(TailLogTest, WhatIsNotWholeIsNotRead) {
  ASSERT_TRUE(Poll());
  const std::string path = directory_ / "out/notices.jsonl";
  std::ofstream(path, std::ios::app) << "three\nfo";
  ASSERT_TRUE(Poll());
  fs::resize_file(path, 8);
  ASSERT_TRUE(Poll());
  Write(OutputKind::kNotice, "3");
  ASSERT_TRUE(Poll());
  EXPECT_EQ(read_, "one two 3 ");
  EXPECT_EQ(lost_, 0);
}

}  // namespace
}  // namespace tocsin::daemon
