#include "daemon/engine/worker.h"

#include <algorithm>
#include <ctime>
#include <iterator>
#include <thread>
#include <utility>

#include "daemon/log/defence.h"

namespace tocsin::daemon {
namespace {
constexpr std::chrono::milliseconds kIdleWait{100};
constexpr std::chrono::milliseconds kAwayWait{500};
constexpr std::chrono::seconds kPublishEvery{1};
constexpr std::chrono::milliseconds kRetryWait{50};
constexpr std::chrono::seconds kCheckpointRetryWait{1};
constexpr size_t kRestoreMax = 5'000;
constexpr size_t kPollMax = 2'000;

uint64_t ThreadCpuMicros() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<uint64_t>(used.tv_sec) * 1'000'000 + static_cast<uint64_t>(used.tv_nsec) / 1'000;
}

// A worker waits for brokers for a bounded time, and more than once in a round: after each it says that it
// lives.
void NoteProgress(WorkerMetrics& metrics, Timestamp now) {
  metrics.last_progress_millis.store(ToMillis(now), std::memory_order_relaxed);
}
}  // namespace

Worker::Worker(WorkerParts parts) : parts_(std::move(parts)), metrics_(*parts_.metrics) {
  committed_at_ = parts_.steady_clock();
  // What waits for a checkpoint cannot leave memory, however little of that there is. Where nobody keeps the
  // state, one is written only to make room, and ShrinkTables sees to that.
  EngineConfig& config = parts_.config;
  const int share_mb = config.state_memory_mb / std::max(parts_.workers, 1);
  if (parts_.keep_state) config.checkpoint_mb = std::min(config.checkpoint_mb, std::max(share_mb / 2, 1));
}
Worker::~Worker() = default;

void Worker::Report(std::string_view code, const std::string& text) const {
  if (parts_.report) parts_.report(code, text);
}

Result<Done> Worker::Run(const std::atomic<bool>& stop) {
  Result<Stepped> stepped = Stepped::kOn;
  while (!stop.load(std::memory_order_relaxed) && stepped && *stepped != Stepped::kFinished) {
    if (*stepped == Stepped::kAway) std::this_thread::sleep_for(kAwayWait);
    stepped = Step();
  }
  Finish();
  if (!stepped) return stepped.error();
  return Done{};
}

Result<Worker::Stepped> Worker::Step() {
  if (parts_.log->finished()) return Stepped::kFinished;
  BetweenBatches();
  if (parts_.desk != nullptr) AnswerQuestions();
  RestoreSome();
  if (!fatal_) return fatal_.error();
  // With something to do, only look: a drained input is committed at once.
  const bool busy = uncommitted_events_ > 0 ||
                    std::ranges::any_of(tasks_, [this](const auto& held) { return Waits(held.second); });
  const size_t room =
      std::max<size_t>(static_cast<size_t>(parts_.config.commit_events), uncommitted_events_ + 1) -
      uncommitted_events_;
  waits_ = true;
  Result<size_t> polled =
      parts_.log->Poll(busy ? std::chrono::milliseconds(0) : kIdleWait, std::min(kPollMax, room), *this);
  now_ = Now();
  tick_ = parts_.steady_clock();
  NoteProgress(metrics_, now_);
  metrics_.cpu_micros.Set(ThreadCpuMicros());
  if (tick_ - published_at_ >= kPublishEvery) PublishBoard();
  if (!polled) {
    Report("log_unavailable", polled.error().ToString());
    return Stepped::kAway;
  }
  if (CommitDue(*polled == 0)) {
    CommitAll();
    CheckpointDueTasks();
    ShrinkTables();
  } else if (*polled == 0) {
    CheckpointDueTasks();
    ShrinkTables();
  }
  if (!fatal_) return fatal_.error();
  return Stepped::kOn;
}

void Worker::BetweenBatches() {
  if (parts_.between_batches) parts_.between_batches(*parts_.processor);
}

void Worker::Finish() {
  CommitAll();
  for (auto& [partition, held] : tasks_) {
    if (!parts_.keep_state) break;
    if (held.serving && !held.task->dirty() && held.task->states().has_unwritten())
      WriteCheckpoint(partition, held);
  }
}

bool Worker::left_uncommitted() const {
  return std::ranges::any_of(tasks_, [](const auto& held) { return held.second.taken_back > 0; });
}

