// A checkpoint and a changelog that may not belong together: what a cluster lost below the checkpoint's
// position, or put in the place of what it lost. One task, a changelog made by hand, and for each history
// what comes of it with and without the defence.
#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "daemon/engine/commit_record.h"
#include "daemon/engine/task.h"
#include "tests/sim/client.h"
#include "tests/sim/disk.h"
#include "tests/sim/ledger.h"
#include "tests/sim/world.h"

namespace tocsin::sim {
namespace {

using daemon::ChangelogRecord;
using daemon::Defence;
using daemon::TaskCommit;
using daemon::TopicPosition;

// One partition of a changelog; a record that is gone keeps its position.
class WrittenByHand final : public daemon::Log {
 public:
  struct Entry {
    ChangelogRecord record;
    bool gone = false;
  };
  std::vector<Entry> entries;
  std::vector<size_t> commits;  // Where their commit records are.

  Result<Done> Commit(std::span<TaskCommit> done, std::vector<int64_t>& changelog_next) override {
    for (const ChangelogRecord& record : done.front().changelog) entries.push_back({record});
    commits.push_back(entries.size() - 1);
    changelog_next.assign(1, static_cast<int64_t>(entries.size()));
    entries.push_back({{"", "marker"}, true});
    return Done{};
  }
  // All records of the commit of this sequence.
  void Lose(size_t sequence) {
    const size_t begin = sequence == 1 ? 0 : commits[sequence - 2] + 1;
    for (size_t i = begin; i <= commits[sequence - 1]; ++i) entries[i].gone = true;
  }
  // The newest value of each key stays.
  void CompactUntil(size_t end) {
    for (size_t i = 0; i < end; ++i) {
      for (size_t later = i + 1; later < end; ++later)
        entries[i].gone = entries[i].gone || entries[later].record.key == entries[i].record.key;
    }
  }
  // A deletion for its time only.
  void ForgetDeletionsUntil(size_t end) {
    for (size_t i = 0; i < end; ++i) entries[i].gone = entries[i].gone || entries[i].record.value.empty();
  }
  void KeepOnly(size_t newest_commit) {
    commits.resize(newest_commit);
    entries.resize(commits.back() + 2);
  }

  class Reading final : public daemon::ChangelogReading {
   public:
    Reading(const std::vector<Entry>& entries, int64_t from) : entries_(entries), next_(from) {}
    Result<std::optional<int64_t>> Read(size_t, const daemon::ChangelogVisitor& visit) override {
      for (; next_ < static_cast<int64_t>(entries_.size()); ++next_) {
        const Entry& entry = entries_[static_cast<size_t>(next_)];
        if (entry.gone) continue;
        if (Result<Done> seen = visit(entry.record.key, entry.record.value, next_ + 1); !seen)
          return seen.error();
      }
      return std::optional<int64_t>(next_);
    }

   private:
    const std::vector<Entry>& entries_;
    int64_t next_;
  };
  Result<std::unique_ptr<daemon::ChangelogReading>> OpenChangelog(int32_t, int64_t from) override {
    return std::unique_ptr<daemon::ChangelogReading>(std::make_unique<Reading>(entries, from));
  }
  bool one_position_a_record() const override { return true; }
  bool has_changelog() const override { return true; }
  std::optional<std::chrono::milliseconds> deletions_kept_for() const override { return std::nullopt; }
  Result<size_t> Poll(std::chrono::milliseconds, size_t, daemon::LogListener&) override { return size_t{0}; }
  Result<Done> Seek(int32_t, std::span<const TopicPosition>) override { return Done{}; }
  void OnCheckpoint(int32_t, int64_t) override {}
  bool finished() const override { return false; }
  void Pause(int32_t, bool) override {}
};

// A process on a calm day.
class Calm final : public Host {
 public:
  Calm(Random& chance, Cluster& world) : Host(chance, world, Faults()) { calm = true; }
  void Yield(int) override {}
  void Trace(int, const std::string&) override {}
};

struct History {
  const char* name;
  void (*change)(WrittenByHand& log);
  bool stops;          // With the defence,
  bool stops_without;  // and when it is lifted.
};
void PrintTo(const History& history, std::ostream* out) { *out << history.name; }

class ATaskAndItsChangelog : public testing::Test {
 protected:
  static constexpr int kCheckpoint = 4;  // Commits in it,
  static constexpr int kCommits = 7;     // and of all.

