#include "daemon/log/retained_log.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

#include "daemon/log/file_error.h"
#include "daemon/log/local_frames.h"
#include "daemon/log/local_log.h"
#include "daemon/log/no_changelog.h"
#include "daemon/log/segment_files.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

// Negative for anything but a number from 0 on.
int64_t NumberOf(const std::string& name) {
  int64_t number = -1;
  const auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), number);
  return bad == std::errc() && end == name.data() + name.size() ? number : -1;
}

struct Extent {
  int64_t begin = -1;
  int64_t last_segment = -1;
  int64_t end = 0;
};

Result<Extent> ExtentOf(const std::string& directory) {
  const Result<std::vector<int64_t>> segments = ListSegments(directory);
  if (!segments) return segments.error();
  Extent extent;
  for (const int64_t begin : *segments) {
    std::error_code unknown;
    const uintmax_t bytes = fs::file_size(SegmentPath(directory, begin), unknown);
    if (unknown == std::errc::no_such_file_or_directory) continue;  // Removed just now, as it was too old.
    if (unknown) return FileError(directory, "cannot be read", unknown);
    if (extent.begin < 0) extent.begin = begin;
    extent.last_segment = begin;
    extent.end = begin + static_cast<int64_t>(bytes);
  }
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
    const int64_t partition = NumberOf(it->path().filename().string());
    if (partition < 0) continue;
    const Result<Extent> found = ExtentOf(it->path().string());
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
  if (error && !none) return FileError(input.string(), "cannot be read", error);
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
