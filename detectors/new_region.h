// Finds a successful use far from every place of the account's own, in a country it is used from.
//
// Method: the shortest distance that the GeoIP circles allow, from the event to each known place. Only places
// known for longer than an event may be late are measured from; a spot that waits in quarantine is still new,
// but it is the same finding, caused by the event that introduced it. A new country is new_country's
// business, announced travel nobody's.
//
// Reads: Places::known; Security::travel; Devices::known for trust.
// Blind to: an attacker within 300 km of the owner; an exit of a hidden network there (one elsewhere is for
// the record only: it is not its user's place); places that are only a country.
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

class NewRegion final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "new_region",
      .title = "New region",
      .family = schemas::Family::kLocation,
      .techniques = {"T1078"},
      .severity = schemas::Severity::kLow,
      .weight = 0.8,
      .events = kLogins | kTransactions,
  };
  struct Config {
    double distance_km_min = 300;  // From every known place, accuracy radii taken off.
    double trust_max = 0.3;        // With a device trusted more than this it is a note, no alert.
    static const std::array<Setting<Config>, 2> kSettings;
  };

  explicit NewRegion(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
