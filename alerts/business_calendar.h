// When people work, and by when they must have answered.
//
// A due time is the first instant by which the office has been open for the whole target since the start: 24
// h on a calendar of nine-hour days is two days and six hours of work. Always open: simply start + target.
//
// A day is open by its weekday's hours; a holiday is closed; a make-up working day (调休: a weekend day
// worked so that a holiday can be longer) is open with the hours of the first open weekday, from Monday on,
// and wins over both. Hours are wall-clock times in the calendar's zone, so a day on which the clock changes
// is an hour shorter or longer when the change falls into them.
//
// Thread safety: immutable.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "alerts/alerts_config.h"
#include "base/result.h"
#include "base/time.h"
#include "base/time_zone.h"

namespace tocsin::alerts {

// "2026-10-01" as a day of the calendar; nullopt when it is none.
[[nodiscard]] std::optional<std::chrono::sys_days> ParseDate(std::string_view text);

class BusinessClock {
 public:
  // kInvalid with the first field that is wrong ("holidays[2]"): an unknown zone, a date that is none, hours
  // outside 0–1440 or closing before they open, no weekday open at all.
  [[nodiscard]] static Result<BusinessClock> Make(const BusinessCalendar& calendar);

  // REQUIRES: target >= 0. Never before `start`, and later for a larger target or a later start.
  [[nodiscard]] Timestamp DueAfter(Timestamp start, std::chrono::seconds target) const;
  // Time the office is open in [from, to).
  [[nodiscard]] Millis OpenBetween(Timestamp from, Timestamp to) const;

 private:
  struct Span {
    Timestamp open;
    Timestamp close;  // Equal to `open`: closed all day.
  };

  BusinessClock() = default;
  [[nodiscard]] Span HoursOn(std::chrono::sys_days day) const;
  [[nodiscard]] std::chrono::sys_days LocalDay(Timestamp at) const;

  TimeZone zone_;
  std::array<std::pair<int, int>, 7> hours_{};
  std::pair<int, int> made_up_hours_{};
  std::vector<std::chrono::sys_days> holidays_;      // Sorted.
  std::vector<std::chrono::sys_days> working_days_;  // Sorted.
  bool always_open_ = true;
};

}  // namespace tocsin::alerts
