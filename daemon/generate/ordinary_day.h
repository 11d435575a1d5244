// What honest owners do on one day: sign in, pay, mistype, travel, buy a new phone.
#pragma once

#include "base/time.h"
#include "daemon/generate/scribe.h"

namespace tocsin::daemon::generate {

struct Day {
  int number = 0;       // 0 is the first of the traffic.
  Timestamp begins_at;  // Midnight UTC.
  int month_day = 1;    // Of the calendar in UTC.
  int weekday = 0;      // 0 Sunday.
};

// Where and with what the owner is at that moment, at home or away. `journey` is today's. The gadget outlives
// the origin.
[[nodiscard]] Origin OwnersOrigin(const World& world, const Account& account, const Journey& journey,
                                  const Gadget& gadget, bool office_hours, Random& random);

// The second of the day at which it is that hour at the account's home; those before 0 and from 24 on go
// round.
[[nodiscard]] Timestamp AtLocalHour(const World& world, const Account& account, const Day& day, double hour);

// An instant of the day at which this owner is awake.
[[nodiscard]] Timestamp WakingTime(const World& world, const Account& account, const Day& day,
                                   Random& random);

// Writes the day of one account. `random` is the account's own stream for that day.
void LiveOneDay(Scribe& scribe, uint64_t seed, const Day& day, Random& random);

}  // namespace tocsin::daemon::generate
