// Kafka as the engine's log: one consumer and one transactional producer for each worker, so that the
// consumer group is the distributed engine. Partition p of every input topic is one task; its records are
// merged by time (topic_merge.h). What makes a commit exact is in exactly_once_log.h.
#pragma once

#include <string>

#include "base/result.h"
#include "daemon/log/exactly_once_log.h"
#include "daemon/log/kafka_config.h"
#include "daemon/log/kafka_stats.h"
#include "daemon/log/kafka_topics.h"

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

// One thread, as every Log; the constructor of the handle and its end may be on another one. Leaves the group
// at its end, within five seconds.
class KafkaLog final : public ExactlyOnceLog {
 public:
  // Does not wait for the brokers: Poll does, and says when they are away. All references outlive the log.
  KafkaLog(const KafkaConfig& config, const KafkaTopics& topics, const KafkaLogOptions& options);
};

// The name in <directory>/producer-id; made when there is none. A directory belongs to one process at a time.
[[nodiscard]] Result<std::string> ProducerIdOf(const std::string& directory);

}  // namespace tocsin::daemon
