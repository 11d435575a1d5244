// What the commit protocol asks of a Kafka client: three connections without a policy of their own.
// exactly_once_log.cc is the policy. librdkafka is behind them in the program (kafka_producer,
// kafka_changelog, kafka_input), a simulated cluster in tests/sim.
//
// All of one worker, and every call on its thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/log/log.h"

namespace tocsin::daemon {

// A member's place in the group at one moment: what the broker fences offsets by. Opaque.
class Membership {
 public:
  virtual ~Membership() = default;
};

// A producer from its start to the first thing that goes wrong. A call that fails leaves the transaction
// undecided; there is no way on but the end of the producer.
class Transactions {
 public:
  // Forgets what is not sent. Waits for nothing, aborts nothing: the next producer of the name does.
  virtual ~Transactions() = default;

  [[nodiscard]] virtual Result<Done> Begin() = 0;
  // The bytes stay until Flush has returned or the producer is gone; so does `next`, which gets the position
  // after the record when it is in the log. May be null.
  [[nodiscard]] virtual Result<Done> Append(int32_t partition, const ChangelogRecord& record,
                                            int64_t* next) = 0;
  [[nodiscard]] virtual Result<Done> Put(int32_t partition, const schemas::OutRecord& record) = 0;
  // Until the brokers have all of it.
  [[nodiscard]] virtual Result<Done> Flush() = 0;
  // Where the partitions are read from next; refused when the membership is not of the group's generation.
  [[nodiscard]] virtual Result<Done> AddOffsets(std::span<const TaskCommit> commits,
                                                const Membership& membership) = 0;
  [[nodiscard]] virtual Result<Done> Commit() = 0;

  // Between transactions, again and again: hears what the client has to tell, which waits in memory.
  virtual void Listen() = 0;

  // A request of a transaction went without an answer or came back with an error, even if the client tried
  // again and succeeded: a copy of it may still be on its way.
  [[nodiscard]] virtual bool tainted() const = 0;
};

// Makes producers of one transactional id.
class TransactionClient {
 public:
  virtual ~TransactionClient() = default;
  // When this returns a producer, what earlier ones of the id left open is decided, and they are fenced.
  [[nodiscard]] virtual Result<std::unique_ptr<Transactions>> Open() = 0;
};

// Reads partitions of the changelog, one at a time, without a group.
class ChangelogClient {
 public:
  struct Range {
    int64_t begin = 0;   // The oldest position that is there.
    int64_t end = 0;     // The high watermark: after the newest record, decided or not.
    int64_t stable = 0;  // The last stable offset that the broker tells; may lie before what is decided.
  };
  struct Fetched {
    size_t records = 0;
    // Everything before this position that is decided has been handed over, and there is nothing more now.
    std::optional<int64_t> at_end;
  };
  virtual ~ChangelogClient() = default;
  [[nodiscard]] virtual Result<Range> FindRange(int32_t partition) = 0;
  // Read-committed from here on.
  [[nodiscard]] virtual Result<Done> Start(int32_t partition, int64_t from) = 0;
  // Waits a moment for the first record. kNotFound: the position is no longer there.
  [[nodiscard]] virtual Result<Fetched> Fetch(size_t records_max, const ChangelogVisitor& visit) = 0;
  virtual void Stop() = 0;
};

// What a member of the group hears during Poll, on the calling thread.
class GroupListener : public LogListener {
 public:
  // The group has given this member partitions; OnAssigned follows for each.
  virtual void OnGeneration() = 0;
  // OnSuspended or OnRevoked was called for every partition.
  virtual void OnGenerationOver() = 0;
  // Asked instead of OnInputLost. True: the partition stops, until it is sought. False: it is read on from
  // the oldest record that is there.
  [[nodiscard]] virtual bool StopsAtLoss(int32_t partition) = 0;
};

// A member of the consumer group: partition p of every input topic, merged.
class GroupConsumer {
 public:
  virtual ~GroupConsumer() = default;
  // As Log::Poll. Input that is gone is asked about, and reported.
  [[nodiscard]] virtual Result<size_t> Poll(std::chrono::milliseconds wait, size_t records_max,
                                            GroupListener& listener) = 0;
  [[nodiscard]] virtual Result<Done> Seek(int32_t partition, std::span<const TopicPosition> positions) = 0;
  // The group's offsets of the partition, as they are committed; topics that have none are left out.
  [[nodiscard]] virtual Result<std::vector<TopicPosition>> FindCommitted(int32_t partition) = 0;
  virtual void Pause(int32_t partition, bool paused) = 0;
  // As the client knows it now: the group may have gone on without this member meanwhile. Null when it is in
  // no generation.
  [[nodiscard]] virtual std::unique_ptr<Membership> CurrentMembership() = 0;
  // For long work between polls: this member is alive.
  virtual void KeepAlive() = 0;
};

}  // namespace tocsin::daemon
