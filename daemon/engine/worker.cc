#include "daemon/engine/worker.h"

#include <algorithm>
#include <thread>

namespace tocsin::daemon {
namespace {
constexpr std::chrono::milliseconds kIdleWait{100};
constexpr std::chrono::milliseconds kUnavailableWait{500};
constexpr size_t kPollMax = 2'000;
}  // namespace

Worker::Worker(WorkerParts parts) : parts_(std::move(parts)), metrics_(*parts_.metrics) {}
Worker::~Worker() = default;

void Worker::Report(std::string_view code, const std::string& text) const {
  if (parts_.report) parts_.report(code, text);
}

Result<Done> Worker::Run(const std::atomic<bool>& stop) {
  now_ = committed_at_ = Now();
  while (!stop.load(std::memory_order_relaxed) && !parts_.log->finished() && fatal_.ok()) {
    if (parts_.between_batches) parts_.between_batches(*parts_.processor);
    for (auto& [partition, held] : tasks_) {
      if (held.task == nullptr && now_ >= held.retry_at) RestoreTask(partition, held);
    }
    // With something to commit, only look: a drained input is committed at once.
    const auto wait = uncommitted_events_ > 0 ? std::chrono::milliseconds(0) : kIdleWait;
    const size_t room =
        std::max<size_t>(static_cast<size_t>(parts_.config.commit_events), uncommitted_events_ + 1) -
        uncommitted_events_;
    Result<size_t> polled = parts_.log->Poll(wait, std::min(kPollMax, room), *this);
    now_ = Now();
    metrics_.last_progress_millis.store(ToMillis(now_), std::memory_order_relaxed);
    if (!polled) {
      Report("log_unavailable", polled.error().ToString());
      std::this_thread::sleep_for(kUnavailableWait);
      continue;
    }
    if (CommitDue(*polled == 0)) {
      CommitAll();
      CheckpointDueTasks();
      ShrinkTables();
    } else if (*polled == 0) {
      CheckpointDueTasks();
    }
  }
  finishing_ = true;
  CommitAll();
  for (auto& [partition, held] : tasks_) {
    if (!parts_.keep_state) break;
    if (held.task == nullptr || held.task->dirty() || !held.task->states().has_unwritten()) continue;
    if (Result<Done> written = held.task->Checkpoint(Now()); !written)
      Report("checkpoint_failed", written.error().ToString());
  }
  return fatal_;
}

bool Worker::OnRecord(const schemas::Record& record) {
  const auto found = tasks_.find(record.partition);
  if (found == tasks_.end() || found->second.task == nullptr) return false;
  Task& task = *found->second.task;
  const size_t bytes = task.uncommitted_bytes();
  const uint64_t events = task.uncommitted_events();
  if (Result<Done> processed = task.Process(record, now_); !processed) {
    Drop(record.partition, found->second, processed.error());
    return false;
  }
  uncommitted_bytes_ += task.uncommitted_bytes() - bytes;
  uncommitted_events_ += task.uncommitted_events() - events;
  urgent_ = urgent_ || task.urgent();
  return true;
}

void Worker::OnComing(const schemas::Record& record) {
  const auto found = tasks_.find(record.partition);
  if (found != tasks_.end() && found->second.task != nullptr) found->second.task->Expect(record);
}

bool Worker::CommitDue(bool drained) const {
  if (uncommitted_events_ == 0) return false;
  return drained || urgent_ || uncommitted_events_ >= static_cast<uint64_t>(parts_.config.commit_events) ||
         uncommitted_bytes_ >= static_cast<size_t>(parts_.config.commit_output_bytes) ||
         now_ - committed_at_ >= Millis(static_cast<int64_t>(parts_.config.commit_interval_ms));
}

bool Worker::CommitAll() {
  commits_.clear();
  Timestamp oldest = kTimestampMax;
  for (auto& [partition, held] : tasks_) {
    if (held.task == nullptr || !held.task->dirty()) continue;
    oldest = std::min(oldest, held.task->oldest_uncommitted());
    commits_.push_back(held.task->PrepareCommit());
  }
  uncommitted_events_ = 0;
  uncommitted_bytes_ = 0;
  urgent_ = false;
  committed_at_ = now_;
  if (commits_.empty()) return true;

  const auto start = std::chrono::steady_clock::now();
  changelog_next_.assign(commits_.size(), 0);
  Result<Done> committed = parts_.log->Commit(commits_, changelog_next_);
  metrics_.commit_seconds.Observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  if (!committed) {
    // Whether it happened is unknown: what was committed is in the changelog, and only there.
    metrics_.commit_failures.Add();
    for (const TaskCommit& commit : commits_)
      Drop(commit.partition, tasks_.at(commit.partition), committed.error());
    return false;
  }
  metrics_.commits.Add();
  now_ = Now();
  committed_at_ = now_;
  metrics_.append_to_commit_seconds.Observe(
      std::max(0.0, std::chrono::duration<double>(now_ - oldest).count()));
  for (size_t i = 0; i < commits_.size(); ++i)
    tasks_.at(commits_[i].partition).task->Committed(changelog_next_[i]);
  return true;
}

void Worker::CheckpointDueTasks() {
  for (auto& [partition, held] : tasks_) {
    if (held.task == nullptr || held.task->dirty() || !held.task->CheckpointDue(now_)) continue;
    // State that cannot be written stays in memory and in the changelog: it is tried again, and nothing is
    // lost.
    if (Result<Done> written = held.task->Checkpoint(now_); !written)
      Report("checkpoint_failed", written.error().ToString());
  }
}

void Worker::ShrinkTables() {
  if (tasks_.empty()) return;
  const size_t share =
      (static_cast<size_t>(parts_.config.state_memory_mb) << 20U) / static_cast<size_t>(parts_.workers);
  size_t held_bytes = 0;
  for (const auto& [partition, held] : tasks_) held_bytes += held.task ? held.task->states().bytes() : 0;
  if (held_bytes <= share) return;
  for (auto& [partition, held] : tasks_) {
    if (held.task == nullptr || held.task->dirty()) continue;
    // Give each table its part of the share, by size, and a tenth less, so that this does not run after every
    // batch.
    const auto part = static_cast<double>(held.task->states().bytes()) / static_cast<double>(held_bytes);
    const auto target = static_cast<size_t>(static_cast<double>(share) * part * 0.9);
    if (held.task->states().unwritten_bytes() > target / 2) {
      if (Result<Done> written = held.task->Checkpoint(now_); !written) {
        Report("checkpoint_failed", written.error().ToString());
      }
    }
    held.task->states().Shrink(target);
  }
}

void Worker::RestoreTask(int32_t partition, Held& held) {
  auto failed = [&](const Error& error) {
    held.task = nullptr;
    held.failures = std::min(held.failures + 1, 8);
    held.retry_at = Now() + std::chrono::milliseconds(50) * (1 << held.failures);
    parts_.log->Pause(partition, true);
    Report("restore_failed", "partition " + std::to_string(partition) + ": " + error.ToString());
    if (error.code == ErrorCode::kConflict) fatal_ = error;
  };
  Result<std::unique_ptr<PartitionStore>> store =
      parts_.store->OpenPartition("partition-" + std::to_string(partition));
  if (!store) return failed(store.error());
  held.task = std::make_unique<Task>(partition, parts_.owner, *parts_.processor, *std::move(store),
                                     *parts_.log, parts_.config, metrics_);
  if (Result<Done> restored = held.task->Restore(Now()); !restored) return failed(restored.error());
  if (Result<Done> sought = parts_.log->Seek(partition, held.task->positions()); !sought)
    return failed(sought.error());
  held.failures = 0;
  parts_.log->Pause(partition, false);
}

void Worker::Drop(int32_t partition, Held& held, const Error& why) {
  Report("partition_recovers", "partition " + std::to_string(partition) + ": " + why.ToString());
  held.task = nullptr;
  held.retry_at = now_;
}

void Worker::OnAssigned(int32_t partition) {
  RestoreTask(partition, tasks_[partition]);
  metrics_.partitions.Set(tasks_.size());
}

void Worker::OnRevoked(int32_t partition, bool lost) {
  const auto found = tasks_.find(partition);
  if (found == tasks_.end()) return;
  // Every open transaction with this partition ends before the callback returns: another worker takes over
  // from here.
  if (!lost && found->second.task != nullptr && found->second.task->dirty()) CommitAll();
  if (!lost && found->second.task != nullptr && found->second.task->states().has_unwritten()) {
    if (Result<Done> written = found->second.task->Checkpoint(Now()); !written) {
      Report("checkpoint_failed", written.error().ToString());
    }
  }
  tasks_.erase(found);
  metrics_.partitions.Set(tasks_.size());
}

}  // namespace tocsin::daemon
