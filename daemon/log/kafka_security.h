// How a client proves itself to the brokers and they to it: TLS and SASL, from the configuration to the
// client library, and from its errors back to the words of the configuration.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "daemon/http/access_token.h"
#include "daemon/log/kafka_config.h"

namespace tocsin::daemon {

// Adds an error for each key of `kafka.security` that does not go with the others, or whose file is not
// there. Its `field` is the key.
void AddKafkaSecurityErrors(const KafkaConfig& config, std::vector<Error>& errors);

// The properties of the client library that they stand for.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> SecurityProperties(
    const KafkaSecurity& security);

// Where tokens come from, for mechanism oauthbearer; empty without it. Safe on any thread.
using KafkaTokenSource = std::function<Result<AccessToken>(Timestamp now)>;
[[nodiscard]] KafkaTokenSource MakeTokenSource(const KafkaSecurity& security);

// What kind of trouble an error of the client's thread is about. kProtocol: a port that hangs up, which a
// proxy before a broker that is down does as well.
enum class KafkaTrouble { kNone, kAuthentication, kTls, kProtocol, kAddress };

// The remedy for an error that an operator can mend, in the words of the configuration, with what the client
// said; kNone and "" for others. `code` is the client's, as its name ("_SSL").
struct KafkaRemedy {
  KafkaTrouble trouble = KafkaTrouble::kNone;
  std::string text;
};
[[nodiscard]] KafkaRemedy FindRemedy(const std::string& code, const std::string& said,
                                     const KafkaConfig& config);

}  // namespace tocsin::daemon
