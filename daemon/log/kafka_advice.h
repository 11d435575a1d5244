// What a person does about brokers that cannot be talked to.
#pragma once

#include <string>

#include "daemon/log/kafka_config.h"
#include "daemon/log/kafka_security.h"

namespace tocsin::daemon {

// Where to look first; the text of the remedy (FindRemedy) says what happened.
[[nodiscard]] std::string AdviceFor(KafkaTrouble trouble, const KafkaConfig& config);

}  // namespace tocsin::daemon
