// Checkpoints of partitions on disk: one RocksDB for the process, one column family per partition. It only
// ever holds committed state, and a checkpoint (all changed states and the changelog position they stand for)
// is one atomic step.
//
// How: a checkpoint is one sorted SST file, ingested; the memtable stays empty and no write-ahead log is
// needed. The position lives in the same column family as the states (key 0x00), so neither can be there
// without the other.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "daemon/log/log.h"

namespace tocsin::daemon {

// What a checkpoint stands for.
struct CheckpointMark {
  // Which log this is state of (KafkaTopics::owner, or the embedded log's id). Another owner's is refused. Of
  // which partition, the name that it is opened by says alone.
  std::string owner;
  int64_t changelog_next = 0;
  std::string commit_record;  // The newest one in it, encoded.
  int64_t commit_next = 0;    // The changelog position after that record; 0: not known.
  Timestamp written_at;       // Wall clock: older than half the changelog's tombstone retention is not used.
  friend bool operator==(const CheckpointMark&, const CheckpointMark&) = default;
};

// One state to write: nullopt deletes it.
struct CheckpointEntry {
  std::string key;
  std::optional<std::string> value;
};

// States of one partition. One thread at a time.
class PartitionStore {
 public:
  virtual ~PartitionStore() = default;
  [[nodiscard]] virtual Result<std::optional<CheckpointMark>> ReadMark() = 0;
  // False when there is none; `value` is replaced when there is.
  [[nodiscard]] virtual Result<bool> Get(std::string_view key, std::string& value) = 0;
  // Atomic; the mark replaces the last one. Sorts `entries`. REQUIRES: keys are unique and not empty.
  [[nodiscard]] virtual Result<Done> Write(const CheckpointMark& mark,
                                           std::vector<CheckpointEntry>& entries) = 0;
  // Every (key, value), in key order.
  [[nodiscard]] virtual Result<Done> ForEach(
      const std::function<void(std::string_view key, std::string_view value)>& visit) = 0;
  // Forgets everything, the mark included.
  [[nodiscard]] virtual Result<Done> Clear() = 0;
  // The partition was opened once more: every other call answers kUnavailable from now on.
  [[nodiscard]] virtual bool taken() const { return false; }
};

struct StoreOptions {
  size_t block_cache_bytes = 64u << 20;
  // Nobody opens it again: what is spent on making it small is lost.
  bool short_lived = false;
};

// What the database says of itself.
struct StoreStats {
  std::string library;  // Its version.
  uint64_t keys = 0;    // Estimated.
  uint64_t block_cache_bytes = 0;
  uint64_t table_readers_bytes = 0;
  uint64_t pending_compaction_bytes = 0;
  uint64_t running_compactions = 0;
  uint64_t pending_compactions = 0;  // Partitions for which one has to begin.
  uint64_t background_errors = 0;
  // Since it was opened.
  uint64_t block_cache_hits = 0;
  uint64_t block_cache_misses = 0;
  uint64_t compaction_written_bytes = 0;
};

// Thread safe.
class StateStore {
 public:
  virtual ~StateStore() = default;
  // Makes the directory. kUnavailable when another process holds it; kCorrupt when it cannot be read (the
  // remedy: remove it; it is restored from the changelog).
  [[nodiscard]] static Result<std::unique_ptr<StateStore>> Open(const std::string& directory,
                                                                const StoreOptions& options);
  // Makes it when there is none. Whoever had it open loses it: its calls answer kUnavailable from now on. (A
  // partition can come to a second worker of the process before the first one knows that it lost it.)
  [[nodiscard]] virtual Result<std::unique_ptr<PartitionStore>> OpenPartition(const std::string& name) = 0;
  // Those that were made, by name.
  [[nodiscard]] virtual std::vector<std::string> Partitions() const = 0;
  [[nodiscard]] virtual uint64_t DiskBytes() const = 0;
  [[nodiscard]] virtual StoreStats Stats() const = 0;
};

}  // namespace tocsin::daemon
