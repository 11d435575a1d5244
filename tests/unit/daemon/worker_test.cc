// What a worker makes of what its log tells it, with a log that says what the test wants.
#include "daemon/engine/worker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/engine/commit_record.h"
#include "tests/support/counting_processor.h"
#include "tests/support/scripted_log.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

// Notes by which clock each record was processed.
class ClockedProcessor final : public Processor {
 public:
  explicit ClockedProcessor(std::vector<int64_t>& clocks) : clocks_(clocks) {}
  std::unique_ptr<KeyedState> NewState(std::string_view key) const override {
    return counting_.NewState(key);
  }
  Result<Done> Process(const schemas::Record& record, Timestamp now, States& states,
                       Outputs& outputs) override {
    clocks_.push_back(ToMillis(now));
    return counting_.Process(record, now, states, outputs);
  }

 private:
  CountingProcessor counting_;
  std::vector<int64_t>& clocks_;
};

class WorkerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = StateStore::Open(directory_ / "state", {});
    ASSERT_TRUE(opened) << opened.error().ToString();
    store_ = *std::move(opened);
    auto log = std::make_unique<ScriptedLog>();
    log_ = log.get();
    WorkerParts parts;
    parts.log = std::move(log);
    parts.processor = std::make_unique<ClockedProcessor>(clocks_);
    parts.store = store_.get();
    parts.owner = "test";
    parts.config.checkpoint_interval = std::chrono::seconds(0);
    parts.metrics = &metrics_;
    parts.board = &board_;
    parts.wall_clock = [this] { return FromMillis(wall_millis_); };
    parts.steady_clock = [this] { return steady_.value_or(std::chrono::steady_clock::now()); };
    parts.erased = [this](std::span<const std::string> keys) {
      erased_.insert(erased_.end(), keys.begin(), keys.end());
    };
    parts.between_batches = [this](Processor&) { rules_in_use_ = rules_; };
    worker_ = std::make_unique<Worker>(std::move(parts));
    Step([](LogListener& listener) {
      listener.OnAssigned(0);
      return size_t{0};
    });
    while (metrics_.partitions.value() == 0) Step([](LogListener&) { return size_t{0}; });
  }
  void Step(std::function<size_t(LogListener&)> poll) {
    log_->poll = std::move(poll);
    const auto stepped = worker_->Step();
    ASSERT_TRUE(stepped) << stepped.error().ToString();
  }
  static bool Hand(LogListener& listener, int64_t offset, std::string_view value, int32_t partition = 0) {
    return listener.OnRecord({.topic = "t",
                              .partition = partition,
                              .offset = offset,
                              .appended_at = {},
                              .key = "k",
                              .headers = {},
                              .value = value});
  }

  TempDirectory directory_;
  WorkerMetrics metrics_;
  PartitionBoard board_;
  int64_t wall_millis_ = 1'700'000'000'000;
  std::optional<std::chrono::steady_clock::time_point> steady_;  // None: it goes on by itself.
  std::vector<int64_t> clocks_;
  int rules_ = 1;
  int rules_in_use_ = 0;
  std::vector<std::string> erased_;
  std::unique_ptr<StateStore> store_;
  ScriptedLog* log_ = nullptr;
  std::unique_ptr<Worker> worker_;
};

TEST_F(WorkerTest, ItsPartitionsAreShown) {
  std::vector<PartitionStatus> shown = board_.Read();
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0].state, PartitionStatus::State::kServing);
  EXPECT_EQ(shown[0].why, "");
  Step([](LogListener& listener) {
    EXPECT_TRUE(Hand(listener, 41, "a"));
    return size_t{1};
  });
  Step([](LogListener&) { return size_t{0}; });
  Step([](LogListener& listener) {
    listener.OnAssigned(3);
    return size_t{0};
  });
  shown = board_.Read();
  ASSERT_EQ(shown.size(), 2U);
  EXPECT_EQ(shown[0].positions, (std::vector<TopicPosition>{{"t", 42}}));
  EXPECT_EQ(shown[1].partition, 3);
  EXPECT_EQ(shown[1].state, PartitionStatus::State::kRestoring);
  Step([](LogListener& listener) {
    listener.OnInputLost(0);
    return size_t{0};
  });
  shown = board_.Read();
  EXPECT_EQ(shown[0].state, PartitionStatus::State::kStopped);
  EXPECT_NE(shown[0].why, "");
  Step([](LogListener& listener) {
    listener.OnRevoked(0);
    return size_t{0};
  });
  EXPECT_EQ(board_.Read().size(), 1U);
}