  std::unique_ptr<daemon::Task> MakeTask() {
    return std::make_unique<daemon::Task>(0, "owner", processor_, *store_.OpenPartition("partition-0"), log_,
                                          config_, metrics_);
  }
  Result<Done> Restore(daemon::Task& task) {
    if (Result<Done> begun = task.BeginRestore(now_, {}, false); !begun) return begun;
    return Read(task);
  }
  // One record is one commit.
  void Work(daemon::Task& task, int records) {
    for (int i = 0; i < records; ++i)
      WorkOn(task, "k" + std::to_string(offset_ % 3), "v" + std::to_string(offset_));
  }
  void WorkOn(daemon::Task& task, const std::string& key, const std::string& value) {
    const schemas::Record record{.topic = kInputs[0],
                                 .partition = 0,
                                 .offset = offset_++,
                                 .appended_at = {},
                                 .key = key,
                                 .headers = {},
                                 .value = value};
    ASSERT_TRUE(task.Process(record, now_));
    std::vector<TaskCommit> commits = {task.PrepareCommit()};
    std::vector<int64_t> next;
    ASSERT_TRUE(log_.Commit(commits, next));
    task.Committed(next[0], now_);
  }
  // As long as it has to be read.
  static Result<Done> Read(daemon::Task& task) {
    Result<bool> whole = task.restored();
    while (whole && !*whole) whole = task.RestoreSome(1'000);
    if (!whole) return whole.error();
    return Done{};
  }

  const Timestamp now_ = FromMillis(1'700'000'000'000);
  Random random_{1};
  Cluster cluster_{random_, 1};
  Calm host_{random_, cluster_};
  Disk disk_;
  SimStore store_{host_, 0, disk_};
  WrittenByHand log_;
  LedgerProcessor processor_;
  daemon::EngineConfig config_;
  daemon::WorkerMetrics metrics_;
  int64_t offset_ = 0;
};

class HistoryTest : public ATaskAndItsChangelog, public testing::WithParamInterface<History> {
 protected:
  bool Stops() {
    const Result<Done> restored = Restore(*MakeTask());
    return !restored && restored.error().code == ErrorCode::kCorrupt;
  }
};

TEST_P(HistoryTest, StopsWhereTheCheckpointIsNotOfIt) {
  const std::unique_ptr<daemon::Task> task = MakeTask();
  ASSERT_TRUE(Restore(*task));
  Work(*task, kCheckpoint);
  ASSERT_TRUE(task->Checkpoint({}));
  Work(*task, kCommits - kCheckpoint);
  GetParam().change(log_);
  const Disk before = disk_;
  EXPECT_EQ(Stops(), GetParam().stops);
  disk_ = before;
  const Without lifted(Defence::kCheckpointInChain);
  EXPECT_EQ(Stops(), GetParam().stops_without);
}

// Commits that are of another history, in as many positions as there were.
void Rewrite(WrittenByHand& log, size_t kept, const std::vector<uint64_t>& sequences) {
  const size_t end = log.entries.size();
  log.KeepOnly(kept);
  daemon::CommitRecord record = *daemon::DecodeCommitRecord(log.entries[log.commits.back()].record.value);
  for (const uint64_t sequence : sequences) {
    record.sequence = sequence;
    log.commits.push_back(log.entries.size());
    log.entries.push_back({{daemon::ChangelogKey(daemon::kCommitKind, {}), Encode(record)}});
  }
  while (log.entries.size() < end) log.entries.push_back({{"", "marker"}, true});
}

INSTANTIATE_TEST_SUITE_P(
    Histories, HistoryTest,
    testing::Values(
        History{"Whole", [](WrittenByHand&) {}, false, false},
        // The next after the checkpoint: what was met first may be any later one, unless the checkpoint's own
        // is met.
        History{"TheCommitAfterTheCheckpointIsLost", [](WrittenByHand& log) { log.Lose(5); }, true, false},
        History{"ALaterCommitIsLost", [](WrittenByHand& log) { log.Lose(6); }, true, true},
        History{"WhatFollowsIsCompacted", [](WrittenByHand& log) { log.CompactUntil(log.commits[5] + 1); },
                false, false},
        // Only the group's offsets tell (ExactlyOnceLog::Seek).
        History{"AllAfterTheCheckpointIsLost",
                [](WrittenByHand& log) {
                  for (size_t sequence = 5; sequence <= 7; ++sequence) log.Lose(sequence);
                },
                false, false},
        History{"TheCheckpointsOwnAndAllLaterAreLost",
                [](WrittenByHand& log) {
                  for (size_t sequence = 4; sequence <= 7; ++sequence) log.Lose(sequence);
                },
                true, false},
        // Small commits of a new history: the first one behind the checkpoint is numbered higher than it.
        History{"AnotherHistoryIsInItsPlace",
                [](WrittenByHand& log) {
                  Rewrite(log, 2, {3, 4, 5, 6, 7, 8});
                },
                true, false},
        // As compaction may leave it: nobody can tell, and docs/guarantees.md says so.
        History{"TheCheckpointsOwnIsLost", [](WrittenByHand& log) { log.Lose(4); }, false, false}),
    [](const auto& tested) { return tested.param.name; });

// The cleaner has been as far as the record of the third commit, and has forgotten the deletions before it.
class ForgottenDeletionTest : public ATaskAndItsChangelog {
 protected:
  void SetUp() override {
    const std::unique_ptr<daemon::Task> task = MakeTask();
    ASSERT_TRUE(Restore(*task));
    WorkOn(*task, "stays", "v");
    WorkOn(*task, "goes", "v");
    WorkOn(*task, "goes", "erase");
    WorkOn(*task, "stays", "w");
    WorkOn(*task, "new", "v");
    const size_t cleaned = log_.commits[2];  // Its record is the next to be cleaned.
    log_.CompactUntil(cleaned);
    log_.ForgetDeletionsUntil(cleaned);
  }
};

TEST_F(ForgottenDeletionTest, IsNotTakenForAMissingCommit) {
  const std::unique_ptr<daemon::Task> task = MakeTask();
  const Result<Done> restored = Restore(*task);
  ASSERT_TRUE(restored) << restored.error().ToString();
  EXPECT_TRUE(task->states().Peek("stays"));
  EXPECT_TRUE(task->states().Peek("new"));
  EXPECT_FALSE(task->states().Peek("goes"));
  EXPECT_EQ(task->positions(), (std::vector<TopicPosition>{{kInputs[0], 5}}));
}

TEST_F(ForgottenDeletionTest, HidesNoneThatIs) {
  log_.entries[log_.commits[3] - 1].gone = true;
  const Result<Done> restored = Restore(*MakeTask());
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, ErrorCode::kCorrupt);
}

// What became of the changelog while the task was suspended.
constexpr size_t kCommitsOfTheTask = 7;
struct Meanwhile {
  const char* name;
  void (*change)(WrittenByHand& log);
  bool goes_on;  // With the states that it has in memory.
};
void PrintTo(const Meanwhile& meanwhile, std::ostream* out) { *out << meanwhile.name; }

class SuspendedTaskTest : public ATaskAndItsChangelog, public testing::WithParamInterface<Meanwhile> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Restore(*task_));
    Work(*task_, kCommitsOfTheTask);
  }
  bool GoesOn() { return task_->BeginResume(now_) && Read(*task_); }
  const std::unique_ptr<daemon::Task> task_ = MakeTask();
};

