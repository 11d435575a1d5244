// What a group has committed, asked without waiting.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "daemon/log/kafka_client.h"

namespace tocsin::daemon {

// Those of the partitions in which the group has no position, as its coordinator knows it now. Unlike
// rd_kafka_committed this does not wait for a transaction that is just being ended: what is missing may be on
// its way.
[[nodiscard]] Result<KafkaPartitions> PartitionsWithoutPosition(
    rd_kafka_t* handle, const std::string& group, const rd_kafka_topic_partition_list_t& partitions,
    std::chrono::milliseconds wait);

}  // namespace tocsin::daemon
