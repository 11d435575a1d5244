// Where something new waits while its event is under suspicion: it is remembered, but it is not yet the account's own.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace tocsin::detectors {

enum class Standing : uint8_t {
  kKnown = 0,     // Learnt: the account's own.
  kPending = 1,   // In quarantine: waits for the owner, for the case to close, or for its age.
  kRefused = 2,   // The owner said "not me": never trusted again until it is forgotten.
};

// Common to places, devices and networks of an account.
struct Tenure {
  Standing standing = Standing::kKnown;
  Timestamp first_seen = kTimestampMin;
  Timestamp last_seen = kTimestampMin;
  float uses = 0;           // Confirmed uses, decayed to last_seen with half-life 30 d.
  // While pending: the event that introduced it. A novelty finding's identity is this cause, so that the second login from
  // the same new place is the same finding, and an earlier one that arrives late moves the cause.
  std::string introduced_by;
  friend bool operator==(const Tenure&, const Tenure&) = default;
};

inline constexpr Millis kTenureHalfLife = std::chrono::hours(24 * 30);

// 0…1: grows with age and confirmed use, decays with disuse; 0 unless known.
//   trust = min(1, age / 30 d) · (1 − exp(−uses_now / 3))
[[nodiscard]] double Trust(const Tenure& tenure, Timestamp at);

}  // namespace tocsin::detectors
