#include "daemon/log/local_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/bytes.h"
#include "base/hash.h"
#include "daemon/log/local_frames.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

// Replaces a small file in one step.
Result<Done> ReplaceFile(const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".new";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool good = fd >= 0 && ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
              ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  good = good && ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!good)
    return Error{ErrorCode::kUnavailable, path, std::string("cannot be written: ") + std::strerror(errno)};
  return Done{};
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

OutputPaths PathsIn(const std::string& directory) {
  OutputPaths paths;
  const auto path = [&](const char* name) { return (fs::path(directory) / name).string(); };
  paths[schemas::OutputKind::kFinding] = path("findings.jsonl");
  paths[schemas::OutputKind::kNotice] = path("notices.jsonl");
  paths[schemas::OutputKind::kTicket] = path("tickets.jsonl");
  paths[schemas::OutputKind::kAction] = path("actions.jsonl");
  paths[schemas::OutputKind::kDeadLetter] = path("dead-letters.jsonl");
  return paths;
}

struct OutputsMark {
  int64_t commits = 0;
  std::array<uint64_t, kOutputKinds> lengths{};
};

std::string EncodeOutputsMark(const OutputsMark& mark) {
  std::string out;
  ByteWriter writer(out);
  writer.Byte(1);
  writer.Signed(mark.commits);
  for (const uint64_t length : mark.lengths) writer.Fixed64(length);
  writer.Fixed32(Crc32c(out));
  return out;
}

bool DecodeOutputsMark(std::string_view bytes, OutputsMark& mark) {
  if (bytes.size() < 4) return false;
  ByteReader reader(bytes);
  const uint8_t version = reader.Byte();
  mark.commits = reader.Signed();
  for (uint64_t& length : mark.lengths) length = reader.Fixed64();
  const uint32_t crc = reader.Fixed32();
  return reader.ok() && reader.AtEnd() && version == 1 && crc == Crc32c(bytes.substr(0, bytes.size() - 4));
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
      uncovered_(static_cast<size_t>(options_.partitions), -1) {}

LocalStore::~LocalStore() {
  if (lock_fd_ >= 0) ::close(lock_fd_);
}

std::string LocalStore::InputDirectory(int partition) const {
  return (fs::path(options_.directory) / "input" / std::to_string(partition)).string();
}
std::string LocalStore::CommitsDirectory() const {
  return (fs::path(options_.directory) / "commits").string();
}

Result<std::unique_ptr<LocalStore>> LocalStore::Open(const LocalStoreOptions& options) {
  std::unique_ptr<LocalStore> made(new LocalStore(options));
  if (Result<Done> opened = made->OpenFiles(); !opened) return opened.error();
  if (Result<Done> recovered = made->RecoverOutputs(); !recovered) return recovered.error();
  return made;
}

Result<Done> LocalStore::OpenFiles() {
  std::error_code error;
  fs::create_directories(options_.directory, error);
  if (!error) fs::create_directories(options_.outputs, error);
  if (error) return Error{ErrorCode::kUnavailable, options_.directory, "cannot be made: " + error.message()};
  const std::string lock = (fs::path(options_.directory) / "lock").string();
  lock_fd_ = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_fd_ < 0 || ::flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorCode::kConflict, options_.directory, "another process holds this state directory"};
  }
  // "<partitions> <id>"
  const std::string identity = (fs::path(options_.directory) / "identity").string();
  std::string held = ReadFile(identity);
  if (held.empty()) {
    std::random_device random;
    held =
        std::to_string(options_.partitions) + " " + ToHex({(uint64_t{random()} << 32U) | random(), random()});
    if (Result<Done> written = ReplaceFile(identity, held); !written) return written;
  }
  const size_t space = held.find(' ');
  if (space == std::string::npos || held.substr(0, space) != std::to_string(options_.partitions)) {
    return Error{ErrorCode::kConflict, options_.directory,
                 "was made with " + held.substr(0, space) + " partitions, not " +
                     std::to_string(options_.partitions) +
                     ": an account would move away from its state; set local.partitions back"};
  }
  id_ = held.substr(space + 1);

  for (int i = 0; i < options_.partitions; ++i) {
    Result<std::unique_ptr<FrameFile>> file = FrameFile::Open(InputDirectory(i), options_.segment_bytes);
    if (!file) return file.error();
    input_end_[static_cast<size_t>(i)] = (*file)->end();
    input_position_[static_cast<size_t>(i)] = (*file)->begin();
    input_.push_back(*std::move(file));
  }
  Result<std::unique_ptr<FrameFile>> commits = FrameFile::Open(CommitsDirectory(), options_.segment_bytes);
  if (!commits) return commits.error();
  commits_ = *std::move(commits);
  return Done{};
}

