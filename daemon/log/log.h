// Where records come from and where all that a batch did is made durable in one atomic step. Kafka, a local
// log, or a file that is replayed: the engine sees only this.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "schemas/record.h"

namespace tocsin::daemon {

// The next offset to read of one input topic.
struct TopicPosition {
  std::string topic;
  int64_t next = 0;
  friend bool operator==(const TopicPosition&, const TopicPosition&) = default;
};

// Absolute: the newest value of a key replaces all before; an empty value deletes it.
struct ChangelogRecord {
  std::string key;
  std::string value;
};

// All that a batch did to one partition. Everything in it becomes durable, or nothing.
struct TaskCommit {
  int32_t partition = 0;
  std::vector<TopicPosition> positions;
  std::vector<ChangelogRecord> changelog;  // The last is the commit record (daemon/engine/commit_record.h).
  std::vector<schemas::OutRecord> outputs;
};

// What a log tells the worker during Poll, on the calling thread.
class LogListener {
 public:
  virtual ~LogListener() = default;
  // The partition is this worker's from now on. Nothing of it is handed over until the listener, having
  // restored it, calls Log::Seek: polling goes on meanwhile. After OnSuspended: it has come back, and others
  // may have worked on it meanwhile.
  virtual void OnAssigned(int32_t partition) = 0;
  // Work is distributed anew: when this returns the partition is nobody's. The listener commits or discards
  // everything of it before. OnAssigned or OnRevoked follows.
  virtual void OnSuspended(int32_t partition) = 0;
  // The partition is another's already: nothing of it can be committed any more.
  virtual void OnRevoked(int32_t partition) = 0;
  // Input of the partition that was not processed is gone: nothing of it is handed over any more until a
  // person has decided.
  virtual void OnInputLost(int32_t partition) = 0;
  // Records of one partition in order, several topics merged by time. The bytes are valid until the call
  // returns. False: the record was not processed and must be given again.
  [[nodiscard]] virtual bool OnRecord(const schemas::Record& record) = 0;
  // A record that OnRecord will be given after kComing others, if nothing comes between; the bytes are valid
  // until the call returns. A hint: a log that can look ahead gives it for each record once, in order; none
  // has to.
  static constexpr size_t kComing = 5;
  virtual void OnComing(const schemas::Record&) {}
};

// `next` is the changelog position after the record.
using ChangelogVisitor =
    std::function<Result<Done>(std::string_view key, std::string_view value, int64_t next)>;

// A partition of the changelog on its way from a position to its end, a piece at a time. Ends with it; the
// log outlives it.
class ChangelogReading {
 public:
  virtual ~ChangelogReading() = default;
  // Hands over what is there, about `records_max` at most, and returns soon. The position to continue from
  // once the end is reached, which was captured when reading began; nullopt before. Errors: those of the
  // visitor; kNotFound when what follows was removed meanwhile; kUnavailable: try again later, from the
  // start.
  [[nodiscard]] virtual Result<std::optional<int64_t>> Read(size_t records_max,
                                                            const ChangelogVisitor& visit) = 0;
};

// One per worker; every call on the worker's thread.
class Log {
 public:
  virtual ~Log() = default;

  // Hands over what is there, at most `records_max`, waiting up to `wait` for the first. Returns how many
  // were handed over: 0 means drained. kUnavailable: the log cannot be reached now; try again.
  [[nodiscard]] virtual Result<size_t> Poll(std::chrono::milliseconds wait, size_t records_max,
                                            LogListener& listener) = 0;

  // Where the partition is read from next. Topics that are not named begin at their start.
  [[nodiscard]] virtual Result<Done> Seek(int32_t partition, std::span<const TopicPosition> positions) = 0;

  // Begins to read the changelog of the partition from position `from` to its end as it is now; one reading
  // at a time. kNotFound when `from` is no longer there: restore from 0. kCorrupt when 0 is not there either,
  // or the log ends before `from`.
  [[nodiscard]] virtual Result<std::unique_ptr<ChangelogReading>> OpenChangelog(int32_t partition,
                                                                                int64_t from) = 0;

  // How long the changelog keeps the news that a key was deleted. A state older than half of that may have
  // missed one, and is not used. nullopt: for ever.
  [[nodiscard]] virtual std::optional<std::chrono::milliseconds> deletions_kept_for() const = 0;

  // One atomic step for all tasks given. On success `changelog_next[i]` is the changelog position after
  // commits[i]. Any error: it is unknown whether the commit happened; discard, and restore the partitions.
  [[nodiscard]] virtual Result<Done> Commit(std::span<TaskCommit> commits,
                                            std::vector<int64_t>& changelog_next) = 0;

  // The engine has checkpointed the partition up to this changelog position, or has just found the
  // checkpoint: what lies before is not needed for a restart.
  virtual void OnCheckpoint(int32_t partition, int64_t changelog_position) = 0;

  // The engine cannot restore the partition until a person has decided. A log that takes events in takes none
  // for it, which might never be judged, until Seek.
  virtual void OnStopped(int32_t) {}

  // Each changelog record takes one position: the record before position n begins at n - 1. Otherwise a
  // position is only good for reading on from it.
  [[nodiscard]] virtual bool one_position_a_record() const { return false; }

  // False: nothing restores from this log; the engine need not encode changes.
  [[nodiscard]] virtual bool has_changelog() const = 0;

  // True once no record will ever come again (a file that was read to its end).
  [[nodiscard]] virtual bool finished() const = 0;

  // Stops reading a partition (true) or goes on (false). Idempotent.
  virtual void Pause(int32_t partition, bool paused) = 0;
};

}  // namespace tocsin::daemon
