// How much the account has been used (what "learning" means), and its last successful logins.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "detectors/state/kept_id.h"
#include "detectors/state/quarantine.h"
#include "detectors/state/segment.h"

namespace tocsin::detectors {

// A successful login, kept for guessed_in: failures that arrive late are compared with it. What was new or
// trusted is written down as it was judged then, because by the time a late failure arrives the login itself
// has changed the account.
struct RecentSuccess {
  Timestamp at;
  KeptId event_id;
  uint32_t address_hash = 0;  // 0 unknown.
  uint32_t device_id_hash =
      0;  // Of the device's own id; 0 when it has none (families alone are not an identity).
  bool strange_device = false;  // Past learning, and the device was not the account's own.
  bool without_factor = false;  // It said that no second factor was asked for.
  bool counted = false;         // In `successes`: it was not under suspicion.
  bool waits = false;           // Its hour is to be learnt once it is kSettling old, if it is counted then.
  uint8_t trust_percent = 0;    // Of device and network together: the smaller of the two.
  friend bool operator==(const RecentSuccess&, const RecentSuccess&) = default;
};

struct SignIns {
  // 4: without RecentSuccess::waits, its hour was learnt; 3: without `counted` as well. Both are false of it.
  static constexpr uint8_t kVersion = 5;
  static constexpr uint8_t kVersionMin = 3;  // 2: longer hashes.
  static constexpr size_t kRecentMax = 32;
  static constexpr Millis kRecentKept =
      std::chrono::hours(12);  // By event time, before the account's newest event.

  // kSitting, and how much later than its neighbours what says something of a login may arrive.
  static constexpr Millis kSettling = kSitting + std::chrono::minutes(15);

  uint32_t successes = 0;                   // Successful logins not under suspicion. Saturates.
  Timestamp first_success = kTimestampMin;  // Earliest and latest of these.
  Timestamp last_success = kTimestampMin;
  std::vector<RecentSuccess> recent;  // By time, then event id; under suspicion or not.

  // Takes it out of `successes`: a later event has put it under suspicion. REQUIRES: it is counted.
  void Discount(RecentSuccess& success);

  // Those up to a time, as far as `recent` tells the later ones.
  [[nodiscard]] uint32_t SuccessesUntil(Timestamp at) const;

  // Keeps order and bounds; the oldest go. Reuses the memory of what expires. A success older than
  // kRecentKept is not kept.
  void InsertRecent(const RecentSuccess& success, Timestamp newest);

  [[nodiscard]] bool empty() const { return successes == 0 && recent.empty(); }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, SignIns& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const SignIns&, const SignIns&) = default;
};

}  // namespace tocsin::detectors
