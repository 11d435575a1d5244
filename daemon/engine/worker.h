// A worker: one thread, one log handle, and the tasks assigned to it. Workers share nothing but read-only
// snapshots.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/engine/engine_config.h"
#include "daemon/engine/partition_board.h"
#include "daemon/engine/processor.h"
#include "daemon/engine/state_desk.h"
#include "daemon/engine/task.h"
#include "daemon/log/log.h"
#include "daemon/metrics/worker_metrics.h"
#include "daemon/store/state_store.h"

namespace tocsin::daemon {

struct WorkerParts {
  std::unique_ptr<Log> log;
  std::unique_ptr<Processor> processor;
  StateStore* store = nullptr;  // Shared by the workers of a process; outlives them.
  std::string owner;            // As CheckpointMark::owner.
  EngineConfig config;
  int workers = 1;                   // Of this process: each may hold its share of the memory.
  WorkerMetrics* metrics = nullptr;  // Outlives the worker.
  bool keep_state = true;            // False: nobody reads the state once Run has returned.
  // The log keeps commits until a checkpoint has them: one is due even when no state has changed since.
  bool checkpoint_commits = false;
  std::function<Timestamp()> wall_clock;  // For metrics, checkpoints' age and detected_at; decides nothing.
  // For intervals: how often to commit, to write checkpoints, to try again.
  std::function<std::chrono::steady_clock::time_point()> steady_clock = [] {
    return std::chrono::steady_clock::now();
  };
  // Tells a person: a stable code and a text without personal data. May be empty.
  std::function<void(std::string_view code, const std::string& text)> report;
  // Called before the first record of each batch, when it is there, and now and then when none comes: the
  // place to take over a new snapshot of configuration or databases. May be empty.
  std::function<void(Processor&)> between_batches;
  // Whoever asks about states; outlives the worker. May be null.
  StateDesk* desk = nullptr;
  // Where the partitions are shown; outlives the worker. May be null.
  PartitionBoard* board = nullptr;
  // Called with every commit that is durable. May be empty.
  std::function<void(std::span<const TaskCommit>)> committed;
  // Called after that with the keys that were erased in it, when there are any. May be empty.
  std::function<void(std::span<const std::string>)> erased = {};
};

class Worker final : private LogListener {
 public:
  explicit Worker(WorkerParts parts);
  ~Worker() override;

  enum class Stepped {
    kOn,        // Take the next step.
    kAway,      // The log cannot be reached now: take it after a while.
    kFinished,  // No record will ever come again.
  };
  // One round: a piece of what has to be restored, a batch of records, a commit when one is due, checkpoints.
  // Errors of disk, broker or commit are ordinary: they are reported, and work goes on from what was
  // committed. Returns an error only for what a person must mend (kConflict: the state is another log's).
  [[nodiscard]] Result<Stepped> Step();

  // Commits, and writes checkpoints: the end, in order.
  void Finish();
  // After Finish: something that was read could not be committed, as far as is known. Who comes next reads it
  // again.
  [[nodiscard]] bool left_uncommitted() const;

  // Steps until `stop`, the end of the log, or an error; then finishes.
  [[nodiscard]] Result<Done> Run(const std::atomic<bool>& stop);

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  // A partition waits for its turn (no task, or one that was suspended), is restored (a task that is not),
  // waits for its place in the input, and serves.
  struct Held {
    std::unique_ptr<Task> task;
    bool suspended = false;
    bool serving = false;
    bool from_nothing = false;  // What the checkpoint holds cannot be read.
    SteadyTime retry_at;        // Not restored before; serving: no checkpoint is tried before.
    int failures = 0;
    int taken_back = 0;       // So many times in a row; a commit ends it.
    bool stopped = false;     // It cannot be restored, until a person has decided.
    bool input_lost = false;  // Nor can it be read on.
    std::string why;          // The last failure that was told.
  };

  void OnAssigned(int32_t partition) override;
  void OnSuspended(int32_t partition) override;
  void OnRevoked(int32_t partition) override;
  void OnInputLost(int32_t partition) override;
  bool OnRecord(const schemas::Record& record) override;
  void OnComing(const schemas::Record& record) override;

  void BetweenBatches();
  [[nodiscard]] bool Waits(const Held& held) const;
  void RestoreSome();
  [[nodiscard]] Result<Done> AdvanceRestore(int32_t partition, Held& held);
  [[nodiscard]] Result<Done> NotResumed(Held& held, const Error& why);
  void RestoreFailed(int32_t partition, Held& held, const Error& why);
  void Drop(int32_t partition, Held& held, const Error& why);
  void TakeBack(int32_t partition, Held& held, const Error& why);
  void WriteCheckpoint(int32_t partition, Held& held);
  void PublishPartitions();
  void PublishBoard();
  [[nodiscard]] bool CommitDue(bool drained) const;
  bool CommitAll();
  void CheckpointDueTasks();
  void ShrinkTables();
  [[nodiscard]] size_t StateBytes() const;
  void SetFull(bool full);
  void AnswerQuestions();
  [[nodiscard]] Timestamp Now() const { return parts_.wall_clock(); }
  void Report(std::string_view code, const std::string& text) const;

  WorkerParts parts_;
  WorkerMetrics& metrics_;
  std::map<int32_t, Held> tasks_;
  // While the group distributes work anew: the partitions are nobody's, and most come back.
  std::map<int32_t, std::unique_ptr<Task>> suspended_;
  Timestamp now_;    // Of this round, by the wall clock.
  SteadyTime tick_;  // The same by the steady one.
  SteadyTime committed_at_;
  SteadyTime published_at_;
  uint64_t uncommitted_events_ = 0;
  size_t uncommitted_bytes_ = 0;
  bool urgent_ = false;
  bool waits_ = false;  // For the first record of a batch.
  bool full_ = false;   // Nothing is read: SetFull.
  StateDesk::Place desk_place_ = 0;
  std::vector<TaskCommit> commits_;
  std::vector<int64_t> changelog_next_;
  Result<Done> fatal_ = Done{};
};

}  // namespace tocsin::daemon
