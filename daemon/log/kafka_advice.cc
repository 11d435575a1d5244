#include "daemon/log/kafka_advice.h"

namespace tocsin::daemon {

std::string AdviceFor(KafkaTrouble trouble, const KafkaConfig& config) {
  const KafkaSecurity& security = config.security;
  switch (trouble) {
    case KafkaTrouble::kAuthentication:
      if (security.mechanism == KafkaSecurity::Mechanism::kOauthBearer)
        return security.token_url.empty()
                   ? "see that kafka.security.token_file holds a token that is fresh and meant for this "
                     "cluster"
                   : "see kafka.security.token_url, client_id, client_secret and scope";
      return "give kafka.security the username, password and mechanism that the cluster knows "
             "(kafka-configs.sh --describe --entity-type users shows those of SCRAM)";
    case KafkaTrouble::kTls:
      return "name in kafka.security.ca who signed the brokers' certificates, and in kafka.brokers the hosts "
             "that are in them; see what is shown: openssl s_client -connect " +
             config.brokers.substr(0, config.brokers.find(',')) + " -showcerts";
    case KafkaTrouble::kProtocol:
      return security.tls ? "name the brokers' TLS port in kafka.brokers, or set kafka.security.tls: false"
                          : "set kafka.security as the port wants it, or name another port in kafka.brokers";
    case KafkaTrouble::kAddress:
      return "see the names of hosts in kafka.brokers, and the name server";
    case KafkaTrouble::kNone:
      break;
  }
  return "see kafka.brokers, the network between here and there, and whether the brokers run";
}

}  // namespace tocsin::daemon
