#include "daemon/log/kafka_heartbeat.h"

#include <array>
#include <utility>

#include "daemon/log/kafka_client.h"

namespace tocsin::daemon {
namespace {

constexpr std::chrono::seconds kWait{2};

}  // namespace

struct KafkaHeartbeat::Impl {
  std::string topic;
  std::string name;
  KafkaCallbacks callbacks;
  KafkaHandle handle;
  std::atomic<uint64_t> failures{0};
  bool failing = false;

  void Failed(rd_kafka_resp_err_t err) {
    failures.fetch_add(1, std::memory_order_relaxed);
    if (std::exchange(failing, true) || !callbacks.report) return;
    callbacks.report("kafka_heartbeat_failed",
                     ToError("topic " + topic, err).ToString() + "; heartbeats go on trying");
  }
};

KafkaHeartbeat::KafkaHeartbeat() : impl_(std::make_unique<Impl>()) {}

KafkaHeartbeat::~KafkaHeartbeat() {
  if (impl_->handle != nullptr)
    rd_kafka_purge(impl_->handle.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

Result<std::unique_ptr<KafkaHeartbeat>> KafkaHeartbeat::Open(const KafkaConfig& config, std::string topic,
                                                             std::string name, const KafkaReport& report) {
  std::unique_ptr<KafkaHeartbeat> made(new KafkaHeartbeat());
  Impl& impl = *made->impl_;
  impl.topic = std::move(topic);
  impl.name = std::move(name);
  impl.callbacks.report = report;
  impl.callbacks.name = "heartbeats";
  impl.callbacks.on_delivery = [&impl](const rd_kafka_message_t& message) {
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return impl.Failed(message.err);
    impl.failing = false;
  };
  // One that is late says as much as one that never comes: nothing is sent twice.
  KafkaConf conf = MakeKafkaConf(
      config, {{"linger.ms", "0"}},
      {{"acks", "all"}, {"message.timeout.ms", "5000"}, {"message.send.max.retries", "0"}}, impl.callbacks);
  Result<KafkaHandle> handle = MakeKafkaHandle(RD_KAFKA_PRODUCER, std::move(conf));
  if (!handle) return handle.error();
  impl.handle = *std::move(handle);
  return made;
}

void KafkaHeartbeat::Send(std::span<const int32_t> partitions, std::string_view value) {
  for (const int32_t partition : partitions) {
    std::array<rd_kafka_vu_t, 6> record{};
    record[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    record[0].u.cstr = impl_->topic.c_str();
    record[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    record[1].u.i32 = partition;
    record[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    record[2].u.i = RD_KAFKA_MSG_F_COPY;  // The client copies the bytes.
    record[3].vtype = RD_KAFKA_VTYPE_VALUE;
    record[3].u.mem = {const_cast<char*>(value.data()), value.size()};
    record[4].vtype = RD_KAFKA_VTYPE_KEY;
    record[4].u.mem = {impl_->name.data(), impl_->name.size()};
    record[5].vtype = RD_KAFKA_VTYPE_HEADER;
    record[5].u.header = {impl_->name.c_str(), "1", 1};
    const KafkaError refused(rd_kafka_produceva(impl_->handle.get(), record.data(), record.size()));
    if (refused != nullptr) impl_->Failed(rd_kafka_error_code(refused.get()));
  }
  rd_kafka_flush(impl_->handle.get(), static_cast<int>(std::chrono::milliseconds(kWait).count()));
}

uint64_t KafkaHeartbeat::failures() const { return impl_->failures.load(std::memory_order_relaxed); }

}  // namespace tocsin::daemon
