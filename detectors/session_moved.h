// Finds a session that went on somewhere else: its cookie or token was copied.
//
// Method: each spot a session is used from (autonomous system, device, place) against the one where it began.
// Another system is not enough, because a phone changes between mobile network and home line all day; with
// it, the device must be another as well, or the place too far away. Where the device has an id of its own
// and kept it, browser names decide nothing, and neither does a distance that a traveller covers in the time.
//
// One spot is one finding, caused by the first use there. A late use can turn out to be where the session
// began: what that disproves is retracted.
//
// Reads: Sessions::spots; Devices::known for trust; Places for labels.
// Blind to: a copy used through the owner's own provider; a copy with the device's id, from where the owner
// could have travelled; sessions unused for a day.
//
// Thread safety: immutable after construction; Evaluate may run on any number of threads.
#pragma once

#include <array>

#include "base/setting.h"
#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_info.h"
#include "detectors/verdict.h"
#include "schemas/event.h"

namespace tocsin::detectors {

class SessionMoved final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "session_moved",
      .title = "Session moved",
      .family = schemas::Family::kDevice,
      .techniques = {"T1539", "F1004"},  // Steal web session cookie; account access.
      .severity = schemas::Severity::kHigh,
      .weight = 2.5,
      .events = kLogins | kTransactions | kChanges,
  };
  struct Config {
    double distance_km_min = 300;  // Apart at least, accuracy radii taken off.
    double speed_kmh_max = 900;    // What a device that kept its id may have travelled.
    double trust_max = 0.5;        // A device the account trusts this much is most likely the owner's.
    static const std::array<Setting<Config>, 3> kSettings;
  };

  explicit SessionMoved(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  // The session that began at `origin` was carried off to `spot`.
  [[nodiscard]] bool Moved(const SessionSpot& origin, const SessionSpot& spot) const;
  [[nodiscard]] Claim MakeClaim(const SessionSpot& origin, const SessionSpot& spot,
                                const schemas::Event& event, const AccountState& state) const;
  Config config_;
};

}  // namespace tocsin::detectors
