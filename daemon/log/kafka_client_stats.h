// What the Kafka client's handles say of themselves every few seconds, added up for metrics.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
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
  uint64_t queue_bytes = 0;
  double round_trip_seconds = 0;  // The longest, at the 99th percentile.
  friend bool operator==(const KafkaClientNumbers&, const KafkaClientNumbers&) = default;
};

// From librdkafka's statistics (STATISTICS.md there). What is not JSON, or misses a member, gives zeros.
[[nodiscard]] KafkaClientNumbers ParseClientStatistics(std::string_view json);

// Of librdkafka as it is loaded.
[[nodiscard]] std::string KafkaLibraryVersion();

// What the handles of one kind can talk to, once they have been without it for longer than kLostAfter.
enum class KafkaReach : uint8_t { kAll, kNoCoordinator, kNoBroker };

// Of all handles of one kind. Thread safe.
class KafkaClientStats {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kLostAfter{5};
  // The client's names for its connection to the one broker that a group, or a transaction, is managed by.
  static constexpr std::string_view kGroupCoordinator = "GroupCoordinator";
  static constexpr std::string_view kTransactionCoordinator = "TxnCoordinator";

  // `handle` names who says it: what it counted is kept when it has gone, or begins again.
  void Set(const void* handle, const KafkaClientNumbers& now);
  // A connection is there, or is not: told by the client's threads when it changes, so it is known of a
  // handle to which nobody listens. `broker`: a name for it among those of the handle.
  void SetConnection(const void* handle, std::string_view broker, bool up, Clock::time_point now);
  // REQUIRES: the handle's threads have ended.
  void Forget(const void* handle, Clock::time_point now);

  [[nodiscard]] KafkaClientNumbers Sum() const;
  [[nodiscard]] uint64_t Connections() const;
  [[nodiscard]] KafkaReach Reach(Clock::time_point now) const;
  // Something was not reached, for however short, at some time since `since`.
  [[nodiscard]] bool LostSince(Clock::time_point since) const;

 private:
  struct Handle {
    KafkaClientNumbers numbers;
    std::set<std::string, std::less<>> up;
    std::optional<Clock::time_point> none_since;
    std::optional<Clock::time_point> no_coordinator_since;
    [[nodiscard]] bool lost() const { return none_since || no_coordinator_since; }
  };
  [[nodiscard]] bool AnyLost() const;

  mutable std::mutex mutex_;
  KafkaClientNumbers gone_;  // Counters only.
  std::map<const void*, Handle> handles_;
  std::optional<Clock::time_point> last_gone_at_;
  std::optional<Clock::time_point> whole_since_;  // When the last loss ended.
};

}  // namespace tocsin::daemon
