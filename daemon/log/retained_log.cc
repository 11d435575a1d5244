#include "daemon/log/retained_log.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

#include "daemon/log/local_frames.h"
#include "daemon/log/local_log.h"
#include "daemon/log/no_changelog.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

// "<number><suffix>"; -1 for anything else.
int64_t NumberOf(const std::string& name, std::string_view suffix) {
  int64_t number = -1;
  const auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), number);
  return bad == std::errc() && std::string_view(end) == suffix ? number : -1;
}

struct Extent {
  int64_t begin = -1;
  int64_t last_segment = -1;
  int64_t end = 0;
};
Error NotRead(const fs::path& directory, const std::error_code& error) {
  std::string how = "cannot be read: " + error.message();
  if (error == std::errc::permission_denied)
    how = "cannot be read: permission denied; read it as the user of the daemon, or as root";
  return {ErrorCode::kUnavailable, directory.string(), how};
}

Result<Extent> ExtentOf(const fs::path& directory) {
  Extent extent;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), none; !error && it != none; it.increment(error)) {
    const int64_t begin = NumberOf(it->path().filename().string(), ".log");
    if (begin < 0) continue;
    std::error_code unknown;
    const uintmax_t bytes = it->file_size(unknown);
    if (unknown == std::errc::no_such_file_or_directory) continue;  // Removed just now, as it was too old.
    if (unknown) return NotRead(directory, unknown);
    extent.begin = extent.begin < 0 ? begin : std::min(extent.begin, begin);
    if (begin < extent.last_segment) continue;
    extent.last_segment = begin;
    extent.end = begin + static_cast<int64_t>(bytes);
  }
  if (error) return NotRead(directory, error);
  return extent;
}

// Why there are none, and where they are.
Error NoEvents(const std::string& directory) {
  const auto holds = [&directory](const char* name) {
    std::error_code error;
    return fs::is_directory(fs::path(directory) / name, error);
  };
  std::string why = "it is not the state directory of a daemon with the embedded log";
  if (holds("db")) {
    why =
        "tocsin replay --state leaves what accounts have learnt; give the events that were replayed: "
        "--events FILE";
  } else if (holds("state")) {
    why = "over Kafka they are on its topics; ask the daemon: --admin URL";
  }
  return Error{ErrorCode::kNotFound, directory, "holds no events: " + why};
}

}  // namespace

Result<std::unique_ptr<RetainedLog>> RetainedLog::Open(const std::string& directory) {
  std::unique_ptr<RetainedLog> log(new RetainedLog());
  const fs::path input = fs::path(directory) / "log" / "input";
  std::error_code error;
  fs::directory_iterator it(input, error);
  for (const fs::directory_iterator none; !error && it != none; it.increment(error)) {
    const int64_t partition = NumberOf(it->path().filename().string(), "");
    if (partition < 0) continue;
    const Result<Extent> found = ExtentOf(it->path());
    if (!found) return found.error();
    const Extent& extent = *found;
    if (extent.begin < 0) continue;
    Input one{.partition = static_cast<int32_t>(partition),
              .reader = FrameFile::Reader(it->path().string()),
              .last_segment = extent.last_segment,
              .end = extent.end};
    if (Result<Done> sought = one.reader.Seek(extent.begin); !sought) return sought.error();
    log->trimmed_ = log->trimmed_ || extent.begin > 0;
    log->inputs_.push_back(std::move(one));
  }
  const bool none = error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
  if (error && !none) return NotRead(input, error);
  if (log->inputs_.empty()) return NoEvents(directory);
  std::ranges::sort(log->inputs_, {}, &Input::partition);
  return log;
}

bool RetainedLog::Next(Input& input, std::string_view& frame) {
  Result<bool> more = input.reader.Next(input.end, frame);
  if (more) return *more;
  // A frame that is being written ends the log; damage anywhere else is told.
  if (input.reader.position() < input.last_segment) outcome_ = more.error();
  return false;
}

Result<size_t> RetainedLog::Poll(std::chrono::milliseconds, size_t records_max, LogListener& listener) {
  if (!assigned_) {
    assigned_ = true;
    for (const Input& input : inputs_) listener.OnAssigned(input.partition);
  }
  size_t handed = 0;
  while (handed < records_max && current_ < inputs_.size() && outcome_.ok()) {
    Input& input = inputs_[current_];
    if (!input.ready) return handed;
    std::string_view frame;
    if (!Next(input, frame)) {
      ++current_;
      continue;
    }
    schemas::Record record;
    if (Result<Done> decoded = DecodeInput(frame, record, headers_); !decoded) return decoded.error();
    record.partition = input.partition;
    record.offset = input.reader.position() - 1;
    record.topic = kLocalTopic;
    if (!listener.OnRecord(record)) {
      outcome_ = Error{ErrorCode::kUnavailable, "log", "a record could not be processed"};
      break;
    }
    ++handed;
  }
  finished_ = handed < records_max;
  return handed;
}

Result<Done> RetainedLog::Seek(int32_t partition, std::span<const TopicPosition>) {
  for (Input& input : inputs_) input.ready = input.ready || input.partition == partition;
  return Done{};
}

Result<std::unique_ptr<ChangelogReading>> RetainedLog::OpenChangelog(int32_t, int64_t from) {
  return std::unique_ptr<ChangelogReading>(std::make_unique<NoChangelog>(from));
}

}  // namespace tocsin::daemon
