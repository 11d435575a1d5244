#include "daemon/log/kafka_trial.h"

#include "daemon/log/kafka_topic_checks.h"

namespace tocsin::daemon {

Result<Done> TryKafkaClient(KafkaConfig config) {
  // A token would be asked for at once.
  if (config.security.mechanism == KafkaSecurity::Mechanism::kOauthBearer) return Done{};
  config.brokers.clear();
  KafkaCallbacks callbacks;
  callbacks.name = "check";
  const Result<KafkaHandle> made = MakeAskingHandle(config, callbacks);
  if (!made) return Error{ErrorCode::kInvalid, "kafka.security", made.error().detail};
  return Done{};
}

}  // namespace tocsin::daemon
