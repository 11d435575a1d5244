// A task: one partition number of all input topics, with its own states. It turns records into one commit
// value, and recovers to exactly what was committed.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "daemon/engine/commit_record.h"
#include "daemon/engine/engine_config.h"
#include "daemon/engine/processor.h"
#include "daemon/engine/state_table.h"
#include "daemon/log/log.h"
#include "daemon/metrics/worker_metrics.h"
#include "daemon/store/state_store.h"

namespace tocsin::daemon {

// One thread. After any error but of Checkpoint the task is of no use: make a new one and restore it.
class Task {
 public:
  // `owner` says which log the state belongs to (cluster, group); a checkpoint of another is refused. All
  // references outlive the task.
  // `checkpoint_commits`: as WorkerParts.
  Task(int32_t partition, std::string owner, Processor& processor, std::unique_ptr<PartitionStore> store,
       Log& log, const EngineConfig& config, WorkerMetrics& metrics, bool checkpoint_commits = false);

  // Opens the checkpoint and begins to replay the changelog from the position stored in it. Begins with
  // nothing when `from_nothing`, when the checkpoint cannot be read, and when it is so old that it may have
  // missed a deletion. kConflict: the state is of another log, and must be moved away by a person.
  // kCorrupt: a later version of the program wrote it.
  [[nodiscard]] Result<Done> BeginRestore(Timestamp now, std::chrono::steady_clock::time_point tick,
                                          bool from_nothing);
  // Replays about so many records. True: the task is what was committed, and reads on from positions().
  // Errors as of BeginRestore.
  [[nodiscard]] Result<bool> RestoreSome(size_t records_max);
  [[nodiscard]] bool restored() const { return reading_ == nullptr; }
  // Instead of BeginRestore, for a task that was suspended: others may have worked on the partition
  // meanwhile. Begins to read whether they did, and RestoreSome goes on with that. kUnavailable of either: it
  // cannot be told now, and after Suspend this may be called again. Any other error: its states are not the
  // newest ones. REQUIRES: restored() and !dirty().
  [[nodiscard]] Result<Done> BeginResume(Timestamp now);
  [[nodiscard]] bool resuming() const { return resuming_; }
  // Gives up the reading of BeginResume. False: there is nothing to go on with, it was being restored.
  [[nodiscard]] bool Suspend();

  // A record that Process will be given soon, but for a few others. A hint.
  void Expect(const schemas::Record& record) { states_->Expect(processor_.LikelyKey(record)); }

  // Records below positions() have been processed: they are passed over.
  [[nodiscard]] Result<Done> Process(const schemas::Record& record, Timestamp now);

  // Something to commit: a record was processed since the last commit.
  [[nodiscard]] bool dirty() const { return events_ > 0; }
  [[nodiscard]] uint64_t uncommitted_events() const { return events_; }
  // Of the outputs, and about those of the changelog.
  [[nodiscard]] size_t uncommitted_bytes() const {
    return outputs_.bytes + (log_.has_changelog() ? states_->changed_bytes() : 0);
  }
  [[nodiscard]] bool urgent() const { return outputs_.urgent; }

  // All that happened since the last commit as one value. REQUIRES: dirty().
  [[nodiscard]] TaskCommit PrepareCommit();
  // That value is durable; `now` is a time before it was.
  void Committed(int64_t changelog_next, Timestamp now);

  // Time or size call for a checkpoint. REQUIRES for Checkpoint: restored() and !dirty().
  [[nodiscard]] bool CheckpointDue(std::chrono::steady_clock::time_point now) const;
  [[nodiscard]] Result<Done> Checkpoint(std::chrono::steady_clock::time_point now);
  // Another worker of the process has opened the partition: no checkpoint can be written, nothing more be
  // read.
  [[nodiscard]] bool store_taken() const { return store_->taken(); }

  [[nodiscard]] int32_t partition() const { return partition_; }
  [[nodiscard]] const std::vector<TopicPosition>& positions() const { return last_.positions; }
  [[nodiscard]] StateTable& states() { return *states_; }

 private:
  [[nodiscard]] Result<Done> BeginWithNothing(Timestamp now);
  [[nodiscard]] Result<bool> ResumeSome(size_t records_max);
  [[nodiscard]] Result<Done> Replay(std::string_view key, std::string_view value, int64_t next);
  [[nodiscard]] Result<Done> CheckOwnCommit(std::string_view key, std::string_view value);
  [[nodiscard]] Result<Done> CheckChain(const CommitRecord& record);
  [[nodiscard]] Result<Done> WriteCheckpoint();

  const int32_t partition_;
  const std::string owner_;
  Processor& processor_;
  std::unique_ptr<PartitionStore> store_;
  Log& log_;
  const EngineConfig& config_;
  WorkerMetrics& metrics_;
  const bool checkpoint_commits_;

  std::unique_ptr<StateTable> states_;
  Outputs outputs_;
  std::vector<TopicPosition> next_;  // By topic: includes what is not committed yet.
  CommitRecord last_;                // The newest commit.
  CommitRecord pending_;             // The one that PrepareCommit made.
  int64_t changelog_next_ = 0;
  int64_t covered_next_ = 0;  // Of it, as the newest checkpoint says.
  int64_t commit_next_ = 0;   // After the record of the newest commit; 0: not known.
  uint64_t events_ = 0;
  Timestamp as_of_;  // Of the wall clock: the state has seen every deletion from before.
  std::chrono::steady_clock::time_point checkpointed_at_;

  // While the task is restored:
  std::unique_ptr<ChangelogReading> reading_;
  bool resuming_ = false;
  bool from_nothing_ = false;
  bool checkpoint_unreadable_ = false;
  Result<Done> unreadable_ = Done{};  // Of the commit that is being read: the first state that cannot be.
  bool own_commit_comes_ = false;  // First of what is read is what the checkpoint ends with, if it is there.
  bool commits_come_ = false;      // That, or later ones.
  Timestamp restore_began_;
  std::chrono::steady_clock::time_point restore_start_;
  uint64_t chain_ = 0;    // Over the records since the last commit record.
  uint64_t records_ = 0;  // Since then.
  uint64_t commits_seen_ = 0;
};

}  // namespace tocsin::daemon
