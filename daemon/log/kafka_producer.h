// librdkafka's transactional producer as the commit protocol (exactly_once_log.h) sees it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/log/broker_client.h"
#include "daemon/log/kafka_client.h"
#include "daemon/log/log.h"

namespace tocsin::daemon {

// One handle of the client. One thread.
class KafkaTransactions final : public Transactions {
 public:
  // `stats` may be null; all references outlive this.
  KafkaTransactions(const KafkaConfig& config, const KafkaTopics& topics, KafkaClientStats* stats,
                    KafkaReport report);
  ~KafkaTransactions() override;

  // Waits up to ten seconds. After an error that leaves it resumable() it may be called again: it goes on.
  [[nodiscard]] Result<Done> Open(const std::string& transactional_id);
  [[nodiscard]] bool resumable() const { return resumable_; }

  [[nodiscard]] Result<Done> Begin() override;
  [[nodiscard]] Result<Done> Append(int32_t partition, const ChangelogRecord& record, int64_t* next) override;
  [[nodiscard]] Result<Done> Put(int32_t partition, const schemas::OutRecord& record) override;
  [[nodiscard]] Result<Done> Flush() override;
  [[nodiscard]] Result<Done> AddOffsets(std::span<const TaskCommit> commits,
                                        const Membership& membership) override;
  [[nodiscard]] Result<Done> Commit() override;
  void Listen() override;
  [[nodiscard]] bool tainted() const override { return callbacks_.tainted.load(std::memory_order_relaxed); }

 private:
  void OnDelivery(const rd_kafka_message_t& message);

  const KafkaConfig& config_;
  const KafkaTopics& topics_;
  KafkaCallbacks callbacks_;
  KafkaHandle handle_;
  bool resumable_ = false;
  KafkaTopicHandle changelog_;
  std::array<KafkaTopicHandle, kOutputKinds> outputs_;
  rd_kafka_resp_err_t delivery_error_ = RD_KAFKA_RESP_ERR_NO_ERROR;  // The first of this transaction.
  std::string delivery_topic_;                                       // Whose it was.
  std::vector<rd_kafka_vu_t> arguments_;
};

class KafkaProducer final : public TransactionClient {
 public:
  // `config`, `topics` and `stats` (may be null) outlive the producer.
  KafkaProducer(const KafkaConfig& config, const KafkaTopics& topics, std::string transactional_id,
                KafkaClientStats* stats, KafkaReport report);
  [[nodiscard]] Result<std::unique_ptr<Transactions>> Open() override;

 private:
  const KafkaConfig& config_;
  const KafkaTopics& topics_;
  const std::string transactional_id_;
  KafkaClientStats* const stats_;
  const KafkaReport report_;
  std::unique_ptr<KafkaTransactions> opening_;  // Waits for the brokers.
};

}  // namespace tocsin::daemon
