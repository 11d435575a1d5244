// Ids of the account's recent events: the same event twice changes nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "detectors/state/segment.h"

namespace tocsin::detectors {

struct RecentEvent {
  Timestamp at;
  uint64_t key = 0;  // Event::DedupKey().
  friend bool operator==(const RecentEvent&, const RecentEvent&) = default;
};

struct RecentEvents {
  static constexpr uint8_t kVersion = 1;
  // Events older than this before the account's newest event are late: they are listed, not processed. Within it every
  // duplicate is found, as long as the account has no more than kEventsMax events in it.
  static constexpr Millis kHorizon = std::chrono::hours(72);
  static constexpr size_t kEventsMax = 4096;

  std::vector<RecentEvent> events;  // By time, then key.
  Timestamp newest = kTimestampMin; // Of all events seen.
  // When older ids had to go because there were too many: ids at or before this time are no longer known, and an event at
  // or before it is late. kTimestampMin: never happened.
  Timestamp forgotten_until = kTimestampMin;

  [[nodiscard]] bool empty() const { return events.empty() && newest == kTimestampMin; }
  [[nodiscard]] bool Contains(Timestamp at, uint64_t key) const;
  // Beyond the retention horizon.
  [[nodiscard]] bool IsLate(Timestamp at) const;
  // Keeps order and bounds. REQUIRES: !Contains(at, key) && !IsLate(at).
  void Insert(Timestamp at, uint64_t key);

  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, RecentEvents& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const RecentEvents&, const RecentEvents&) = default;
};

}  // namespace tocsin::detectors
