#include "daemon/log/kafka_client.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "daemon/log/kafka_properties.h"

namespace tocsin::daemon {
namespace {

constexpr int kLogWarning = 4;  // Of syslog.

KafkaCallbacks& Callbacks(void* opaque) { return *static_cast<KafkaCallbacks*>(opaque); }

void OnLog(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
  KafkaCallbacks& callbacks = Callbacks(rd_kafka_opaque(handle));
  if (level > kLogWarning || !callbacks.report) return;
  // Further properties are given to consumers and producers alike: of no interest who does not need which.
  if (std::string_view(facility) == "CONFWARN") return;
  // What was still under way when the connection was closed: no news, and it reads like a wrong password.
  if (std::string_view(facility) == "FAIL" && std::string_view(text).ends_with(" in state DOWN)")) return;
  callbacks.report("kafka_client", callbacks.name + ": " + facility + ": " + text);
}

// Tokens are fetched on the client's background thread: nothing waits for the endpoint but the connection.
void OnTokenWanted(rd_kafka_t* handle, const char*, void* opaque) {
  KafkaCallbacks& callbacks = Callbacks(opaque);
  const Result<AccessToken> token =
      callbacks.token(std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()));
  std::string why = token ? "" : token.error().ToString();
  if (token) {
    std::array<char, 256> refused{};
    if (rd_kafka_oauthbearer_set_token(handle, token->value.c_str(), ToMillis(token->expires_at),
                                       token->principal.c_str(), nullptr, 0, refused.data(),
                                       refused.size()) == RD_KAFKA_RESP_ERR_NO_ERROR)
      return;
    why = "the token cannot be used: it is no bearer token, or has expired";
  }
  rd_kafka_oauthbearer_set_token_failure(handle, why.c_str());  // Asked again in ten seconds.
  if (callbacks.report) callbacks.report("kafka_token", callbacks.name + ": " + why);
  const std::lock_guard lock(callbacks.remedy_mutex);
  callbacks.remedy = {KafkaTrouble::kAuthentication, "there is no token: " + why};
}

void OnError(rd_kafka_t* handle, int err, const char* reason, void* opaque) {
  KafkaCallbacks& callbacks = Callbacks(opaque);
  KafkaRemedy remedy =
      FindRemedy(rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(err)), reason, *callbacks.config);
  // A port that has told who leads the cluster speaks our protocol: its broker is away.
  const bool known = remedy.trouble == KafkaTrouble::kProtocol && rd_kafka_controllerid(handle, 0) >= 0;
  if (remedy.trouble != KafkaTrouble::kNone && !known) {
    const bool news = callbacks.Remedy().text != remedy.text;
    if (news && callbacks.report)
      callbacks.report("kafka_refused", callbacks.name + ": " + remedy.text + " (" + reason + ")");
    const std::lock_guard lock(callbacks.remedy_mutex);
    callbacks.remedy = std::move(remedy);
  }
  // Connections that break are tried again and are logged by the client; what is fatal is seen by who uses
  // the handle.
  if (err != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || !callbacks.report) return;
  callbacks.report("kafka_unreachable", callbacks.name + ": " + reason);
}

void OnRebalance(rd_kafka_t* handle, rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t* partitions,
                 void* opaque) {
  Callbacks(opaque).on_rebalance(handle, err, partitions);
}

void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  Callbacks(opaque).on_delivery(*message);
}

int OnStatistics(rd_kafka_t*, char* json, size_t size, void* opaque) {
  KafkaCallbacks& callbacks = Callbacks(opaque);
  callbacks.stats->Set(&callbacks, ParseClientStatistics({json, size}));
  return 0;  // The client frees the text.
}

// Requests of a transaction, by their number in the protocol.
bool IsOfTransaction(int16_t api_key) {
  switch (api_key) {
    case 0:   // Produce
    case 24:  // AddPartitionsToTxn
    case 25:  // AddOffsetsToTxn
    case 26:  // EndTxn
    case 28:  // TxnOffsetCommit
      return true;
    default:
      return false;
  }
}

