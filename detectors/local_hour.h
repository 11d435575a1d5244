// The owner's hour of the day.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "detectors/state/profile.h"

namespace tocsin::detectors {

struct LocalHour {
  int64_t day = 0;  // Local days since 1970.
  int hour = 0;     // 0–23
};

// In the profile's time zone; without one in the only zone of its country, else in UTC. Daylight saving moves
// nobody's habits: they are kept by the local clock.
[[nodiscard]] LocalHour LocalHourOf(Timestamp at, const Profile& profile);

}  // namespace tocsin::detectors
