// What happened around the account's defences, event by event: second factors that failed, and changes. The
// security segment keeps kinds of steps for chains of days; bursts of minutes and a factor that comes back
// need every single one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "detectors/state/kept_id.h"
#include "detectors/state/segment.h"

namespace tocsin::detectors {

// Stored: append only.
enum class SecurityEventKind : uint8_t {
  kFactorFailed = 0,    // A login with the right password and a wrong second factor …
  kPromptDenied = 1,    // … or one that the person asked has denied …
  kPromptTimedOut = 2,  // … or not answered.
  kFactorRemoved = 3,   // One of the methods.
  kFactorsOff = 4,      // The second factor as a whole.
  kFactorAdded = 5,
  kFactorsOn = 6,
  kPasswordChanged = 7,
  kPasswordReset = 8,
  kContactChanged = 9,
  kNotificationsChanged = 10,
  kDeviceTrusted = 11,
  kDeviceRemoved = 12,
  kPayeeAdded = 13,
  kLimitRaised = 14,
};
inline constexpr SecurityEventKind kLastSecurityEventKind = SecurityEventKind::kLimitRaised;

// How strange it was is written down as it was judged then: by the time a late event asks, the account has
// learnt.
struct SecurityEvent {
  Timestamp at;
  KeptId event_id;
  SecurityEventKind kind = SecurityEventKind::kFactorFailed;
  bool strange_device = false;  // Past learning, and the device was not the account's own.
  bool strange_place = false;   // The same of the country.
  bool trusted = false;         // From a device with an id of its own that had earned trust.

  friend bool operator==(const SecurityEvent&, const SecurityEvent&) = default;
};

struct SecurityLog {
  static constexpr uint8_t kVersion = 1;
  static constexpr size_t kEventsMax = 96;
  // By event time, before the account's newest event: the longest window asked for (48 h) and the lateness
  // horizon.
  static constexpr Millis kKept = std::chrono::hours(48 + 72);

  std::vector<SecurityEvent> events;  // By time, then event id.

  // Keeps order and bounds: when full, the kind with most events is thinned in the middle of its older half,
  // so that a flood of one kind pushes out neither its own beginning nor any other kind.
  void Insert(SecurityEvent event, Timestamp newest);
  // Gives up what has expired. Cheap when nothing has.
  void Prune(Timestamp newest);
  [[nodiscard]] bool CanPrune(Timestamp newest) const;

  [[nodiscard]] bool empty() const { return events.empty(); }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, SecurityLog& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const SecurityLog&, const SecurityLog&) = default;
};

// Position in the list.
[[nodiscard]] bool EarlierInLog(const SecurityEvent& a, const SecurityEvent& b);

}  // namespace tocsin::detectors
