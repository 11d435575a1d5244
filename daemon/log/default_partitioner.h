// The partition of a key as the default partitioner of Kafka's Java client has it. The embedded log uses the
// same, and so does `kafka.ingest: rekey`: with as many partitions an account lies on the same one
// everywhere.
//
// Thread safety: pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace tocsin::daemon {

// MurmurHash2 of 32 bits with that client's seed (org.apache.kafka.common.utils.Utils.murmur2).
[[nodiscard]] uint32_t Murmur2(std::string_view key);

// REQUIRES: `partitions` > 0.
[[nodiscard]] int32_t DefaultPartition(std::string_view key, int32_t partitions);

}  // namespace tocsin::daemon
