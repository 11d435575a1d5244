#include "alerts/business_calendar.h"

#include <algorithm>
#include <string>

namespace tocsin::alerts {

using std::chrono::days;
using std::chrono::sys_days;

namespace {

constexpr int kMinutesPerDay = 24 * 60;
// Further than any sensible due time; a calendar that never reaches the target by then counts plain time.
constexpr days kSearched{3660};

Error Wrong(std::string field, std::string detail) {
  return {ErrorCode::kInvalid, std::move(field), std::move(detail)};
}

Result<std::vector<sys_days>> ParseDates(const std::vector<std::string>& texts, std::string_view field) {
  std::vector<sys_days> dates;
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::optional<sys_days> date = ParseDate(texts[i]);
    if (!date) return Wrong(std::string(field) + "[" + std::to_string(i) + "]", "not a date like 2026-10-01");
    dates.push_back(*date);
  }
  std::ranges::sort(dates);
  return dates;
}

}  // namespace

std::optional<sys_days> ParseDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  int numbers[3] = {0, 0, 0};
  size_t part = 0;
  for (const char c : text) {
    if (c == '-') {
      if (++part > 2) return std::nullopt;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    numbers[part] = numbers[part] * 10 + (c - '0');
  }
  const std::chrono::year_month_day date{std::chrono::year{numbers[0]},
                                         std::chrono::month{static_cast<unsigned>(numbers[1])},
                                         std::chrono::day{static_cast<unsigned>(numbers[2])}};
  if (!date.ok() || numbers[0] < 1970) return std::nullopt;
  return sys_days{date};
}

Result<BusinessClock> BusinessClock::Make(const BusinessCalendar& calendar) {
  BusinessClock clock;
  const std::optional<TimeZone> zone = TimeZone::Find(calendar.timezone);
  if (!zone) return Wrong("timezone", "not an IANA zone like Asia/Shanghai, nor an offset like +08:00");
  clock.zone_ = *zone;
  clock.always_open_ = calendar.always_open;
  clock.hours_ = calendar.hours;
  bool open = false;
  for (size_t i = 0; i < calendar.hours.size(); ++i) {
    const auto& [from, to] = calendar.hours[i];
    if (from < 0 || to > kMinutesPerDay || from > to) {
      return Wrong("hours[" + std::to_string(i) + "]",
                   "hours lie within 00:00 and 24:00 and end after they begin");
    }
    open = open || from < to;
  }
  // As the first weekday that is open, from Monday on.
  for (size_t weekday = 7; weekday >= 1; --weekday) {
    const auto& hours = calendar.hours[weekday % 7];
    if (hours.first < hours.second) clock.made_up_hours_ = hours;
  }
  if (!open && !calendar.always_open) return Wrong("hours", "no weekday is open; set hours or always_open");
  Result<std::vector<sys_days>> holidays = ParseDates(calendar.holidays, "holidays");
  if (!holidays) return holidays.error();
  Result<std::vector<sys_days>> working_days = ParseDates(calendar.working_days, "working_days");
  if (!working_days) return working_days.error();
  clock.holidays_ = *std::move(holidays);
  clock.working_days_ = *std::move(working_days);
  return clock;
}

sys_days BusinessClock::LocalDay(Timestamp at) const {
  const LocalTime local = zone_.ToLocal(at);
  return sys_days{std::chrono::year{local.year} / local.month / local.day};
}

BusinessClock::Span BusinessClock::HoursOn(sys_days day) const {
  const size_t weekday = std::chrono::weekday{day}.c_encoding();
  const bool made_up = std::ranges::binary_search(working_days_, day);
  const bool holiday = !made_up && std::ranges::binary_search(holidays_, day);
  const auto [from, to] = made_up ? made_up_hours_ : hours_[weekday];
  const std::chrono::year_month_day date{day};
  const auto instant = [&](int minute) {
    return zone_.FromLocal(static_cast<int>(date.year()),
                           static_cast<int>(static_cast<unsigned>(date.month())),
                           static_cast<int>(static_cast<unsigned>(date.day())), 0, minute);
  };
  const Timestamp open = instant(from);
  return {open, holiday ? open : std::max(open, instant(to))};
}

Timestamp BusinessClock::DueAfter(Timestamp start, std::chrono::seconds target) const {
  if (always_open_ || target.count() == 0) return start + target;
  Millis left = target;
  const sys_days first = LocalDay(start);
  // The day before too: on a calendar open until midnight a change of the clock can carry hours over.
  for (sys_days day = first - days{1}; day < first + kSearched; day += days{1}) {
    const Span span = HoursOn(day);
    const Timestamp from = std::max(start, span.open);
    if (from >= span.close) continue;
    if (span.close - from >= left) return from + left;
    left -= span.close - from;
  }
  return start + target;
}

Millis BusinessClock::OpenBetween(Timestamp from, Timestamp to) const {
  if (from >= to) return Millis{0};
  if (always_open_) return to - from;
  Millis open{0};
  const sys_days last = LocalDay(to);
  for (sys_days day = LocalDay(from) - days{1}; day <= last; day += days{1}) {
    const Span span = HoursOn(day);
    const Timestamp begin = std::max(from, span.open);
    const Timestamp end = std::min(to, span.close);
    if (begin < end) open += end - begin;
  }
  return open;
}

}  // namespace tocsin::alerts
