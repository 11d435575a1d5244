// Kafka as delivery sees it: it reads what detection puts out, as a consumer group of its own with a
// changelog of its own.
#pragma once

#include "daemon/delivery/delivery_config.h"
#include "daemon/log/kafka_config.h"

namespace tocsin::daemon {

[[nodiscard]] KafkaConfig ForDelivery(KafkaConfig kafka, const DeliveryConfig& delivery);

}  // namespace tocsin::daemon
