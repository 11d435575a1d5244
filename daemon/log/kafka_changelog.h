// librdkafka as the reader of the changelog: one handle that sees open transactions and is only asked where
// the log ends, and one that reads what is committed.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/log/broker_client.h"
#include "daemon/log/kafka_client.h"

namespace tocsin::daemon {

// One thread.
class KafkaChangelog final : public ChangelogClient {
 public:
  // `config` outlives this.
  KafkaChangelog(const KafkaConfig& config, const KafkaReport& report);
  ~KafkaChangelog() override;

  [[nodiscard]] Result<Range> FindRange(int32_t partition) override;
  [[nodiscard]] Result<Done> Start(int32_t partition, int64_t from) override;
  [[nodiscard]] Result<Fetched> Fetch(size_t records_max, const ChangelogVisitor& visit) override;
  void Stop() override;

 private:
  [[nodiscard]] Result<Done> Open();
  [[nodiscard]] std::string Place() const;

  const KafkaConfig& config_;
  KafkaCallbacks end_finder_callbacks_;
  KafkaCallbacks reader_callbacks_;
  KafkaHandle end_finder_;  // Read-uncommitted.
  KafkaHandle reader_;
  KafkaQueue queue_;  // Of the reader.
  int32_t partition_ = -1;
  std::vector<rd_kafka_message_t*> batch_;
};

}  // namespace tocsin::daemon
