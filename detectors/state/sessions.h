// The account's live sessions: where each began, and wherever else it was used. Besides, when the account was
// last used at all, and since when it had been silent before that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/geo.h"
#include "base/time.h"
#include "detectors/state/kept_id.h"
#include "detectors/state/segment.h"

namespace tocsin::detectors {

// The uses of one session through one autonomous system, with one device, from one spot (kSamePlaceKm).
struct SessionSpot {
  uint64_t session = 0;  // Hash of the session's id, 40 bits.
  Timestamp first;       // Of the uses here.
  Timestamp last;
  KeptId first_event;    // At `first`.
  uint32_t asn = 0;      // 0: unknown.
  uint32_t device = 0;   // Low half of DeviceKey; 0: unknown.
  uint32_t family = 0;   // Of its systems: hash of the families alone; 0: unknown.
  uint32_t address = 0;  // Low half of the hash of the last use's address.
  bool has_device_id = false;
  bool anonymous = false;  // Hidden: point and radius say nothing of where its user is.
  bool exact = false;      // point and radius are of a city or region.
  GeoPoint point;          // Of the first use that was seen.
  float radius_km = 0;
  friend bool operator==(const SessionSpot&, const SessionSpot&) = default;
};

// A successful use after `slept_since`, the one before it.
struct Waking {
  Timestamp slept_since = kTimestampMin;
  Timestamp woke_at = kTimestampMin;  // kTimestampMin: never.
  friend bool operator==(const Waking&, const Waking&) = default;
};

struct Sessions {
  static constexpr uint8_t kVersion = 2;
  static constexpr uint8_t kVersionMin = 2;  // 1: longer hashes.
  static constexpr size_t kSpotsMax = 32;
  // By event time, before the newest use of any session.
  static constexpr Millis kSpotsKept = std::chrono::hours(24);
  // A silence shorter than this is not remembered.
  static constexpr Millis kSilenceMin = std::chrono::hours(24 * 30);

  std::vector<SessionSpot> spots;      // In the order in which they were first seen.
  Timestamp last_use = kTimestampMin;  // The newest successful use, under suspicion or not.
  Waking waking;                       // The newest.

  // Drops what is no longer live, and the longest unused when there are too many. Reuses its memory.
  void AddSpot(const SessionSpot& spot);
  // A successful use: it may be the end of a silence. True when anything changed.
  bool NoteUse(Timestamp at);
  // `waking` as it would be after NoteUse(at).
  [[nodiscard]] Waking WakingWith(Timestamp at) const;

  [[nodiscard]] bool empty() const { return spots.empty() && last_use == kTimestampMin; }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, Sessions& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const Sessions&, const Sessions&) = default;
};

}  // namespace tocsin::detectors
