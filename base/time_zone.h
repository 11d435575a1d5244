// Local time of a place on earth: calendar windows and the hour an owner sees. The only file that knows the
// tz database.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace tocsin {

enum class CalendarUnit : uint8_t { kDay, kWeek, kMonth, kYear };  // Weeks begin on Monday (ISO 8601).

struct LocalTime {
  int year = 1970;
  int month = 1;  // 1–12
  int day = 1;    // 1–31
  int hour = 0;   // 0–23
  int minute = 0;
  int second = 0;
  int weekday = 4;                 // 0 Sunday – 6 Saturday
  std::chrono::minutes offset{0};  // Local minus UTC.
};

// A value: cheap to copy, immutable, safe on any thread.
class TimeZone {
 public:
  TimeZone();  // UTC.

  // An IANA name ("Asia/Shanghai"; case matters), or a fixed offset below a day ("+08:00", "480": minutes
  // east). nullopt when unknown. A name's data are read when it is first found and kept; after that a look-up
  // takes no lock, allocates nothing and takes well under a microsecond. Unknown names leave nothing behind.
  // An offset of 0 is "UTC".
  // Without a tz database only "UTC" and offsets are found. Its files list changes up to 2037; later times
  // keep the last offset.
  [[nodiscard]] static std::optional<TimeZone> Find(std::string_view name);

  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] LocalTime ToLocal(Timestamp at) const;

  // The instant at which the calendar unit that contains `at` begins, in this zone. On a day whose midnight
  // does not exist (daylight saving) it is the first instant of that day. Where a clock set back across
  // midnight shows the old date again, that hour belongs to the new unit. Begin <= at always.
  [[nodiscard]] Timestamp BeginOf(CalendarUnit unit, Timestamp at) const;
  // The instant at which the next unit begins. End > at always.
  [[nodiscard]] Timestamp EndOf(CalendarUnit unit, Timestamp at) const;
  // The instant of a local wall-clock time; a time that daylight saving skips is moved forward to the first
  // that is there, a doubled one is the earlier. Days, hours and minutes beyond their range carry over ("day
  // 32", "hour −1"). REQUIRES: month 1–12, year −32767…32767.
  [[nodiscard]] Timestamp FromLocal(int year, int month, int day, int hour, int minute) const;

  // By name: "Asia/Shanghai" is not "+08:00".
  friend bool operator==(const TimeZone&, const TimeZone&) = default;

  struct Zone;  // time_zone.cc

 private:
  explicit TimeZone(const Zone* zone) : zone_(zone) {}

  const Zone* zone_;  // One per name, never null; lives as long as the process.
};

}  // namespace tocsin
