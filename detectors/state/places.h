// Where the account is used from: the places it knows, and its last uses with their exact circles.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/geo.h"
#include "base/time.h"
#include "detectors/state/kept_id.h"
#include "detectors/state/quarantine.h"
#include "detectors/state/segment.h"

namespace tocsin::detectors {

// Uses of one country within this distance of each other are one place.
inline constexpr double kSamePlaceKm = 50;

// A country, and within it a spot.
struct KnownPlace {
  std::string country;  // ISO 3166-1 alpha-2.
  std::string label;    // "Kunming, CN", for people.
  GeoPoint point;
  float radius_km = 0;
  bool exact = false;  // point and radius are of a city or region, not of a country.
  Tenure tenure;
  friend bool operator==(const KnownPlace&, const KnownPlace&) = default;
};

// One successful use with a place good enough for speed; never through an anonymised network.
struct Use {
  Timestamp at;
  KeptId event_id;
  GeoPoint point;
  float radius_km = 0;
  std::string label;          // "Kunming, CN"
  uint32_t address_hash = 0;  // Equal addresses are never compared: the database moved, not the person.
  uint32_t device_key = 0;    // Hash of the device's identity; 0 unknown.
  // The claim (this use with the next earlier one) that has been made; a late use between the two may retract
  // it.
  bool claimed_with_previous = false;
  friend bool operator==(const Use&, const Use&) = default;
};

// A use that is not kept yet: InsertUse copies it. Its texts are not those of a kept use.
struct UseView {
  Timestamp at;
  std::string_view event_id;
  GeoPoint point;       // KeptPoint
  float radius_km = 0;  // KeptRadiusKm
  std::string_view label;
  uint32_t address_hash = 0;
  uint32_t device_key = 0;
};

struct Places {
  // 4: without Tenure::suspected_at; 3: without hour_before and known_since; 2: ids in full.
  static constexpr uint8_t kVersion = 5;
  static constexpr uint8_t kVersionMin = 2;  // 1: longer hashes.
  static constexpr size_t kKnownMax = 24;    // Of them kWaitingMax for what waits or is refused (see pool.h).
  static constexpr size_t kUsesPerDeviceMax = 8;
  static constexpr size_t kUsesMax = 24;
  // An event can only come between uses that are younger than this, counted back from the newest use; of the
  // older ones the newest is kept, as the neighbour of what comes next.
  static constexpr Millis kUsesKept = std::chrono::hours(72);
  static constexpr size_t kLabelBytesMax = 80;

  std::vector<KnownPlace> known;
  std::vector<Use> uses;  // By time, then event id.

  // Puts a use where it belongs and drops what the bounds above no longer allow: beyond kUsesKept; of those
  // of a device that are older than kUsesOpen (uses_per_device.h) the oldest; the oldest of all. Returns its
  // index, or kDropped when the new use itself goes. What remains does not depend on the order of insertion
  // while there is room for all that the first two keep. Reuses the memory of a use that goes.
  static constexpr size_t kDropped = static_cast<size_t>(-1);
  size_t InsertUse(const UseView& use);

  [[nodiscard]] bool empty() const { return known.empty() && uses.empty(); }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, Places& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const Places&, const Places&) = default;
};

}  // namespace tocsin::detectors
