// What states take while partitions are restored, and afterwards without a record that comes.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/engine/commit_record.h"
#include "daemon/engine/worker.h"
#include "daemon/log/no_changelog.h"
#include "tests/support/counting_processor.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kMega = size_t{1} << 20U;

// A changelog of two megabytes, the same in every partition; nobody writes.
class QuietLog final : public Log {
 public:
  explicit QuietLog(int partitions) : partitions_(partitions) {
    CommitRecord commit;
    commit.segments = kStates;
    Counter state;
    state.last = std::string(10'000, 'x');
    std::string value;
    state.EncodeSegment(kLastSegment, value);
    for (int i = 0; i < 20; ++i) {
      for (size_t j = 0; j < kStates; ++j) {
        changelog_.push_back({ChangelogKey(kLastSegment, std::to_string(changelog_.size())), value});
        commit.chain = ExtendChain(commit.chain, changelog_.back().key, changelog_.back().value);
      }
      ++commit.sequence;
      changelog_.push_back({ChangelogKey(kCommitKind, {}), Encode(commit)});
    }
  }
  Result<size_t> Poll(std::chrono::milliseconds, size_t, LogListener& listener) override {
    while (assigned_ < partitions_) listener.OnAssigned(assigned_++);
    return size_t{0};
  }
  Result<Done> Seek(int32_t, std::span<const TopicPosition>) override { return Done{}; }
  Result<std::unique_ptr<ChangelogReading>> OpenChangelog(int32_t, int64_t from) override {
    return std::unique_ptr<ChangelogReading>(std::make_unique<Reading>(changelog_, from));
  }
  Result<Done> Commit(std::span<TaskCommit>, std::vector<int64_t>&) override { return Done{}; }
  std::optional<std::chrono::milliseconds> deletions_kept_for() const override { return std::nullopt; }
  void OnCheckpoint(int32_t, int64_t) override {}
  bool has_changelog() const override { return true; }
  bool finished() const override { return false; }
  void Pause(int32_t, bool) override {}

 private:
  static constexpr size_t kStates = 10;  // Of a commit.
  class Reading final : public ChangelogReading {
   public:
    Reading(const std::vector<ChangelogRecord>& records, int64_t from) : records_(records), next_(from) {}
    Result<std::optional<int64_t>> Read(size_t, const ChangelogVisitor& visit) override {
      for (size_t i = 0; i < kStates && next_ < std::ssize(records_); ++i, ++next_) {
        const ChangelogRecord& record = records_[static_cast<size_t>(next_)];
        if (Result<Done> seen = visit(record.key, record.value, next_ + 1); !seen) return seen.error();
      }
      return next_ < std::ssize(records_) ? std::optional<int64_t>() : std::optional<int64_t>(next_);
    }

   private:
    const std::vector<ChangelogRecord>& records_;
    int64_t next_;
  };

  std::vector<ChangelogRecord> changelog_;
  const int partitions_;
  int assigned_ = 0;
};

// Nothing can be written to it while it is full.
class FullStore final : public StateStore {
 public:
  bool full = true;

  Result<std::unique_ptr<PartitionStore>> OpenPartition(const std::string&) override {
    return std::unique_ptr<PartitionStore>(std::make_unique<Partition>(full));
  }
  std::vector<std::string> Partitions() const override { return {}; }
  uint64_t DiskBytes() const override { return 0; }
  StoreStats Stats() const override { return {}; }

 private:
  class Partition final : public PartitionStore {
   public:
    Result<std::optional<CheckpointMark>> ReadMark() override { return std::optional<CheckpointMark>(); }
    Result<bool> Get(std::string_view, std::string&) override { return false; }
    explicit Partition(const bool& full) : full_(full) {}
    Result<Done> Write(const CheckpointMark&, std::vector<CheckpointEntry>&) override {
      if (!full_) return Done{};
      return Error{ErrorCode::kUnavailable, "disk", "is full"};
    }
    Result<Done> ForEach(const std::function<void(std::string_view, std::string_view)>&) override {
      return Done{};
    }
    Result<Done> Clear() override { return Done{}; }

   private:
    const bool& full_;  // The store's, which outlives its partitions.
  };
};

// A new account with ten kilobytes comes in each round, while it is read.
class FeedingLog final : public Log {
 public:
  struct Seen {
    int records = 0;
    bool paused = false;
  };
  explicit FeedingLog(Seen& seen) : seen_(seen) {}  // Which outlives the log.

