// The dead-letter topic as an operator uses it: its newest records, and a way back for the record that one of
// them is of.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/log/kafka_config.h"
#include "schemas/alert.h"

namespace tocsin::daemon {

// Values of the newest committed records, oldest first, at most so many of them and so many bytes. Takes up
// to ten seconds. kUnavailable: the brokers do not answer.
[[nodiscard]] Result<std::vector<std::string>> NewestOfTopic(const KafkaConfig& config,
                                                             const std::string& topic, size_t records_max,
                                                             size_t bytes_max);

// Writes the record that lies where the letter says to its topic and partition again, not the letter's copy:
// that is anybody's who may write letters. Where the record is no longer kept, the copy, if a person has
// `vouched` for it. On every replica in sync when it returns. False: nothing was written, since it is no
// longer kept and nobody vouched. kConflict: there never was such a record.
[[nodiscard]] Result<bool> PutBack(const KafkaConfig& config, const schemas::DeadLetter& letter,
                                   bool vouched);

// Whether what lies in the topic becomes events, and so may become dead letters.
[[nodiscard]] bool IsReadTopic(const KafkaConfig& config, const std::string& topic);

}  // namespace tocsin::daemon
