// Two who share an account: each in a home, and with a device, that it has long known. They travel nowhere,
// and are in two places at once every day. A stranger in one of the homes is none of them.
#pragma once

#include <cstdint>

#include "base/geo.h"
#include "base/time.h"
#include "detectors/account_state.h"

namespace tocsin::detectors {

// From this trust on a device belongs to one of those who share the account.
inline constexpr double kHouseholdTrust = 0.25;
// A place is a home, and a device is of the house, once the account has known it for so long.
inline constexpr Millis kSteadyAfter = std::chrono::hours(24 * 14);

struct Dweller {
  GeoPoint point;
  uint32_t device_key = 0;  // 0: unknown.
};
[[nodiscard]] bool IsHousehold(const Dweller& one, const Dweller& other, Timestamp at,
                               const AccountState& state);

}  // namespace tocsin::detectors
