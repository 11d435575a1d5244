// Local time of a place on earth: calendar windows and the hour an owner sees. The only file that knows the tz database.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace tocsin {

enum class CalendarUnit : uint8_t { kDay, kWeek, kMonth, kYear };  // Weeks begin on Monday (ISO 8601).

struct LocalTime {
  int year = 1970;
  int month = 1;    // 1–12
  int day = 1;      // 1–31
  int hour = 0;     // 0–23
  int minute = 0;
  int second = 0;
  int weekday = 4;  // 0 Sunday – 6 Saturday
  std::chrono::minutes offset{0};  // Local minus UTC.
};

// A value: cheap to copy, immutable, safe on any thread.
class TimeZone {
 public:
  TimeZone();  // UTC.

  // An IANA name ("Asia/Shanghai"), or a fixed offset ("+08:00", "480": minutes east). nullopt when unknown.
  // Names are looked up once and kept; a look-up of a known name takes well under a microsecond.
  [[nodiscard]] static std::optional<TimeZone> Find(std::string_view name);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] LocalTime ToLocal(Timestamp at) const;

  // The instant at which the calendar unit that contains `at` begins, in this zone. On a day whose midnight does not
  // exist (daylight saving) it is the first instant of that day. Begin <= at always.
  [[nodiscard]] Timestamp BeginOf(CalendarUnit unit, Timestamp at) const;
  // The instant at which the next unit begins. End > at always.
  [[nodiscard]] Timestamp EndOf(CalendarUnit unit, Timestamp at) const;
  // The instant of a local wall-clock time; a time that daylight saving skips is moved forward to the first that is
  // there, a doubled one is the earlier.
  [[nodiscard]] Timestamp FromLocal(int year, int month, int day, int hour, int minute) const;

  friend bool operator==(const TimeZone& a, const TimeZone& b) { return a.name_ == b.name_; }

 private:
  std::string name_;
  const void* zone_ = nullptr;        // The tz database's entry; it lives as long as the process.
  std::chrono::minutes fixed_{0};
};

}  // namespace tocsin
