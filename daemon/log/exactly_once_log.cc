#include "daemon/log/exactly_once_log.h"

#include <algorithm>
#include <utility>

#include "daemon/log/defence.h"

namespace tocsin::daemon {

ExactlyOnceLog::ExactlyOnceLog(ExactlyOnceParts parts) : parts_(std::move(parts)) {}

ExactlyOnceLog::~ExactlyOnceLog() {
  parts_.consumer = nullptr;  // Others may take over; what is not committed by now is theirs to do.
  producer_ = nullptr;
}

// ---- 1. A producer --------------------------------------------------------------------------------------
//
// A request of a transaction that got lost on the way may arrive late and end a later transaction. So a
// producer lives from one trouble to the next: its successor has a new epoch, which fences all that the old
// one still has on its way, and it decides what the old one left open.
Result<Done> ExactlyOnceLog::Ready() {
  if (producer_ != nullptr && producer_->tainted() && Holds(Defence::kRenewTainted)) GiveUpProducer();
  if (producer_ != nullptr) return Done{};
  Result<std::unique_ptr<Transactions>> opened = parts_.producers->Open();
  if (!opened) return opened.error();
  producer_ = *std::move(opened);
  return Done{};
}

void ExactlyOnceLog::GiveUpProducer() {
  producer_ = nullptr;
  if (parts_.on_renewed) parts_.on_renewed();
}

// ---- 2. A place in the group ----------------------------------------------------------------------------
//
// The broker checks the generation of offsets, not whose partition they are of. So the membership is the one
// of the assignment: what is read under it is committed under it or not at all. The client's own idea of the
// generation moves on behind the worker's back, to one in which the partitions are another's.
class ExactlyOnceLog::Hearing final : public GroupListener {
 public:
  Hearing(ExactlyOnceLog& log, LogListener& listener) : log_(log), listener_(listener) {}
  void OnGeneration() override { log_.membership_ = log_.parts_.consumer->CurrentMembership(); }
  void OnAssigned(int32_t partition) override { listener_.OnAssigned(partition); }
  // The worker commits or discards what is open of the partition before this returns.
  void OnSuspended(int32_t partition) override { listener_.OnSuspended(partition); }
  void OnRevoked(int32_t partition) override { listener_.OnRevoked(partition); }
  void OnInputLost(int32_t partition) override { listener_.OnInputLost(partition); }
  void OnGenerationOver() override { log_.membership_ = nullptr; }
  bool StopsAtLoss(int32_t partition) override;
  bool OnRecord(const schemas::Record& record) override { return listener_.OnRecord(record); }
  void OnComing(const schemas::Record& record) override { listener_.OnComing(record); }

 private:
  ExactlyOnceLog& log_;
  LogListener& listener_;
};

Result<size_t> ExactlyOnceLog::Poll(std::chrono::milliseconds wait, size_t records_max,
                                    LogListener& listener) {
  // Nothing is read that could not be committed.
  if (Result<Done> ready = Ready(); !ready) {
    parts_.consumer->KeepAlive();
    return ready.error();
  }
  producer_->Listen();
  Hearing hearing(*this, listener);
  return parts_.consumer->Poll(wait, records_max, hearing);
}

// ---- 3. Restoring ---------------------------------------------------------------------------------------
//
// To the high watermark as it is when reading begins: the last stable offset may lie before commits that have
// happened. Whoever had the partition before put its records into the log before it added its offsets, and
// can add no more since its generation is over; so all that it may yet commit is below that end. Reading
// waits until all of it is decided.
class ExactlyOnceLog::Reading final : public ChangelogReading {
 public:
  Reading(ExactlyOnceParts& parts, int32_t partition, int64_t from, int64_t end)
      : parts_(parts), partition_(partition), end_(end), whole_(from == end), progress_(parts.clock()) {}
  ~Reading() override {
    if (!whole_) parts_.changelog->Stop();
  }

  Result<std::optional<int64_t>> Read(size_t records_max, const ChangelogVisitor& visit) override {
    if (whole_) return std::optional<int64_t>(end_);
    Result<ChangelogClient::Fetched> fetched = parts_.changelog->Fetch(records_max, visit);
    if (!fetched) return fetched.error();
    const std::optional<int64_t> at_end = fetched->at_end;
    if (at_end && *at_end >= end_) return at_end;
    const auto now = parts_.clock();
    if (fetched->records > 0) progress_ = now;
    if (now - progress_ <= parts_.patience) return std::optional<int64_t>();
    return Error{ErrorCode::kUnavailable, "changelog, partition " + std::to_string(partition_),
                 "a transaction in it stays open, or it cannot be read"};
  }