rd_kafka_resp_err_t OnResponse(rd_kafka_t*, int, const char*, int32_t, int16_t api_key, int16_t, int32_t,
                               size_t, int64_t, rd_kafka_resp_err_t err, void* opaque) {
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR && IsOfTransaction(api_key)) {
    static_cast<KafkaCallbacks*>(opaque)->tainted.store(true, std::memory_order_relaxed);
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t OnNew(rd_kafka_t* handle, const rd_kafka_conf_t*, void* opaque, char*, size_t) {
  return rd_kafka_interceptor_add_on_response_received(handle, "tocsin", OnResponse, opaque);
}

// On the broker's thread. "UP": it answers, after whatever handshakes the connection begins with. The number
// of a broker is learnt while it is up: its address says which connection it is. A coordinator has a name
// only.
rd_kafka_resp_err_t OnBrokerState(rd_kafka_t*, int32_t, const char*, const char* name, int port,
                                  const char* state, void* opaque) {
  auto& callbacks = *static_cast<KafkaCallbacks*>(opaque);
  std::string place = name;
  if (port != 0) place += ":" + std::to_string(port);
  callbacks.stats->SetConnection(&callbacks, place, std::string_view(state) == "UP",
                                 KafkaClientStats::Clock::now());
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t OnNewCounted(rd_kafka_t* handle, const rd_kafka_conf_t*, void* opaque, char*, size_t) {
  return rd_kafka_interceptor_add_on_broker_state_change(handle, "tocsin", OnBrokerState, opaque);
}

// What the client's words leave out.
std::string HintFor(rd_kafka_resp_err_t err) {
  switch (err) {
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
      return " (its transaction had failed before: kafka_client in the log says why)";
    default:
      return {};
  }
}

// Properties that the guarantees rest on, and what is said elsewhere in the configuration.
struct Refused {
  std::string_view key;
  std::string_view why;
};
constexpr std::string_view kOwnKey = "has a key of its own in the configuration";
constexpr std::string_view kGuarantee = "is fixed: exactly-once processing rests on it";
constexpr std::string_view kProgram = "is set by the program";
constexpr auto kRefused = std::to_array<Refused>({
    {"bootstrap.servers", kOwnKey},
    {"metadata.broker.list", kOwnKey},
    {"group.id", kOwnKey},
    {"group.instance.id", kOwnKey},
    {"transactional.id", kProgram},
    {"enable.idempotence", kGuarantee},
    {"enable.gapless.guarantee", kGuarantee},
    {"enable.auto.commit", kGuarantee},
    {"auto.commit.enable", kGuarantee},
    {"enable.auto.offset.store", kGuarantee},
    {"isolation.level", kGuarantee},
    {"acks", kGuarantee},
    {"request.required.acks", kGuarantee},
    {"max.in.flight", kGuarantee},
    {"max.in.flight.requests.per.connection", kGuarantee},
    {"retries", kGuarantee},
    {"message.send.max.retries", kGuarantee},
    {"message.timeout.ms", kGuarantee},
    {"delivery.timeout.ms", kGuarantee},
    {"delivery.report.only.error", kProgram},
    {"partition.assignment.strategy", "is fixed: a task needs the same partition of every topic"},
    {"group.protocol.type", kProgram},
    {"enable.partition.eof", kProgram},
    {"partitioner", kProgram},
    {"partitioner_cb", kProgram},
    {"allow.auto.create.topics", "is off: a misspelt topic must not come to be"},
    {"queuing.strategy", kGuarantee},
    {"msg_order_cmp", kGuarantee},
    {"plugin.library.paths", "is not supported"},
    {"opaque", kProgram},
    {"log.queue", kProgram},
    {"enabled_events", kProgram},
});

Result<Done> Apply(rd_kafka_conf_t* conf, const std::string& key, const std::string& value) {
  std::array<char, 512> why{};
  const rd_kafka_conf_res_t set = rd_kafka_conf_set(conf, key.c_str(), value.c_str(), why.data(), why.size());
  if (set == RD_KAFKA_CONF_OK) return Done{};
  // The client's own words hold the value, which may be a secret.
  const bool unknown = set == RD_KAFKA_CONF_UNKNOWN;
  return Error{ErrorCode::kInvalid, "kafka.properties." + key,
               unknown ? "is not a property of librdkafka " + std::string(rd_kafka_version_str())
                       : "has a value it cannot have"};
}

void Set(rd_kafka_conf_t* conf, const KafkaProperty& property) {
  std::array<char, 256> why{};
  CHECK(rd_kafka_conf_set(conf, property.key, property.value.c_str(), why.data(), why.size()) ==
        RD_KAFKA_CONF_OK);
}

// As brokers have it; another one would be refused by them long after the start, topic by topic.
void AddTopicNameErrors(const std::string& key, std::string_view topic, std::vector<Error>& errors) {
  constexpr size_t kLongest = 249;
  const bool legal = std::ranges::all_of(topic, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
  if (topic.empty()) {
    errors.push_back({ErrorCode::kInvalid, "kafka." + key, "is empty"});
  } else if (!legal || topic.size() > kLongest || topic == "." || topic == "..") {
    errors.push_back(
        {ErrorCode::kInvalid, "kafka." + key,
         "is no name that Kafka gives a topic: 1 to 249 letters (a to z), digits, '.', '_' and '-', and "
         "neither '.' nor '..'"});
  }
}

}  // namespace

std::vector<Error> KafkaConfigErrors(const KafkaConfig& config) {
  std::vector<Error> errors;
  const auto invalid = [&errors](const std::string& key, std::string why) {
    errors.push_back({ErrorCode::kInvalid, "kafka." + key, std::move(why)});
  };
  if (config.brokers.empty()) invalid("brokers", "is empty: host:port of one broker or more");
  if (config.group.empty()) invalid("group", "is empty");
  if (config.input_topics.empty()) invalid("input_topics", "is empty");
  if (!config.feedback_topic.empty()) AddTopicNameErrors("feedback_topic", config.feedback_topic, errors);
  if (config.partitions < 1) invalid("partitions", "below 1");
  if (config.replication < 0) invalid("replication", "below 0");
  std::vector<std::string> inputs = config.input_topics;
  if (config.ingest == KafkaConfig::Ingest::kRekey && config.sources.empty()) {
    AddTopicNameErrors("rekeyed_topic", config.rekeyed_topic, errors);
    inputs.push_back(config.rekeyed_topic);
  }
  for (size_t i = 0; i < config.input_topics.size(); ++i)
    AddTopicNameErrors("input_topics[" + std::to_string(i) + "]", config.input_topics[i], errors);
  std::sort(inputs.begin(), inputs.end());
  if (std::adjacent_find(inputs.begin(), inputs.end()) != inputs.end())
    invalid("input_topics", "names a topic twice, or the rekeyed topic");
  const auto written =
      std::to_array<std::pair<const char*, std::string>>({{"changelog_topic", config.changelog_topic},
                                                          {"findings_topic", config.findings_topic},
                                                          {"notices_topic", config.notices_topic},
                                                          {"tickets_topic", config.tickets_topic},
                                                          {"actions_topic", config.actions_topic},
                                                          {"dead_letters_topic", config.dead_letters_topic}});
  for (const auto& [key, topic] : written) {
    AddTopicNameErrors(key, topic, errors);
    if (std::binary_search(inputs.begin(), inputs.end(), topic)) {
      invalid(key, "is an input topic as well");
    } else if (key != written[0].first && topic == config.changelog_topic && !topic.empty()) {
      invalid(key, "is the changelog as well");
    }
  }

  const KafkaConf conf(rd_kafka_conf_new());
  for (const auto& [key, value] : config.properties) {
    const auto* const refused = std::ranges::find(kRefused, std::string_view(key), &Refused::key);
    if (refused != kRefused.end()) {
      invalid("properties." + key, std::string(refused->why));
    } else if (key == "auto.offset.reset" && value != "error" && value != "earliest") {
      invalid("properties." + key, "error or earliest: anything else would pass over records silently");
    } else if (Result<Done> applied = Apply(conf.get(), key, value); !applied) {
      errors.push_back(applied.error());
    }
  }
  AddKafkaSecurityErrors(config, errors);
  // Of values that the client takes.
  if (!errors.empty()) return errors;
  if (Result<Done> together = CheckPropertiesTogether(config); !together) errors.push_back(together.error());
  return errors;
}

Result<Done> CheckKafkaConfig(const KafkaConfig& config) {
  const std::vector<Error> errors = KafkaConfigErrors(config);
  return errors.empty() ? Result<Done>(Done{}) : errors.front();
}

KafkaConf MakeKafkaConf(const KafkaConfig& config, const std::vector<KafkaProperty>& defaults,
                        const std::vector<KafkaProperty>& fixed, KafkaCallbacks& callbacks) {
  KafkaConf conf(rd_kafka_conf_new());
  Set(conf.get(), {"client.id", "tocsin"});
  Set(conf.get(), {"socket.nagle.disable", "true"});
  Set(conf.get(), {"reconnect.backoff.max.ms", "2000"});
  if (callbacks.stats != nullptr) {
    Set(conf.get(), {"statistics.interval.ms", "5000"});
    rd_kafka_conf_set_stats_cb(conf.get(), OnStatistics);
    rd_kafka_conf_interceptor_add_on_new(conf.get(), "tocsin connections", OnNewCounted, &callbacks);
  }
  for (const KafkaProperty& property : defaults) Set(conf.get(), property);
  // Checked at start.
  for (const auto& [key, value] : config.properties) static_cast<void>(Apply(conf.get(), key, value));
  for (const auto& [key, value] : SecurityProperties(config.security)) Set(conf.get(), {key.c_str(), value});
  if (callbacks.config == nullptr) {
    callbacks.config = &config;
    callbacks.token = MakeTokenSource(config.security);
  }
  CHECK(callbacks.config == &config);  // Nothing changes under the threads of an earlier handle.
  if (callbacks.token) {
    rd_kafka_conf_enable_sasl_queue(conf.get(), 1);
    rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf.get(), OnTokenWanted);
  }
  Set(conf.get(), {"bootstrap.servers", config.brokers});
  for (const KafkaProperty& property : fixed) Set(conf.get(), property);
  rd_kafka_conf_set_opaque(conf.get(), &callbacks);
  rd_kafka_conf_set_log_cb(conf.get(), OnLog);
  rd_kafka_conf_set_error_cb(conf.get(), OnError);
  if (callbacks.on_rebalance) rd_kafka_conf_set_rebalance_cb(conf.get(), OnRebalance);
  if (callbacks.on_delivery) rd_kafka_conf_set_dr_msg_cb(conf.get(), OnDelivery);
  return conf;
}

void WatchTransactions(rd_kafka_conf_t* conf, KafkaCallbacks& callbacks) {
  rd_kafka_conf_interceptor_add_on_new(conf, "tocsin", OnNew, &callbacks);
}

Result<KafkaHandle> MakeKafkaHandle(rd_kafka_type_t type, KafkaConf conf) {
  std::array<char, 512> why{};
  KafkaHandle handle(rd_kafka_new(type, conf.get(), why.data(), why.size()));
  if (handle == nullptr) return Error{ErrorCode::kInvalid, "kafka", why.data()};
  static_cast<void>(conf.release());  // The handle's now.
  if (const KafkaQueue tokens(rd_kafka_queue_get_sasl(handle.get())); tokens != nullptr) {
    const KafkaError refused(rd_kafka_sasl_background_callbacks_enable(handle.get()));
    if (refused != nullptr) return ToError("kafka", *refused);
  }
  return handle;
}

Error ToError(std::string what, rd_kafka_resp_err_t err) {
  return {ErrorCode::kUnavailable, std::move(what), rd_kafka_err2str(err) + HintFor(err)};
}

Error ToError(std::string what, const rd_kafka_error_t& error) {
  return {ErrorCode::kUnavailable, std::move(what),
          rd_kafka_error_string(&error) + HintFor(rd_kafka_error_code(&error))};
}

std::string KafkaLibraryVersion() { return rd_kafka_version_str(); }

bool HasGeneration(const rd_kafka_consumer_group_metadata_t& membership) {
  constexpr std::string_view kFormat = "CGMDv2:";
  void* bytes = nullptr;
  size_t size = 0;
  const KafkaError refused(rd_kafka_consumer_group_metadata_write(&membership, &bytes, &size));
  if (refused != nullptr) return false;
  int32_t generation = -1;
  const std::string_view form(static_cast<const char*>(bytes), size);
  if (form.starts_with(kFormat) && size >= kFormat.size() + sizeof generation) {
    std::memcpy(&generation, form.data() + kFormat.size(), sizeof generation);
  }
  rd_kafka_mem_free(nullptr, bytes);
  return generation >= 0;
}

void CloseKafkaConsumer(KafkaHandle handle, std::chrono::milliseconds patience) {
  if (handle == nullptr) return;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  {
    const KafkaQueue queue(rd_kafka_queue_new(handle.get()));
    const KafkaError refused(rd_kafka_consumer_close_queue(handle.get(), queue.get()));
    while (refused == nullptr && rd_kafka_consumer_closed(handle.get()) == 0 &&
           std::chrono::steady_clock::now() < deadline) {
      rd_kafka_message_t* message = rd_kafka_consume_queue(queue.get(), 50);
      if (message != nullptr) rd_kafka_message_destroy(message);
    }
  }
  rd_kafka_destroy_flags(handle.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

// The client takes its marks of a partition's ends for times, as the protocol does.
rd_kafka_resp_err_t QueryOffset(rd_kafka_t* handle, const std::string& topic, int32_t partition,
                                int64_t which, std::chrono::milliseconds wait, int64_t& found) {
  if (wait <= std::chrono::milliseconds(0)) return RD_KAFKA_RESP_ERR__TIMED_OUT;
  const KafkaPartitions asked(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_t& answer =
      *rd_kafka_topic_partition_list_add(asked.get(), topic.c_str(), partition);
  answer.offset = which;
  const rd_kafka_resp_err_t err =
      rd_kafka_offsets_for_times(handle, asked.get(), static_cast<int>(wait.count()));
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) return err;
  if (answer.err != RD_KAFKA_RESP_ERR_NO_ERROR) return answer.err;
  if (answer.offset < 0) return RD_KAFKA_RESP_ERR__TIMED_OUT;  // The mark still stands there.
  found = answer.offset;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t QueryOffsets(rd_kafka_t* handle, const std::string& topic, int32_t partition,
                                 std::chrono::milliseconds wait, KafkaOffsets& found) {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  const rd_kafka_resp_err_t err =
      QueryOffset(handle, topic, partition, RD_KAFKA_OFFSET_BEGINNING, wait, found.begin);
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) return err;
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return QueryOffset(handle, topic, partition, RD_KAFKA_OFFSET_END, left, found.end);
}

Result<int> CountPartitions(rd_kafka_t* handle, const std::string& topic, std::chrono::milliseconds wait) {
  const KafkaTopicHandle named(rd_kafka_topic_new(handle, topic.c_str(), nullptr));
  if (named == nullptr) return ToError("topic " + topic, rd_kafka_last_error());
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t err =
      rd_kafka_metadata(handle, 0, named.get(), &metadata, static_cast<int>(wait.count()));
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) return ToError("topic " + topic, err);
  const std::unique_ptr<const rd_kafka_metadata_t, FreeBy<rd_kafka_metadata_destroy>> held(metadata);
  if (metadata->topic_cnt != 1)
    return Error{ErrorCode::kUnavailable, "topic " + topic, "the cluster does not answer for it"};
  const rd_kafka_metadata_topic_t& found = metadata->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || found.err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
    return 0;
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) return ToError("topic " + topic, found.err);
  return found.partition_cnt;
}

}  // namespace tocsin::daemon
