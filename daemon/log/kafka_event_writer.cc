#include "daemon/log/kafka_event_writer.h"

#include "daemon/log/kafka_client.h"

namespace tocsin::daemon {
namespace {

constexpr std::chrono::seconds kWait{8};

}  // namespace

struct KafkaEventWriter::Impl {
  std::string topic;
  KafkaCallbacks callbacks;
  KafkaHandle handle;
  KafkaTopicHandle topic_handle;
  std::mutex mutex;
  rd_kafka_resp_err_t outcome = RD_KAFKA_RESP_ERR__TIMED_OUT;  // Of the event under way.
};

KafkaEventWriter::KafkaEventWriter() : impl_(std::make_unique<Impl>()) {}
KafkaEventWriter::~KafkaEventWriter() = default;

Result<std::unique_ptr<KafkaEventWriter>> KafkaEventWriter::Open(const KafkaConfig& config,
                                                                 const std::string& topic,
                                                                 const KafkaReport& report) {
  std::unique_ptr<KafkaEventWriter> made(new KafkaEventWriter());
  Impl& impl = *made->impl_;
  impl.topic = topic;
  impl.callbacks.report = report;
  impl.callbacks.name = "answers";
  impl.callbacks.on_delivery = [&impl](const rd_kafka_message_t& message) { impl.outcome = message.err; };
  // murmur2: where every producer of ours, and Java's, puts the account.
  KafkaConf conf = MakeKafkaConf(config, {{"linger.ms", "0"}},
                                 {{"enable.idempotence", "true"},
                                  {"acks", "all"},
                                  {"partitioner", "murmur2_random"},
                                  {"message.timeout.ms", "7000"}},
                                 impl.callbacks);
  Result<KafkaHandle> handle = MakeKafkaHandle(RD_KAFKA_PRODUCER, std::move(conf));
  if (!handle) return handle.error();
  impl.handle = *std::move(handle);
  impl.topic_handle.reset(rd_kafka_topic_new(impl.handle.get(), topic.c_str(), nullptr));
  return made;
}

Result<Done> KafkaEventWriter::Put(std::string_view account, std::string_view event) {
  const std::lock_guard lock(impl_->mutex);
  impl_->outcome = RD_KAFKA_RESP_ERR__TIMED_OUT;
  // The client copies the bytes.
  auto* const value = const_cast<char*>(event.data());
  if (rd_kafka_produce(impl_->topic_handle.get(), RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value,
                       event.size(), account.data(), account.size(), nullptr) != 0) {
    return ToError("topic " + impl_->topic, rd_kafka_last_error());
  }
  rd_kafka_flush(impl_->handle.get(), static_cast<int>(std::chrono::milliseconds(kWait).count()));
  if (impl_->outcome == RD_KAFKA_RESP_ERR_NO_ERROR) return Done{};
  return ToError("topic " + impl_->topic, impl_->outcome);
}

}  // namespace tocsin::daemon
