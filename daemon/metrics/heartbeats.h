// How long heartbeats take to their commit, and how old the newest is that arrived, for each partition of a
// worker. A partition that is restored or stopped is in it: from none of its heartbeats a sign comes back.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "daemon/metrics/distribution.h"

namespace tocsin::daemon {

class Heartbeats {
 public:
  // ---- The worker's thread ----
  // The partitions that are this worker's now.
  void Have(std::span<const int32_t> partitions, Timestamp now) {
    const std::lock_guard lock(mutex_);
    std::map<int32_t, Timestamp> kept;
    for (const int32_t partition : partitions) {
      const auto before = newest_.find(partition);
      kept[partition] = before == newest_.end() ? now : before->second;
    }
    newest_ = std::move(kept);
  }
  // One was processed; it has arrived with the commit.
  void Add(int32_t partition, Timestamp sent_at) { under_way_.push_back({partition, sent_at}); }
  void Committed(Timestamp now) {
    if (under_way_.empty()) return;
    const std::lock_guard lock(mutex_);
    for (const Beat& beat : under_way_) {
      seconds.Observe(beat.sent_at >= now ? 0 : std::chrono::duration<double>(now - beat.sent_at).count());
      const auto newest = newest_.find(beat.partition);
      // A newest one of the future is of before the clock was set back: it would never grow old.
      if (newest != newest_.end() && (beat.sent_at > newest->second || newest->second > now))
        newest->second = beat.sent_at;
    }
    under_way_.clear();
  }
  void Drop() { under_way_.clear(); }

  // ---- Any thread ----
  [[nodiscard]] std::vector<int32_t> Partitions() const {
    const std::lock_guard lock(mutex_);
    std::vector<int32_t> partitions;
    partitions.reserve(newest_.size());
    for (const auto& [partition, newest] : newest_) partitions.push_back(partition);
    return partitions;
  }
  // Of the partition whose newest heartbeat was sent longest ago: when that was. One that just came counts
  // from then. nullopt: there is no partition.
  [[nodiscard]] std::optional<Timestamp> Oldest() const {
    const std::lock_guard lock(mutex_);
    std::optional<Timestamp> oldest;
    for (const auto& [partition, newest] : newest_) {
      if (!oldest || newest < *oldest) oldest = newest;
    }
    return oldest;
  }
  Distribution seconds;  // From sending to commit.

 private:
  struct Beat {
    int32_t partition;
    Timestamp sent_at;
  };
  std::vector<Beat> under_way_;
  mutable std::mutex mutex_;
  std::map<int32_t, Timestamp> newest_;
};

}  // namespace tocsin::daemon
