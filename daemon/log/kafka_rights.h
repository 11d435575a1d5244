// Whether we may write where we have to, and use the group and our transactional ids: tried, with nothing
// left behind. A transaction announces each topic to the cluster, which is where a missing right shows, and
// is taken back before a record is sent.
#pragma once

#include <string>
#include <vector>

#include "daemon/doctor/diagnosis.h"
#include "daemon/log/kafka_config.h"

namespace tocsin::daemon {

// The command that grants rights on a topic, to who the configuration says we are: "--operation Write
// --operation Read".
[[nodiscard]] std::string GrantTopic(const KafkaConfig& config, const std::string& topic,
                                     const std::string& operations);
[[nodiscard]] std::string GrantGroup(const KafkaConfig& config);

// `topics` are there, and written by us. Says what is missing: of "kafka.topic.NAME", "kafka.group" (its
// offsets may be committed) and "kafka.transactional_id"; of the last also that all is well. A restart of the
// consumer group meanwhile may wait a moment for partition 0. REQUIRES: the cluster answers.
[[nodiscard]] Diagnoses TryKafkaRights(const KafkaConfig& config, const std::vector<std::string>& topics);

}  // namespace tocsin::daemon