TEST_P(SuspendedTaskTest, GoesOnWhereNobodyHasCommitted) {
  GetParam().change(log_);
  ASSERT_EQ(GoesOn(), GetParam().goes_on);
  if (!GetParam().goes_on) return;
  EXPECT_EQ(metrics_.resumes.value(), 1U);
  Work(*task_, 2);
  EXPECT_TRUE(Restore(*MakeTask())) << "what it commits then continues its history";
}

INSTANTIATE_TEST_SUITE_P(
    Histories, SuspendedTaskTest,
    testing::Values(
        Meanwhile{"Nothing", [](WrittenByHand&) {}, true},
        Meanwhile{"WhatOthersBeganWasAborted",
                  [](WrittenByHand& log) {
                    log.entries.push_back({{"a", "aborted"}, true});
                  },
                  true},
        Meanwhile{"OthersHaveCommitted",
                  [](WrittenByHand& log) { Rewrite(log, kCommitsOfTheTask, {kCommitsOfTheTask + 1}); },
                  false},
        Meanwhile{"ItsNewestCommitIsLost", [](WrittenByHand& log) { log.Lose(kCommitsOfTheTask); }, false},
        Meanwhile{"ItsEndIsLost", [](WrittenByHand& log) { log.KeepOnly(kCommitsOfTheTask - 1); }, false},
        Meanwhile{"AnotherCommitIsInItsPlace",
                  [](WrittenByHand& log) {
                    const size_t place = log.commits.back();
                    log.entries[place].record.value = log.entries[log.commits.front()].record.value;
                  },
                  false}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(ATaskAndItsChangelog, ASuspendedTaskWhoseStoreAnotherWorkerHasIsRestored) {
  const std::unique_ptr<daemon::Task> task = MakeTask();
  ASSERT_TRUE(Restore(*task));
  Work(*task, 2);
  const auto taken = store_.OpenPartition("partition-0");
  ASSERT_TRUE(taken);
  EXPECT_FALSE(task->BeginResume(now_));
}

// It has seen nothing that a restore would not find.
TEST_F(ATaskAndItsChangelog, ATaskThatNeverCommittedIsRestored) {
  const std::unique_ptr<daemon::Task> task = MakeTask();
  ASSERT_TRUE(Restore(*task));
  EXPECT_FALSE(task->BeginResume(now_));
}

}  // namespace
}  // namespace tocsin::sim
