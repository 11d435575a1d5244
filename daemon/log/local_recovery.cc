// How the embedded log is opened. The start is refused when something that is known to have been on disk is
// damaged or gone; then the output files are made to follow the commits again.
#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <random>

#include "base/hash.h"
#include "daemon/log/file_error.h"
#include "daemon/log/local_frames.h"
#include "daemon/log/local_store.h"
#include "daemon/store/small_file.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

Error Missing(const std::string& path) {
  return {ErrorCode::kCorrupt, path, "is missing: restore it, or move the state directory away"};
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

}  // namespace

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
  for (const std::string& directory : {options_.directory, options_.outputs}) {
    fs::create_directories(directory, error);
    if (error) return FileError(directory, "cannot be made", error);
  }
  const std::string lock = (fs::path(options_.directory) / "lock").string();
  lock_fd_ = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_fd_ < 0 || ::flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    if (lock_fd_ < 0 || errno != EWOULDBLOCK) return FileError(lock, "cannot be locked", errno);
    return Error{ErrorCode::kUnavailable, options_.directory, "another process holds this state directory"};
  }
  const std::string identity = (fs::path(options_.directory) / "identity").string();
  Result<std::string> read = ReadSmallFile(identity);
  if (!read) return read.error();
  std::string held = *std::move(read);
  const bool marked = fs::exists(OutputsMarkPath(), error);
  if (error) return FileError(OutputsMarkPath(), "cannot be read", error);
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
    if (Result<Done> written = outputs_->WriteRow(outputs); !written) return written;
  }
  return Done{};
}

}  // namespace tocsin::daemon
