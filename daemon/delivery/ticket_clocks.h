// What is due for a ticket, and who is reminded: at half of the time in the ticket, at four fifths with a
// higher priority, and when the time is over with the highest. Pure: the wall clock is told.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "daemon/delivery/lane.h"

namespace tocsin::daemon {

struct ReminderRules {
  // The instant at which `percent` of the time from `from` to `due` is over, as people work.
  std::function<Timestamp(Timestamp from, Timestamp due, int percent)> part_of;
  // What the ticket says then; `raised_to`: its priority, when that rises by the reminder.
  std::function<std::string(TicketClock clock, int percent, Timestamp due,
                            std::optional<schemas::Priority> raised_to)>
      text;
};

// Takes over what is due by the operation, and nothing else is. True: something is due that was not. A time
// that is over already when the operation comes (old events, read again) reminds nobody.
bool SetClocks(const Parcel& operation, Timestamp now, Lane::Head& head);

// Nobody is reminded any more: resolved, or decided.
void EndClocks(Lane::Head& head);

// When the next reminder is due; nullopt: none.
[[nodiscard]] std::optional<Timestamp> NextReminder(const ReminderRules& rules, const Lane::Head& head);

struct Reminder {
  TicketClock clock = TicketClock::kFirstReply;
  size_t step = 0;  // Of kReminderPercents.
  LaneItem item;    // An operation on the ticket.
};
// The reminder that is due now, and moves the clock beyond it: of several that were missed, the last one.
// `unanswerable`: nobody can be asked whether somebody took the ticket up. The last one is counted as overdue
// by the caller then, and says so, that it is not counted once more when it arrives after all.
[[nodiscard]] std::optional<Reminder> TakeReminder(const ReminderRules& rules, Timestamp now,
                                                   bool unanswerable, Lane::Head& head);

}  // namespace tocsin::daemon
