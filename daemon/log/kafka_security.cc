#include "daemon/log/kafka_security.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace tocsin::daemon {
namespace {

using Mechanism = KafkaSecurity::Mechanism;

bool WithPassword(Mechanism mechanism) {
  return mechanism == Mechanism::kPlain || mechanism == Mechanism::kScramSha256 ||
         mechanism == Mechanism::kScramSha512;
}

const char* NameOf(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::kPlain:
      return "PLAIN";
    case Mechanism::kScramSha256:
      return "SCRAM-SHA-256";
    case Mechanism::kScramSha512:
      return "SCRAM-SHA-512";
    case Mechanism::kOauthBearer:
      return "OAUTHBEARER";
    case Mechanism::kNone:
      break;
  }
  return "";
}

bool Holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

void AddKafkaSecurityErrors(const KafkaConfig& config, std::vector<Error>& errors) {
  const KafkaSecurity& security = config.security;
  const auto invalid = [&errors](const std::string& key, std::string why) {
    errors.push_back({ErrorCode::kInvalid, "kafka.security." + key, std::move(why)});
  };
  for (const auto& [key, path] :
       {std::pair("ca", &security.ca), std::pair("certificate", &security.certificate),
        std::pair("key", &security.key)}) {
    if (path->empty()) continue;
    if (!security.tls) {
      invalid(key, "needs kafka.security.tls: true");
    } else if (::access(path->c_str(), R_OK) != 0) {
      invalid(key, *path + " cannot be read");
    }
  }
  if (security.certificate.empty() != security.key.empty())
    invalid(security.key.empty() ? "key" : "certificate", "certificate and key go together");
  if (WithPassword(security.mechanism)) {
    if (security.username.empty()) invalid("username", "is needed for this mechanism");
    if (security.password.empty()) invalid("password", "is needed for this mechanism: {file: PATH}");
  } else if (!security.username.empty() || !security.password.empty()) {
    invalid("mechanism", "must be plain, scram_sha_256 or scram_sha_512: a username or password is given");
  }
  const bool asks = !security.token_url.empty();
  if (security.mechanism == Mechanism::kOauthBearer) {
    if (asks == !security.token_file.empty())
      invalid("token_file", "give either token_file or token_url, for mechanism oauthbearer");
    if (asks && (security.client_id.empty() || security.client_secret.empty()))
      invalid(security.client_id.empty() ? "client_id" : "client_secret",
              "token_url needs client_id, and client_secret: {file: PATH}");
  } else if (asks || !security.token_file.empty()) {
    invalid("mechanism", "must be oauthbearer: a source of tokens is given");
  }
  for (const auto& [property, value] : SecurityProperties(security)) {
    if (config.properties.contains(property) ||
        (property == "sasl.mechanism" && config.properties.contains("sasl.mechanisms")))
      errors.push_back({ErrorCode::kInvalid, "kafka.properties." + property,
                        "is said by kafka.security as well: say it once"});
  }
}

std::vector<std::pair<std::string, std::string>> SecurityProperties(const KafkaSecurity& security) {
  std::vector<std::pair<std::string, std::string>> properties;
  const bool sasl = security.mechanism != Mechanism::kNone;
  if (!security.tls && !sasl) return properties;  // kafka.properties may say it all.
  const char* const plain = sasl ? "sasl_plaintext" : "plaintext";
  const char* const secret = sasl ? "sasl_ssl" : "ssl";
  properties.emplace_back("security.protocol", security.tls ? secret : plain);
  const auto add = [&properties](const char* property, const std::string& value) {
    if (!value.empty()) properties.emplace_back(property, value);
  };
  if (security.tls) {
    add("ssl.endpoint.identification.algorithm", "https");  // The certificate must be that host's.
    add("ssl.ca.location", security.ca);
    add("ssl.certificate.location", security.certificate);
    add("ssl.key.location", security.key);
    add("ssl.key.password", security.key_password);
  }
  if (sasl) {
    add("sasl.mechanism", NameOf(security.mechanism));
    add("sasl.username", security.username);
    add("sasl.password", security.password);
  }
  return properties;
}

