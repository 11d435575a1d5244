// Kafka as the engine's log: one consumer and one transactional producer for each worker, so that the
// consumer group is the distributed engine. Partition p of every input topic is one task; its records are
// merged by time (topic_merge.h).
//
// A commit is one transaction: changelog, outputs and input offsets become visible together, or not at all.
// Why this is exact under crashes, takeovers and lost answers: docs/adr/0003-kafka-log.md.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "daemon/log/kafka_config.h"
#include "daemon/log/kafka_stats.h"
#include "daemon/log/kafka_topics.h"
#include "daemon/log/log.h"

namespace tocsin::daemon {

struct KafkaLogOptions {
  int worker = 0;  // Index within the process.
  // Names the producer of this process when `instance` is not configured. Unique among live processes of the
  // group, and the same after a restart: then a restart ends at once the transaction that a crash left open,
  // which it otherwise waits for (some ten seconds). See ProducerIdOf.
  std::string producer_id;
  KafkaStats* stats = nullptr;  // Outlives the log.
  KafkaReport report;           // May be empty.
};

// One thread, as every Log; the constructor of the handle and its end may be on another one.
class KafkaLog final : public Log {
 public:
  // Does not wait for the brokers: Poll does, and says when they are away.
  KafkaLog(const KafkaConfig& config, const KafkaTopics& topics, KafkaLogOptions options);
  // Leaves the group, within five seconds.
  ~KafkaLog() override;

  [[nodiscard]] Result<size_t> Poll(std::chrono::milliseconds wait, size_t records_max,
                                    LogListener& listener) override;
  [[nodiscard]] Result<Done> Seek(int32_t partition, std::span<const TopicPosition> positions) override;
  [[nodiscard]] Result<int64_t> ReadChangelog(int32_t partition, int64_t from,
                                              const ChangelogVisitor& visit) override;
  [[nodiscard]] Result<Done> Commit(std::span<TaskCommit> commits,
                                    std::vector<int64_t>& changelog_next) override;
  void OnCheckpoint(int32_t, int64_t) override {}  // The changelog is compacted: nothing of it is trimmed.
  [[nodiscard]] bool has_changelog() const override { return true; }
  [[nodiscard]] bool finished() const override { return false; }
  void Pause(int32_t partition, bool paused) override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// The name in <directory>/producer-id; made when there is none. A directory belongs to one process at a time.
[[nodiscard]] Result<std::string> ProducerIdOf(const std::string& directory);

}  // namespace tocsin::daemon
