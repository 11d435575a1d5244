// Kafka as a person asks about it: does it answer, is what we need there, and may we use it. Makes and
// changes nothing; joins no group.
#pragma once

#include <set>
#include <string>

#include "daemon/doctor/diagnosis.h"
#include "daemon/log/kafka_config.h"

namespace tocsin::daemon {

// Takes up to half a minute when nobody answers. Subjects: "kafka" (reached at all), "kafka.partitions",
// "kafka.group", "kafka.transactional_id", "kafka.topic.NAME". Whether we may write is tried with
// transactions that are taken back before anything is sent (kafka_rights.h). `also_written`: input topics
// that we write to as well. `partitions`, unless null, becomes the number of each input topic, once that is
// known. REQUIRES: `config` is as ForTasks gives it.
[[nodiscard]] Diagnoses InspectKafka(const KafkaConfig& config, const std::set<std::string>& also_written,
                                     int* partitions = nullptr);

}  // namespace tocsin::daemon
