// Ids of the account's recent events: the same event twice changes nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"
#include "detectors/state/segment.h"

namespace tocsin::schemas {
struct Event;
}  // namespace tocsin::schemas

namespace tocsin::detectors {

struct RecentEvent {
  Timestamp at;
  // Event::DedupKey(), 48 bits: an event is taken for one of twenty others once in 10^13.
  uint64_t key = 0;
  friend bool operator==(const RecentEvent&, const RecentEvent&) = default;
};

// Who can have caused an event. Anybody signs in with a wrong password, asks for a new one, tries a card's
// number or sends the account money: what he does by the thousand must not push out the ids of what only who
// is signed in can do, and make that late.
enum class CausedBy : uint8_t { kSignedIn, kAnybody };
inline constexpr size_t kCausedByCount = 2;
[[nodiscard]] CausedBy WhoCaused(const schemas::Event& event);

struct RecentEvents {
  static constexpr uint8_t kVersion = 3;
  static constexpr uint8_t kVersionMin = 2;  // 2: one list for both; 1: longer hashes.
  // Events older than this before the account's newest event are late: they are listed, not processed. Within
  // it every duplicate is found, as long as the account has no more than kEventsMax events of a kind in it.
  static constexpr Millis kHorizon = std::chrono::hours(72);
  static constexpr size_t kEventsMax = 4096;

  struct Ids {
    // By time, then key. Expired ones may still lie at the front: they go in bulk, and take no part in
    // anything (RecentEvents::Live()).
    std::vector<RecentEvent> events;
    // When older ids had to go because there were too many: ids at or before this time are no longer known,
    // and an event at or before it is late. kTimestampMin: never happened.
    Timestamp forgotten_until = kTimestampMin;
  };

  std::array<Ids, kCausedByCount> ids;  // By CausedBy.
  Timestamp newest = kTimestampMin;     // Of all events seen.

  [[nodiscard]] bool empty() const { return newest == kTimestampMin; }
  // Within the horizon.
  [[nodiscard]] std::span<const RecentEvent> Live(CausedBy by) const;
  // An event with this key is among the live ones, whatever its time and whoever caused it: a copy that was
  // clamped may carry another one. `at` is where to look first.
  [[nodiscard]] bool Contains(Timestamp at, uint64_t key) const;
  // Beyond the retention horizon.
  [[nodiscard]] bool IsLate(Timestamp at, CausedBy by) const;
  // Keeps order and bounds; appends in the ordinary case. REQUIRES: !Contains(at, key) && !IsLate(at, by).
  void Insert(Timestamp at, uint64_t key, CausedBy by);

  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, RecentEvents& into);
  [[nodiscard]] size_t HeapBytes() const;
  // What can still be told apart: expired ids are not compared.
  friend bool operator==(const RecentEvents& a, const RecentEvents& b);

 private:
  [[nodiscard]] Ids& Of(CausedBy by) { return ids[static_cast<size_t>(by)]; }
  [[nodiscard]] const Ids& Of(CausedBy by) const { return ids[static_cast<size_t>(by)]; }
};

}  // namespace tocsin::detectors