KafkaTokenSource MakeTokenSource(const KafkaSecurity& security) {
  if (security.mechanism != Mechanism::kOauthBearer) return {};
  if (!security.token_file.empty()) {
    return [path = security.token_file](Timestamp now) { return ReadTokenFile(path, now); };
  }
  const TokenEndpoint endpoint{.url = security.token_url,
                               .client_id = security.client_id,
                               .client_secret = security.client_secret,
                               .scope = security.scope,
                               .ca_file = {}};
  return [endpoint](Timestamp now) { return RequestToken(endpoint, now); };
}

KafkaRemedy FindRemedy(const std::string& code, const std::string& said, const KafkaConfig& config) {
  const KafkaSecurity& security = config.security;
  const std::string brokers = "the broker at " + config.brokers;
  if (code == "_AUTHENTICATION" || code == "SASL_AUTHENTICATION_FAILED" ||
      code == "UNSUPPORTED_SASL_MECHANISM") {
    if (Holds(said, "nsupported SASL mechanism") || Holds(said, "upported by broker"))
      return {KafkaTrouble::kAuthentication,
              brokers + " does not take this mechanism: see kafka.security.mechanism"};
    if (security.mechanism == Mechanism::kOauthBearer) {
      return {KafkaTrouble::kAuthentication,
              brokers + " refuses the token: see kafka.security." +
                  (security.token_url.empty() ? "token_file" : "token_url, scope") +
                  ", and what the broker expects of its claims"};
    }
    return {KafkaTrouble::kAuthentication,
            brokers + " refuses the user: see kafka.security.username and kafka.security.password"};
  }
  const bool handshake = code == "_SSL" || (code == "_TRANSPORT" && Holds(said, "PLAINTEXT"));
  if (handshake) {
    // A plaintext port hangs up at once, or answers with what is no TLS.
    if (Holds(said, "PLAINTEXT") || Holds(said, "wrong version number") || Holds(said, "unexpected eof"))
      return {KafkaTrouble::kProtocol, brokers +
                                           " does not speak TLS on this port: take its TLS port, or set "
                                           "kafka.security.tls: false"};
    if (Holds(said, "hostname mismatch") || Holds(said, "does not match"))
      return {KafkaTrouble::kTls, brokers +
                                      " shows the certificate of another host: kafka.brokers must name "
                                      "brokers as their certificates do"};
    if (Holds(said, "certificate verify failed") || Holds(said, "self-signed") ||
        Holds(said, "self signed")) {
      return {KafkaTrouble::kTls,
              brokers +
                  " shows a certificate that nobody we trust has signed, that is of another host, "
                  "or that is not valid now: see kafka.brokers and kafka.security.ca (" +
                  (security.ca.empty() ? "not set: the system's are trusted" : security.ca) + ")"};
    }
    return {KafkaTrouble::kTls, brokers +
                                    " ends the TLS handshake: does it ask for a certificate of ours "
                                    "(kafka.security.certificate, kafka.security.key)?"};
  }
  if (code == "_TRANSPORT" && (Holds(said, "SSL listener") || Holds(said, "incorrect security.protocol") ||
                               Holds(said, "SASL listener"))) {
    return {KafkaTrouble::kProtocol,
            brokers + (security.tls ? " hangs up at the first request: is this the port for our mechanism?"
                                    : " hangs up at the first request: does this port want TLS "
                                      "(kafka.security.tls: true) or a user (kafka.security.mechanism)?")};
  }
  if (code == "_RESOLVE")
    return {KafkaTrouble::kAddress, "a host of kafka.brokers has no address: " + config.brokers};
  return {};
}

}  // namespace tocsin::daemon
