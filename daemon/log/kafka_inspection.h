// Kafka as a person asks about it: does it answer, is what we need there, and may we use it. Makes and
// changes nothing; joins no group.
#pragma once

#include "daemon/doctor/diagnosis.h"
#include "daemon/log/kafka_config.h"

namespace tocsin::daemon {

// Takes up to half a minute when nobody answers. Subjects: "kafka" (reached at all), "kafka.partitions",
// "kafka.group", "kafka.topic.NAME". Whether we may write is not tried: that would leave something behind.
// REQUIRES: `config` is as ForTasks gives it.
[[nodiscard]] Diagnoses InspectKafka(const KafkaConfig& config);

}  // namespace tocsin::daemon
