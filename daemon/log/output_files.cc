#include "daemon/log/output_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "daemon/log/file_error.h"

namespace tocsin::daemon {
namespace {

Error NotWritten(const std::string& path, int error) {
  Error why = FileError(path == "-" ? "standard output" : path, "cannot be written", error);
  if (error == ENOSPC) why.detail = "cannot be written: is the disk full?";
  return why;
}

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

Result<OutputFiles> OutputFiles::Make(const OutputPaths& paths, Open open) {
  OutputFiles made;
  made.paths_ = paths;
  for (size_t i = 0; i < kOutputKinds; ++i) {
    const std::string& path = paths.by_kind[i];
    if (path.empty()) continue;
    if (path == "-") {
      made.fds_[i] = STDOUT_FILENO;
      continue;
    }
    const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND | (open == Open::kTruncate ? O_TRUNC : 0);
    made.fds_[i] = ::open(path.c_str(), flags, 0600);
    struct stat status {};
    if (made.fds_[i] < 0 || ::fstat(made.fds_[i], &status) != 0)
      return FileError(path, "cannot be opened for writing", errno);
    made.lengths_[i] = static_cast<uint64_t>(status.st_size);
  }
  return made;
}

OutputFiles::OutputFiles(OutputFiles&& other) noexcept
    : paths_(std::move(other.paths_)),
      fds_(other.fds_),
      lengths_(other.lengths_),
      buffers_(std::move(other.buffers_)) {
  other.fds_.fill(-1);
}

OutputFiles& OutputFiles::operator=(OutputFiles&& other) noexcept {
  std::swap(paths_, other.paths_);
  std::swap(fds_, other.fds_);
  std::swap(lengths_, other.lengths_);
  std::swap(buffers_, other.buffers_);
  return *this;
}

OutputFiles::~OutputFiles() {
  for (const int fd : fds_) {
    if (fd > STDERR_FILENO) ::close(fd);
  }
}

Result<Done> OutputFiles::Write(const std::vector<const schemas::OutRecord*>& records) {
  for (std::string& buffer : buffers_) buffer.clear();
  for (const schemas::OutRecord* record : records) {
    const auto kind = static_cast<size_t>(record->kind);
    if (fds_[kind] < 0) continue;
    buffers_[kind].append(record->value).push_back('\n');
  }
  for (size_t i = 0; i < kOutputKinds; ++i) {
    if (buffers_[i].empty() || WriteAll(fds_[i], buffers_[i])) continue;
    const Error error = NotWritten(paths_.by_kind[i], errno);
    // Should even the cut fail (a pipe, a dying disk), the error stands and nothing is confirmed.
    const Result<Done> cut = CutTo(lengths_);
    return !cut && cut.error().code == ErrorCode::kCorrupt ? cut.error() : error;
  }
  for (size_t i = 0; i < kOutputKinds; ++i) lengths_[i] += buffers_[i].size();
  return Done{};
}

Result<Done> OutputFiles::CutTo(const std::array<uint64_t, kOutputKinds>& lengths) {
  for (size_t i = 0; i < kOutputKinds; ++i) {
    if (fds_[i] <= STDERR_FILENO) continue;
    struct stat status {};
    if (::fstat(fds_[i], &status) != 0) return FileError(paths_.by_kind[i], "cannot be read", errno);
    if (static_cast<uint64_t>(status.st_size) < lengths[i]) return Shorter(paths_.by_kind[i]);
    if (::ftruncate(fds_[i], static_cast<off_t>(lengths[i])) != 0)
      return FileError(paths_.by_kind[i], "cannot be cut", errno);
    lengths_[i] = lengths[i];
  }
  return Done{};
}

Error OutputFiles::Shorter(const std::string& path) {
  return {ErrorCode::kCorrupt, path,
          "is shorter than what was committed to it: restore the file, or move the state directory away"};
}

Result<Done> OutputFiles::Sync() {
  for (size_t i = 0; i < kOutputKinds; ++i) {
    if (fds_[i] > STDERR_FILENO && ::fdatasync(fds_[i]) != 0)
      return FileError(paths_.by_kind[i], "cannot be synced", errno);
  }
  return Done{};
}

}  // namespace tocsin::daemon