  Result<size_t> Poll(std::chrono::milliseconds, size_t, LogListener& listener) override {
    if (!std::exchange(assigned_, true)) listener.OnAssigned(0);
    if (seen_.paused) return size_t{0};
    const std::string key = std::to_string(++seen_.records);
    const std::string value(10'000, 'x');
    EXPECT_TRUE(listener.OnRecord({.offset = seen_.records, .key = key, .value = value}));
    return size_t{1};
  }
  Result<Done> Seek(int32_t, std::span<const TopicPosition>) override { return Done{}; }
  Result<std::unique_ptr<ChangelogReading>> OpenChangelog(int32_t, int64_t) override {
    return std::unique_ptr<ChangelogReading>(std::make_unique<NoChangelog>(0));
  }
  Result<Done> Commit(std::span<TaskCommit> commits, std::vector<int64_t>& changelog_next) override {
    changelog_next.assign(commits.size(), ++commits_);
    return Done{};
  }
  std::optional<std::chrono::milliseconds> deletions_kept_for() const override { return std::nullopt; }
  void OnCheckpoint(int32_t, int64_t) override {}
  bool has_changelog() const override { return true; }
  bool finished() const override { return false; }
  void Pause(int32_t, bool paused) override { seen_.paused = paused; }

 private:
  Seen& seen_;
  bool assigned_ = false;
  int64_t commits_ = 0;
};

// Both outlive the worker. No time passes: no checkpoint is due because of it.
WorkerParts PartsOf(int partitions, StateStore& store, WorkerMetrics& metrics) {
  WorkerParts parts;
  parts.log = std::make_unique<QuietLog>(partitions);
  parts.processor = std::make_unique<CountingProcessor>();
  parts.store = &store;
  parts.owner = "test";
  parts.metrics = &metrics;
  parts.wall_clock = [] { return FromMillis(1'700'000'000'000); };
  parts.steady_clock = [] { return std::chrono::steady_clock::time_point(std::chrono::hours(1)); };
  return parts;
}

TEST(WorkerMemory, StatesKeepWithinTheWorkersShareWithoutARecordThatComes) {
  const TempDirectory directory;
  auto store = StateStore::Open(directory / "state", {});
  ASSERT_TRUE(store) << store.error().ToString();
  WorkerMetrics metrics;
  WorkerParts parts = PartsOf(2, **store, metrics);
  parts.workers = 2;
  parts.config.state_memory_mb = 2;
  Worker worker(std::move(parts));
  uint64_t most = 0;
  for (int i = 0; i < 100 || metrics.partitions.value() < 2; ++i) {
    const auto stepped = worker.Step();
    ASSERT_TRUE(stepped) << stepped.error().ToString();
    most = std::max(most, metrics.state_bytes.value());
  }
  EXPECT_EQ(metrics.restores.value(), 2U);
  EXPECT_LE(metrics.state_bytes.value(), kMega);
  EXPECT_LE(most, 2 * kMega + kMega / 8) << "the share, and what waits for a checkpoint";
}

TEST(WorkerMemory, ADiskThatIsFullIsNotTriedInEveryQuietRound) {
  FullStore store;
  WorkerMetrics metrics;
  WorkerParts parts = PartsOf(3, store, metrics);
  std::chrono::steady_clock::time_point tick{std::chrono::hours(1)};
  parts.steady_clock = [&tick] { return tick; };
  parts.config.state_memory_mb = 4;
  Worker worker(std::move(parts));
  const auto step = [&worker] { EXPECT_TRUE(worker.Step()); };
  while (metrics.partitions.value() < 3) step();
  for (int i = 0; i < 100; ++i) step();
  EXPECT_EQ(metrics.checkpoint_failures.value(), 3U) << "once for each partition";
  tick += std::chrono::seconds(2);
  step();
  EXPECT_EQ(metrics.checkpoint_failures.value(), 6U);
}

TEST(WorkerMemory, WhatCannotBeWrittenDoesNotOutgrowTheShareTheInputWaits) {
  FullStore store;
  WorkerMetrics metrics;
  FeedingLog::Seen seen;
  std::vector<std::string> told;
  WorkerParts parts = PartsOf(1, store, metrics);
  parts.log = std::make_unique<FeedingLog>(seen);
  parts.report = [&told](std::string_view code, const std::string&) {
    if (told.empty() || told.back() != code) told.emplace_back(code);
  };
  std::chrono::steady_clock::time_point tick{std::chrono::hours(1)};
  parts.steady_clock = [&tick] { return tick += std::chrono::milliseconds(10); };
  parts.config.state_memory_mb = 2;
  parts.config.commit_events = 8;
  Worker worker(std::move(parts));
  const auto run = [&worker](int rounds) {
    for (int i = 0; i < rounds; ++i) EXPECT_TRUE(worker.Step());
  };

  run(5'000);
  EXPECT_TRUE(seen.paused);
  EXPECT_LE(metrics.state_bytes.value(), 2 * kMega + kMega / 8) << "the share, and what one commit brings";
  EXPECT_GE(metrics.state_bytes.value(), 2 * kMega - kMega / 8) << "not before it must";
  EXPECT_GT(metrics.checkpoint_failures.value(), 10U) << "it is tried again";
  EXPECT_EQ(metrics.partitions.value(), 1U);
  const int held_up = seen.records;
  EXPECT_EQ(told, (std::vector<std::string>{"checkpoint_failed", "state_full", "checkpoint_failed"}));

  store.full = false;
  run(5'000);
  EXPECT_FALSE(seen.paused);
  EXPECT_EQ(told.back(), "state_has_room");
  EXPECT_GT(seen.records, held_up + 4'000);
  EXPECT_LE(metrics.state_bytes.value(), 2 * kMega + kMega / 8);
  EXPECT_EQ(metrics.records.value(), static_cast<uint64_t>(seen.records)) << "each once";
}

// A replay that leaves no state behind writes for want of room only.
TEST(WorkerMemory, WhereNobodyKeepsTheStateNothingIsWrittenWhileThereIsRoom) {
  FullStore store;
  WorkerMetrics metrics;
  WorkerParts parts = PartsOf(1, store, metrics);
  parts.keep_state = false;
  parts.config.state_memory_mb = parts.config.checkpoint_mb = 3;
  Worker worker(std::move(parts));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(worker.Step());
  EXPECT_EQ(metrics.restores.value(), 1U) << "a checkpoint would have failed";
  EXPECT_EQ(metrics.checkpoint_failures.value(), 0U);
}

}  // namespace
}  // namespace tocsin::daemon
