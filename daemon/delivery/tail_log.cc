#include "daemon/delivery/tail_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

#include "daemon/log/local_log.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kReadBytes = 256U << 10U;
constexpr std::chrono::milliseconds kLook{20};

Error FileError(const std::string& path, const std::string& what) {
  return {ErrorCode::kUnavailable, path, what};
}

}  // namespace

TailLog::TailLog(const std::string& outputs, LocalStore& store, std::function<Timestamp()> wall_clock)
    : store_(store), wall_clock_(std::move(wall_clock)) {
  const auto path = [&](const char* name) { return (std::filesystem::path(outputs) / name).string(); };
  files_[0] = {.topic = "notices", .type = "tocsin.notice.v1", .path = path("notices.jsonl"), .held = {}};
  files_[1] = {.topic = "tickets", .type = "tocsin.ticket.v1", .path = path("tickets.jsonl"), .held = {}};
}

TailLog::~TailLog() {
  for (const File& file : files_) {
    if (file.fd >= 0) ::close(file.fd);
  }
}

Result<size_t> TailLog::Poll(std::chrono::milliseconds wait, size_t records_max, LogListener& listener) {
  if (!assigned_) {
    assigned_ = true;
    listener.OnAssigned(0);
    return size_t{0};
  }
  const auto deadline = std::chrono::steady_clock::now() + wait;
  for (;;) {
    size_t handed = 0;
    for (File& file : files_) {
      if (paused_) break;
      Result<size_t> read = ReadSome(file, records_max - handed, listener);
      if (!read) return read;
      handed += *read;
    }
    const auto left = deadline - std::chrono::steady_clock::now();
    if (handed > 0 || left <= left.zero()) return handed;
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(left, kLook));
  }
}

Result<size_t> TailLog::ReadSome(File& file, size_t records_max, LogListener& listener) {
  if (file.fd < 0) file.fd = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (file.fd < 0 || ::fstat(file.fd, &status) != 0) return FileError(file.path, std::strerror(errno));
  const int64_t read_to = file.next + static_cast<int64_t>(file.held.size());
  if (status.st_size < file.next) {
    return FileError(
        file.path,
        "is shorter than what was delivered from it: put it back, or move the state directory away");
  }
  size_t handed = 0;
  if (status.st_size > read_to) {
    const auto bytes = std::min<size_t>(kReadBytes, static_cast<size_t>(status.st_size - read_to));
    const size_t held = file.held.size();
    file.held.resize(held + bytes);
    const ssize_t got = ::pread(file.fd, file.held.data() + held, bytes, read_to);
    file.held.resize(held + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0) return FileError(file.path, std::strerror(errno));
  }
  size_t done = 0;
  while (handed < records_max) {
    const size_t end = file.held.find('\n', done);
    if (end == std::string::npos) break;
    const schemas::Header header{"ce_type", file.type};
    schemas::Record record;
    record.topic = file.topic;
    // The offset is the line break's place, so that the next position is where the next line begins.
    record.offset = file.next + static_cast<int64_t>(end);
    record.appended_at = wall_clock_();
    record.headers = {&header, 1};
    record.value = std::string_view(file.held).substr(done, end - done);
    if (!listener.OnRecord(record)) {
      paused_ = true;  // The worker restores, and seeks.
      break;
    }
    done = end + 1;
    ++handed;
  }
  file.held.erase(0, done);
  file.next += static_cast<int64_t>(done);
  return handed;
}

Result<Done> TailLog::Seek(int32_t, std::span<const TopicPosition> positions) {
  for (File& file : files_) {
    file.next = 0;
    file.held.clear();
    for (const TopicPosition& position : positions) {
      if (position.topic == file.topic) file.next = position.next;
    }
  }
  paused_ = false;
  return Done{};
}

Result<std::unique_ptr<ChangelogReading>> TailLog::OpenChangelog(int32_t partition, int64_t from) {
  return LocalLog(store_, 0, 1).OpenChangelog(partition, from);
}

Result<Done> TailLog::Commit(std::span<TaskCommit> commits, std::vector<int64_t>& changelog_next) {
  int64_t next = 0;
  Result<Done> committed = store_.Commit(commits, next);
  if (committed) changelog_next.assign(commits.size(), next);
  return committed;
}

}  // namespace tocsin::daemon
