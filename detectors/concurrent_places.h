// Finds two live sessions that are used at the same time in places far from each other: two people hold the
// account.
//
// Method: each use against the uses of the account's other sessions within a quarter of an hour, by the
// shortest distance the two GeoIP circles allow. Not compared: hidden addresses, places no better than a
// country, an address that did not change, a device that is the same on both ends (its mobile network and its
// Wi-Fi are located apart). Two steady homes with two steady devices are two who share it.
//
// Two spots of two sessions are one finding, caused by the first use of each.
//
// Reads: Sessions::spots; Places::known for steady homes; Devices::known for steady ones, trust.
// Blind to: platforms that give no session ids; a stranger in the owner's region; uses more than a quarter of
// an hour apart (impossible_travel compares those).
//
// Thread safety: immutable after construction; Evaluate may run on any number of threads.
#pragma once

#include <array>
#include <chrono>

#include "base/setting.h"
#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_info.h"
#include "detectors/verdict.h"
#include "schemas/event.h"

namespace tocsin::detectors {

class ConcurrentPlaces final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "concurrent_places",
      .title = "Concurrent places",
      .family = schemas::Family::kLocation,
      .techniques = {"T1078", "F1006"},  // Valid accounts; account takeover.
      .severity = schemas::Severity::kMedium,
      .weight = 2.0,
      .events = kLogins | kTransactions | kChanges,
  };
  struct Config {
    std::chrono::seconds window = std::chrono::minutes(15);  // Between the two uses; its end is included.
    double distance_km_min = 300;                            // Apart at least, accuracy radii taken off.
    double trust_max = 0.5;  // When both devices are trusted more, it is most likely the owner's two.
    static const std::array<Setting<Config>, 3> kSettings;
  };

  explicit ConcurrentPlaces(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  [[nodiscard]] bool InWindow(const SessionSpot& other, Timestamp at) const;
  [[nodiscard]] bool Conflict(const SessionSpot& use, const SessionSpot& other) const;
  [[nodiscard]] Claim MakeClaim(const SessionSpot& use, const SessionSpot& other, const schemas::Event& event,
                                const AccountState& state) const;
  Config config_;
};

}  // namespace tocsin::detectors
