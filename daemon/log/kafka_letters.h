// The dead-letter topic as an operator uses it: its newest records, and a way back for the record that one of
// them holds.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/log/kafka_config.h"
#include "schemas/alert.h"

namespace tocsin::daemon {

// Values of the newest committed records, at most so many, partition by partition. Takes up to ten seconds.
// kUnavailable: the brokers do not answer.
[[nodiscard]] Result<std::vector<std::string>> NewestOfTopic(const KafkaConfig& config,
                                                             const std::string& topic, size_t records_max);

// Writes bytes, key and headers to the topic and partition they came from; on every replica in sync when it
// returns.
[[nodiscard]] Result<Done> PutBack(const KafkaConfig& config, const schemas::DeadLetter& letter);

// Whether what lies in the topic becomes events, and so may become dead letters.
[[nodiscard]] bool IsReadTopic(const KafkaConfig& config, const std::string& topic);

}  // namespace tocsin::daemon
