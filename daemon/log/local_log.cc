#include "daemon/log/local_log.h"

#include <utility>

#include "daemon/log/local_frames.h"

namespace tocsin::daemon {
namespace {

// The changes of one partition, out of the commits of all.
class CommitsReading final : public ChangelogReading {
 public:
  CommitsReading(const std::string& directory, int32_t partition, int64_t end)
      : reader_(directory), partition_(partition), end_(end) {}

  Result<Done> Begin(int64_t from) { return reader_.Seek(from); }

  Result<std::optional<int64_t>> Read(size_t records_max, const ChangelogVisitor& visit) override {
    size_t records = 0;
    while (records < records_max) {
      std::string_view frame;
      Result<bool> more = reader_.Next(end_, frame);
      if (!more) return more.error();
      if (!*more) return std::optional<int64_t>(end_);
      CommitVisitor visitor;
      visitor.on_change = [&](int32_t changed, std::string_view key, std::string_view value) -> Result<Done> {
        ++records;
        return changed == partition_ ? visit(key, value, reader_.position()) : Result<Done>(Done{});
      };
      if (Result<Done> visited = VisitCommits(frame, visitor); !visited) return visited.error();
    }
    return std::optional<int64_t>();
  }

 private:
  FrameFile::Reader reader_;
  const int32_t partition_;
  const int64_t end_;
};

}  // namespace

LocalLog::LocalLog(LocalStore& store, int worker, int workers, Report report)
    : store_(store), report_(std::move(report)) {
  for (int partition = worker; partition < store.partitions(); partition += workers) {
    inputs_.push_back({.partition = partition, .reader = FrameFile::Reader(store.InputDirectory(partition))});
  }
}

LocalLog::Input* LocalLog::Find(int32_t partition) {
  for (Input& input : inputs_) {
    if (input.partition == partition) return &input;
  }
  return nullptr;
}

Result<size_t> LocalLog::Poll(std::chrono::milliseconds wait, size_t records_max, LogListener& listener) {
  if (!assigned_) {
    assigned_ = true;
    for (const Input& input : inputs_) listener.OnAssigned(input.partition);
    return size_t{0};  // To be restored now.
  }
  Result<size_t> handed = ReadInputs(records_max, listener);
  if (handed && *handed == 0 && wait.count() > 0) {
    seen_ = store_.WaitForInput(seen_, wait);
    handed = ReadInputs(records_max, listener);
  }
  // What was handed over before an error is committed first, as when the log is drained.
  if (!handed && !std::exchange(drained_, true)) return size_t{0};
  drained_ = !handed || *handed == 0;
  return handed;
}

// Each partition has its turn. An error only when there was nothing to hand over of any.
Result<size_t> LocalLog::ReadInputs(size_t records_max, LogListener& listener) {
  size_t handed = 0;
  Result<size_t> failed = size_t{0};
  for (size_t i = 0; i < inputs_.size() && handed < records_max; ++i) {
    Input& input = inputs_[(turn_ + i) % inputs_.size()];
    if (input.paused || input.lost) continue;
    Result<size_t> read = ReadInput(input, records_max - handed, listener);
    if (read) {
      handed += *read;
    } else {
      failed = read;
    }
  }
  if (!inputs_.empty()) turn_ = (turn_ + 1) % inputs_.size();
  return handed > 0 ? Result<size_t>(handed) : failed;
}

Result<size_t> LocalLog::ReadInput(Input& input, size_t records_max, LogListener& listener) {
  const int64_t limit = store_.InputEnd(input.partition);
  size_t handed = 0;
  while (handed < records_max) {
    std::string_view frame;
    Result<bool> more = input.reader.Next(limit, frame);
    if (more && !*more) break;
    schemas::Record record;
    const Result<Done> decoded = more ? DecodeInput(frame, record, headers_) : Result<Done>(more.error());
    if (!decoded && decoded.error().code != ErrorCode::kUnavailable) {
      Lose(input, decoded.error(), listener);
      break;
    }
    if (!decoded) return handed > 0 ? Result<size_t>(handed) : decoded.error();
    // The offset is the last byte of the frame, so that the next position is where the next frame begins.
    // All topics share the sequence; what the event came in as is in its bytes.
    record.partition = input.partition;
    record.offset = input.reader.position() - 1;
    record.topic = kLocalTopic;
    if (!listener.OnRecord(record)) {
      input.paused = true;  // The worker restores the partition, and seeks.
      break;
    }
    ++handed;
  }
  return handed;
}

// The others are read on, and what was read of this one is committed.
void LocalLog::Lose(Input& input, const Error& why, LogListener& listener) {
  input.lost = true;
  const Error stopped = Stopped(input.partition, why);
  if (report_)
    report_("input_lost", "partition " + std::to_string(input.partition) + ": " + stopped.ToString());
  listener.OnInputLost(input.partition);
}

// An error after which only a person can make the partition go on.
Error LocalLog::Stopped(int32_t partition, Error why) {
  if (why.code == ErrorCode::kUnavailable) return why;
  store_.Refuse(partition);
  why.code = ErrorCode::kCorrupt;
  return why;
}

Result<Done> LocalLog::Seek(int32_t partition, std::span<const TopicPosition> positions) {
  Input* input = Find(partition);
  if (input == nullptr) return Error{ErrorCode::kInvalid, "partition", "is not this worker's"};
  const int64_t next = positions.empty() ? store_.InputBegin(partition) : positions.front().next;
  if (const int64_t end = store_.InputEnd(partition); next > end) {
    return Stopped(partition,
                   {ErrorCode::kCorrupt, store_.InputDirectory(partition),
                    "ends at " + std::to_string(end) + ", before what was processed of it (" +
                        std::to_string(next) + "): restore the whole state directory from one backup"});
  }
  if (Result<Done> sought = input->reader.Seek(next); !sought) return Stopped(partition, sought.error());
  input->paused = false;
  input->lost = false;
  store_.Restored(partition, next);
  return Done{};
}

Result<std::unique_ptr<ChangelogReading>> LocalLog::OpenChangelog(int32_t partition, int64_t from) {
  const Result<int64_t> begin = store_.CommitsFrom(partition, from);
  if (!begin) return Stopped(partition, begin.error());
  auto reading = std::make_unique<CommitsReading>(store_.CommitsDirectory(), partition, store_.CommitsEnd());
  // What was trimmed in between is not the partition's: it is tried again.
  if (Result<Done> sought = reading->Begin(*begin); !sought)
    return Error{ErrorCode::kUnavailable, store_.CommitsDirectory(), sought.error().detail};
  return std::unique_ptr<ChangelogReading>(std::move(reading));
}

Result<Done> LocalLog::Commit(std::span<TaskCommit> commits, std::vector<int64_t>& changelog_next) {
  int64_t next = 0;
  Result<Done> committed = store_.Commit(commits, next);
  if (committed) changelog_next.assign(commits.size(), next);
  return committed;
}

void LocalLog::OnCheckpoint(int32_t partition, int64_t changelog_position) {
  store_.Checkpointed(partition, changelog_position);
}

void LocalLog::Pause(int32_t partition, bool paused) {
  if (Input* input = Find(partition); input != nullptr) input->paused = paused;
}

}  // namespace tocsin::daemon
