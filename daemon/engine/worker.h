// A worker: one thread, one log handle, and the tasks assigned to it. Workers share nothing but read-only
// snapshots.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/engine/engine_config.h"
#include "daemon/engine/processor.h"
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
  int workers = 1;                        // Of this process: each may hold its share of the memory.
  WorkerMetrics* metrics = nullptr;       // Outlives the worker.
  bool keep_state = true;                 // False: nobody reads the state once Run has returned.
  std::function<Timestamp()> wall_clock;  // For metrics, checkpoints' age and detected_at; decides nothing.
  // Tells a person: a stable code and a text without personal data. May be empty.
  std::function<void(std::string_view code, const std::string& text)> report;
  // Called between batches: the place to take over a new snapshot of configuration or databases. May be
  // empty.
  std::function<void(Processor&)> between_batches;
};

class Worker final : private LogListener {
 public:
  explicit Worker(WorkerParts parts);
  ~Worker() override;

  // Reads, processes and commits until `stop` or the log is finished; then commits, writes checkpoints and
  // returns. Errors of disk, broker or commit are ordinary: they are reported, and work goes on from what was
  // committed. Returns an error only for what a person must mend (kConflict: the state is another log's).
  [[nodiscard]] Result<Done> Run(const std::atomic<bool>& stop);

 private:
  struct Held {
    std::unique_ptr<Task> task;  // Null: must be restored before it can go on.
    Timestamp retry_at = kTimestampMin;
    int failures = 0;
  };

  void OnAssigned(int32_t partition) override;
  void OnRevoked(int32_t partition, bool lost) override;
  bool OnRecord(const schemas::Record& record) override;
  void OnComing(const schemas::Record& record) override;

  void RestoreTask(int32_t partition, Held& held);
  void Drop(int32_t partition, Held& held, const Error& why);
  [[nodiscard]] bool CommitDue(bool drained) const;
  bool CommitAll();
  void CheckpointDueTasks();
  void ShrinkTables();
  [[nodiscard]] Timestamp Now() const { return parts_.wall_clock(); }
  void Report(std::string_view code, const std::string& text) const;

  WorkerParts parts_;
  WorkerMetrics& metrics_;
  std::map<int32_t, Held> tasks_;
  Timestamp now_;  // Of this round.
  Timestamp committed_at_;
  uint64_t uncommitted_events_ = 0;
  size_t uncommitted_bytes_ = 0;
  bool urgent_ = false;
  bool finishing_ = false;
  std::vector<TaskCommit> commits_;
  std::vector<int64_t> changelog_next_;
  Result<Done> fatal_ = Done{};
};

}  // namespace tocsin::daemon
