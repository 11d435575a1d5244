#include "daemon/log/file_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "daemon/log/no_changelog.h"

namespace tocsin::daemon {
namespace {
// Small enough to be in the cache still when its lines are decoded.
constexpr size_t kReadBytes = 1U << 17U;
constexpr std::string_view kTopic = "events";
}  // namespace

Result<std::unique_ptr<FileLog>> FileLog::Open(const std::string& path, OutputFiles outputs) {
  const int fd = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return Error{ErrorCode::kNotFound, path, std::string("cannot be read: ") + std::strerror(errno)};
  return std::unique_ptr<FileLog>(new FileLog(fd, path, std::move(outputs)));
}

FileLog::FileLog(int fd, std::string path, OutputFiles outputs)
    : fd_(fd), path_(std::move(path)), outputs_(std::move(outputs)) {}

FileLog::~FileLog() {
  if (fd_ != STDIN_FILENO) ::close(fd_);
}

// Reads more behind what is left. False at the end of the file, or on an error.
bool FileLog::Fill() {
  if (end_of_file_) return false;
  if (begin_ > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  scanned_ -= begin_;
  announced_ -= std::min(announced_, begin_);
  begin_ = 0;
  if (buffer_.size() < end_ + kReadBytes) buffer_.resize(end_ + kReadBytes);
  ssize_t got = 0;
  do {
    got = ::read(fd_, buffer_.data() + end_, kReadBytes);
  } while (got < 0 && errno == EINTR);
  if (got < 0)
    outcome_ = Error{ErrorCode::kUnavailable, path_, std::string("cannot be read: ") + std::strerror(errno)};
  end_ += static_cast<size_t>(std::max<ssize_t>(got, 0));
  end_of_file_ = got <= 0;
  return got > 0;
}

bool FileLog::NextLine(std::string_view& line) {
  for (;;) {
    size_t found = buffered().find('\n', scanned_);
    if (found == std::string::npos && end_ - begin_ <= kLineBytesMax) {
      scanned_ = end_;
      if (Fill()) continue;
      if (begin_ == end_) return false;
      found = end_;  // The last line has no line break.
    }
    const bool cut = found == std::string::npos;
    const size_t end = cut ? begin_ + kLineBytesMax : found;
    line = buffered().substr(begin_, std::min(end - begin_, kLineBytesMax));
    begin_ = scanned_ = cut ? end : std::min(found + 1, end_);
    // What follows a cut, up to the line break, belongs to the line that was handed over.
    if (std::exchange(skipping_, cut)) continue;
    ++line_number_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) return true;
  }
}

// Tells of the lines behind the one that is handed over next, as far as they are in the buffer.
void FileLog::Announce(LogListener& listener) {
  if (announced_ < begin_) {
    announced_ = begin_;
    announced_lines_ = 0;
  }
  while (announced_lines_ < LogListener::kComing) {
    const size_t end = buffered().find('\n', announced_);
    if (end == std::string_view::npos) return;
    listener.OnComing({.topic = kTopic, .value = buffered().substr(announced_, end - announced_)});
    announced_ = end + 1;
    ++announced_lines_;
  }
}

Result<size_t> FileLog::Poll(std::chrono::milliseconds, size_t records_max, LogListener& listener) {
  if (!assigned_) {
    assigned_ = true;
    listener.OnAssigned(0);
  }
  if (!sought_) return size_t{0};
  size_t handed = 0;
  std::string_view line;
  while (handed < records_max && outcome_.ok() && NextLine(line)) {
    // A file has no time of arrival: no event of it lies in the future.
    const schemas::Record record{
        .topic = kTopic, .partition = 0, .offset = line_number_, .appended_at = {}, .value = line};
    if (announced_lines_ > 0) --announced_lines_;
    Announce(listener);
    if (!listener.OnRecord(record)) {
      outcome_ = Error{ErrorCode::kUnavailable, path_, "stopped at line " + std::to_string(line_number_)};
      break;
    }
    ++handed;
  }
  if (handed < records_max) finished_ = true;
  return handed;
}

// The state comes from an earlier replay: this file follows what was read then, and its lines are numbered
// on.
Result<Done> FileLog::Seek(int32_t, std::span<const TopicPosition> positions) {
  for (const TopicPosition& position : positions) {
    if (position.topic == kTopic && position.next > 0) line_number_ = position.next - 1;
  }
  sought_ = true;
  return Done{};
}

Result<std::unique_ptr<ChangelogReading>> FileLog::OpenChangelog(int32_t, int64_t from) {
  return std::unique_ptr<ChangelogReading>(std::make_unique<NoChangelog>(from));
}

Result<Done> FileLog::Commit(std::span<TaskCommit> commits, std::vector<int64_t>&) {
  writing_.clear();
  for (const TaskCommit& commit : commits) {
    for (const schemas::OutRecord& record : commit.outputs) writing_.push_back(&record);
  }
  Result<Done> written = outputs_.Write(writing_);
  if (!written) {
    outcome_ = written;
    finished_ = true;
  }
  return written;
}

}  // namespace tocsin::daemon
