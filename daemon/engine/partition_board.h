// How the partitions of a worker stand, for who looks on.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "daemon/log/log.h"

namespace tocsin::daemon {

struct PartitionStatus {
  enum class State : uint8_t { kRestoring, kServing, kStopped };  // Stopped: it waits for a person.
  int32_t partition = 0;
  State state = State::kRestoring;
  std::string why;                       // It is not served, as the log has it; "": nothing is wrong.
  std::vector<TopicPosition> positions;  // Committed, as of a second ago.
};

// The worker writes, anyone reads.
class PartitionBoard {
 public:
  void Publish(std::vector<PartitionStatus> partitions) {
    const std::lock_guard lock(mutex_);
    partitions_ = std::move(partitions);
  }
  [[nodiscard]] std::vector<PartitionStatus> Read() const {
    const std::lock_guard lock(mutex_);
    return partitions_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<PartitionStatus> partitions_;
};

}  // namespace tocsin::daemon
