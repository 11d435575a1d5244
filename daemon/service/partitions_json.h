// The partitions of this process, for /admin/v1/status.
#pragma once

#include <map>
#include <vector>

#include "base/json_writer.h"
#include "daemon/engine/partition_board.h"
#include "daemon/log/kafka_stats.h"

namespace tocsin::daemon {

// What waits: over Kafka records of each topic, in the embedded log bytes of each partition.
struct PartitionLags {
  std::vector<KafkaStats::Lag> kafka;
  std::map<int32_t, uint64_t> pending_bytes;
};

// An array, in the order of the partitions. No account is in it.
void WritePartitions(std::vector<PartitionStatus> partitions, const PartitionLags& lags, JsonWriter& json);

}  // namespace tocsin::daemon