 private:
  ExactlyOnceParts& parts_;
  const int32_t partition_;
  const int64_t end_;
  const bool whole_;  // There is nothing to read.
  std::chrono::steady_clock::time_point progress_;
};

Result<std::unique_ptr<ChangelogReading>> ExactlyOnceLog::OpenChangelog(int32_t partition, int64_t from) {
  // What this worker left open, now or in an earlier life, is decided before it looks.
  if (Result<Done> ready = Ready(); !ready) return ready.error();
  Result<ChangelogClient::Range> range = parts_.changelog->FindRange(partition);
  if (!range) return range.error();
  const int64_t end = Holds(Defence::kHighWatermark) ? range->end : std::max(from, range->stable);
  const std::string place = "changelog, partition " + std::to_string(partition);
  if (from > end) {
    return Error{
        ErrorCode::kCorrupt, place,
        "ends before the checkpoint: it was made anew or lost records. When that was meant, move the state "
        "directory away; the state is then made from what the changelog holds"};
  }
  if (from != 0 && from < range->begin)
    return Error{ErrorCode::kNotFound, place, "no longer holds what follows the checkpoint"};
  from = std::max(from, range->begin);
  if (from < end) {
    if (Result<Done> started = parts_.changelog->Start(partition, from); !started) return started.error();
  }
  return std::unique_ptr<ChangelogReading>(std::make_unique<Reading>(parts_, partition, from, end));
}

std::optional<std::chrono::milliseconds> ExactlyOnceLog::deletions_kept_for() const {
  return parts_.deletions_kept_for;
}

// ---- 4. A commit ----------------------------------------------------------------------------------------

Result<Done> ExactlyOnceLog::Commit(std::span<TaskCommit> commits, std::vector<int64_t>& changelog_next) {
  changelog_next.assign(commits.size(), -1);
  if (membership_ == nullptr)
    return Error{ErrorCode::kConflict, "commit", "the partitions are no longer this worker's"};

  if (Result<Done> ready = Ready(); !ready) return ready;
  Result<Done> committed = Transact(commits, changelog_next);
  if (committed) return committed;

  // It may have happened all the same. The client's records point into `commits`: nothing of the producer
  // survives this call. Its successor decides the transaction; the changelog then says what it was, and the
  // worker restores the partitions from there.
  GiveUpProducer();
  if (Result<Done> ready = Ready(); ready && !Holds(Defence::kUnknownOutcome)) {
    return Transact(commits, changelog_next);
  }
  return committed;
}

// Everything is in the log before the offsets are added, which is where a member that lost its partitions is
// refused: so whoever took them over sees these records, open or decided, below the end to which it restores.
// The other order leaves a gap through which a process that slept can slip a commit.
Result<Done> ExactlyOnceLog::Transact(std::span<const TaskCommit> commits,
                                      std::vector<int64_t>& changelog_next) {
  if (Result<Done> begun = producer_->Begin(); !begun) return begun;
  if (!Holds(Defence::kRecordsBeforeOffsets)) {
    if (Result<Done> added = AddOffsets(commits); !added) return added;
  }
  if (Result<Done> sent = AppendRecords(commits, changelog_next); !sent) return sent;
  if (Result<Done> flushed = producer_->Flush(); !flushed) return flushed;
  if (Holds(Defence::kRecordsBeforeOffsets)) {
    if (Result<Done> added = AddOffsets(commits); !added) return added;
  }
  if (Result<Done> ended = producer_->Commit(); !ended) return ended;
  if (std::find(changelog_next.begin(), changelog_next.end(), -1) != changelog_next.end()) {
    return Error{ErrorCode::kUnavailable, "commit", "the brokers did not say where the changelog stands"};
  }
  return Done{};
}

Result<Done> ExactlyOnceLog::AddOffsets(std::span<const TaskCommit> commits) {
  std::unique_ptr<Membership> newer;
  if (!Holds(Defence::kMembershipOfAssignment)) newer = parts_.consumer->CurrentMembership();
  return producer_->AddOffsets(commits, newer != nullptr ? *newer : *membership_);
}

// What could not be read is an output like any other: a dead letter is there when its batch is.
Result<Done> ExactlyOnceLog::AppendRecords(std::span<const TaskCommit> commits,
                                           std::vector<int64_t>& changelog_next) {
  const auto put = [&](const TaskCommit& commit, bool dead_letters) -> Result<Done> {
    for (const schemas::OutRecord& record : commit.outputs) {
      const bool letter = record.kind == schemas::OutputKind::kDeadLetter;
      if (!Holds(Defence::kPoisonInTransaction) && letter != dead_letters) continue;
      if (Result<Done> sent = producer_->Put(commit.partition, record); !sent) return sent;
    }
    return Done{};
  };
  if (!Holds(Defence::kPoisonInTransaction)) {
    for (const TaskCommit& commit : commits) {
      if (Result<Done> sent = put(commit, true); !sent) return sent;
    }
    if (Result<Done> flushed = producer_->Flush(); !flushed) return flushed;
    if (Result<Done> ended = producer_->Commit(); !ended) return ended;
    if (Result<Done> begun = producer_->Begin(); !begun) return begun;
  }
  for (size_t i = 0; i < commits.size(); ++i) {
    changelog_next[i] = -1;
    for (const ChangelogRecord& record : commits[i].changelog) {
      int64_t* const next = &record == &commits[i].changelog.back() ? &changelog_next[i] : nullptr;
      if (Result<Done> sent = producer_->Append(commits[i].partition, record, next); !sent) return sent;
    }
    if (Result<Done> sent = put(commits[i], false); !sent) return sent;
  }
  return Done{};
}

// ---- 5. Reading the input -------------------------------------------------------------------------------

// Where the changelog says. The group's offsets are never ahead of it: they were committed with it, those of
// an earlier owner before this generation began, and everything before the end was decided when it was read.
// When they are ahead all the same, the cluster has lost the newest commits of the changelog, or a person has
// moved the offsets: what to do with the records between is not for us to guess.
Result<Done> ExactlyOnceLog::Seek(int32_t partition, std::span<const TopicPosition> positions) {
  if (Result<Done> within = CheckOffsets(partition, positions); !within) return within;
  return parts_.consumer->Seek(partition, positions);
}

// What was not processed is gone. To go on with what is there would hide it: a person decides.
bool ExactlyOnceLog::Hearing::StopsAtLoss(int32_t partition) {
  if (!Holds(Defence::kNoOffsetReset)) return false;
  OnInputLost(partition);
  return true;
}

namespace {

// The group's offset of a topic lies behind what the changelog's newest commit had read.
Error OffsetAhead(int32_t partition, const TopicPosition& offset, int64_t next) {
  const std::string place = offset.topic + ":" + std::to_string(partition);
  return {
      ErrorCode::kCorrupt, "changelog, partition " + std::to_string(partition),
      "its newest commit stands at " + std::to_string(next) + " of " + place + ", the group's offset at " +
          std::to_string(offset.next) +
          ": the cluster lost the newest commits of the changelog, or the offset was moved by hand. The "
          "partition stops. To process the records between again (what they gave may then be there "
          "twice), stop all processes and run kafka-consumer-groups.sh --reset-offsets --execute --topic " +
          place + " --to-offset " + std::to_string(next) + " --group with kafka.group"};
}

}  // namespace

Result<Done> ExactlyOnceLog::CheckOffsets(int32_t partition, std::span<const TopicPosition> positions) {
  if (!Holds(Defence::kOffsetsWithinChain)) return Done{};
  Result<std::vector<TopicPosition>> committed = parts_.consumer->FindCommitted(partition);
  if (!committed) return committed.error();
  for (const TopicPosition& offset : *committed) {
    const auto position = std::find_if(positions.begin(), positions.end(),
                                       [&](const TopicPosition& p) { return p.topic == offset.topic; });
    const int64_t next = position == positions.end() ? 0 : position->next;
    if (offset.next <= next) continue;
    return OffsetAhead(partition, offset, next);
  }
  return Done{};
}

void ExactlyOnceLog::Pause(int32_t partition, bool paused) { parts_.consumer->Pause(partition, paused); }

}  // namespace tocsin::daemon
