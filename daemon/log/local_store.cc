#include "daemon/log/local_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <random>

#include "base/bytes.h"
#include "base/hash.h"
#include "daemon/log/local_frames.h"
#include "daemon/store/small_file.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

Error Missing(const std::string& path) {
  return {ErrorCode::kCorrupt, path, "is missing: restore it, or move the state directory away"};
}

Error NotLocked(const std::string& path) {
  const char* const remedy = errno == EACCES ? ": give the directory to the user that tocsin runs as" : "";
  return {ErrorCode::kUnavailable, path, "cannot be locked: " + std::string(std::strerror(errno)) + remedy};
}

// "<partitions> <id>"
Result<Done> FitsIdentity(const std::string& identity, const std::string& directory, int partitions) {
  const size_t space = identity.find(' ');
  if (space != std::string::npos && identity.substr(0, space) == std::to_string(partitions)) return Done{};
  return Error{ErrorCode::kConflict, directory,
               "was made with " + identity.substr(0, space) + " partitions, not " +
                   std::to_string(partitions) +
                   ": an account would move away from its state; set local.partitions back"};
}

std::vector<const schemas::OutRecord*> Pointers(const std::vector<schemas::OutRecord>& records) {
  std::vector<const schemas::OutRecord*> pointers;
  pointers.reserve(records.size());
  for (const schemas::OutRecord& record : records) pointers.push_back(&record);
  return pointers;
}

}  // namespace

uint32_t Murmur2(std::string_view key) {
  constexpr uint32_t kMix = 0x5bd1e995;
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(key[i])); };
  uint32_t hash = 0x9747b28cU ^ static_cast<uint32_t>(key.size());
  size_t i = 0;
  for (; i + 4 <= key.size(); i += 4) {
    uint32_t k = byte(i) | byte(i + 1) << 8U | byte(i + 2) << 16U | byte(i + 3) << 24U;
    k *= kMix;
    k ^= k >> 24U;
    k *= kMix;
    hash = (hash * kMix) ^ k;
  }
  const size_t rest = key.size() - i;
  if (rest >= 3) hash ^= byte(i + 2) << 16U;
  if (rest >= 2) hash ^= byte(i + 1) << 8U;
  if (rest >= 1) hash = (hash ^ byte(i)) * kMix;
  hash ^= hash >> 13U;
  hash *= kMix;
  hash ^= hash >> 15U;
  return hash;
}

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

Result<std::unique_ptr<LocalStore>> LocalStore::Open(const LocalStoreOptions& options) {
  std::unique_ptr<LocalStore> made(new LocalStore(options));
  if (Result<Done> taken = made->TakeDirectory(); !taken) return taken.error();
  if (Result<Done> opened = made->OpenCommits(); !opened) return opened.error();
  if (Result<Done> recovered = made->RecoverOutputs(); !recovered) return recovered.error();
  if (Result<Done> opened = made->OpenInput(); !opened) return opened.error();
  if (Result<Done> marked = made->WriteMark(); !marked) return marked.error();
  return made;
}

Result<Done> LocalStore::CheckPartitions(const std::string& directory, int partitions) {
  const Result<std::string> identity = ReadSmallFile((fs::path(directory) / "identity").string());
  return !identity || identity->empty() ? Done{} : FitsIdentity(*identity, directory, partitions);
}

Result<Done> LocalStore::TakeDirectory() {
  std::error_code error;
  fs::create_directories(options_.directory, error);
  if (!error) fs::create_directories(options_.outputs, error);
  if (error) return Error{ErrorCode::kUnavailable, options_.directory, "cannot be made: " + error.message()};
  const std::string lock = (fs::path(options_.directory) / "lock").string();
  lock_fd_ = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_fd_ < 0 || ::flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    if (lock_fd_ < 0 || errno != EWOULDBLOCK) return NotLocked(lock);
    return Error{ErrorCode::kUnavailable, options_.directory, "another process holds this state directory"};
  }
  const std::string identity = (fs::path(options_.directory) / "identity").string();
  Result<std::string> read = ReadSmallFile(identity);
  if (!read) return read.error();
  std::string held = *std::move(read);
  const bool marked = fs::exists(OutputsMarkPath(), error);
  if (error) return Error{ErrorCode::kUnavailable, OutputsMarkPath(), "cannot be read: " + error.message()};
  if (held.empty() && marked) return Missing(identity);
  if (held.empty()) {
    std::random_device random;
    held =
        std::to_string(options_.partitions) + " " + ToHex({(uint64_t{random()} << 32U) | random(), random()});
    if (Result<Done> written = ReplaceSmallFile(identity, held); !written) return written;
  }
  if (Result<Done> fits = FitsIdentity(held, options_.directory, options_.partitions); !fits) return fits;
  id_ = held.substr(held.find(' ') + 1);
  return Done{};
}

