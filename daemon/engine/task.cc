#include "daemon/engine/task.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "daemon/engine/state_form.h"
#include "daemon/log/defence.h"

namespace tocsin::daemon {
namespace {

// Clocks of two machines may differ so much.
constexpr std::chrono::minutes kClockSlack{60};

// Positions are few (one per input topic): a sorted list is the smallest map.
int64_t* FindNext(std::vector<TopicPosition>& positions, std::string_view topic) {
  for (TopicPosition& position : positions) {
    if (position.topic == topic) return &position.next;
  }
  return nullptr;
}

// Of a later version, say: this partition waits for a person, and the process serves its others.
Error Waits(Error why) {
  why.code = ErrorCode::kCorrupt;
  return why;
}

Error Foreign(const char* what) {
  return {ErrorCode::kCorrupt, "changelog",
          std::string("the commit with which the checkpoint ends is not in it (") + what +
              "): the cluster lost commits. To go on with what the changelog holds, move the state directory "
              "away"};
}

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

Task::Task(int32_t partition, std::string owner, Processor& processor, std::unique_ptr<PartitionStore> store,
           Log& log, const EngineConfig& config, WorkerMetrics& metrics, bool checkpoint_commits)
    : partition_(partition),
      owner_(std::move(owner)),
      processor_(processor),
      store_(std::move(store)),
      log_(log),
      config_(config),
      metrics_(metrics),
      checkpoint_commits_(checkpoint_commits),
      states_(std::make_unique<StateTable>(processor_, *store_, metrics_)) {}

Result<Done> Task::BeginRestore(Timestamp now, std::chrono::steady_clock::time_point tick,
                                bool from_nothing) {
  checkpointed_at_ = tick;
  restore_start_ = std::chrono::steady_clock::now();
  restore_began_ = now;
  if (from_nothing) return BeginWithNothing(now);
  Result<std::optional<CheckpointMark>> read = store_->ReadMark();
  if (!read && read.error().code == ErrorCode::kCorrupt) return BeginWithNothing(now);
  if (!read) return read.error();
  const std::optional<CheckpointMark> mark = *std::move(read);
  if (!mark) return BeginWithNothing(now);
  const CheckpointMark& found = *mark;
  if (found.owner != owner_) {
    return Error{ErrorCode::kConflict, "state directory",
                 "belongs to " + found.owner + ", not to " + owner_ +
                     ": use another directory, or move this one away"};
  }
  Result<CommitRecord> record = DecodeCommitRecord(found.commit_record);
  if (!record && record.error().code == ErrorCode::kConflict) return Waits(record.error());
  if (!record) return BeginWithNothing(now);
  if (Result<Done> known = CheckStateForm(*record, processor_.state_form(), "state directory"); !known)
    return Waits(known.error());
  // The news that a key was deleted is not kept for ever: who slept longer would bring the key back to life.
  // A checkpoint from the future has an age that nobody knows.
  const std::optional<std::chrono::milliseconds> kept = log_.deletions_kept_for();
  const bool too_old = kept && (now - found.written_at > *kept / 2 || found.written_at - now > kClockSlack);
  if (too_old && Holds(Defence::kTombstoneAge)) return BeginWithNothing(now);

  last_ = *record;
  changelog_next_ = found.changelog_next;
  as_of_ = found.written_at;
  chain_ = last_.chain;
  commit_next_ = found.commit_next;
  // From the checkpoint's own commit on, which is the proof that the two belong together.
  own_commit_comes_ = commits_come_ =
      commit_next_ > 0 && log_.one_position_a_record() && Holds(Defence::kCheckpointInChain);
  Result<std::unique_ptr<ChangelogReading>> reading =
      log_.OpenChangelog(partition_, own_commit_comes_ ? commit_next_ - 1 : changelog_next_);
  if (!reading && reading.error().code == ErrorCode::kNotFound) return BeginWithNothing(now);
  if (!reading) return reading.error();
  reading_ = *std::move(reading);
  covered_next_ = changelog_next_;
  log_.OnCheckpoint(partition_, covered_next_);
  return Done{};
}

// First the changelog, then the end of what is there: a log that does not reach back to its beginning leaves
// the checkpoint the only copy.
Result<Done> Task::BeginWithNothing(Timestamp now) {
  reading_ = nullptr;
  Result<std::unique_ptr<ChangelogReading>> reading = log_.OpenChangelog(partition_, 0);
  if (!reading) return reading.error();
  if (Result<Done> cleared = store_->Clear(); !cleared) return cleared.error();
  states_ = std::make_unique<StateTable>(processor_, *store_, metrics_);
  from_nothing_ = true;
  last_ = {};
  changelog_next_ = covered_next_ = 0;
  commit_next_ = 0;
  own_commit_comes_ = commits_come_ = false;
  as_of_ = now;
  chain_ = 0;
  records_ = 0;
  commits_seen_ = 0;
  unreadable_ = Done{};
  reading_ = *std::move(reading);
  return Done{};
}

Result<bool> Task::RestoreSome(size_t records_max) {
  CHECK(!restored());
  if (resuming_) return ResumeSome(records_max);
  const auto visit = [this](std::string_view key, std::string_view value, int64_t next) {
    return Replay(key, value, next);
  };
  Result<std::optional<int64_t>> read = reading_->Read(records_max, visit);
  if (!read && !from_nothing_ && (checkpoint_unreadable_ || read.error().code == ErrorCode::kNotFound)) {
    if (Result<Done> begun = BeginWithNothing(restore_began_); !begun) return begun.error();
    return false;
  }
  if (!read) return read.error();
  const std::optional<int64_t> end = *read;
  if (!end) return false;
  // Records after the last commit record belong to no commit; an atomic log never shows them.
  if (records_ != 0 && Holds(Defence::kCommitChain))
    return Error{ErrorCode::kCorrupt, "changelog", "ends in the middle of a commit"};
  // Compaction leaves the newest commit record of each key alone.
  if (commits_come_ && commits_seen_ == 0) return Foreign("neither that nor a later one is there");
  changelog_next_ = *end;
  as_of_ = restore_began_;
  next_ = last_.positions;
  reading_ = nullptr;
  metrics_.restores.Add();
  metrics_.restore_seconds.Observe(SecondsSince(restore_start_));
  return true;
}

// From its own newest commit on, as a checkpoint: whoever had the partition meanwhile and did anything has a
// commit after it. A task that knows no commit of its own has nothing that a restore would not find.
Result<Done> Task::BeginResume(Timestamp now) {
  CHECK(restored() && !dirty());
  if (!Holds(Defence::kResumedUnchanged)) return Done{};
  if (commit_next_ == 0 || !log_.one_position_a_record())
    return Error{ErrorCode::kNotFound, "task", "has no commit to go on from"};
  // Another worker of the process that had it meanwhile has taken the store.
  if (store_->taken()) return Error{ErrorCode::kConflict, "task", "its store is another worker's"};
  Result<std::unique_ptr<ChangelogReading>> reading = log_.OpenChangelog(partition_, commit_next_ - 1);
  if (!reading) return reading.error();
  reading_ = *std::move(reading);
  restore_began_ = now;
  own_commit_comes_ = true;
  resuming_ = true;
  return Done{};
}

bool Task::Suspend() {
  if (std::exchange(resuming_, false)) reading_ = nullptr;
  return restored();
}

Result<bool> Task::ResumeSome(size_t records_max) {
  const auto visit = [this](std::string_view key, std::string_view value, int64_t next) -> Result<Done> {
    if (std::exchange(own_commit_comes_, false) && next == commit_next_) return CheckOwnCommit(key, value);
    return Error{ErrorCode::kConflict, "changelog", "others have committed since"};
  };
  Result<std::optional<int64_t>> read = reading_->Read(records_max, visit);
  if (!read) return read.error();
  const std::optional<int64_t> end = *read;
  if (!end) return false;
  if (own_commit_comes_) return Foreign("it is gone");
  changelog_next_ = *end;
  as_of_ = restore_began_;
  reading_ = nullptr;
  resuming_ = false;
  metrics_.resumes.Add();
  return true;
}

Result<Done> Task::Replay(std::string_view key, std::string_view value, int64_t next) {
  if (key.empty()) return Error{ErrorCode::kCorrupt, "changelog", "a record without a key"};
  if (std::exchange(own_commit_comes_, false) && next == commit_next_) return CheckOwnCommit(key, value);
  metrics_.restored_records.Add();
  const auto kind = static_cast<uint8_t>(key.front());
  if (kind != kCommitKind) {
    chain_ = ExtendChain(chain_, key, value);
    ++records_;
    Result<Done> applied = states_->Apply(kind, key.substr(1), value);
    if (applied || applied.error().code != ErrorCode::kCorrupt) return applied;
    // Of a later version, it may be, which its commit says.
    if (unreadable_) unreadable_ = std::move(applied);
    return Done{};
  }
  Result<CommitRecord> record = DecodeCommitRecord(value);
  if (!record) return Waits(record.error());
  if (Result<Done> known = CheckStateForm(*record, processor_.state_form(), "changelog"); !known)
    return Waits(known.error());
  checkpoint_unreadable_ = !unreadable_;
  if (!unreadable_) return unreadable_;
  if (Result<Done> checked = CheckChain(*record); !checked) return checked;
  last_ = *std::move(record);
  chain_ = last_.chain;
  records_ = 0;
  ++commits_seen_;
  changelog_next_ = next;
  commit_next_ = next;
  if (states_->unwritten_bytes() < static_cast<size_t>(config_.checkpoint_mb) << 20U) return Done{};
  return WriteCheckpoint();  // What is written may leave memory: the worker sees to that.
}

// Offsets are never used twice by a cluster that loses nothing. One that lost the newest records and went on
// has others in their place, and the checkpoint is of a history that is no more.
Result<Done> Task::CheckOwnCommit(std::string_view key, std::string_view value) {
  if (key != ChangelogKey(kCommitKind, {}) || value != Encode(last_))
    return Foreign("another record is in its place");
  commits_seen_ = 1;
  return Done{};
}

// Compaction keeps the newest commit record of the part it has been through: so the first one that is met may
// be any later one, with only those of its records that no later commit replaced. The next one may begin in
// that part and lack deletions there. From then on nothing is missing. A checkpoint's own commit is the first
// when it is still there: nothing after it was compacted away then.
Result<Done> Task::CheckChain(const CommitRecord& record) {
  if (!Holds(Defence::kCommitChain)) return Done{};
  const auto broken = [](const char* what) { return Error{ErrorCode::kCorrupt, "changelog", what}; };
  if (record.sequence <= last_.sequence) return broken("commits are out of order");
  const bool whole = record.sequence == last_.sequence + 1 && records_ == record.segments;
  if (whole && record.chain != chain_) return broken("the chain of commits is broken");
  if (whole || commits_seen_ == 0) return Done{};
  if (commits_seen_ == 1 && record.sequence == last_.sequence + 1 && records_ < record.segments)
    return Done{};
  return broken("a commit, or a part of one, is missing");
}

Result<Done> Task::Process(const schemas::Record& record, Timestamp now) {
  int64_t* next = FindNext(next_, record.topic);
  if (next == nullptr) {
    next_.push_back({std::string(record.topic), record.offset});
    std::sort(next_.begin(), next_.end(), [](const auto& a, const auto& b) { return a.topic < b.topic; });
    next = FindNext(next_, record.topic);
  }
  if (record.offset < *next) return Done{};
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
  pending_.state_form = std::max(last_.state_form, processor_.state_form());
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

void Task::Committed(int64_t changelog_next, Timestamp now) {
  states_->MarkCommitted();
  last_ = pending_;
  changelog_next_ = changelog_next;
  commit_next_ = changelog_next;
  as_of_ = now;
  metrics_.commit_events.Add(events_);
  events_ = 0;
  outputs_.Clear();
}

bool Task::CheckpointDue(std::chrono::steady_clock::time_point now) const {
  const bool uncovered = checkpoint_commits_ && changelog_next_ != covered_next_;
  if (!states_->has_unwritten() && !uncovered) return false;
  return states_->unwritten_bytes() >= static_cast<size_t>(config_.checkpoint_mb) << 20U ||
         now - checkpointed_at_ >= config_.checkpoint_interval;
}

Result<Done> Task::Checkpoint(std::chrono::steady_clock::time_point now) {
  CHECK(restored() && !dirty());
  checkpointed_at_ = now;
  return WriteCheckpoint();
}

Result<Done> Task::WriteCheckpoint() {
  const auto start = std::chrono::steady_clock::now();
  const CheckpointMark mark{.owner = owner_,
                            .changelog_next = changelog_next_,
                            .commit_record = Encode(last_),
                            .commit_next = log_.one_position_a_record() ? commit_next_ : 0,
                            .written_at = as_of_};
  if (Result<Done> written = states_->Checkpoint(mark); !written) {
    metrics_.checkpoint_failures.Add();
    return written.error();
  }
  metrics_.checkpoints.Add();
  metrics_.checkpoint_seconds.Observe(SecondsSince(start));
  covered_next_ = changelog_next_;
  log_.OnCheckpoint(partition_, covered_next_);
  return Done{};
}

}  // namespace tocsin::daemon
