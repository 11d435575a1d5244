// Whether the client library takes the configuration as a whole: certificates that are none, a key of another
// certificate, a mechanism that it was built without.
#pragma once

#include "base/result.h"
#include "daemon/log/kafka_config.h"

namespace tocsin::daemon {

// Reaches nobody. kInvalid with the client's words. REQUIRES: CheckKafkaConfig(config) is content.
[[nodiscard]] Result<Done> TryKafkaClient(KafkaConfig config);

}  // namespace tocsin::daemon
