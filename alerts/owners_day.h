// An owner's day by the clock on their wall: the hours in which they are not to be disturbed, and the time at
// which they are told in one digest what was not worth a message of its own.
//
// Pure: of event times. Whoever delivers waits until the time that is told here, by its own clock.
//
// Thread safety: values.
#pragma once

#include <optional>
#include <utility>

#include "alerts/alerts_config.h"
#include "base/result.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

// Minutes of the day.
struct CalmHours {
  std::optional<std::pair<int, int>> quiet;  // From and to; the end is not quiet. May pass midnight.
  int digest_at = 8 * 60;
};

// kInvalid: `field` is the key below `calm`.
[[nodiscard]] Result<CalmHours> ReadCalmHours(const CalmConfig& config);

class OwnersDay {
 public:
  OwnersDay(const CalmHours& hours, TimeZone zone) : hours_(hours), zone_(zone) {}

  // When a notice of an event at `at` may reach the owner: then, or when the quiet hours end that `at` lies
  // in. High and critical ones never wait.
  [[nodiscard]] Timestamp ToldAt(Timestamp at, schemas::Severity severity) const;
  // The first time after `at` at which a digest is due.
  [[nodiscard]] Timestamp DigestAfter(Timestamp at) const;
  [[nodiscard]] const TimeZone& zone() const { return zone_; }

 private:
  CalmHours hours_;
  TimeZone zone_;
};

}  // namespace tocsin::alerts
