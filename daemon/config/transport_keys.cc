#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/config/key_builder.h"
#include "daemon/config/secret_properties.h"
#include "daemon/http/listen_address.h"

namespace tocsin::daemon {
namespace {

void AddKafkaSecurityKeys(KeyBuilder& b) {
  using Mechanism = KafkaSecurity::Mechanism;
  const auto path = [&b](const char* name, std::string KafkaSecurity::*member, const char* doc) {
    b.Path(
        std::string("kafka.security.") + name,
        [member](Config& c) -> std::string& { return c.kafka.security.*member; }, doc);
  };
  const auto text = [&b](const char* name, std::string KafkaSecurity::*member, const char* doc) {
    b.Add<std::string>(
        std::string("kafka.security.") + name,
        [member](Config& c) -> std::string& { return c.kafka.security.*member; }, doc);
  };
  const auto secret = [&b](const char* name, std::string KafkaSecurity::*member, const char* doc) {
    b.Secret(
        std::string("kafka.security.") + name,
        [member](Config& c) -> std::string& { return c.kafka.security.*member; }, doc);
  };
  b.Add<bool>(
      "kafka.security.tls", [](Config& c) -> bool& { return c.kafka.security.tls; },
      "Reach the brokers over TLS; their certificates must be valid and name the host that kafka.brokers "
      "names.");
  path("ca", &KafkaSecurity::ca,
       "PEM file of those who may sign a broker's certificate; empty: the system's.");
  path("certificate", &KafkaSecurity::certificate, "PEM file of our certificate, where brokers ask for one.");
  path("key", &KafkaSecurity::key, "PEM file of its key.");
  secret("key_password", &KafkaSecurity::key_password, "Password of the key.");
  b.Choice<Mechanism>(
      "kafka.security.mechanism", [](Config& c) -> Mechanism& { return c.kafka.security.mechanism; },
      {{"none", Mechanism::kNone},
       {"plain", Mechanism::kPlain},
       {"scram_sha_256", Mechanism::kScramSha256},
       {"scram_sha_512", Mechanism::kScramSha512},
       {"oauthbearer", Mechanism::kOauthBearer}},
      "How we prove to the brokers who we are (SASL).");
  text("username", &KafkaSecurity::username, "Of plain and scram_*.");
  secret("password", &KafkaSecurity::password, "Of plain and scram_*.");
  path("token_file", &KafkaSecurity::token_file,
       "oauthbearer: file with a token, which somebody keeps fresh; it is read again before it expires.");
  b.Url(
      "kafka.security.token_url", [](Config& c) -> std::string& { return c.kafka.security.token_url; },
      "oauthbearer: token endpoint that is asked instead (OAuth 2 client credentials, https).");
  text("client_id", &KafkaSecurity::client_id, "Who asks the token endpoint.");
  secret("client_secret", &KafkaSecurity::client_secret, "And its secret.");
  text("scope", &KafkaSecurity::scope, "What is asked for; empty: nothing in particular.");
}

// As the client reads it: blanks and line breaks around one, nothing between two commas, a protocol in front
// and no port are all the same to it.
bool AreBrokers(std::string_view list) {
  constexpr std::string_view kBlank = " \t\r\n";
  bool any = false;
  for (size_t from = 0; from <= list.size();) {
    const size_t comma = std::min(list.find(',', from), list.size());
    std::string_view one = list.substr(from, comma - from);
    from = comma + 1;
    one.remove_prefix(std::min(one.find_first_not_of(kBlank), one.size()));
    one = one.substr(0, one.find_last_not_of(kBlank) + 1);
    if (one.empty()) continue;
    if (const size_t protocol = one.find("://"); protocol != std::string_view::npos)
      one.remove_prefix(protocol + 3);
    const bool has_port = one.find_last_of(':') != std::string_view::npos && !one.ends_with(']');
    const std::optional<ListenAddress> broker =
        ParseListen(has_port ? std::string(one) : std::string(one) + ":9092");
    if (!broker || broker->port == 0) return false;
    any = true;
  }
  return any;
}

bool NamesSecret(std::string_view property) {
  return std::ranges::any_of(kSecretPropertyWords, [property](std::string_view word) {
    return property.find(word) != std::string_view::npos;
  });
}
}  // namespace

void AddTransportKeys(KeyBuilder& b) {
  b.Choice<LogKind>(
      "log", [](Config& c) -> LogKind& { return c.log; },
      {{"local", LogKind::kLocal}, {"kafka", LogKind::kKafka}},
      "Where events come from: the embedded log (HTTP ingest), or Kafka.");
  b.Path(
      "state_dir", [](Config& c) -> std::string& { return c.state_dir; },
      "Directory of the state (and of the embedded log). One process at a time.", false);
  b.Add<bool>(
      "watch_config", [](Config& c) -> bool& { return c.watch_config; },
      "Take this file over when it has changed and has been left alone for a second; else only on SIGHUP and "
      "POST /admin/v1/reload.");

  Key& brokers = b.Add<std::string>(
      "kafka.brokers", [](Config& c) -> std::string& { return c.kafka.brokers; },
      "Brokers to begin with: host:port, comma separated.");
  brokers.set = [set = std::move(brokers.set)](const YamlNode& node, const std::string& directory,
                                               Config& config) -> Result<Done, Wrong> {
    if (!node.text.empty() && !AreBrokers(node.text))
      return Wrong{"must be host:port, or several of them separated by commas"};
    return set(node, directory, config);
  };
  b.Add<std::string>(
      "kafka.group", [](Config& c) -> std::string& { return c.kafka.group; },
      "Consumer group; processes of one group share the work.");
  b.Add<std::string>(
      "kafka.instance", [](Config& c) -> std::string& { return c.kafka.instance; },
      "Static member name, unique per process: a restart then moves no partition. Empty: dynamic.");
  b.List(
      "kafka.input_topics", [](Config& c) -> std::vector<std::string>& { return c.kafka.input_topics; },
      "Topics with events; unless kafka.ingest is rekey all keyed by account and with the same number of "
      "partitions.",
      false);
  const auto topic = [&](const char* name, std::string KafkaConfig::*member, const char* doc) {
    b.Add<std::string>(
        std::string("kafka.") + name, [member](Config& c) -> std::string& { return c.kafka.*member; }, doc);
  };
  b.Choice<KafkaConfig::Ingest>(
      "kafka.ingest", [](Config& c) -> KafkaConfig::Ingest& { return c.kafka.ingest; },
      {{"direct", KafkaConfig::Ingest::kDirect}, {"rekey", KafkaConfig::Ingest::kRekey}},
      "direct: the input topics are keyed by account and have one number of partitions. rekey: events are "
      "moved "
      "to a topic of our own that is, exactly once as well.");
  topic("rekeyed_topic", &KafkaConfig::rekeyed_topic, "That topic.");
  topic("changelog_topic", &KafkaConfig::changelog_topic,
        "Compacted topic that holds the state; no other program writes it.");
  topic("feedback_topic", &KafkaConfig::feedback_topic,
        "Where answers of owners go: one of the input topics.");
  topic("findings_topic", &KafkaConfig::findings_topic, "Where findings go.");
  topic("notices_topic", &KafkaConfig::notices_topic, "Where notices go.");
  topic("tickets_topic", &KafkaConfig::tickets_topic, "Where tickets go.");
  topic("actions_topic", &KafkaConfig::actions_topic, "Where actions go.");
  topic("dead_letters_topic", &KafkaConfig::dead_letters_topic, "Where records that are no events go.");
  b.Add<std::chrono::seconds>(
      "kafka.heartbeat_interval",
      [](Config& c) -> std::chrono::seconds& { return c.kafka.heartbeat_interval; },
      "How often a heartbeat is written to each partition of the first input topic, to be seen at its commit "
      "(tocsin_heartbeat_age_seconds); 0s: never. Needs the right to write that topic.",
      0, 60);
  b.Add<bool>(
      "kafka.create_topics", [](Config& c) -> bool& { return c.kafka.create_topics; },
      "Make topics that are missing; false: refuse to start and say which.");
  b.Add<int>(
      "kafka.partitions", [](Config& c) -> int& { return c.kafka.partitions; },
      "Partitions of input topics when none of them is there yet.", 1, 4096);
  b.Add<int>(
      "kafka.replication", [](Config& c) -> int& { return c.kafka.replication; },
      "Replicas of topics that are made; 0: three, or as many as the cluster has brokers.", 0, 9);
  AddKafkaSecurityKeys(b);
  Key properties{.path = "kafka.properties",
                 .type = KeyType::kTextMap,
                 .doc =
                     "Further librdkafka properties, for every connection; those that would break a "
                     "guarantee are refused. "
                     "Secrets as {file: PATH}."};
  properties.set = [](const YamlNode& node, const std::string& directory,
                      Config& config) -> Result<Done, Wrong> {
    if (node.kind == YamlNode::Kind::kNull) return Done{};
    if (node.kind != YamlNode::Kind::kMap) return Wrong{"must be a map of property to text"};
    for (const auto& [name, value] : node.members) {
      if (NamesSecret(name.text) || value.kind == YamlNode::Kind::kMap) {
        Result<std::string, Wrong> secret = ReadSecretFile(value, directory);
        if (!secret) return Wrong{name.text + ": " + secret.error().text};
        config.kafka.properties[name.text] = *std::move(secret);
      } else if (value.kind == YamlNode::Kind::kScalar) {
        config.kafka.properties[name.text] = value.text;
      } else {
        return Wrong{name.text + " must be text"};
      }
    }
    return Done{};
  };
  properties.get = [](const Config&) { return std::string("{}"); };
  properties.same = [](const Config& one, const Config& other) {
    return one.kafka.properties == other.kafka.properties;
  };
  b.keys.push_back(std::move(properties));

  b.Add<int>(
      "local.partitions", [](Config& c) -> int& { return c.local.partitions; },
      "Partitions of the embedded log; fixed once its directory is made.", 1, 256);
  b.Path(
      "local.outputs", [](Config& c) -> std::string& { return c.local.outputs; },
      "Directory of findings.jsonl, notices.jsonl, …; empty: <state_dir>/out.");
  b.Add<int>(
      "local.retention_mb", [](Config& c) -> int& { return c.local.retention_mb; },
      "How much processed input is kept, for each partition; what is older than local.retention goes before.",
      0, 1 << 20, "MiB");
  b.Add<std::chrono::seconds>(
      "local.retention", [](Config& c) -> std::chrono::seconds& { return c.local.retention; },
      "How long processed input is kept at most, from its arrival: events of an account that was erased are "
      "gone from the embedded log a minute after that.",
      10, 3650.0 * 86400);
  b.Add<std::chrono::seconds>(
      "local.outputs_retention", [](Config& c) -> std::chrono::seconds& { return c.local.outputs_retention; },
      "How long what was put out is kept at most: the files of local.outputs are set aside each day (each "
      "tenth of this time, when that is less) under the time they were begun, "
      "findings.20261129T000000Z.jsonl, "
      "and removed this long after it; notices and tickets not before they are delivered, with `delivery`.",
      10, 3650.0 * 86400);

  b.Add<std::string>(
      "http.metrics_listen", [](Config& c) -> std::string& { return c.http.metrics_listen; },
      "Address of /metrics, /livez, /readyz, /version; port 0 takes a free one; empty: none.");
  b.Add<std::string>(
      "http.events_listen", [](Config& c) -> std::string& { return c.http.events_listen; },
      "Address of POST /v1/events (embedded log only) and of the answer page /r/ (where answers.base_url "
      "leads); "
      "port 0 takes a free one; empty: none.");
  b.Secret(
      "http.events_token", [](Config& c) -> std::string& { return c.http.events_token; },
      "Bearer token of POST /v1/events; must be there when it does not listen on loopback.");
  b.Add<std::string>(
      "http.admin_listen", [](Config& c) -> std::string& { return c.http.admin_listen; },
      "Address of /admin/v1; port 0 takes a free one; empty, or without http.admin_token: none.");
  b.Secret(
      "http.admin_token", [](Config& c) -> std::string& { return c.http.admin_token; },
      "Bearer token of /admin/v1, always asked for.");
  b.Secret(
      "http.admin_read_token", [](Config& c) -> std::string& { return c.http.admin_read_token; },
      "Bearer token that may look at /admin/v1 and change nothing; none: only http.admin_token is taken.");
  b.Add<int>(
      "http.body_mb_max", [](Config& c) -> int& { return c.http.body_mb_max; }, "Largest request body.", 1,
      256, "MiB");
  b.Add<int>(
      "http.pending_mb_max", [](Config& c) -> int& { return c.http.pending_mb_max; },
      "Accepted and not yet processed events beyond which senders are asked to wait (429).", 1, 65536, "MiB");
  AddTable<EngineConfig>(b.keys, "engine.", EngineConfig::kSettings,
                         [](Config& c) -> EngineConfig& { return c.engine; });
  b.Choice<schemas::FindingFormat>(
      "findings.format", [](Config& c) -> schemas::FindingFormat& { return c.findings_format; },
      {{"tocsin", schemas::FindingFormat::kTocsin}, {"ocsf", schemas::FindingFormat::kOcsf}},
      "What findings are put out as: Tocsin's own JSON, or OCSF 1.8 Detection Findings (class 2004).");
  b.Add<size_t>(
      "decode.bytes_max", [](Config& c) -> size_t& { return c.decode.bytes_max; },
      "Largest event; larger ones are dead letters.", 256, 16 << 20, "bytes");
  b.Add<int>(
      "decode.depth_max", [](Config& c) -> int& { return c.decode.depth_max; },
      "Deepest nesting of an event; deeper ones are dead letters.", 2, 256, "levels");
}
}  // namespace tocsin::daemon