// A reload was answered "taken over" while the worker waited: what comes after it is judged by it.
TEST_F(WorkerTest, RecordsThatComeAfterASwapAreJudgedByWhatWasSwappedIn) {
  Step([this](LogListener& listener) {
    rules_ = 2;
    EXPECT_TRUE(Hand(listener, 0, "a"));
    EXPECT_EQ(rules_in_use_, 2);
    rules_ = 3;  // Within a batch nothing changes.
    EXPECT_TRUE(Hand(listener, 1, "b"));
    EXPECT_EQ(rules_in_use_, 2);
    return size_t{2};
  });
  Step([this](LogListener& listener) {
    EXPECT_TRUE(Hand(listener, 2, "c"));
    EXPECT_EQ(rules_in_use_, 3);
    return size_t{1};
  });
}

// Else what was found would be dated before the event that it was found in.
TEST_F(WorkerTest, TheClockIsReadWhenTheFirstRecordOfABatchIsThere) {
  Step([this](LogListener& listener) {
    wall_millis_ += 100;  // Waited for it.
    EXPECT_TRUE(Hand(listener, 0, "a"));
    return size_t{1};
  });
  EXPECT_EQ(clocks_, std::vector<int64_t>{1'700'000'000'100});
}

TEST_F(WorkerTest, WhatWasErasedIsToldWithItsCommitAndOnce) {
  Step([this](LogListener& listener) {
    EXPECT_TRUE(Hand(listener, 0, "a"));
    EXPECT_TRUE(Hand(listener, 1, "erase"));
    EXPECT_TRUE(erased_.empty());
    return size_t{2};
  });
  Step([](LogListener&) { return size_t{0}; });
  EXPECT_EQ(erased_, std::vector<std::string>{"k"});
  EXPECT_EQ(metrics_.accounts_erased.value(), 1U);
  Step([](LogListener& listener) {
    EXPECT_TRUE(Hand(listener, 2, "b"));
    return size_t{1};
  });
  Step([](LogListener&) { return size_t{0}; });
  EXPECT_EQ(erased_.size(), 1U);
}

// What waits for records of one partition lets another one's wait.
TEST_F(WorkerTest, WaitsForNoRecordsWhileAPartitionWaitsToBeRestored) {
  Step([](LogListener&) { return size_t{0}; });
  EXPECT_GT(log_->waited.count(), 0);
  Step([](LogListener& listener) {
    for (const int32_t partition : {1, 2, 3}) listener.OnAssigned(partition);
    return size_t{0};
  });
  while (metrics_.partitions.value() < 3) {
    Step([](LogListener&) { return size_t{0}; });
    EXPECT_EQ(log_->waited.count(), 0);
  }
}

TEST_F(WorkerTest, APartitionThatComesBackGoesOnWithItsStates) {
  Step([](LogListener& listener) {
    EXPECT_TRUE(Hand(listener, 0, "a"));
    listener.OnSuspended(0);
    EXPECT_FALSE(Hand(listener, 1, "b"));
    listener.OnAssigned(0);
    return size_t{0};
  });
  EXPECT_EQ(log_->outputs, std::vector<std::string>{"k 1 a"}) << "committed before it was suspended";
  while (metrics_.partitions.value() == 0) Step([](LogListener&) { return size_t{0}; });
  EXPECT_EQ(metrics_.restores.value(), 1U);
  EXPECT_EQ(metrics_.resumes.value(), 1U);
  Step([](LogListener& listener) {
    EXPECT_TRUE(Hand(listener, 1, "b"));
    return size_t{1};
  });
  Step([](LogListener&) { return size_t{0}; });
  EXPECT_EQ(log_->outputs, (std::vector<std::string>{"k 1 a", "k 2 b"}));
}

TEST_F(WorkerTest, APartitionOnWhichOthersWorkedIsRestored) {
  Step([this](LogListener& listener) {
    EXPECT_TRUE(Hand(listener, 0, "a"));
    listener.OnSuspended(0);
    // As another worker that is given the same record would.
    std::vector<ChangelogRecord>& records = log_->changelogs[0];
    Result<CommitRecord> commit = DecodeCommitRecord(records.back().value);
    EXPECT_TRUE(commit);
    ++commit->sequence;
    commit->segments = 0;
    records.push_back({records.back().key, Encode(*commit)});
    listener.OnAssigned(0);
    return size_t{0};
  });
  while (metrics_.partitions.value() == 0) Step([](LogListener&) { return size_t{0}; });
  EXPECT_EQ(metrics_.restores.value(), 2U);
  EXPECT_EQ(metrics_.resumes.value(), 0U);
}

