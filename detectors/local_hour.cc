#include "detectors/local_hour.h"

#include <chrono>
#include <optional>

#include "base/time_zone.h"
#include "detectors/country_zones.h"

namespace tocsin::detectors {

LocalHour LocalHourOf(Timestamp at, const Profile& profile) {
  std::optional<TimeZone> zone;
  if (!profile.owner.timezone.empty()) zone = TimeZone::Find(profile.owner.timezone);
  if (!zone && !profile.owner.country.empty()) {
    if (const std::string_view only = OnlyZoneOf(profile.owner.country); !only.empty())
      zone = TimeZone::Find(only);
  }
  const std::chrono::minutes offset = zone ? zone->ToLocal(at).offset : std::chrono::minutes(0);
  const auto local = at.time_since_epoch() + offset;
  const auto day = std::chrono::floor<std::chrono::days>(local);
  return {.day = day.count(),
          .hour = static_cast<int>(std::chrono::duration_cast<std::chrono::hours>(local - day).count())};
}

}  // namespace tocsin::detectors