Result<Done> LocalStore::OpenCommits() {
  const std::string outputs_mark = OutputsMarkPath();
  const Result<std::string> outputs = ReadSmallFile(outputs_mark);
  if (!outputs) return outputs.error();
  if (!outputs->empty()) {
    mark_ = DecodeOutputsMark(*outputs);
    if (!mark_) {
      return Error{ErrorCode::kCorrupt, outputs_mark,
                   "is damaged: restore it, or move the state directory away"};
    }
  }
  Result<std::unique_ptr<FrameFile>> commits =
      FrameFile::Open(CommitsDirectory(), options_.segment_bytes, mark_ ? mark_->commits : 0);
  if (!commits) return commits.error();
  commits_ = *std::move(commits);
  if (!mark_ && commits_->end() > 0) return Missing(outputs_mark);

  const std::string log_mark = (fs::path(options_.directory) / "log.mark").string();
  const Result<std::string> bytes = ReadSmallFile(log_mark);
  if (!bytes) return bytes.error();
  if (bytes->empty()) {
    std::ranges::fill(covered_, commits_->begin() == 0 ? 0 : -1);
    return Done{};
  }
  const std::optional<std::vector<PartitionMark>> marks = DecodePartitionMarks(*bytes);
  if (!marks || marks->size() != covered_.size()) {
    return Error{
        ErrorCode::kCorrupt, log_mark,
        "is damaged: restore the whole state directory from one backup; without this file it starts, "
        "and knows less of what may be missing"};
  }
  for (size_t i = 0; i < marks->size(); ++i) {
    input_end_[i] = (*marks)[i].input_end;
    covered_[i] = (*marks)[i].covered;
  }
  return Done{};
}

// After the commits, which know what input was there.
Result<Done> LocalStore::OpenInput() {
  for (int partition = 0; partition < options_.partitions; ++partition) {
    const auto i = static_cast<size_t>(partition);
    const int64_t known = std::max(input_end_[i].load(), input_position_[i].load());
    Result<std::unique_ptr<FrameFile>> file =
        FrameFile::Open(InputDirectory(partition), options_.segment_bytes, known);
    if (!file) return file.error();
    input_end_[i] = (*file)->end();
    input_position_[i] = std::max(input_position_[i].load(), (*file)->begin());
    input_.push_back(*std::move(file));
  }
  return Done{};
}

// Of the commits since the mark, by kind.
Result<std::array<uint64_t, kOutputKinds>> LocalStore::BytesToWriteAgain() const {
  std::array<uint64_t, kOutputKinds> bytes{};
  FrameFile::Reader reader(CommitsDirectory());
  if (Result<Done> sought = reader.Seek(std::max(commits_->begin(), mark_->commits)); !sought)
    return sought.error();
  CommitVisitor visitor;
  visitor.on_output = [&](schemas::OutputKind kind, std::string_view value) {
    bytes[static_cast<size_t>(kind)] += value.size() + 1;
  };
  for (;;) {
    std::string_view frame;
    Result<bool> more = reader.Next(commits_->durable_end(), frame);
    if (!more) return more.error();
    if (!*more) return bytes;
    if (Result<Done> visited = VisitCommits(frame, visitor); !visited) return visited.error();
  }
}

// Commits are on disk before their outputs are written, so no crash leaves files that hold more than the
// commits know: somebody has put an older state beside newer files.
Result<Done> LocalStore::KeepWhatLiesBeyond() {
  if (!mark_) return Done{};
  const Result<std::array<uint64_t, kOutputKinds>> again = BytesToWriteAgain();
  if (!again) return again.error();
  const Result<std::vector<OutputsBeyond>> kept =
      OutputHistory::KeepBeyond(options_.outputs, mark_->outputs, *again);
  if (!kept) return kept.error();
  for (const OutputsBeyond& beyond : *kept) {
    if (!options_.report) break;
    options_.report("outputs_beyond", beyond.path + ": the last " + std::to_string(beyond.bytes) +
                                          " bytes are of a later state than the one that is here, as after a "
                                          "restored backup; they are in " +
                                          beyond.kept_in + " now");
  }
  return Done{};
}

// Cuts the output files to what the mark knows, and writes the outputs of the commits since then again.
Result<Done> LocalStore::RecoverOutputs() {
  if (Result<Done> kept = KeepWhatLiesBeyond(); !kept) return kept;
  Result<std::unique_ptr<OutputHistory>> outputs_opened = OutputHistory::Open(
      options_.outputs, mark_ ? std::optional<OutputParts>(mark_->outputs) : std::nullopt);
  if (!outputs_opened) return outputs_opened.error();
  outputs_ = *std::move(outputs_opened);
  marked_ = mark_ ? mark_->commits : 0;
  FrameFile::Reader reader(CommitsDirectory());
  if (Result<Done> sought = reader.Seek(commits_->begin()); !sought) return sought;
  std::vector<schemas::OutRecord> outputs;
  for (;;) {
    const int64_t at = reader.position();
    std::string_view frame;
    Result<bool> more = reader.Next(commits_->durable_end(), frame);
    if (!more) return more.error();
    if (!*more) break;
    outputs.clear();
    CommitVisitor visitor;
    visitor.on_partition = [&](int32_t partition, const std::vector<TopicPosition>& positions) {
      if (static_cast<size_t>(partition) < newest_.size()) NoteCommit(partition, at, positions);
    };
    if (at >= marked_) {
      visitor.on_output = [&](schemas::OutputKind kind, std::string_view value) {
        outputs.push_back({.kind = kind, .key = {}, .headers = {}, .value = std::string(value)});
      };
    }
    if (Result<Done> visited = VisitCommits(frame, visitor); !visited) return visited;
    if (Result<Done> written = outputs_->Write(Pointers(outputs)); !written) return written;
  }
  return Done{};
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
  return static_cast<int>((Murmur2(account) & 0x7fffffffU) % static_cast<uint32_t>(options_.partitions));
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
  Result<Done> written = outputs_->Write(Pointers(behind_));
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
