// Ids of the account's recent events: the same event twice changes nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"
#include "detectors/state/segment.h"

namespace tocsin::detectors {

struct RecentEvent {
  Timestamp at;
  // Event::DedupKey(), 48 bits: an event is taken for one of twenty others once in 10^13.
  uint64_t key = 0;
  friend bool operator==(const RecentEvent&, const RecentEvent&) = default;
};

struct RecentEvents {
  static constexpr uint8_t kVersion = 2;
  static constexpr uint8_t kVersionMin = 2;  // 1: longer hashes.
  // Events older than this before the account's newest event are late: they are listed, not processed. Within
  // it every duplicate is found, as long as the account has no more than kEventsMax events in it.
  static constexpr Millis kHorizon = std::chrono::hours(72);
  static constexpr size_t kEventsMax = 4096;

  // By time, then key. Expired ones may still lie at the front: they go in bulk, and take no part in anything
  // (Live()).
  std::vector<RecentEvent> events;
  Timestamp newest = kTimestampMin;  // Of all events seen.
  // When older ids had to go because there were too many: ids at or before this time are no longer known, and
  // an event at or before it is late. kTimestampMin: never happened.
  Timestamp forgotten_until = kTimestampMin;

  [[nodiscard]] bool empty() const { return events.empty() && newest == kTimestampMin; }
  // Within the horizon.
  [[nodiscard]] std::span<const RecentEvent> Live() const;
  // An event with this key is among the live ones, whatever its time: a copy that was clamped may carry
  // another one. `at` is where to look first.
  [[nodiscard]] bool Contains(Timestamp at, uint64_t key) const;
  // Beyond the retention horizon.
  [[nodiscard]] bool IsLate(Timestamp at) const;
  // Keeps order and bounds; appends in the ordinary case. REQUIRES: !Contains(at, key) && !IsLate(at).
  void Insert(Timestamp at, uint64_t key);

  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, RecentEvents& into);
  [[nodiscard]] size_t HeapBytes() const;
  // What can still be told apart: expired ids are not compared.
  friend bool operator==(const RecentEvents& a, const RecentEvents& b);
};

}  // namespace tocsin::detectors
