#include "daemon/log/local_log.h"

#include "daemon/log/local_frames.h"

namespace tocsin::daemon {

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
  if (sought) input->paused = false;
  return sought;
}

Result<int64_t> LocalLog::ReadChangelog(int32_t partition, int64_t from, const ChangelogVisitor& visit) {
  const int64_t end = store_.CommitsEnd();
  FrameFile::Reader reader(store_.CommitsDirectory());
  if (Result<Done> sought = reader.Seek(from); !sought) {
    // A local log does not keep what checkpoints cover: without its checkpoint a partition cannot be made
    // again.
    return Error{
        ErrorCode::kCorrupt, store_.CommitsDirectory(),
        "no longer holds what follows the checkpoint: restore the whole state directory from one backup"};
  }
  for (;;) {
    std::string_view frame;
    Result<bool> more = reader.Next(end, frame);
    if (!more) return more.error();
    if (!*more) return end;
    CommitVisitor visitor;
    visitor.on_change = [&](int32_t changed, std::string_view key, std::string_view value) -> Result<Done> {
      return changed == partition ? visit(key, value, reader.position()) : Result<Done>(Done{});
    };
    if (Result<Done> visited = VisitCommits(frame, visitor); !visited) return visited.error();
  }
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
