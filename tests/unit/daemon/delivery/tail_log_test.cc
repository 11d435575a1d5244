// The embedded log's output files as delivery reads them, and what is seen of it when it cannot.
#include "daemon/delivery/tail_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

class TailLogTest : public testing::Test, public LogListener {
 protected:
  void SetUp() override {
    auto opened = LocalStore::Open(
        {.directory = directory_ / "log", .outputs = directory_ / "delivery-out", .partitions = 1});
    ASSERT_TRUE(opened) << opened.error().ToString();
    store_ = *std::move(opened);
    fs::create_directories(directory_ / "out");
    Write("notices", "one\ntwo\n");
    Write("tickets", "");
    log_ = std::make_unique<TailLog>(
        TailLogParts{.outputs = directory_ / "out",
                     .store = store_.get(),
                     .stats = &stats_,
                     .wall_clock = [this] { return FromMillis(now_); },
                     .report = [this](std::string_view code, const std::string&) { said_ += code; }});
    ASSERT_TRUE(log_->Poll({}, 100, *this));
    ASSERT_TRUE(log_->Seek(0, {}));
  }
  void OnAssigned(int32_t) override {}
  void OnRevoked(int32_t, bool) override {}
  void OnInputLost(int32_t) override { ++lost_; }
  bool OnRecord(const schemas::Record& record) override {
    read_ += std::string(record.value) + " ";
    return true;
  }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ / ("out/" + name + ".jsonl"), std::ios::app | std::ios::binary) << text;
  }
  Result<size_t> Poll() { return log_->Poll({}, 100, *this); }

  TempDirectory directory_;
  std::unique_ptr<LocalStore> store_;
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
    Write("notices", "three, which is longer\n");
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
  Write("tickets", "three\n");
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
  TailLog log({.outputs = directory_ / "out",
               .store = store_.get(),
               .stats = &stats_,
               .wall_clock = [this] { return FromMillis(now_); },
               .report = {}});
  ASSERT_TRUE(log.Poll({}, 100, *this));
  ASSERT_TRUE(log.Seek(0, {}));
  ASSERT_TRUE(log.Poll({}, 100, *this));
  EXPECT_EQ(read_, "one two ");
  EXPECT_TRUE(log.Poll({}, 100, *this)) << "drained: what was read is committed";
  EXPECT_FALSE(log.Poll({}, 100, *this));
  EXPECT_EQ(stats_.waiting_since_millis, now_);
}

}  // namespace
}  // namespace tocsin::daemon
