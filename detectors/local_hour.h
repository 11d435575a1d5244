// The owner's hour of the day.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "detectors/account_state.h"
#include "schemas/event.h"

namespace tocsin::detectors {

struct LocalHour {
  int64_t day = 0;  // Local days since 1970.
  int hour = 0;     // 0–23
};

// In the profile's time zone; without one in the only zone of its country, else in UTC. Daylight saving moves
// nobody's habits: they are kept by the local clock.
[[nodiscard]] LocalHour LocalHourOf(Timestamp at, const schemas::AccountProfile& owner);

// Counts the hour of a login, by what the profile said of it within a sitting: of an account's first login
// the profile often comes moments later.
void NoteHour(const RecentSuccess& success, const Profile& profile, HourCounts& hours);
// With what a use on that local day is compared: what was learnt, and what waits to be.
[[nodiscard]] HourCounts HoursOn(int64_t local_day, const AccountState& state);

}  // namespace tocsin::detectors
