#include "daemon/log/local_store.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "daemon/log/default_partitioner.h"
#include "daemon/log/local_frames.h"
#include "daemon/store/small_file.h"

namespace tocsin::daemon {
namespace {
namespace fs = std::filesystem;
}  // namespace

LocalStore::LocalStore(LocalStoreOptions options)
    : options_(std::move(options)),
      input_end_(static_cast<size_t>(options_.partitions)),
      input_position_(static_cast<size_t>(options_.partitions)),
      refuses_(static_cast<size_t>(options_.partitions)),
      newest_(static_cast<size_t>(options_.partitions), -1),
      uncovered_(static_cast<size_t>(options_.partitions), -1),
      covered_(static_cast<size_t>(options_.partitions)) {}

LocalStore::~LocalStore() {
  // What is on disk now is not cut off by the next start.
  const bool opened = input_.size() == static_cast<size_t>(options_.partitions);
  if (opened && behind_.empty()) {
    if (Result<Done> marked = WriteMark(); !marked) marked_ = -1;  // The older mark stays, and stays true.
  }
  if (lock_fd_ >= 0) ::close(lock_fd_);
}

std::string LocalStore::InputDirectory(int partition) const {
  return (fs::path(options_.directory) / "input" / std::to_string(partition)).string();
}
std::string LocalStore::OutputsMarkPath() const {
  return (fs::path(options_.directory) / "outputs.mark").string();
}
std::string LocalStore::CommitsDirectory() const {
  return (fs::path(options_.directory) / "commits").string();
}

// A commit of the partition begins at `at`.
void LocalStore::NoteCommit(int partition, int64_t at, const std::vector<TopicPosition>& positions) {
  const auto index = static_cast<size_t>(partition);
  newest_[index] = at;
  if (uncovered_[index] < 0 && at >= covered_[index]) uncovered_[index] = at;
  for (const TopicPosition& position : positions) {
    if (position.topic == kLocalTopic) input_position_[index] = position.next;
  }
}

// REQUIRES: behind_ is empty; the output files hold the outputs of every commit.
Result<Done> LocalStore::WriteMark() {
  if (Result<Done> synced = outputs_->Sync(); !synced) return synced;
  const OutputsMark mark{.commits = commits_->durable_end(), .outputs = outputs_->parts()};
  const fs::path directory(options_.directory);
  if (Result<Done> written = ReplaceSmallFile(OutputsMarkPath(), EncodeMark(mark)); !written) return written;
  std::vector<PartitionMark> marks(covered_.size());
  for (size_t i = 0; i < marks.size(); ++i)
    marks[i] = {.input_end = input_end_[i].load(), .covered = covered_[i]};
  if (Result<Done> written = ReplaceSmallFile((directory / "log.mark").string(), EncodeMark(marks)); !written)
    return written;
  marked_ = mark.commits;
  return Done{};
}

int LocalStore::PartitionOf(std::string_view account) const {
  return DefaultPartition(account, options_.partitions);
}

Result<Done> LocalStore::Append(std::span<const Accepted> events, Timestamp now) {
  uint64_t ticket = 0;
  {
    const std::lock_guard lock(input_mutex_);
    for (const Accepted& event : events) {
      const int partition = PartitionOf(event.account);
      if (!refuses_[static_cast<size_t>(partition)]) continue;
      return Error{ErrorCode::kUnavailable, InputDirectory(partition),
                   "takes no events: its partition is stopped, and waits for a person"};
    }
    std::string frame;
    for (const Accepted& event : events) {
      frame.clear();
      EncodeInput(now, event.topic, event.account, event.headers, event.value, frame);
      // On a full disk part of the events stay in the log, unacknowledged: the sender repeats them, and
      // duplicates change nothing.
      Result<int64_t> appended = input_[static_cast<size_t>(PartitionOf(event.account))]->Append(frame);
      if (!appended) return appended.error();
    }
    ticket = ++appended_;
  }
  return SyncInput(ticket);
}

Result<Done> LocalStore::SyncInput(uint64_t ticket) {
  const std::lock_guard syncing(sync_mutex_);
  for (const auto& [after, up_to] : refused_) {
    if (ticket > after && ticket <= up_to)
      return Error{ErrorCode::kUnavailable, options_.directory, "cannot be synced"};
  }
  if (synced_ >= ticket) return Done{};  // Whoever held the lock before has synced this append, too.
  {
    const std::lock_guard lock(input_mutex_);
    const uint64_t covers = appended_;
    for (size_t i = 0; i < input_.size(); ++i) {
      if (Result<Done> synced = input_[i]->Sync(); !synced) {
        // One range for as long as it goes on: a disk may be full for hours.
        if (!refused_.empty() && refused_.back().second == synced_) {
          refused_.back().second = covers;
        } else {
          refused_.emplace_back(synced_, covers);
        }
        synced_ = covers;
        return synced;
      }
      input_end_[i].store(input_[i]->durable_end(), std::memory_order_release);
    }
    synced_ = covers;
    ++arrivals_;
  }
  input_arrived_.notify_all();
  return Done{};
}

uint64_t LocalStore::WaitForInput(uint64_t seen, std::chrono::milliseconds wait) const {
  std::unique_lock lock(input_mutex_);
  input_arrived_.wait_for(lock, wait, [&] { return arrivals_ != seen; });
  return arrivals_;
}

uint64_t LocalStore::PendingBytes() const {
  uint64_t bytes = 0;
  for (int partition = 0; partition < options_.partitions; ++partition) bytes += PendingBytes(partition);
  return bytes;
}

uint64_t LocalStore::PendingBytes(int partition) const {
  const auto i = static_cast<size_t>(partition);
  return static_cast<uint64_t>(std::max<int64_t>(0, input_end_[i].load() - input_position_[i].load()));
}

int64_t LocalStore::InputBegin(int partition) const {
  const std::lock_guard lock(input_mutex_);
  return input_[static_cast<size_t>(partition)]->begin();
}

int64_t LocalStore::InputEnd(int partition) const {
  return input_end_[static_cast<size_t>(partition)].load(std::memory_order_acquire);
}

int64_t LocalStore::CommitsEnd() const {
  const std::lock_guard lock(commit_mutex_);
  return commits_->durable_end();
}

Result<Done> LocalStore::Commit(std::span<TaskCommit> commits, int64_t& changelog_next) {
  const std::lock_guard lock(commit_mutex_);
  if (Result<Done> caught_up = CatchUp(); !caught_up) return caught_up;
  const int64_t at = commits_->end();
  scratch_.clear();
  EncodeCommits(commits, scratch_);
  if (Result<int64_t> appended = commits_->Append(scratch_); !appended) return appended.error();
  if (Result<Done> synced = commits_->Sync(); !synced) return synced;

  changelog_next = commits_->durable_end();
  std::vector<const schemas::OutRecord*> outputs;
  for (const TaskCommit& commit : commits) {
    for (const schemas::OutRecord& record : commit.outputs) outputs.push_back(&record);
  }
  if (Result<Done> written = outputs_->Write(outputs); !written) {
    // Committed, and not in the files yet: kept, and written before the next commit.
    for (const schemas::OutRecord* record : outputs) behind_.push_back(*record);
  }
  // Last: whoever sees that nothing waits any more finds the outputs in the files.
  for (const TaskCommit& commit : commits) NoteCommit(commit.partition, at, commit.positions);
  return Done{};
}

// Output files that lag behind catch up before the next commit: they follow the order of the commits.
// REQUIRES: commit_mutex_ is held.
Result<Done> LocalStore::CatchUp() {
  if (Result<Done> ended = EndTurn(); !ended) return ended;
  if (behind_.empty()) return Done{};
  Result<Done> written = outputs_->WriteRow(behind_);
  if (written) behind_.clear();
  return written;
}

Result<int64_t> LocalStore::CommitsFrom(int partition, int64_t position) const {
  const std::lock_guard lock(commit_mutex_);
  const auto index = static_cast<size_t>(partition);
  const int64_t end = commits_->durable_end();
  const auto damaged = [&](const std::string& how) {
    return Error{ErrorCode::kCorrupt, CommitsDirectory(),
                 how + ": restore the whole state directory from one backup"};
  };
  if (position > end) {
    return damaged("ends at " + std::to_string(end) + ", before the checkpoint's " +
                   std::to_string(position) + ": commits are lost");
  }
  if (covered_[index] >= 0 && position >= covered_[index])
    return uncovered_[index] < 0 ? end : std::max(position, uncovered_[index]);
  // A local log does not keep what checkpoints cover: without its newest checkpoint a partition cannot be
  // made again.
  if (position < commits_->begin()) return damaged("no longer holds what follows the checkpoint");
  return position;
}

void LocalStore::Restored(int partition, int64_t position) {
  const std::lock_guard lock(input_mutex_);
  input_position_[static_cast<size_t>(partition)] = position;
  refuses_[static_cast<size_t>(partition)] = false;
}

void LocalStore::Refuse(int partition) {
  const std::lock_guard lock(input_mutex_);
  refuses_[static_cast<size_t>(partition)] = true;
}

}  // namespace tocsin::daemon
