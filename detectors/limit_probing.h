// Finds somebody who tries how much a limit lets through: declined for exceeding it again and again, or going
// up in steps until it is, or until no more would be let through.
//
// Method: payments declined for `limit_exceeded` in a sliding window of `window`, each once. With
// `declines_min` of them, the account is being probed. So it is with one, when at least `steps_min` payments
// of the same kind and currency, each larger than the one before and not below a quarter of the declined one,
// led up to it; or to one let through at 0.95 or more of a declared limit of one payment. A run of such is
// one finding, named after its first, that grows (payments/episodes.h); late events are put where they
// belong.
//
// Reads: AccountState::attempts, money; Context::limits.
// Blind to: platforms that neither declare limits nor say why they decline; a thief content with less.
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

class LimitProbing final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "limit_probing",
      .title = "Limit probing",
      .family = schemas::Family::kLimit,
      .techniques = {"F1045"},
      .severity = schemas::Severity::kLow,
      .weight = 1.0,
      .events = kTransactions,
  };
  struct Config {
    int declines_min = 3;
    int steps_min = 3;
    std::chrono::seconds window = std::chrono::hours(24);
    static const std::array<Setting<Config>, 3> kSettings;
  };

  explicit LimitProbing(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
