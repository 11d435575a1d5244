// Writes heartbeats (daemon/log/heartbeat.h) to the partitions of an input topic.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "daemon/log/kafka_config.h"
#include "daemon/log/kafka_topics.h"

namespace tocsin::daemon {

// One thread, but for failures().
class KafkaHeartbeat {
 public:
  // `config` outlives this. `name`: of the header that marks the records, and their key.
  [[nodiscard]] static Result<std::unique_ptr<KafkaHeartbeat>> Open(const KafkaConfig& config,
                                                                    std::string topic, std::string name,
                                                                    const KafkaReport& report);
  ~KafkaHeartbeat();
  KafkaHeartbeat(const KafkaHeartbeat&) = delete;
  KafkaHeartbeat& operator=(const KafkaHeartbeat&) = delete;

  // One record for each partition. Waits two seconds at most: what is not written by then is counted as
  // failed when the client gives it up. The first failure after a success is told.
  void Send(std::span<const int32_t> partitions, std::string_view value);

  // Heartbeats that could not be written.
  [[nodiscard]] uint64_t failures() const;

 private:
  struct Impl;
  KafkaHeartbeat();
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::daemon
