#include "daemon/delivery/tail_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include "daemon/log/local_log.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kReadBytes = 256U << 10U;
constexpr std::chrono::milliseconds kLook{20};

Error Unreadable(const std::string& path, const std::string& what) {
  return {ErrorCode::kUnavailable, path, what};
}

}  // namespace

TailLog::TailLog(TailLogParts parts) : parts_(std::move(parts)) {
  files_[0] = {.topic = "notices",
               .type = "tocsin.notice.v1",
               .kind = schemas::OutputKind::kNotice,
               .piece = {},
               .held = {}};
  files_[1] = {.topic = "tickets",
               .type = "tocsin.ticket.v1",
               .kind = schemas::OutputKind::kTicket,
               .piece = {},
               .held = {}};
  // All of it, until it is known where delivery stands.
  for (const File& file : files_) parts_.outputs->NeededFrom(file.kind, 0);
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
    Result<size_t> handed = ReadFiles(records_max, listener);
    // What was handed over before an error is committed first, as when the log is drained.
    if (!handed && std::exchange(drained_, true)) return handed;
    if (!handed) return size_t{0};
    drained_ = *handed == 0;
    const auto left = deadline - std::chrono::steady_clock::now();
    if (*handed > 0 || left <= left.zero()) return handed;
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(left, kLook));
  }
}

Result<size_t> TailLog::ReadFiles(size_t records_max, LogListener& listener) {
  size_t handed = 0;
  Result<size_t> failed = size_t{0};
  for (File& file : files_) {
    Result<size_t> read = ReadSome(file, records_max - handed, listener);
    if (read) {
      handed += *read;
    } else {
      failed = read;
    }
  }
  Look(failed.ok());
  return handed > 0 ? Result<size_t>(handed) : failed;
}

void TailLog::Look(bool readable) {
  int64_t unread = 0;
  for (const File& file : files_) unread += std::max<int64_t>(0, parts_.outputs->end(file.kind) - file.next);
  parts_.stats->unread_bytes = unread;
  const int64_t behind = unread == 0 && !readable ? 1 : unread;
  parts_.stats->waiting_since_millis = waiting_.Look(behind, std::nullopt, ToMillis(parts_.wall_clock()));
}

Result<size_t> TailLog::ReadSome(File& file, size_t records_max, LogListener& listener) {
  if (paused_ || lost_) return size_t{0};
  if (Result<Done> turned = Turn(file); !turned) return turned.error();
  if (Result<Done> filled = Fill(file, listener); !filled) return filled.error();
  return HandOver(file, records_max, listener);
}

// Opens the file that holds what comes next, when that is another one.
Result<Done> TailLog::Turn(File& file) {
  for (;;) {
    const OutputPiece piece = parts_.outputs->PieceAt(file.kind, file.next);
    if (file.fd >= 0 && piece.begin == file.piece.begin) {
      file.piece = piece;
      return Done{};
    }
    if (file.fd >= 0) ::close(std::exchange(file.fd, -1));
    const Result<int> opened = parts_.outputs->OpenAt(file.kind, file.next, file.piece);
    const bool removed = !opened && opened.error().code == ErrorCode::kNotFound;
    if (!opened && !removed) return opened.error();
    if (opened) file.fd = *opened;
    const int64_t from = removed ? file.piece.end : file.piece.begin;
    if (file.next < from) {
      parts_.report("delivery_input_removed", file.piece.path + ": what lay before position " +
                                                  std::to_string(from) +
                                                  " was removed before it was delivered, and is not");
      file.next = from;
    }
    if (opened) return Done{};
  }
}

// Reads on, as far as something is committed.
Result<Done> TailLog::Fill(File& file, LogListener& listener) {
  const std::string& path = file.piece.path;
  struct stat status {};
  if (::fstat(file.fd, &status) != 0) return Unreadable(path, std::strerror(errno));
  const int64_t read_to = file.next + static_cast<int64_t>(file.held.size());
  if (file.piece.begin + status.st_size < file.piece.end || file.piece.end < read_to) {
    lost_ = true;
    parts_.report("delivery_input_lost",
                  path + ": is shorter than what was written to it: put it back as it was, and restart");
    listener.OnInputLost(0);
    return Done{};
  }
  const auto bytes = std::min<size_t>(kReadBytes, static_cast<size_t>(file.piece.end - read_to));
  if (bytes == 0) return Done{};
  const size_t held = file.held.size();
  file.held.resize(held + bytes);
  const ssize_t got = ::pread(file.fd, file.held.data() + held, bytes, read_to - file.piece.begin);
  file.held.resize(held + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  return got < 0 ? Result<Done>(Unreadable(path, std::strerror(errno))) : Done{};
}

size_t TailLog::HandOver(File& file, size_t records_max, LogListener& listener) {
  size_t handed = 0;
  size_t done = 0;
  while (!lost_ && handed < records_max) {
    const size_t end = file.held.find('\n', done);
    if (end == std::string::npos) break;
    const schemas::Header header{"ce_type", file.type};
    schemas::Record record;
    record.topic = file.topic;
    // The offset is the line break's place, so that the next position is where the next line begins.
    record.offset = file.next + static_cast<int64_t>(end);
    record.appended_at = parts_.wall_clock();
    record.headers = {&header, 1};
    record.value = std::string_view(file.held).substr(done, end - done);
    if (!listener.OnRecord(record)) {
      paused_ = true;  // The worker restores, and seeks.
      break;
    }
    done = end + 1;
    ++handed;
    waiting_.HandedOver(ToMillis(record.appended_at));
  }
  file.held.erase(0, done);
  file.next += static_cast<int64_t>(done);
  return handed;
}

Result<Done> TailLog::Seek(int32_t, std::span<const TopicPosition> positions) {
  for (File& file : files_) {
    file.next = parts_.outputs->begin(file.kind);
    file.held.clear();
    for (const TopicPosition& position : positions) {
      if (position.topic == file.topic) file.next = position.next;
    }
  }
  Need(positions);
  paused_ = false;
  lost_ = false;
  return Done{};
}

void TailLog::Need(std::span<const TopicPosition> positions) {
  for (const File& file : files_) {
    for (const TopicPosition& position : positions) {
      if (position.topic == file.topic) parts_.outputs->NeededFrom(file.kind, position.next);
    }
  }
}

Result<std::unique_ptr<ChangelogReading>> TailLog::OpenChangelog(int32_t partition, int64_t from) {
  return LocalLog(*parts_.store, 0, 1).OpenChangelog(partition, from);
}

Result<Done> TailLog::Commit(std::span<TaskCommit> commits, std::vector<int64_t>& changelog_next) {
  int64_t next = 0;
  Result<Done> committed = parts_.store->Commit(commits, next);
  if (!committed) return committed;
  changelog_next.assign(commits.size(), next);
  for (const TaskCommit& commit : commits) Need(commit.positions);
  return committed;
}

}  // namespace tocsin::daemon
