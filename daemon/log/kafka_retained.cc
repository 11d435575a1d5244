#include "daemon/log/kafka_retained.h"

#include <algorithm>
#include <utility>

#include "daemon/log/kafka_record.h"
#include "daemon/log/no_changelog.h"

namespace tocsin::daemon {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kNoWait{0};
constexpr std::chrono::seconds kSilenceMax{20};  // Brokers that bring nothing for so long are away.

}  // namespace

void KafkaRetainedLog::Source::Clear() {
  for (; begin < end; ++begin) rd_kafka_message_destroy(batch[begin]);
  begin = end = 0;
}

Result<std::unique_ptr<KafkaRetainedLog>> KafkaRetainedLog::Open(const KafkaConfig& config) {
  std::unique_ptr<KafkaRetainedLog> log(new KafkaRetainedLog(config));
  if (Result<Done> connected = log->Connect(); !connected) return connected.error();
  return log;
}

KafkaRetainedLog::~KafkaRetainedLog() {
  sources_.clear();
  if (handle_) CloseKafkaConsumer(std::move(handle_), std::chrono::seconds(1));
}

Result<Done> KafkaRetainedLog::Connect() {
  callbacks_.name = "history";
  Result<KafkaHandle> made =
      MakeKafkaHandle(RD_KAFKA_CONSUMER, MakeKafkaConf(config_, {{"queued.max.messages.kbytes", "4096"}},
                                                       {{"group.id", config_.group},
                                                        {"enable.auto.commit", "false"},
                                                        {"enable.auto.offset.store", "false"},
                                                        {"enable.partition.eof", "true"},
                                                        {"isolation.level", "read_committed"},
                                                        {"auto.offset.reset", "earliest"}},
                                                       callbacks_));
  if (!made) return made.error();
  handle_ = *std::move(made);
  rd_kafka_poll_set_consumer(handle_.get());
  for (size_t topic = 0; topic < config_.input_topics.size(); ++topic) {
    const std::string& name = config_.input_topics[topic];
    const Result<int> partitions = CountPartitions(handle_.get(), name, kKafkaRequestWait);
    if (!partitions) return partitions.error();
    if (*partitions == 0) return Error{ErrorCode::kNotFound, "topic " + name, "is not there"};
    if (static_cast<size_t>(*partitions) > extents_.size())
      extents_.resize(static_cast<size_t>(*partitions),
                      std::vector<KafkaOffsets>(config_.input_topics.size()));
    for (int32_t partition = 0; partition < *partitions; ++partition) {
      KafkaOffsets& extent = extents_[static_cast<size_t>(partition)][topic];
      if (const auto err = QueryOffsets(handle_.get(), name, partition, kKafkaRequestWait, extent);
          err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return ToError("topic " + name, err);
      trimmed_ = trimmed_ || extent.begin > 0;
    }
  }
  ready_.resize(extents_.size());
  return Done{};
}

// Reads the partition's topics from their beginnings.
Result<Done> KafkaRetainedLog::Begin() {
  const std::vector<KafkaOffsets>& extents = extents_[static_cast<size_t>(partition_)];
  sources_.clear();
  merge_ = TopicMerge(extents.size());
  const KafkaPartitions assigned(rd_kafka_topic_partition_list_new(static_cast<int>(extents.size())));
  for (size_t topic = 0; topic < extents.size(); ++topic) {
    sources_.push_back(std::make_unique<Source>());
    sources_.back()->until = extents[topic].end;
    if (extents[topic].begin >= extents[topic].end) {
      merge_.SetDrained(topic);
      continue;
    }
    const char* const name = config_.input_topics[topic].c_str();
    rd_kafka_topic_partition_list_add(assigned.get(), name, partition_)->offset = extents[topic].begin;
    Source& source = *sources_.back();
    source.queue.reset(rd_kafka_queue_get_partition(handle_.get(), name, partition_));
    if (source.queue == nullptr)
      return Error{ErrorCode::kUnavailable, "topic " + config_.input_topics[topic], "has no such partition"};
    rd_kafka_queue_forward(source.queue.get(), nullptr);
    merge_.SetUnknown(topic);
  }
  if (const auto err = rd_kafka_assign(handle_.get(), assigned.get()); err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return ToError("input topics", err);
  last_record_at_ = steady_clock::now();
  begun_ = true;
  return Done{};
}

// Tells the merge what the topic has next; waits for it at most so long.
Result<Done> KafkaRetainedLog::Look(size_t topic, std::chrono::milliseconds wait) {
  Source& source = *sources_[topic];
  if (source.begin == source.end) {
    source.begin = 0;
    const ssize_t got = rd_kafka_consume_batch_queue(source.queue.get(), static_cast<int>(wait.count()),
                                                     source.batch.data(), kBatch);
    source.end = got > 0 ? static_cast<size_t>(got) : 0;
    if (source.end > 0) last_record_at_ = steady_clock::now();
  }
  if (source.begin == source.end) {
    merge_.SetUnknown(topic);
    return Done{};
  }
  const rd_kafka_message_t& message = *source.batch[source.begin];
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF ||
      (message.err == RD_KAFKA_RESP_ERR_NO_ERROR && message.offset >= source.until)) {
    source.Clear();
    merge_.SetDrained(topic);
    return Done{};
  }
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return ToError("topic " + config_.input_topics[topic], message.err);
  merge_.SetHead(topic, AppendedAt(message));
  return Done{};
}

Result<size_t> KafkaRetainedLog::Poll(std::chrono::milliseconds wait, size_t records_max,
                                      LogListener& listener) {
  if (!std::exchange(assigned_, true)) {
    for (size_t partition = 0; partition < extents_.size(); ++partition)
      listener.OnAssigned(static_cast<int32_t>(partition));
  }
  Result<size_t> handed = HandOver(wait, records_max, listener);
  finished_ = !handed || AtEnd();
  if (handed) return handed;
  outcome_ = handed.error();
  return size_t{0};
}

Result<size_t> KafkaRetainedLog::HandOver(std::chrono::milliseconds wait, size_t records_max,
                                          LogListener& listener) {
  size_t handed = 0;
  while (handed < records_max && !AtEnd() && ready_[static_cast<size_t>(partition_)]) {
    if (!begun_) {
      if (Result<Done> begun = Begin(); !begun) return begun.error();
    }
    for (size_t topic = 0; topic < sources_.size(); ++topic) {
      if (!merge_.IsUnknown(topic)) continue;
      if (Result<Done> looked = Look(topic, handed == 0 ? wait : kNoWait); !looked) return looked.error();
    }
    const std::optional<size_t> next = merge_.Next();
    if (!next && merge_.AnyUnknown()) {
      if (steady_clock::now() - last_record_at_ < kSilenceMax) return handed;
      return Error{ErrorCode::kUnavailable, "input topics", "cannot be read to their end now"};
    }
    if (!next) {
      sources_.clear();
      begun_ = false;
      ++partition_;
      continue;
    }
    Source& source = *sources_[*next];
    const rd_kafka_message_t& message = *source.batch[source.begin];
    if (!listener.OnRecord(ToRecord(message, config_.input_topics[*next], headers_)))
      return Error{ErrorCode::kUnavailable, "input topics", "a record could not be processed"};
    rd_kafka_message_destroy(source.batch[source.begin++]);
    ++handed;
    if (Result<Done> looked = Look(*next, kNoWait); !looked) return looked.error();
  }
  return handed;
}

Result<Done> KafkaRetainedLog::Seek(int32_t partition, std::span<const TopicPosition>) {
  ready_[static_cast<size_t>(partition)] = true;
  return Done{};
}

Result<std::unique_ptr<ChangelogReading>> KafkaRetainedLog::OpenChangelog(int32_t, int64_t from) {
  return std::unique_ptr<ChangelogReading>(std::make_unique<NoChangelog>(from));
}

}  // namespace tocsin::daemon
