// Finds an owner who cannot get a payment or top-up through: not an attack, but a matter for support before
// he gives up.
//
// Method: transactions that were declined or failed in a sliding window of `window`, `failures_min` of them;
// one that is declined, and then failed, is one.
// The first reason is the one given most often, so that support knows what the owner can check. One finding
// for each burst, that grows.
//
// Reads: AccountState::attempts.
// Blind to: failures the platform does not publish.
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

class RepeatedFailure final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "repeated_failure",
      .title = "Repeated failure",
      .family = schemas::Family::kMoney,
      .techniques = {},
      .severity = schemas::Severity::kInfo,
      .weight = 0.2,
      .events = kTransactions,
  };
  struct Config {
    int failures_min = 3;
    std::chrono::seconds window = std::chrono::hours(1);
    static const std::array<Setting<Config>, 2> kSettings;
  };

  explicit RepeatedFailure(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
