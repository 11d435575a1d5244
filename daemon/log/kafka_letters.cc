#include "daemon/log/kafka_letters.h"

#include <algorithm>
#include <set>

#include "daemon/log/kafka_client.h"

namespace tocsin::daemon {
namespace {

using std::chrono::steady_clock;
constexpr std::chrono::seconds kWait{10};

int Millis(std::chrono::milliseconds wait) { return static_cast<int>(wait.count()); }

}  // namespace

Result<std::vector<std::string>> NewestOfTopic(const KafkaConfig& config, const std::string& topic,
                                               size_t records_max) {
  KafkaCallbacks callbacks;
  callbacks.name = "letters";
  Result<KafkaHandle> made =
      MakeKafkaHandle(RD_KAFKA_CONSUMER, MakeKafkaConf(config, {},
                                                       {{"group.id", config.group},
                                                        {"enable.auto.commit", "false"},
                                                        {"enable.partition.eof", "true"},
                                                        {"isolation.level", "read_committed"},
                                                        {"auto.offset.reset", "earliest"}},
                                                       callbacks));
  if (!made) return made.error();
  rd_kafka_t* const handle = made->get();
  rd_kafka_poll_set_consumer(handle);
  const Result<int> partitions = CountPartitions(handle, topic, kKafkaRequestWait);
  if (!partitions) return partitions.error();
  const KafkaPartitions assigned(rd_kafka_topic_partition_list_new(*partitions));
  std::set<int32_t> waiting;
  for (int32_t partition = 0; partition < *partitions; ++partition) {
    KafkaOffsets held;
    if (const auto err = QueryOffsets(handle, topic, partition, kWait, held);
        err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return ToError("topic " + topic, err);
    if (held.begin == held.end) continue;
    rd_kafka_topic_partition_list_add(assigned.get(), topic.c_str(), partition)->offset =
        std::max(held.begin, held.end - static_cast<int64_t>(records_max));
    waiting.insert(partition);
  }
  std::vector<std::pair<int64_t, std::string>> read;  // By the time of the record.
  if (const auto err = rd_kafka_assign(handle, assigned.get()); err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return ToError("topic " + topic, err);
  const auto deadline = steady_clock::now() + kWait;
  while (!waiting.empty() && steady_clock::now() < deadline) {
    const KafkaMessage message(rd_kafka_consumer_poll(handle, 100));
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      waiting.erase(message->partition);
    } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return ToError("topic " + topic, message->err);
    } else {
      read.emplace_back(rd_kafka_message_timestamp(message.get(), nullptr),
                        std::string(static_cast<const char*>(message->payload), message->len));
    }
  }
  rd_kafka_assign(handle, nullptr);
  CloseKafkaConsumer(*std::move(made), std::chrono::seconds(1));
  if (!waiting.empty())
    return Error{ErrorCode::kUnavailable, "topic " + topic, "was not read to its end in time"};
  std::ranges::stable_sort(read, {}, [](const auto& one) { return one.first; });
  std::vector<std::string> values;
  const size_t from = read.size() > records_max ? read.size() - records_max : 0;
  for (size_t i = from; i < read.size(); ++i) values.push_back(std::move(read[i].second));
  return values;
}

bool IsReadTopic(const KafkaConfig& config, const std::string& topic) {
  const auto among = [&topic](const std::vector<std::string>& topics) {
    return std::ranges::find(topics, topic) != topics.end();
  };
  return among(config.input_topics) || among(config.sources);
}

Result<Done> PutBack(const KafkaConfig& config, const schemas::DeadLetter& letter) {
  KafkaCallbacks callbacks;
  callbacks.name = "letters";
  rd_kafka_resp_err_t outcome = RD_KAFKA_RESP_ERR__TIMED_OUT;
  callbacks.on_delivery = [&outcome](const rd_kafka_message_t& message) { outcome = message.err; };
  Result<KafkaHandle> made = MakeKafkaHandle(
      RD_KAFKA_PRODUCER,
      MakeKafkaConf(config, {{"linger.ms", "0"}},
                    {{"enable.idempotence", "true"}, {"acks", "all"}, {"message.timeout.ms", "8000"}},
                    callbacks));
  if (!made) return made.error();
  std::vector<rd_kafka_vu_t> arguments;
  const auto argument = [&arguments](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
    arguments.push_back({.vtype = type});
    return arguments.back();
  };
  argument(RD_KAFKA_VTYPE_TOPIC).u.cstr = letter.topic.c_str();
  argument(RD_KAFKA_VTYPE_PARTITION).u.i32 = letter.partition;
  argument(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY;  // The client copies the bytes.
  argument(RD_KAFKA_VTYPE_VALUE).u.mem = {const_cast<char*>(letter.bytes.data()), letter.bytes.size()};
  if (!letter.key.empty())
    argument(RD_KAFKA_VTYPE_KEY).u.mem = {const_cast<char*>(letter.key.data()), letter.key.size()};
  for (const auto& [name, value] : letter.headers) {
    argument(RD_KAFKA_VTYPE_HEADER).u.header = {name.c_str(), value.data(),
                                                static_cast<ssize_t>(value.size())};
  }
  const KafkaError refused(rd_kafka_produceva(made->get(), arguments.data(), arguments.size()));
  if (refused != nullptr) return ToError("topic " + letter.topic, *refused);
  rd_kafka_flush(made->get(), Millis(kWait));
  if (outcome == RD_KAFKA_RESP_ERR_NO_ERROR) return Done{};
  return ToError("topic " + letter.topic, outcome);
}

}  // namespace tocsin::daemon