// It could write no checkpoint any more, and read nothing once its memory was full.
TEST_F(WorkerTest, APartitionWhoseStoreAnotherWorkerOpenedIsOpenedAnew) {
  const auto work = [this](int64_t offset, std::string_view value) {
    Step([&](LogListener& listener) {
      EXPECT_TRUE(Hand(listener, offset, value));
      return size_t{1};
    });
    Step([](LogListener&) { return size_t{0}; });
  };
  work(0, "a");
  EXPECT_EQ(metrics_.checkpoints.value(), 1U);
  const auto other = store_->OpenPartition("partition-0");
  ASSERT_TRUE(other);
  work(1, "b");  // Of a state that is in memory.
  EXPECT_EQ(metrics_.checkpoint_failures.value(), 1U);
  while (metrics_.partitions.value() == 0) Step([](LogListener&) { return size_t{0}; });
  EXPECT_EQ(metrics_.restores.value(), 2U);
  work(2, "c");
  EXPECT_EQ(log_->outputs, (std::vector<std::string>{"k 1 a", "k 2 b", "k 3 c"}));
  EXPECT_EQ(metrics_.checkpoint_failures.value(), 1U);
  EXPECT_GT(metrics_.checkpoints.value(), 1U);
}

// Several processes that start one after the other take everything again before all of it has gone on.
TEST_F(WorkerTest, APartitionThatIsTakenAgainBeforeItHasGoneOnKeepsItsStates) {
  const auto comes_back = [](LogListener& listener) {
    listener.OnSuspended(0);
    listener.OnAssigned(0);
    return size_t{0};
  };
  Step([&](LogListener& listener) {
    EXPECT_TRUE(Hand(listener, 0, "a"));
    comes_back(listener);
    return comes_back(listener);  // Before its turn,
  });
  Step(comes_back);  // and while it looks at the changelog.
  while (metrics_.partitions.value() == 0) Step([](LogListener&) { return size_t{0}; });
  EXPECT_EQ(metrics_.restores.value(), 1U);
  EXPECT_EQ(metrics_.resumes.value(), 1U);
}

TEST_F(WorkerTest, APartitionThatComesBackWhileTheLogIsAwayKeepsItsStates) {
  Step([this](LogListener& listener) {
    EXPECT_TRUE(Hand(listener, 0, "a"));
    listener.OnSuspended(0);
    listener.OnAssigned(0);
    log_->away = true;
    return size_t{0};
  });
  Step([](LogListener&) { return size_t{0}; });
  log_->away = false;
  while (metrics_.partitions.value() == 0) Step([](LogListener&) { return size_t{0}; });
  EXPECT_EQ(metrics_.restores.value(), 1U);
  EXPECT_EQ(metrics_.resumes.value(), 1U);
}

// That is soon done, and a restore may take minutes.
TEST_F(WorkerTest, PartitionsThatComeBackAreServedBeforeNewOnes) {
  Step([](LogListener& listener) {
    listener.OnAssigned(4);
    return size_t{0};
  });
  while (metrics_.partitions.value() < 2) Step([](LogListener&) { return size_t{0}; });
  log_->sought.clear();
  Step([](LogListener& listener) {
    EXPECT_TRUE(Hand(listener, 0, "a", 4));
    listener.OnSuspended(0);
    listener.OnSuspended(4);
    listener.OnRevoked(0);
    listener.OnAssigned(2);
    listener.OnAssigned(4);
    return size_t{0};
  });
  while (metrics_.partitions.value() < 2) Step([](LogListener&) { return size_t{0}; });
  EXPECT_EQ(log_->sought, (std::vector<int32_t>{4, 2}));
}