bool Worker::OnRecord(const schemas::Record& record) {
  const auto found = tasks_.find(record.partition);
  if (found == tasks_.end() || !found->second.serving) return false;
  // It came while the log was waited for: time has passed, and what it is judged by may have come as well.
  if (std::exchange(waits_, false)) {
    now_ = Now();
    BetweenBatches();
  }
  Task& task = *found->second.task;
  const size_t bytes = task.uncommitted_bytes();
  const uint64_t events = task.uncommitted_events();
  if (Result<Done> processed = task.Process(record, now_); !processed) {
    TakeBack(record.partition, found->second, processed.error());
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
         tick_ - committed_at_ >= Millis(static_cast<int64_t>(parts_.config.commit_interval_ms));
}

bool Worker::CommitAll() {
  commits_.clear();
  for (auto& [partition, held] : tasks_) {
    if (!held.serving || !held.task->dirty()) continue;
    commits_.push_back(held.task->PrepareCommit());
  }
  uncommitted_events_ = 0;
  uncommitted_bytes_ = 0;
  urgent_ = false;
  committed_at_ = parts_.steady_clock();
  if (commits_.empty()) return true;

  const Timestamp before = Now();
  const auto start = std::chrono::steady_clock::now();
  changelog_next_.assign(commits_.size(), 0);
  Result<Done> committed = parts_.log->Commit(commits_, changelog_next_);
  metrics_.commit_seconds.Observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  NoteProgress(metrics_, Now());
  if (!committed) {
    // Whether it happened is unknown: what was committed is in the changelog, and only there.
    metrics_.commit_failures.Add();
    metrics_.uncommitted.Drop();
    metrics_.heartbeats.Drop();
    for (const TaskCommit& commit : commits_)
      TakeBack(commit.partition, tasks_.at(commit.partition), committed.error());
    return false;
  }
  metrics_.commits.Add();
  now_ = Now();
  metrics_.uncommitted.Committed(now_, metrics_.event_to_commit_seconds, metrics_.append_to_commit_seconds);
  metrics_.heartbeats.Committed(now_);
  std::vector<std::string> erased;
  for (size_t i = 0; i < commits_.size(); ++i) {
    Held& held = tasks_.at(commits_[i].partition);
    held.taken_back = 0;
    Task& task = *held.task;
    task.Committed(changelog_next_[i], before);
    std::ranges::move(task.states().TakeErased(), std::back_inserter(erased));
  }
  if (parts_.committed) parts_.committed(commits_);
  metrics_.accounts_erased.Add(erased.size());
  if (parts_.erased && !erased.empty()) parts_.erased(erased);
  return true;
}

void Worker::CheckpointDueTasks() {
  for (auto& [partition, held] : tasks_) {
    if (held.serving && !held.task->dirty() && tick_ >= held.retry_at && held.task->CheckpointDue(tick_))
      WriteCheckpoint(partition, held);
  }
}

// State that cannot be written stays in memory and in the changelog: it is tried again, and nothing is lost.
void Worker::WriteCheckpoint(int32_t partition, Held& held) {
  const Result<Done> written = held.task->Checkpoint(parts_.steady_clock());
  if (written) {
    metrics_.checkpoint_last_millis.store(ToMillis(Now()), std::memory_order_relaxed);
    return;
  }
  // By one that has not heard yet that it is ours, or the partition is not any more and we have not: to be
  // opened anew tells.
  if (held.task->store_taken()) return Drop(partition, held, written.error());
  held.retry_at = parts_.steady_clock() + kCheckpointRetryWait;
  Report("checkpoint_failed", "partition " + std::to_string(partition) + ": " + written.error().ToString());
}

// Also of what is being restored: no checkpoint of it is written here, its task does that between commits.
void Worker::ShrinkTables() {
  if (tasks_.empty()) return;
  const size_t share =
      (static_cast<size_t>(parts_.config.state_memory_mb) << 20U) / static_cast<size_t>(parts_.workers);
  const size_t held_bytes = StateBytes();
  if (held_bytes <= share) return SetFull(false);
  for (auto& [partition, held] : tasks_) {
    if (held.task == nullptr || held.task->dirty()) continue;
    // Give each table its part of the share, by size, and a tenth less, so that this does not run after every
    // batch.
    const auto part = static_cast<double>(held.task->states().bytes()) / static_cast<double>(held_bytes);
    const auto target = static_cast<size_t>(static_cast<double>(share) * part * 0.9);
    const bool writes = held.serving && tick_ >= held.retry_at;
    if (writes && held.task->states().unwritten_bytes() > target / 2) WriteCheckpoint(partition, held);
    if (held.task != nullptr) held.task->states().Shrink(target);
  }
  const bool unwritable = std::ranges::any_of(
      tasks_, [this](const auto& held) { return held.second.serving && tick_ < held.second.retry_at; });
  SetFull(unwritable && StateBytes() > share);
}

size_t Worker::StateBytes() const {
  size_t bytes = 0;
  for (const auto& [partition, held] : tasks_)
    bytes += held.task != nullptr ? held.task->states().bytes() : 0;
  return bytes;
}

// States that cannot be written cannot leave memory. Before they fill it, the input waits in the log, which
// has room for it; ShrinkTables goes on trying, and what is written makes room.
void Worker::SetFull(bool full) {
  if (full == full_) return;
  full_ = full;
  if (full) {
    Report(
        "state_full",
        "a worker's states fill its part of engine.state_memory_mb and cannot be written to disk: it reads "
        "nothing until they can be (checkpoint_failed says why)");
  } else {
    Report("state_has_room", "the worker reads on");
  }
  for (const auto& [partition, held] : tasks_) {
    if (held.serving) parts_.log->Pause(partition, full_);
  }
}

void Worker::AnswerQuestions() {
  parts_.desk->Serve(desk_place_, [this](std::string_view key) -> std::optional<std::string> {
    for (auto& [partition, held] : tasks_) {
      if (!held.serving) continue;
      if (std::optional<std::string> found = held.task->states().Peek(key)) return found;
    }
    return std::nullopt;
  });
}

bool Worker::Waits(const Held& held) const { return !held.serving && tick_ >= held.retry_at; }

// One partition at a time is restored, a piece in each round, while the others are served. Those that have
// their states come first: that is soon done.
void Worker::RestoreSome() {
  tick_ = parts_.steady_clock();
  const auto rank = [this](const Held& held) {
    if (held.task != nullptr && !held.task->restored()) return 3;
    if (!Waits(held)) return 0;
    return held.task != nullptr ? 2 : 1;
  };
  const auto next = std::ranges::max_element(tasks_, {}, [&](const auto& held) { return rank(held.second); });
  if (next == tasks_.end() || rank(next->second) == 0) return;
  auto& [partition, held] = *next;
  if (Result<Done> advanced = AdvanceRestore(partition, held); !advanced) {
    RestoreFailed(partition, held, advanced.error());
  }
  NoteProgress(metrics_, Now());
}

Result<Done> Worker::AdvanceRestore(int32_t partition, Held& held) {
  if (held.task == nullptr) {
    Result<std::unique_ptr<PartitionStore>> store =
        parts_.store->OpenPartition("partition-" + std::to_string(partition));
    if (!store) return store.error();
    held.task = std::make_unique<Task>(partition, parts_.owner, *parts_.processor, *std::move(store),
                                       *parts_.log, parts_.config, metrics_, parts_.checkpoint_commits);
    const Result<Done> begun = held.task->BeginRestore(Now(), tick_, held.from_nothing);
    if (!begun) held.task = nullptr;
    return begun;
  }
  if (std::exchange(held.suspended, false)) {
    if (Result<Done> begun = held.task->BeginResume(Now()); !begun) return NotResumed(held, begun.error());
    return Done{};
  }
  if (!held.task->restored()) {
    const bool resuming = held.task->resuming();
    Result<bool> restored = held.task->RestoreSome(kRestoreMax);
    if (!restored && resuming) return NotResumed(held, restored.error());
    if (!restored) {
      held.task = nullptr;
      return restored.error();
    }
    if (!*restored) return Done{};
  }
  held.input_lost = false;
  if (Result<Done> sought = parts_.log->Seek(partition, held.task->positions()); !sought) return sought;
  held.serving = true;
  held.from_nothing = false;
  held.failures = 0;
  held.stopped = false;
  held.why.clear();
  parts_.log->Pause(partition, full_);
  PublishPartitions();
  return Done{};
}

// Whether others have committed is asked again when the log could not be; otherwise it is restored like any
// other.
Result<Done> Worker::NotResumed(Held& held, const Error& why) {
  held.suspended = why.code == ErrorCode::kUnavailable && held.task->Suspend();
  if (held.suspended) return why;
  held.task = nullptr;
  return Done{};
}

void Worker::RestoreFailed(int32_t partition, Held& held, const Error& why) {
  held.failures = std::min(held.failures + 1, 8);
  held.retry_at = parts_.steady_clock() + kRetryWait * (1 << held.failures);
  if (std::string text = why.ToString(); text != held.why) {
    Report("restore_failed", "partition " + std::to_string(partition) + ": " + text);
    held.why = std::move(text);
  }
  held.stopped = why.code == ErrorCode::kCorrupt;
  if (held.stopped) parts_.log->OnStopped(partition);
  PublishPartitions();
  if (why.code == ErrorCode::kConflict) fatal_ = why;
}

void Worker::Drop(int32_t partition, Held& held, const Error& why) {
  Report("partition_recovers", "partition " + std::to_string(partition) + ": " + why.ToString());
  parts_.log->Pause(partition, true);
  held.task = nullptr;
  held.serving = false;
  held.from_nothing = why.code == ErrorCode::kCorrupt;
  held.retry_at = {};
  PublishPartitions();
}

// What was read since the last commit is read again. When that has just been in vain, as on a full disk, it
// is restored after a pause.
void Worker::TakeBack(int32_t partition, Held& held, const Error& why) {
  Drop(partition, held, why);
  if (held.taken_back > 0) held.retry_at = parts_.steady_clock() + kRetryWait * (1 << held.taken_back);
  held.taken_back = std::min(held.taken_back + 1, 8);
}

void Worker::PublishPartitions() {
  const auto count = [this](const auto& wanted) {
    return static_cast<uint64_t>(std::count_if(tasks_.begin(), tasks_.end(), wanted));
  };
  const auto stopped = [](const Held& held) { return held.stopped || held.input_lost; };
  metrics_.partitions.Set(
      count([&](const auto& held) { return held.second.serving && !stopped(held.second); }));
  metrics_.partitions_stopped.Set(count([&](const auto& held) { return stopped(held.second); }));
  std::vector<int32_t> partitions;
  partitions.reserve(tasks_.size());
  for (const auto& [partition, held] : tasks_) partitions.push_back(partition);
  metrics_.heartbeats.Have(partitions, Now());
  metrics_.partitions_restoring.Set(
      count([&](const auto& held) { return !held.second.serving && !stopped(held.second); }));
  PublishBoard();
}

void Worker::PublishBoard() {
  if (parts_.board == nullptr) return;
  published_at_ = parts_.steady_clock();
  std::vector<PartitionStatus> board;
  board.reserve(tasks_.size());
  for (const auto& [partition, held] : tasks_) {
    PartitionStatus& status = board.emplace_back();
    status.partition = partition;
    status.why = held.input_lost
                     ? "its input is gone or damaged: the log says where (kafka_input_lost, input_lost)"
                     : held.why;
    if (held.serving) status.state = PartitionStatus::State::kServing;
    if (held.stopped || held.input_lost) status.state = PartitionStatus::State::kStopped;
    if (held.task != nullptr) status.positions = held.task->positions();
  }
  parts_.board->Publish(std::move(board));
}

void Worker::OnAssigned(int32_t partition) {
  parts_.log->Pause(partition, true);
  Held& held = tasks_[partition] = {};
  if (auto suspended = suspended_.extract(partition); !suspended.empty()) {
    held.task = std::move(suspended.mapped());
    held.suspended = true;
  }
  PublishPartitions();
}

// What was read before it is committed and answered for; the log has told why, and hands over nothing more.
void Worker::OnInputLost(int32_t partition) {
  const auto found = tasks_.find(partition);
  if (found == tasks_.end()) return;
  found->second.input_lost = true;
  PublishPartitions();
}

// Every open transaction with this partition ends before this returns: another worker may take over from
// here. What is in memory is worth keeping for the case that none does.
void Worker::OnSuspended(int32_t partition) {
  const auto found = tasks_.find(partition);
  if (found == tasks_.end()) return;
  if (!Holds(Defence::kRevokeBarrier)) return;
  Held& held = found->second;
  if (held.serving && held.task->dirty()) CommitAll();
  if (held.serving && held.task->states().has_unwritten()) WriteCheckpoint(partition, held);
  // Also when it has not gone on yet since it was taken before.
  if (held.task != nullptr && held.task->Suspend()) suspended_[partition] = std::move(held.task);
  tasks_.erase(found);
  PublishPartitions();
}

void Worker::OnRevoked(int32_t partition) {
  suspended_.erase(partition);
  if (!Holds(Defence::kRevokeBarrier)) return;
  const auto found = tasks_.find(partition);
  if (found != tasks_.end() && found->second.task != nullptr && found->second.task->dirty()) {
    metrics_.uncommitted.Drop();
    metrics_.heartbeats.Drop();
  }
  tasks_.erase(partition);
  PublishPartitions();
}

}  // namespace tocsin::daemon
