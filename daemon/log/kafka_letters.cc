#include "daemon/log/kafka_letters.h"

#include <algorithm>
#include <map>
#include <set>

#include "daemon/log/kafka_client.h"
#include "schemas/dead_letter.h"

namespace tocsin::daemon {
namespace {

using std::chrono::steady_clock;
constexpr std::chrono::seconds kWait{10};

int Millis(std::chrono::milliseconds wait) { return static_cast<int>(wait.count()); }

Result<KafkaHandle> MakeReader(const KafkaConfig& config, KafkaCallbacks& callbacks) {
  callbacks.name = "letters";
  Result<KafkaHandle> made =
      MakeKafkaHandle(RD_KAFKA_CONSUMER, MakeKafkaConf(config, {},
                                                       {{"group.id", config.group},
                                                        {"enable.auto.commit", "false"},
                                                        {"enable.partition.eof", "true"},
                                                        {"isolation.level", "read_committed"},
                                                        {"auto.offset.reset", "earliest"}},
                                                       callbacks));
  if (made) rd_kafka_poll_set_consumer(made->get());
  return made;
}

Error NeverThere(const schemas::DeadLetter& letter) {
  return {ErrorCode::kConflict, "dead letter " + schemas::DeadLetterId(letter),
          "names a place where no record ever was, as no letter of ours does while its topic is the same: "
          "drop it, "
          "and find out who writes to the dead-letter topic"};
}

void ReadHeaders(const rd_kafka_message_t& message, schemas::DeadLetter& to) {
  to.headers.clear();
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i)
    to.headers.emplace_back(name, std::string(static_cast<const char*>(value), value == nullptr ? 0 : size));
}

// Fills key, bytes and headers from the record at its place. False: it is no longer kept.
Result<bool> ReadOriginal(const KafkaConfig& config, schemas::DeadLetter& letter) {
  KafkaCallbacks callbacks;
  Result<KafkaHandle> made = MakeReader(config, callbacks);
  if (!made) return made.error();
  rd_kafka_t* const handle = made->get();
  const Result<int> partitions = CountPartitions(handle, letter.topic, kKafkaRequestWait);
  if (!partitions) return partitions.error();
  if (letter.partition < 0 || letter.partition >= *partitions) return NeverThere(letter);
  KafkaOffsets held;
  if (const auto err = QueryOffsets(handle, letter.topic, letter.partition, kWait, held);
      err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return ToError("topic " + letter.topic, err);
  if (letter.offset < 0 || letter.offset >= held.end) return NeverThere(letter);
  if (letter.offset < held.begin) return false;
  const KafkaPartitions assigned(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(assigned.get(), letter.topic.c_str(), letter.partition)->offset =
      letter.offset;
  if (const auto err = rd_kafka_assign(handle, assigned.get()); err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return ToError("topic " + letter.topic, err);
  const auto deadline = steady_clock::now() + kWait;
  Result<bool> found = Error{ErrorCode::kUnavailable, "topic " + letter.topic, "was not read in time"};
  while (!found && steady_clock::now() < deadline) {
    const KafkaMessage message(rd_kafka_consumer_poll(handle, 100));
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      found = false;
    } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      found = ToError("topic " + letter.topic, message->err);
      break;
    } else {
      found = message->offset == letter.offset;
      if (!*found) break;
      letter.bytes.assign(static_cast<const char*>(message->payload), message->len);
      letter.key.assign(static_cast<const char*>(message->key), message->key_len);
      ReadHeaders(*message, letter);
    }
  }
  rd_kafka_assign(handle, nullptr);
  CloseKafkaConsumer(*std::move(made), std::chrono::seconds(1));
  return found;
}

Result<Done> Write(const KafkaConfig& config, const schemas::DeadLetter& letter) {
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

}  // namespace

Result<std::vector<std::string>> NewestOfTopic(const KafkaConfig& config, const std::string& topic,
                                               size_t records_max, size_t bytes_max) {
  KafkaCallbacks callbacks;
  Result<KafkaHandle> made = MakeReader(config, callbacks);
  if (!made) return made.error();
  rd_kafka_t* const handle = made->get();
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
  std::multimap<int64_t, std::string> read;  // By the time of the record.
  size_t bytes = 0;
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
      read.emplace(rd_kafka_message_timestamp(message.get(), nullptr),
                   std::string(static_cast<const char*>(message->payload), message->len));
      bytes += message->len;
      for (; read.size() > records_max || bytes > bytes_max; read.erase(read.begin()))
        bytes -= read.begin()->second.size();
    }
  }
  rd_kafka_assign(handle, nullptr);
  CloseKafkaConsumer(*std::move(made), std::chrono::seconds(1));
  if (!waiting.empty())
    return Error{ErrorCode::kUnavailable, "topic " + topic, "was not read to its end in time"};
  std::vector<std::string> values;
  for (auto& [at, value] : read) values.push_back(std::move(value));
  return values;
}

bool IsReadTopic(const KafkaConfig& config, const std::string& topic) {
  const auto among = [&topic](const std::vector<std::string>& topics) {
    return std::ranges::find(topics, topic) != topics.end();
  };
  return among(config.input_topics) || among(config.sources);
}

Result<bool> PutBack(const KafkaConfig& config, const schemas::DeadLetter& letter, bool vouched) {
  schemas::DeadLetter original = letter;
  const Result<bool> kept = ReadOriginal(config, original);
  if (!kept) return kept.error();
  if (!*kept && !vouched) return false;
  if (Result<Done> written = Write(config, original); !written) return written.error();
  return true;
}

}  // namespace tocsin::daemon
