// What the Kafka client's handles say of themselves every few seconds, added up for metrics.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace tocsin::daemon {

struct KafkaClientNumbers {
  // Since the handle was made.
  uint64_t received_bytes = 0;
  uint64_t sent_bytes = 0;
  uint64_t request_errors = 0;
  uint64_t request_timeouts = 0;
  // Now.
  uint64_t brokers_connected = 0;
  uint64_t queue_bytes = 0;
  double round_trip_seconds = 0;  // The longest, at the 99th percentile.
  friend bool operator==(const KafkaClientNumbers&, const KafkaClientNumbers&) = default;
};

// From librdkafka's statistics (STATISTICS.md there). What is not JSON, or misses a member, gives zeros.
[[nodiscard]] KafkaClientNumbers ParseClientStatistics(std::string_view json);

// Of librdkafka as it is loaded.
[[nodiscard]] std::string KafkaLibraryVersion();

// Of all handles of one kind. Thread safe.
class KafkaClientStats {
 public:
  // `handle` names who says it: what it counted is kept when it has gone, or begins again.
  void Set(const void* handle, const KafkaClientNumbers& now);
  void Forget(const void* handle);
  [[nodiscard]] KafkaClientNumbers Sum() const;
  // Some have talked to a broker, and none is connected now. A handle that is being made anew counts nothing
  // before it is there: it is waited for, for kAnewMax.
  [[nodiscard]] bool AllCutOff(std::chrono::steady_clock::time_point now) const;
  static constexpr std::chrono::seconds kAnewMax{10};

 private:
  mutable std::mutex mutex_;
  KafkaClientNumbers gone_;  // Counters only.
  std::map<const void*, KafkaClientNumbers> handles_;
  std::chrono::steady_clock::time_point last_gone_at_;
};

}  // namespace tocsin::daemon
