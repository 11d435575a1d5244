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

class ImpossibleTravel final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "impossible_travel",
      .title = "Impossible travel",
      .family = schemas::Family::kLocation,
      .techniques = {"T1078", "F1006"},
      .severity = schemas::Severity::kHigh,
      .weight = 3.5,
      .events = kLogins | kTransactions,
  };
  struct Config {
    double speed_kmh_max = 900;  // Cruising speed of an airliner.
    double distance_km_min = 100;  // Nearer than this, GeoIP error dominates.
    std::chrono::seconds slack = std::chrono::minutes(5);  // Added to the time between.
    static const std::array<Setting<Config>, 3> kSettings;
  };

  explicit ImpossibleTravel(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state, const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
