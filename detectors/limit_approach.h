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

class LimitApproach final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "limit_approach",
      .title = "Limit approach",
      .family = schemas::Family::kLimit,
      .techniques = {},
      .severity = schemas::Severity::kInfo,
      .weight = 0.3,
      .events = kTransactions,
  };
  struct Config {

    static const std::array<Setting<Config>, 0> kSettings;
  };

  explicit LimitApproach(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state, const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
