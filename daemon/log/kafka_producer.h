// The transactional producer of one worker: a commit is one transaction.
//
// Order within it: produce everything, wait until the brokers have it, then add the input offsets, then
// commit. Adding the offsets is where a member that lost its partitions is refused; because the records are
// in the log by then, whoever takes the partitions over sees them (open or decided) below the end it reads
// to. The other order leaves a gap through which a paused process could slip a commit in after its successor
// has restored.
//
// After any error, and after any request of a transaction that went wrong on the wire even if the client
// mended it, the handle is thrown away and a new one begins: it ends what the old one left open, and nothing
// delayed can hit a later transaction.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/log/kafka_client.h"
#include "daemon/log/kafka_stats.h"
#include "daemon/log/log.h"

namespace tocsin::daemon {

// One thread.
class KafkaProducer {
 public:
  // `config`, `topics` and `stats` outlive the producer.
  KafkaProducer(const KafkaConfig& config, const KafkaTopics& topics, std::string transactional_id,
                KafkaStats& stats, KafkaReport report);
  ~KafkaProducer();
  KafkaProducer(const KafkaProducer&) = delete;
  KafkaProducer& operator=(const KafkaProducer&) = delete;

  // There is a handle that may begin a transaction. When one has to be made, transactions of this producer's
  // name that were left open (by this process or one before it) are over when this returns. Waits up to ten
  // seconds.
  [[nodiscard]] Result<Done> Ready();

  // One transaction; `membership` is the worker's place in the group from when the partitions were assigned.
  // Any error: it is unknown whether it happened; when the brokers answer, it is decided before this returns.
  [[nodiscard]] Result<Done> Commit(std::span<const TaskCommit> commits,
                                    const rd_kafka_consumer_group_metadata_t& membership,
                                    std::vector<int64_t>& changelog_next);

 private:
  [[nodiscard]] Result<Done> Transact(std::span<const TaskCommit> commits,
                                      const rd_kafka_consumer_group_metadata_t& membership,
                                      std::vector<int64_t>& changelog_next);
  [[nodiscard]] Result<Done> ProduceChange(int32_t partition, const ChangelogRecord& record, int64_t* offset);
  [[nodiscard]] Result<Done> ProduceOutput(int32_t partition, const schemas::OutRecord& record);
  [[nodiscard]] Result<Done> Flush();
  void OnDelivery(const rd_kafka_message_t& message);
  void Discard();

  const KafkaConfig& config_;
  const KafkaTopics& topics_;
  const std::string transactional_id_;
  KafkaStats& stats_;
  KafkaCallbacks callbacks_;
  KafkaHandle handle_;
  KafkaTopicHandle changelog_;
  std::array<KafkaTopicHandle, kOutputKinds> outputs_;
  rd_kafka_resp_err_t delivery_error_ = RD_KAFKA_RESP_ERR_NO_ERROR;  // The first of this transaction.
  std::string delivery_topic_;                                       // Whose it was.
  std::vector<rd_kafka_vu_t> arguments_;
};

}  // namespace tocsin::daemon
