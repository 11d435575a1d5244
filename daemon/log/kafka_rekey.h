// Routes events from topics with any keys and any partition counts to one topic keyed by account
// (`kafka.ingest: rekey`): there an account is on one partition, in which the tasks find it.
//
// A batch is one transaction: the moved records, dead letters of what is no event, and the positions in the
// topics read. So a record is moved once, whatever is killed. There is no state but those positions, which
// the group keeps; after any error the consumer joins anew and goes on from them.
//
// What is moved keeps its value, its headers and its time, and gets three headers that say where it was
// (schemas/moved_record.h): an event without a source is still of the topic it was sent to.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "daemon/log/kafka_client.h"
#include "daemon/log/kafka_stats.h"
#include "daemon/log/waiting_since.h"
#include "schemas/event.h"
#include "schemas/event_decoder.h"
#include "schemas/rejection.h"

namespace tocsin::daemon {

// One thread.
class KafkaRekey {
 public:
  // `process` names this process within the group, and is the same after a restart. All references outlive
  // this. REQUIRES: config.ingest is kRekey.
  KafkaRekey(const KafkaConfig& config, const KafkaTopics& topics, const std::string& process,
             const schemas::DecodeLimits& limits, KafkaStats& stats, KafkaReport report);
  ~KafkaRekey();
  KafkaRekey(const KafkaRekey&) = delete;
  KafkaRekey& operator=(const KafkaRekey&) = delete;

  // Moves records until `stop`; errors of the brokers are reported and outlasted.
  void Run(const std::atomic<bool>& stop);

 private:
  using Places = std::map<std::pair<std::string, int32_t>, int64_t>;  // Offsets by topic and partition.

  // One partition of one topic that is read.
  struct Source {
    int64_t next = -1;  // After what was moved; -1: nothing was, ever.
    int64_t end = -1;   // It was read to here, where no record was: a transaction's end, or that of the log.
    bool lost = false;  // What comes next is gone: it stops until a person has decided.
    std::optional<int64_t>
        moved_at;  // When the log took the newest that was moved, while others wait behind it.
    WaitingSince waiting;
  };

  [[nodiscard]] Result<Done> Open();
  [[nodiscard]] Result<KafkaHandle> MakeProducer();
  [[nodiscard]] Result<Done> OpenProducer();
  void GiveUpProducer();
  void Close();
  [[nodiscard]] Result<Done> Step();
  void OnRebalance(rd_kafka_t* handle, rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t* partitions);
  void Assign(rd_kafka_t* handle, rd_kafka_topic_partition_list_t& partitions);
  [[nodiscard]] Result<Done> Take(KafkaMessage message);
  [[nodiscard]] Source& SourceOf(const rd_kafka_message_t& message);
  [[nodiscard]] Result<Done> CheckSources(const Places& next);
  void OnInputLost(const rd_kafka_message_t& message, const std::string& where);
  [[nodiscard]] Places NextPositions() const;
  void CommitBatch();
  void PublishLags();
  [[nodiscard]] Result<Done> Transact(const Places& next);
  [[nodiscard]] Result<Done> Move(const rd_kafka_message_t& message);
  [[nodiscard]] Result<Done> PutLetter(int32_t partition, schemas::Record& record,
                                       const schemas::Rejection& why);
  [[nodiscard]] Result<Done> Produce(rd_kafka_topic_t* topic, int32_t partition, std::string_view key,
                                     std::string_view value, int64_t millis, rd_kafka_headers_t* headers);
  void Report(std::string_view code, const std::string& text) const;

  const KafkaConfig& config_;
  const KafkaTopics& topics_;
  const std::string name_;  // Of the member and of the transactions.
  const std::string group_;
  const int64_t record_bytes_max_;  // That the client sends.
  KafkaStats& stats_;
  KafkaCallbacks consumer_callbacks_;
  KafkaCallbacks producer_callbacks_;
  schemas::EventDecoder decoder_;
  schemas::Event event_;
  std::vector<schemas::Header> headers_;

  KafkaHandle opening_;  // A producer that waits for the brokers. Never beside the other.
  KafkaHandle producer_;
  KafkaTopicHandle target_;
  KafkaTopicHandle letters_;
  KafkaHandle consumer_;
  KafkaGroupMetadata membership_;                              // From when the partitions were assigned.
  std::map<std::pair<std::string, int32_t>, Source> sources_;  // By topic and partition: those assigned.
  std::vector<KafkaMessage> batch_;
  size_t batch_bytes_ = 0;
  std::chrono::steady_clock::time_point lags_at_;
  std::chrono::steady_clock::time_point positions_at_;  // Of the newest transaction.
  Result<Done> failed_ = Done{};                        // Both handles are of no more use.
  rd_kafka_resp_err_t delivery_error_ = RD_KAFKA_RESP_ERR_NO_ERROR;
};

}  // namespace tocsin::daemon
