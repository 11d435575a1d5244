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

class NewCountry final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "new_country",
      .title = "New country",
      .family = schemas::Family::kLocation,
      .techniques = {"T1078"},
      .severity = schemas::Severity::kMedium,
      .weight = 2.0,
      .events = kLogins | kTransactions,
  };
  struct Config {

    static const std::array<Setting<Config>, 0> kSettings;
  };

  explicit NewCountry(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state, const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
