#include "daemon/log/kafka_properties.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "base/hash.h"

namespace tocsin::daemon {
namespace {

// `low` + `slack` must not be above `high`. All are whole numbers.
struct Relation {
  const char* low;
  const char* high;
  int64_t slack = 0;
  const char* why;
};
constexpr auto kOfConsumers = std::to_array<Relation>({
    {"session.timeout.ms", "max.poll.interval.ms", 0,
     "a member must not be given up before its session ends"},
    {"heartbeat.interval.ms", "session.timeout.ms", 1, "a session ends when no heartbeat came"},
    {"message.max.bytes", "fetch.max.bytes", 0, "the largest message must fit into an answer"},
    {"reconnect.backoff.ms", "reconnect.backoff.max.ms", 0, "it is the first of the pauses"},
});
constexpr auto kOfProducers = std::to_array<Relation>({
    {"socket.timeout.ms", "transaction.timeout.ms", -100, "a transaction must outlast a request"},
    {"linger.ms", "transaction.timeout.ms", 1, "a transaction must outlast the wait for its records"},
});

int64_t NumberOf(const rd_kafka_conf_t* conf, const char* key) {
  std::array<char, 64> text{};
  size_t size = text.size();
  if (rd_kafka_conf_get(conf, key, text.data(), &size) != RD_KAFKA_CONF_OK) return 0;
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + size, number);
  return number;
}

// Only what was configured is judged: the client adapts its own defaults.
Result<Done> Check(const KafkaConfig& config, const rd_kafka_conf_t* conf, const Relation& relation) {
  const bool low_set = config.properties.contains(relation.low);
  const bool high_set = config.properties.contains(relation.high);
  if (!low_set && !high_set) return Done{};
  // Without a value of ours the client takes what fits a transaction.
  if (std::string_view(relation.low) == "socket.timeout.ms" && !low_set) return Done{};
  if (std::string_view(relation.high) == "fetch.max.bytes" && !high_set) return Done{};
  const int64_t low = NumberOf(conf, relation.low);
  const int64_t high = NumberOf(conf, relation.high);
  if (low + relation.slack <= high) return Done{};
  const std::string pair = std::string(relation.low) + " = " + std::to_string(low) + " and " + relation.high +
                           " = " + std::to_string(high);
  return Error{ErrorCode::kInvalid,
               std::string("kafka.properties.") + (low_set ? relation.low : relation.high),
               pair + " do not go together: " + relation.why + ". Lower the first or raise the second"};
}

}  // namespace

std::vector<KafkaProperty> ConsumerDefaults() {
  return {{"auto.offset.reset", "error"},
          {"fetch.wait.max.ms", "10"},
          {"fetch.error.backoff.ms", "100"},
          {"session.timeout.ms", "15000"},
          {"max.poll.interval.ms", "60000"}};
}

std::vector<KafkaProperty> ProducerDefaults() {
  return {{"linger.ms", "1"},
          {"compression.type", "lz4"},
          {"transaction.timeout.ms", "10000"},
          {"queue.buffering.max.messages", "500000"},
          {"queue.buffering.max.kbytes", "65536"},
          {"message.max.bytes", "8388608"}};
}

std::string StaticMember(const std::string& name, std::vector<std::string> topics) {
  std::ranges::sort(topics);
  IdentityHash hash;
  for (const std::string& topic : topics) hash.Add(topic);
  return name + "." + ToHex(hash.Finish()).substr(0, 8);
}

Result<Done> CheckPropertiesTogether(const KafkaConfig& config) {
  KafkaCallbacks callbacks;
  const KafkaConf consumer = MakeKafkaConf(config, ConsumerDefaults(), {}, callbacks);
  for (const Relation& relation : kOfConsumers) {
    if (Result<Done> fits = Check(config, consumer.get(), relation); !fits) return fits;
  }
  const KafkaConf producer = MakeKafkaConf(config, ProducerDefaults(), {}, callbacks);
  for (const Relation& relation : kOfProducers) {
    if (Result<Done> fits = Check(config, producer.get(), relation); !fits) return fits;
  }
  return Done{};
}

}  // namespace tocsin::daemon
