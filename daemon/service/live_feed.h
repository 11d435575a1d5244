// What has just happened, for somebody who watches: the newest outputs of this process as they were
// committed, and, while somebody listens, the events. Bounded: what nobody fetched in time is gone.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/detection/observer.h"
#include "daemon/http/account_ref.h"
#include "daemon/log/log.h"
#include "schemas/record.h"

namespace tocsin::daemon {

struct FeedEntry {
  uint64_t number = 0;                      // Rises by one.
  std::optional<schemas::OutputKind> kind;  // nullopt: an event.
  std::string account;
  std::string value;  // The record; of an event, what a stranger may see of it.
};

// Thread safe.
class LiveFeed final : public DetectionObserver {
 public:
  static constexpr size_t kEntriesMax = 4'000;
  static constexpr size_t kBytesMax = 16U << 20U;
  explicit LiveFeed(const AccountRefs& refs) : refs_(refs) {}

  // The outputs of commits that are durable.
  void Take(std::span<const TaskCommit> commits);
  // Outputs of accounts that were erased.
  void Forget(std::span<const std::string> accounts);

  // Events are kept for as long as somebody asks for them, 200 a second at most: a sample.
  void Listen();
  [[nodiscard]] bool WantsStateBefore(const schemas::Event&) override { return false; }
  void Saw(const Observed& observed) override;

  // Entries after `number`, oldest first, at most `entries_max`: the oldest of them. Waits up to `wait` for
  // the first.
  [[nodiscard]] std::vector<FeedEntry> After(uint64_t number, size_t entries_max,
                                             std::chrono::milliseconds wait);
  // The newest of one kind, newest first.
  [[nodiscard]] std::vector<FeedEntry> Newest(schemas::OutputKind kind, size_t entries_max) const;
  [[nodiscard]] uint64_t last_number() const;

  // One JSON object of what may be shown to anybody who watches: kinds, names of detectors, severities, ids
  // of cases, the account's reference; no texts, addresses or amounts.
  [[nodiscard]] std::string Redacted(const FeedEntry& entry) const;

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  void Add(FeedEntry entry);  // REQUIRES: mutex_ is held.

  const AccountRefs& refs_;
  std::atomic<bool> listening_{false};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<FeedEntry> entries_;
  size_t bytes_ = 0;
  uint64_t number_ = 0;
  SteadyTime listen_until_;
  SteadyTime second_;
  int in_second_ = 0;
};

// "finding", "notice", …, "event".
[[nodiscard]] std::string_view KindName(std::optional<schemas::OutputKind> kind);

}  // namespace tocsin::daemon