// On a full disk it would restore thousands of times a second.
TEST_F(WorkerTest, AfterACommitThatFailsAgainThePartitionIsRestoredAfterAPauseThatDoubles) {
  using std::chrono::milliseconds;
  steady_ = std::chrono::steady_clock::now();
  const auto hand = [this](int64_t offset, std::string_view value) {
    Step([&](LogListener& listener) {
      static_cast<void>(Hand(listener, offset, value));
      return size_t{0};
    });
  };
  // Once is soon over: a commit whose outcome is unknown, say.
  log_->full = true;
  hand(0, "a");
  log_->full = false;
  for (int i = 0; i < 5; ++i) hand(0, "a");
  EXPECT_EQ(log_->outputs, std::vector<std::string>{"k 1 a"});
  EXPECT_EQ(metrics_.commit_failures.value(), 1U);
  log_->full = true;
  const auto until = *steady_ + std::chrono::seconds(10);
  for (; *steady_ < until; *steady_ += milliseconds(10)) hand(1, "b");
  EXPECT_GE(metrics_.commit_failures.value(), 7U);
  EXPECT_LE(metrics_.commit_failures.value(), 12U);
  EXPECT_LE(metrics_.restores.value(), 13U);
  log_->full = false;
  for (int i = 0; i < 1'300; ++i, *steady_ += milliseconds(10)) hand(1, "b");
  EXPECT_EQ(log_->outputs, (std::vector<std::string>{"k 1 a", "k 2 b"}));
  // It begins anew after a good commit.
  const uint64_t before = metrics_.commit_failures.value();
  log_->full = true;
  hand(2, "c");
  EXPECT_EQ(metrics_.commit_failures.value(), before + 1);
  log_->full = false;
  for (int i = 0; i < 5; ++i) hand(2, "c");
  EXPECT_EQ(log_->outputs.size(), 3U);
}

// One more event on accounts with much to write: ten thousand of them would be a commit of hundreds of
// megabytes.
TEST_F(WorkerTest, ACommitIsDueByWhatTheStatesWillWriteAsWell) {
  steady_ = std::chrono::steady_clock::now();
  const auto hand = [this](int64_t offset, std::string_view value, size_t polled) {
    Step([&](LogListener& listener) {
      for (const char* const key : {"a", "b"}) {
        EXPECT_TRUE(listener.OnRecord({.topic = "t",
                                       .offset = offset++,
                                       .appended_at = {},
                                       .key = key,
                                       .headers = {},
                                       .value = value}));
      }
      return polled;
    });
  };
  hand(0, "little", 0);
  const uint64_t commits = metrics_.commits.value();
  hand(2, "little", 2);
  EXPECT_EQ(metrics_.commits.value(), commits) << "there may be more to come";
  hand(4, std::string(5'000'000, 'x'), 0);
  EXPECT_EQ(metrics_.commits.value(), commits + 1);
  hand(6, "little", 2);
  EXPECT_EQ(metrics_.commits.value(), commits + 2);
}

TEST_F(WorkerTest, WhatCouldNotBeCommittedAtTheEndIsKnown) {
  const auto hand = [this](int64_t offset) {
    Step([&](LogListener& listener) {
      EXPECT_TRUE(Hand(listener, offset, "a"));
      return size_t{1};
    });
  };
  hand(0);
  worker_->Finish();
  EXPECT_FALSE(worker_->left_uncommitted());
  log_->full = true;
  hand(1);
  worker_->Finish();
  EXPECT_TRUE(worker_->left_uncommitted());
}

// Else it would take in what might never be judged.
TEST_F(WorkerTest, TheLogIsToldOfAPartitionThatCannotBeRestored) {
  CommitRecord commit;
  commit.sequence = 1;
  commit.segments = 1;
  commit.chain = 12345;
  log_->changelogs[1] = {{ChangelogKey(kCommitKind, {}), "no commit record"}};
  log_->changelogs[2] = {{ChangelogKey(kLastSegment, "k"), "x"},
                         {ChangelogKey(kCommitKind, {}), Encode(commit)}};
  Step([](LogListener& listener) {
    for (const int32_t partition : {1, 2}) listener.OnAssigned(partition);
    return size_t{0};
  });
  for (int i = 0; i < 10; ++i) Step([](LogListener&) { return size_t{0}; });
  EXPECT_EQ(metrics_.partitions_stopped.value(), 2U);
  EXPECT_EQ((std::set<int32_t>(log_->stopped.begin(), log_->stopped.end())), (std::set<int32_t>{1, 2}));
  // What is only away is no such case.
  log_->away = true;
  Step([](LogListener& listener) {
    listener.OnAssigned(3);
    return size_t{0};
  });
  for (int i = 0; i < 5; ++i) Step([](LogListener&) { return size_t{0}; });
  EXPECT_EQ(std::ranges::count(log_->stopped, 3), 0);
}

TEST_F(WorkerTest, APartitionWhoseInputIsGoneIsCountedAsStoppedUntilItComesAnew) {
  Step([](LogListener& listener) {
    EXPECT_TRUE(Hand(listener, 0, "a"));
    listener.OnInputLost(0);
    return size_t{1};
  });
  Step([](LogListener&) { return size_t{0}; });
  EXPECT_EQ(metrics_.partitions_stopped.value(), 1U);
  EXPECT_EQ(metrics_.partitions.value(), 0U);
  EXPECT_EQ(metrics_.partitions_restoring.value(), 0U);
  EXPECT_EQ(log_->outputs, std::vector<std::string>{"k 1 a"});  // What was read is committed.
  Step([](LogListener& listener) {
    listener.OnSuspended(0);
    listener.OnAssigned(0);
    return size_t{0};
  });
  EXPECT_EQ(metrics_.partitions_stopped.value(), 0U);
}

}  // namespace
}  // namespace tocsin::daemon
