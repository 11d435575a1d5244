#include "daemon/log/output_history.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "daemon/log/file_error.h"
#include "daemon/store/sync_directory.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

// Index: OutputKind. Verdicts are not put out.
constexpr std::array<std::string_view, kOutputKinds> kNames{"findings", "notices",      "tickets",
                                                            "actions",  "dead-letters", ""};
constexpr std::string_view kSuffix = ".jsonl";

// "20261129T022733Z": as text in the order of time.
std::string Stamp(Timestamp at) {
  std::string stamp = FormatRfc3339(at);
  stamp.erase(stamp.find('.'));
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  return stamp + 'Z';
}

bool IsStamp(std::string_view text) {
  static const std::string kShape = Stamp(Timestamp{});
  return text.size() == kShape.size() && std::ranges::equal(text, kShape, [](char c, char like) {
           return like >= '0' && like <= '9' ? c >= '0' && c <= '9' : c == like;
         });
}

// Of "<name>.<stamp>.jsonl", and of what was made of that (.gz).
std::optional<std::string> StampIn(std::string_view file, std::string_view name) {
  if (name.empty() || !file.starts_with(name) || !file.substr(name.size()).starts_with('.')) return {};
  const std::string_view rest = file.substr(name.size() + 1);
  const size_t size = std::min(rest.find('.'), rest.size());
  if (!IsStamp(rest.substr(0, size)) || !rest.substr(size).starts_with(kSuffix)) return {};
  return std::string(rest.substr(0, size));
}

// What lies in `from` behind `position`; on disk when it returns.
Result<Done> CopyFrom(const std::string& from, uint64_t position, const std::string& to) {
  const int in = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  if (in < 0) return FileError(from, "cannot be read", errno);
  const int out = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const auto finish = [&](Result<Done> result) {
    ::close(in);
    if (out >= 0) ::close(out);
    return result;
  };
  if (out < 0) return finish(FileError(to, "cannot be made", errno));
  std::vector<char> buffer(size_t{1} << 20U);
  for (auto at = static_cast<off_t>(position);;) {
    const ssize_t got = ::pread(in, buffer.data(), buffer.size(), at);
    if (got < 0) return finish(FileError(from, "cannot be read", errno));
    if (got == 0) break;
    for (ssize_t done = 0; done < got;) {
      const ssize_t written = ::write(out, buffer.data() + done, static_cast<size_t>(got - done));
      if (written < 0) return finish(FileError(to, "cannot be written", errno));
      done += written;
    }
    at += got;
  }
  return finish(::fsync(out) == 0 ? Result<Done>(Done{}) : FileError(to, "cannot be synced", errno));
}

}  // namespace

std::string OutputHistory::PathOf(size_t kind) const {
  return (fs::path(directory_) / (std::string(kNames[kind]) + std::string(kSuffix))).string();
}

std::string OutputHistory::PathOf(size_t kind, const OutputPart& older) const {
  return (fs::path(directory_) /
          (std::string(kNames[kind]) + '.' + Stamp(older.began) + std::string(kSuffix)))
      .string();
}

Result<std::unique_ptr<OutputHistory>> OutputHistory::Open(const std::string& directory,
                                                           const std::optional<OutputParts>& known) {
  std::unique_ptr<OutputHistory> made(new OutputHistory(directory));
  if (known) made->parts_ = *known;
  if (made->parts_.turning) {
    made->turning_to_ = *known;
    if (Result<Done> set_aside = made->SetAside(); !set_aside) return set_aside.error();
    return made;
  }
  if (Result<Done> opened = made->OpenFiles(); !opened) return opened.error();
  // Files that were there before this log: it writes behind them.
  if (!known) made->parts_.current.lengths = made->files_->lengths();
  if (Result<Done> cut = made->files_->CutTo(made->parts_.current.lengths); !cut) return cut.error();
  return made;
}

