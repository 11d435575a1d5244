// Says that an account comes near a declared limit, before it is over: the owner can plan, an operator can
// see it coming.
//
// Method: the same exact sums as limit_breach. A transaction is near a limit when it takes the sum or the
// count to `warn_at` of the maximum and not over it, and no earlier transaction in its window had: once in a
// calendar window, once for each time a rolling window stays near. Both are functions of the set of events,
// so the order of arrival does not matter: a late transaction that was the first to be near takes the claim
// over, and the later one's is retracted (limits/judge.h).
//
// Reads: AccountState::money, profile (tier, overrides, country, timezone); Context::limits.
// Not evaluable: as limit_breach; "no_limits" when none that holds for the account has `warn_at`.
// Blind to: a single transaction that goes from far below to over the limit: that is limit_breach.
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
  // All of it is in the limits themselves (`warn_at` of each).
  struct Config {
    static const std::array<Setting<Config>, 0> kSettings;
  };

  explicit LimitApproach(const Config& /*config*/) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;
};

}  // namespace tocsin::detectors
