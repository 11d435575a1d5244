#include "detectors/local_hour.h"

#include <chrono>
#include <optional>

#include "base/time_zone.h"
#include "detectors/country_zones.h"

namespace tocsin::detectors {

LocalHour LocalHourOf(Timestamp at, const schemas::AccountProfile& owner) {
  std::optional<TimeZone> zone;
  if (!owner.timezone.empty()) zone = TimeZone::Find(owner.timezone);
  if (!zone && !owner.country.empty()) {
    if (const std::string_view only = OnlyZoneOf(owner.country); !only.empty()) zone = TimeZone::Find(only);
  }
  const std::chrono::minutes offset = zone ? zone->ToLocal(at).offset : std::chrono::minutes(0);
  const auto local = at.time_since_epoch() + offset;
  const auto day = std::chrono::floor<std::chrono::days>(local);
  return {.day = day.count(),
          .hour = static_cast<int>(std::chrono::duration_cast<std::chrono::hours>(local - day).count())};
}

void NoteHour(const RecentSuccess& success, const Profile& profile, HourCounts& hours) {
  const LocalHour local = LocalHourOf(success.at, profile.OwnerAt(success.at + kSitting));
  hours.Note(local.day, local.hour);
}

HourCounts HoursOn(int64_t local_day, const AccountState& state) {
  HourCounts hours = state.habits().hours;
  for (const RecentSuccess& success : state.sign_ins().recent) {
    if (success.waits && success.counted) NoteHour(success, state.profile(), hours);
  }
  return hours.On(local_day);
}

}  // namespace tocsin::detectors
