// What is known of a detector without running it: the catalogue, the metrics' labels and the documentation
// are made from it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/event.h"
#include "schemas/finding.h"

namespace tocsin::detectors {

// A set of event types.
using EventMask = uint8_t;
[[nodiscard]] constexpr EventMask Mask(schemas::EventType type) {
  return static_cast<EventMask>(1U << static_cast<unsigned>(type));
}
inline constexpr EventMask kLogins = Mask(schemas::EventType::kLogin);
inline constexpr EventMask kTransactions = Mask(schemas::EventType::kTransaction);
inline constexpr EventMask kChanges = Mask(schemas::EventType::kAccountChange);
inline constexpr EventMask kProfiles = Mask(schemas::EventType::kAccountProfile);
inline constexpr EventMask kFeedbacks = Mask(schemas::EventType::kFeedback);

struct DetectorInfo {
  std::string_view id;  // "impossible_travel": also the key in the configuration and the stem of its files.
  std::string_view title;  // "Impossible travel"
  schemas::Family family = schemas::Family::kLocation;
  std::array<std::string_view, 3>
      techniques;  // "T1078" (MITRE ATT&CK), "F1006" (MITRE Fight Fraud Framework); "" unused.
  schemas::Severity severity = schemas::Severity::kLow;
  double weight =
      0;  // Default log-odds of a claim; a claim may carry less or more (see the detector's page).
  EventMask events = 0;  // Other events are answered kOtherEvent without a call.
};

// Of every detector; the configuration may change each.
struct DetectorOptions {
  bool enabled = true;
  schemas::Mode mode = schemas::Mode::kLive;
  double weight = 0;  // From DetectorInfo unless configured.
  // Share of the findings that people have judged which must be right: below it the detector goes to shadow
  // by itself, for the partition. 0: never.
  double precision_floor = 0;
  // RFC 3339: labels and demotions before this instant no longer count; "": all do.
  std::string restored_at;
};

}  // namespace tocsin::detectors
