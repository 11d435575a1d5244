#include "daemon/log/local_log.h"

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

LocalLog::LocalLog(LocalStore& store, int worker, int workers) : store_(store) {
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
  const auto read = [&]() -> Result<size_t> {
    size_t handed = 0;
    for (size_t i = 0; i < inputs_.size() && handed < records_max; ++i) {
      Input& input = inputs_[(turn_ + i) % inputs_.size()];
      if (input.paused) continue;
      const int64_t limit = store_.InputEnd(input.partition);
      while (handed < records_max) {
        std::string_view frame;
        Result<bool> more = input.reader.Next(limit, frame);
        if (!more) return more.error();
        if (!*more) break;
        schemas::Record record;
        if (Result<Done> decoded = DecodeInput(frame, record, headers_); !decoded) return decoded.error();
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
    }
    if (!inputs_.empty()) turn_ = (turn_ + 1) % inputs_.size();
    return handed;
  };
  Result<size_t> handed = read();
  if (handed && *handed == 0 && wait.count() > 0) {
    seen_ = store_.WaitForInput(seen_, wait);
    return read();
  }
  return handed;
}

Result<Done> LocalLog::Seek(int32_t partition, std::span<const TopicPosition> positions) {
  Input* input = Find(partition);
  if (input == nullptr) return Error{ErrorCode::kInvalid, "partition", "is not this worker's"};
  const int64_t next = positions.empty() ? store_.InputBegin(partition) : positions.front().next;
  Result<Done> sought = input->reader.Seek(next);
  if (sought) {
    input->paused = false;
    store_.Restored(partition, next);
  }
  return sought;
}

Result<std::unique_ptr<ChangelogReading>> LocalLog::OpenChangelog(int32_t partition, int64_t from) {
  auto reading = std::make_unique<CommitsReading>(store_.CommitsDirectory(), partition, store_.CommitsEnd());
  if (Result<Done> sought = reading->Begin(from); !sought) {
    // A local log does not keep what checkpoints cover: without its checkpoint a partition cannot be made
    // again.
    return Error{
        ErrorCode::kCorrupt, store_.CommitsDirectory(),
        "no longer holds what follows the checkpoint: restore the whole state directory from one backup"};
  }
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
