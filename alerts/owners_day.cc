#include "alerts/owners_day.h"

#include <algorithm>
#include <string_view>

namespace tocsin::alerts {
namespace {

constexpr int kDay = 24 * 60;

// "08:00" as minutes of the day; -1: it is no time of day.
int MinuteOf(std::string_view text) {
  const auto digit = [&](size_t at) { return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : 100; };
  if (text.size() != 5 || text[2] != ':') return -1;
  const int hour = digit(0) * 10 + digit(1);
  const int minute = digit(3) * 10 + digit(4);
  return hour < 24 && minute < 60 ? hour * 60 + minute : -1;
}

bool IsQuiet(const std::pair<int, int>& quiet, int minute) {
  const auto [from, to] = quiet;
  return from < to ? from <= minute && minute < to : minute >= from || minute < to;
}

// `minute` of the day that is `days` after the one of `local`.
Timestamp Instant(const TimeZone& zone, const LocalTime& local, int days, int minute) {
  return zone.FromLocal(local.year, local.month, local.day + days, minute / 60, minute % 60);
}

}  // namespace

Result<CalmHours> ReadCalmHours(const CalmConfig& config) {
  CalmHours hours;
  hours.digest_at = MinuteOf(config.digest_at);
  if (hours.digest_at < 0) return Error{ErrorCode::kInvalid, "digest_at", "must be a time of day as 08:00"};
  const std::string_view quiet = config.quiet_hours;
  if (quiet.empty()) return hours;
  const size_t dash = quiet.find('-');
  const int from = MinuteOf(quiet.substr(0, dash));
  const int to = dash == std::string_view::npos ? -1 : MinuteOf(quiet.substr(dash + 1));
  if (from < 0 || to < 0 || from == to)
    return Error{ErrorCode::kInvalid, "quiet_hours", "must be hours as 22:00-08:00, or empty"};
  hours.quiet = {from, to};
  if (IsQuiet(*hours.quiet, hours.digest_at))
    return Error{ErrorCode::kInvalid, "digest_at", "lies in calm.quiet_hours; their end does not"};
  return hours;
}

Timestamp OwnersDay::ToldAt(Timestamp at, schemas::Severity severity) const {
  if (!hours_.quiet || severity >= schemas::Severity::kHigh) return at;
  const LocalTime local = zone_.ToLocal(at);
  const int minute = local.hour * 60 + local.minute;
  if (!IsQuiet(*hours_.quiet, minute)) return at;
  const int end = hours_.quiet->second;
  // An hour that a clock shows twice ends with its second time.
  return std::max(at, Instant(zone_, local, minute < end ? 0 : 1, end));
}

Timestamp OwnersDay::DigestAfter(Timestamp at) const {
  const LocalTime local = zone_.ToLocal(at);
  for (const int days : {0, 1}) {
    if (const Timestamp due = Instant(zone_, local, days, hours_.digest_at); due > at) return due;
  }
  return at + std::chrono::minutes(kDay);  // Not reached.
}

}  // namespace tocsin::alerts