Result<std::vector<OutputsBeyond>> OutputHistory::KeepBeyond(
    const std::string& directory, const OutputParts& known, const std::array<uint64_t, kOutputKinds>& again) {
  std::vector<OutputsBeyond> kept;
  if (known.turning) return kept;  // Files have two names; Open knows which.
  const OutputHistory names(directory);
  for (size_t kind = 0; kind < kOutputKinds; ++kind) {
    if (kNames[kind].empty()) continue;
    const uint64_t expected = known.current.lengths[kind] + again[kind];
    const std::string from = names.PathOf(kind);
    struct stat status {};
    if (::stat(from.c_str(), &status) != 0 || static_cast<uint64_t>(status.st_size) <= expected) continue;
    const OutputPart changed{.began = FromMillis(int64_t{status.st_mtime} * 1'000)};
    const std::string to = names.PathOf(kind, changed) + ".beyond";
    // A start that failed half-way has made the same copy.
    if (Result<Done> copied = CopyFrom(from, expected, to); !copied) return copied.error();
    kept.push_back({from, to, static_cast<uint64_t>(status.st_size) - expected});
  }
  if (!kept.empty()) {
    if (Result<Done> synced = SyncDirectory(directory); !synced) return synced.error();
  }
  return kept;
}

Result<Done> OutputHistory::OpenFiles() {
  OutputPaths paths;
  for (size_t kind = 0; kind < kOutputKinds; ++kind) {
    if (!kNames[kind].empty()) paths.by_kind[kind] = PathOf(kind);
  }
  Result<OutputFiles> files = OutputFiles::Make(paths, OutputFiles::Open::kAppend);
  if (!files) return files.error();
  files_ = *std::move(files);
  return Done{};
}

Result<Done> OutputHistory::WriteRow(std::span<const schemas::OutRecord> records) {
  std::vector<const schemas::OutRecord*> pointers;
  pointers.reserve(records.size());
  for (const schemas::OutRecord& record : records) pointers.push_back(&record);
  return Write(pointers);
}

Result<Done> OutputHistory::Write(const std::vector<const schemas::OutRecord*>& records) {
  CHECK(!turning());
  if (Result<Done> written = files_->Write(records); !written) return written;
  const std::lock_guard lock(mutex_);
  parts_.current.lengths = files_->lengths();
  return Done{};
}

bool OutputHistory::Tell(Timestamp now, Millis period) {
  if (turning()) return false;
  const Timestamp began = parts_.current.began;
  // A clock that was set back: what it said before is not believed.
  const bool known = began != Timestamp{} && began <= now;
  if (known && !(parts_.current.empty() && now - began >= period)) return false;
  const std::lock_guard lock(mutex_);
  parts_.current.began = now;
  return true;
}

bool OutputHistory::IsDue(Timestamp now, Millis period) const {
  return !turning() && !parts_.current.empty() && now - parts_.current.began >= period;
}

// What would make SetAside fail for ever is found here.
Result<Done> OutputHistory::BeginTurn(Timestamp now) {
  if (::access(directory_.c_str(), W_OK | X_OK) != 0)
    return FileError(directory_, "its files cannot be renamed", errno);
  for (size_t kind = 0; kind < kOutputKinds; ++kind) {
    const uint64_t length = parts_.current.lengths[kind];
    struct stat status {};
    if (length == 0) continue;
    if (::stat(PathOf(kind).c_str(), &status) != 0 || static_cast<uint64_t>(status.st_size) < length) {
      return Error{ErrorCode::kConflict, PathOf(kind),
                   "was cut, renamed or removed by somebody else: put it back as it was, and restart"};
    }
  }
  OutputParts next = parts_;
  OutputPart& last = next.older.emplace_back(next.current);
  const auto taken = [&] {
    for (size_t kind = 0; kind < kOutputKinds; ++kind) {
      std::error_code none;
      if (!kNames[kind].empty() && fs::exists(PathOf(kind, last), none)) return true;
    }
    return std::ranges::any_of(parts_.older,
                               [&](const OutputPart& one) { return Stamp(one.began) == Stamp(last.began); });
  };
  while (taken()) last.began += std::chrono::seconds(1);
  next.current = {.began = now};
  for (size_t kind = 0; kind < kOutputKinds; ++kind)
    next.current.begins[kind] = last.begins[kind] + static_cast<int64_t>(last.lengths[kind]);
  next.turning = true;
  turning_to_ = std::move(next);
  return Done{};
}

Result<Done> OutputHistory::SetAside() {
  const std::lock_guard lock(mutex_);
  for (size_t kind = 0; kind < kOutputKinds; ++kind) {
    if (Result<Done> renamed = Rename(kind, turning_to_->older.back()); !renamed) return renamed;
  }
  if (Result<Done> opened = OpenFiles(); !opened) return opened;
  if (Result<Done> cut = files_->CutTo(turning_to_->current.lengths); !cut) return cut;
  if (Result<Done> synced = SyncDirectory(directory_); !synced) return synced;
  parts_ = *std::exchange(turning_to_, std::nullopt);
  parts_.turning = false;
  return Done{};
}

// Nothing when it was done before.
Result<Done> OutputHistory::Rename(size_t kind, const OutputPart& older) const {
  const uint64_t length = older.lengths[kind];
  if (length == 0) return Done{};
  const std::string from = PathOf(kind);
  const std::string to = PathOf(kind, older);
  struct stat status {};
  if (::stat(to.c_str(), &status) == 0) return Done{};
  if (errno != ENOENT) return FileError(to, "cannot be read", errno);
  if (::stat(from.c_str(), &status) != 0 && errno != ENOENT) return FileError(from, "cannot be read", errno);
  if (static_cast<uint64_t>(status.st_size) < length) return OutputFiles::Shorter(from);
  // A crash may have left more.
  if (::truncate(from.c_str(), static_cast<off_t>(length)) != 0)
    return FileError(from, "cannot be cut", errno);
  if (::rename(from.c_str(), to.c_str()) != 0) return FileError(from, "cannot be renamed", errno);
  return Done{};
}

bool OutputHistory::IsNeeded(size_t kind, const OutputPart& older) const {
  const std::optional<int64_t>& from = needed_from_[kind];
  return from && older.lengths[kind] > 0 &&
         *from < older.begins[kind] + static_cast<int64_t>(older.lengths[kind]);
}

bool OutputHistory::Remove(Timestamp until) {
  const std::lock_guard lock(mutex_);
  const std::string last = Stamp(until);
  std::vector<fs::path> over;
  std::error_code ignored;
  for (fs::directory_iterator it(directory_, ignored), none; !ignored && it != none; it.increment(ignored)) {
    const std::string name = it->path().filename().string();
    for (size_t kind = 0; kind < kOutputKinds; ++kind) {
      const std::optional<std::string> stamp = StampIn(name, kNames[kind]);
      if (!stamp || *stamp > last) continue;
      const auto part =
          std::ranges::find(parts_.older, *stamp, [](const OutputPart& one) { return Stamp(one.began); });
      if (part == parts_.older.end() || !IsNeeded(kind, *part)) over.push_back(it->path());
    }
  }
  for (const fs::path& path : over) fs::remove(path, ignored);
  bool needed = false;
  std::erase_if(parts_.older, [&](const OutputPart& one) {
    if (Stamp(one.began) > last) return false;
    bool some = false;
    for (size_t kind = 0; kind < kOutputKinds; ++kind) some = some || IsNeeded(kind, one);
    needed = needed || some;
    return !some;
  });
  return needed;
}

int64_t OutputHistory::begin(schemas::OutputKind kind) const {
  const std::lock_guard lock(mutex_);
  return (parts_.older.empty() ? parts_.current : parts_.older.front()).begin(kind);
}

int64_t OutputHistory::end(schemas::OutputKind kind) const {
  const std::lock_guard lock(mutex_);
  return parts_.current.end(kind);
}

// REQUIRES: mutex_ is held.
OutputPiece OutputHistory::Piece(schemas::OutputKind kind, int64_t position) const {
  const auto index = static_cast<size_t>(kind);
  for (const OutputPart& older : parts_.older) {
    if (older.lengths[index] > 0 && position < older.end(kind))
      return {.begin = older.begin(kind), .end = older.end(kind), .path = PathOf(index, older)};
  }
  return {.begin = parts_.current.begin(kind), .end = parts_.current.end(kind), .path = PathOf(index)};
}

OutputPiece OutputHistory::PieceAt(schemas::OutputKind kind, int64_t position) const {
  const std::lock_guard lock(mutex_);
  return Piece(kind, position);
}

Result<int> OutputHistory::OpenAt(schemas::OutputKind kind, int64_t position, OutputPiece& piece) const {
  const std::lock_guard lock(mutex_);
  piece = Piece(kind, position);
  const int fd = ::open(piece.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) return fd;
  Error error = FileError(piece.path, "cannot be opened", errno);
  const bool removed = errno == ENOENT && piece.begin != parts_.current.begin(kind);
  if (removed) error.code = ErrorCode::kNotFound;
  return error;
}

void OutputHistory::NeededFrom(schemas::OutputKind kind, int64_t position) {
  const std::lock_guard lock(mutex_);
  needed_from_[static_cast<size_t>(kind)] = position;
}

void OutputHistory::VisitPaths(
    schemas::OutputKind kind, const std::function<void(const std::vector<std::string>& paths)>& visit) const {
  const auto index = static_cast<size_t>(kind);
  const std::lock_guard lock(mutex_);
  std::vector<std::string> paths;
  for (const OutputPart& older : parts_.older) {
    if (older.lengths[index] > 0) paths.push_back(PathOf(index, older));
  }
  paths.push_back(PathOf(index));
  visit(paths);
}

}  // namespace tocsin::daemon