// Cuts the output files to what the mark knows, and writes the outputs of the commits since then again.
Result<Done> LocalStore::RecoverOutputs() {
  const OutputPaths paths = PathsIn(options_.outputs);
  Result<OutputFiles> files = OutputFiles::Make(paths, OutputFiles::Open::kAppend);
  if (!files) return files.error();
  outputs_ = std::make_unique<OutputFiles>(*std::move(files));

  const std::string mark_path = (fs::path(options_.directory) / "outputs.mark").string();
  OutputsMark mark;
  if (const std::string bytes = ReadFile(mark_path); !bytes.empty()) {
    if (!DecodeOutputsMark(bytes, mark)) {
      return Error{ErrorCode::kCorrupt, mark_path,
                   "is damaged: restore it, or move the state directory away"};
    }
    if (Result<Done> cut = outputs_->CutTo(mark.lengths); !cut) return cut;
  } else if (commits_->end() > 0) {
    return Error{ErrorCode::kCorrupt, mark_path, "is missing: restore it, or move the state directory away"};
  } else {
    mark.lengths = outputs_->lengths();  // Files that were there before this store: it writes behind them.
  }

  marked_ = mark.commits;
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
      const auto index = static_cast<size_t>(partition);
      if (index >= uncovered_.size()) return;
      if (uncovered_[index] < 0) uncovered_[index] = at;
      for (const TopicPosition& position : positions) input_position_[index] = position.next;
    };
    if (at >= mark.commits) {
      visitor.on_output = [&](schemas::OutputKind kind, std::string_view value) {
        outputs.push_back({.kind = kind, .key = {}, .headers = {}, .value = std::string(value)});
      };
    }
    if (Result<Done> visited = VisitCommits(frame, visitor); !visited) return visited;
    if (Result<Done> written = outputs_->Write(Pointers(outputs)); !written) return written;
  }
  return WriteMark();
}

// REQUIRES: behind_ is empty; the output files hold the outputs of every commit.
Result<Done> LocalStore::WriteMark() {
  if (Result<Done> synced = outputs_->Sync(); !synced) return synced;
  const OutputsMark mark{.commits = commits_->durable_end(), .lengths = outputs_->lengths()};
  const std::string path = (fs::path(options_.directory) / "outputs.mark").string();
  if (Result<Done> written = ReplaceFile(path, EncodeOutputsMark(mark)); !written) return written;
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
        refused_.emplace_back(synced_, covers);
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
  for (size_t i = 0; i < input_end_.size(); ++i) {
    bytes += static_cast<uint64_t>(std::max<int64_t>(0, input_end_[i].load() - input_position_[i].load()));
  }
  return bytes;
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
  if (!behind_.empty()) {
    // Output files that lag behind must catch up first: they follow the order of the commits.
    if (Result<Done> written = outputs_->Write(Pointers(behind_)); !written) return written;
    behind_.clear();
  }
  const int64_t at = commits_->end();
  scratch_.clear();
  EncodeCommits(commits, scratch_);
  if (Result<int64_t> appended = commits_->Append(scratch_); !appended) return appended.error();
  if (Result<Done> synced = commits_->Sync(); !synced) return synced;

  changelog_next = commits_->durable_end();
  std::vector<const schemas::OutRecord*> outputs;
  for (const TaskCommit& commit : commits) {
    const auto index = static_cast<size_t>(commit.partition);
    if (uncovered_[index] < 0) uncovered_[index] = at;
    for (const TopicPosition& position : commit.positions) input_position_[index] = position.next;
    for (const schemas::OutRecord& record : commit.outputs) outputs.push_back(&record);
  }
  if (Result<Done> written = outputs_->Write(outputs); !written) {
    // Committed, and not in the files yet: kept, and written before the next commit.
    for (const schemas::OutRecord* record : outputs) behind_.push_back(*record);
  }
  return Done{};
}

void LocalStore::Restored(int partition, int64_t position) {
  input_position_[static_cast<size_t>(partition)] = position;
}

void LocalStore::Checkpointed(int partition, int64_t changelog_position) {
  const std::lock_guard lock(commit_mutex_);
  const auto index = static_cast<size_t>(partition);
  // Later commits of the partition, if there are any, lie at or after this position.
  if (uncovered_[index] >= 0)
    uncovered_[index] = changelog_position < commits_->durable_end() ? changelog_position : -1;
  if (!behind_.empty()) return;
  if (Result<Done> marked = WriteMark(); !marked) return;  // Tried again at the next checkpoint.
  Trim();
}

// REQUIRES: commit_mutex_ is held.
void LocalStore::Trim() {
  int64_t keep = marked_;
  for (const int64_t position : uncovered_) {
    if (position >= 0) keep = std::min(keep, position);
  }
  commits_->TrimBefore(keep);
  const std::lock_guard lock(input_mutex_);
  for (size_t i = 0; i < input_.size(); ++i) {
    input_[i]->TrimBefore(input_position_[i].load() - static_cast<int64_t>(options_.retention_bytes));
  }
}

}  // namespace tocsin::daemon
