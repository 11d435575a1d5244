// What we ask of the client library where nothing else is configured, and whether the further properties of
// the configuration fit together with it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/log/kafka_client.h"

namespace tocsin::daemon {

// Of the consumer of a worker, but for the sizes of its queues.
[[nodiscard]] std::vector<KafkaProperty> ConsumerDefaults();
// Of a transactional producer.
[[nodiscard]] std::vector<KafkaProperty> ProducerDefaults();

// group.instance.id of a member that reads these topics; `name` is unique among the processes and the same
// after a restart. Who comes back within the session is given its old assignment, whatever it subscribes to
// by then, and nobody looks again: with other topics it is another member.
[[nodiscard]] std::string StaticMember(const std::string& name, std::vector<std::string> topics);

// Values that are each allowed and do not go together: the client refuses them when a handle is made, which
// is after the start. The error names a property that was configured, and both values. REQUIRES: each
// property by itself is what the client takes.
[[nodiscard]] Result<Done> CheckPropertiesTogether(const KafkaConfig& config);

}  // namespace tocsin::daemon
