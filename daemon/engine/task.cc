#include "daemon/engine/task.h"

#include <algorithm>
#include <chrono>

#include "base/check.h"

namespace tocsin::daemon {
namespace {

// Positions are few (one per input topic): a sorted list is the smallest map.
int64_t* FindNext(std::vector<TopicPosition>& positions, std::string_view topic) {
  for (TopicPosition& position : positions) {
    if (position.topic == topic) return &position.next;
  }
  return nullptr;
}

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

Task::Task(int32_t partition, std::string owner, Processor& processor, std::unique_ptr<PartitionStore> store,
           Log& log, const EngineConfig& config, WorkerMetrics& metrics)
    : partition_(partition),
      owner_(std::move(owner)),
      processor_(processor),
      store_(std::move(store)),
      log_(log),
      config_(config),
      metrics_(metrics),
      states_(std::make_unique<StateTable>(processor_, *store_, metrics_)) {}

Result<Done> Task::Restore(Timestamp now) {
  const auto start = std::chrono::steady_clock::now();
  Result<std::optional<CheckpointMark>> mark = store_->ReadMark();
  if (!mark) return mark.error();
  if (mark->has_value() && (*mark)->owner != owner_) {
    return Error{ErrorCode::kConflict, "state directory",
                 "belongs to " + (*mark)->owner + ", not to " + owner_ +
                     ": use another directory, or move this one away"};
  }

  int64_t from = 0;
  if (mark->has_value()) {
    Result<CommitRecord> record = DecodeCommitRecord((*mark)->commit_record);
    if (!record) return record.error();
    last_ = *record;
    from = (*mark)->changelog_next;
  }
  Result<Done> restored = RestoreFrom(from);
  if (!restored && restored.error().code == ErrorCode::kNotFound && from != 0) {
    // The changelog no longer holds what follows the checkpoint: begin again from nothing.
    if (Result<Done> cleared = store_->Clear(); !cleared) return cleared.error();
    states_ = std::make_unique<StateTable>(processor_, *store_, metrics_);
    last_ = {};
    restored = RestoreFrom(0);
  }
  if (!restored) return restored.error();

  next_ = last_.positions;
  checkpointed_at_ = now;
  metrics_.restores.Add();
  metrics_.restore_seconds.Observe(SecondsSince(start));
  return Done{};
}

Result<Done> Task::RestoreFrom(int64_t position) {
  uint64_t chain = last_.chain;
  uint64_t records = 0;
  auto visit = [&](std::string_view key, std::string_view value, int64_t next) -> Result<Done> {
    if (key.empty()) return Error{ErrorCode::kCorrupt, "changelog", "a record without a key"};
    const auto kind = static_cast<uint8_t>(key.front());
    if (kind != kCommitKind) {
      chain = ExtendChain(chain, key, value);
      ++records;
      return states_->Apply(kind, key.substr(1), value);
    }
    Result<CommitRecord> record = DecodeCommitRecord(value);
    if (!record) return record.error();
    if (record->sequence <= last_.sequence)
      return Error{ErrorCode::kCorrupt, "changelog", "commits are out of order"};
    // Where compaction has not been, every commit is there and the chain must close.
    const bool whole = record->sequence == last_.sequence + 1 && records == record->segments;
    if (whole && record->chain != chain)
      return Error{ErrorCode::kCorrupt, "changelog", "the chain of commits is broken"};
    last_ = *std::move(record);
    chain = last_.chain;
    records = 0;
    changelog_next_ = next;
    if (states_->unwritten_bytes() < static_cast<size_t>(config_.checkpoint_mb) << 20U) return Done{};
    Result<Done> written = Checkpoint(checkpointed_at_);
    if (written) states_->Shrink(static_cast<size_t>(config_.state_memory_mb) << 20U);
    return written;
  };
  changelog_next_ = position;
  Result<int64_t> end = log_.ReadChangelog(partition_, position, visit);
  if (!end) return end.error();
  // Records after the last commit record belong to no commit; an atomic log never shows them.
  if (records != 0) return Error{ErrorCode::kCorrupt, "changelog", "ends in the middle of a commit"};
  changelog_next_ = *end;
  return Done{};
}

Result<Done> Task::Process(const schemas::Record& record, Timestamp now) {
  int64_t* next = FindNext(next_, record.topic);
  if (next == nullptr) {
    next_.push_back({std::string(record.topic), record.offset});
    std::sort(next_.begin(), next_.end(), [](const auto& a, const auto& b) { return a.topic < b.topic; });
    next = FindNext(next_, record.topic);
  }
  if (record.offset < *next) return Done{};
  if (events_ == 0) oldest_uncommitted_ = record.appended_at;
  ++events_;
  if (Result<Done> processed = processor_.Process(record, now, *states_, outputs_); !processed)
    return processed.error();
  *next = record.offset + 1;
  metrics_.records.Add();
  return Done{};
}

TaskCommit Task::PrepareCommit() {
  CHECK(dirty());
  TaskCommit commit;
  commit.partition = partition_;
  commit.positions = next_;
  pending_ = last_;
  ++pending_.sequence;
  pending_.positions = next_;
  pending_.events += events_;
  pending_.outputs = outputs_.records.size();
  pending_.segments = 0;
  if (log_.has_changelog()) {
    states_->AppendChanges(commit.changelog);
    for (const ChangelogRecord& record : commit.changelog) {
      pending_.chain = ExtendChain(pending_.chain, record.key, record.value);
    }
    pending_.segments = commit.changelog.size();
    commit.changelog.push_back({ChangelogKey(kCommitKind, {}), Encode(pending_)});
  }
  commit.outputs = std::move(outputs_.records);
  return commit;
}

void Task::Committed(int64_t changelog_next) {
  states_->MarkCommitted();
  last_ = pending_;
  changelog_next_ = changelog_next;
  metrics_.commit_events.Add(events_);
  events_ = 0;
  outputs_.Clear();
}

bool Task::CheckpointDue(Timestamp now) const {
  if (!states_->has_unwritten()) return false;
  return states_->unwritten_bytes() >= static_cast<size_t>(config_.checkpoint_mb) << 20U ||
         now - checkpointed_at_ >= config_.checkpoint_interval;
}

Result<Done> Task::Checkpoint(Timestamp now) {
  CHECK(!dirty());
  const auto start = std::chrono::steady_clock::now();
  checkpointed_at_ = now;
  const CheckpointMark mark{
      .owner = owner_, .changelog_next = changelog_next_, .commit_record = Encode(last_), .written_at = now};
  if (Result<Done> written = states_->Checkpoint(mark); !written) {
    metrics_.checkpoint_failures.Add();
    return written.error();
  }
  metrics_.checkpoints.Add();
  metrics_.checkpoint_seconds.Observe(SecondsSince(start));
  log_.OnCheckpoint(partition_, changelog_next_);
  return Done{};
}

}  // namespace tocsin::daemon
