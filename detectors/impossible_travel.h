// Finds two successful uses of one account that are too far apart in space for the time between them: the
// password or the session is in two hands.
//
// Method: the shortest distance the two GeoIP circles allow, against the distance an airliner covers in the
// time between and five minutes more. Multiplied, never divided: two logins at the same instant need no
// special case. Two trusted devices, each in a steady home of the account, are two people who share it; from
// a device that the owner has refused to one of their own nobody travels. Both neighbours in event time are
// compared, so late events are judged too; a pair that a late event comes between is no longer one, and its
// finding is retracted.
//
// Reads: Places::uses; Devices::known for the trust of both ends.
// Blind to: an attacker in the victim's own city; logins through anonymous networks, which are neither
// compared nor remembered; places that are only a country.
//
// Thread safety: immutable after construction; Evaluate may run on any number of threads.
#pragma once

#include <array>
#include <chrono>
#include <optional>

#include "base/setting.h"
#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_info.h"
#include "detectors/state/places.h"
#include "detectors/verdict.h"
#include "schemas/event.h"

namespace tocsin::detectors {

class ImpossibleTravel final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "impossible_travel",
      .title = "Impossible travel",
      .family = schemas::Family::kLocation,
      .techniques = {"T1078", "F1006"},  // Valid accounts; account takeover.
      .severity = schemas::Severity::kHigh,
      .weight = 3.5,
      .events = kLogins | kTransactions,
  };
  struct Config {
    double speed_kmh_max = 900;                            // Cruising speed of an airliner.
    double distance_km_min = 100;                          // Nearer than this, GeoIP error dominates.
    std::chrono::seconds slack = std::chrono::minutes(5);  // Added to the time between: clocks differ.
    static const std::array<Setting<Config>, 3> kSettings;
  };

  explicit ImpossibleTravel(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  [[nodiscard]] std::optional<Claim> Compare(const UseView& earlier, const UseView& later,
                                             const schemas::Event& event, const AccountState& state,
                                             const Context& context) const;
  Config config_;
};

}  // namespace tocsin::detectors
