// What the Kafka logs of a process know about themselves, for metrics. The logs write, anyone reads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "daemon/log/kafka_client_stats.h"

namespace tocsin::daemon {

// Thread safe.
class KafkaStats {
 public:
  struct Lag {
    std::string topic;
    int32_t partition = 0;
    int64_t records = 0;               // In the broker (or on the way here), not processed yet.
    int64_t waiting_since_millis = 0;  // The oldest of them; 0: not known, or none.
  };

  // Replaces what worker `worker` said before.
  void SetLags(int worker, std::vector<Lag> lags) {
    const std::lock_guard lock(mutex_);
    lags_[worker] = std::move(lags);
  }
  // Of every partition that this process reads, as of a second ago.
  [[nodiscard]] std::vector<Lag> Lags() const {
    const std::lock_guard lock(mutex_);
    std::vector<Lag> all;
    for (const auto& [worker, lags] : lags_) all.insert(all.end(), lags.begin(), lags.end());
    return all;
  }

  // The worse of the two kinds of handles.
  [[nodiscard]] KafkaReach Reach(KafkaClientStats::Clock::time_point now) const {
    return std::max(consumers.Reach(now), producers.Reach(now));
  }
  [[nodiscard]] bool LostSince(KafkaClientStats::Clock::time_point since) const {
    return consumers.LostSince(since) || producers.LostSince(since);
  }

  KafkaClientStats consumers;
  KafkaClientStats producers;
  std::atomic<uint64_t> rebalances{0};         // Assignments taken over.
  std::atomic<uint64_t> partitions_lost{0};    // Taken away before they could be given back in order.
  std::atomic<uint64_t> rekeyed{0};            // Records that kafka.ingest: rekey has moved.
  std::atomic<uint64_t> sources_stopped{0};    // Partitions it reads no more: they wait for a person.
  std::atomic<uint64_t> producers_renewed{0};  // After an error or an answer that never came.

 private:
  mutable std::mutex mutex_;
  std::map<int, std::vector<Lag>> lags_;  // By worker.
};

}  // namespace tocsin::daemon
