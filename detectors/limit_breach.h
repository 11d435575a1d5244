// Finds a transaction that takes the account over a limit the platform has declared: one payment too large, a
// day or month with too much money or too many payments.
//
// Method: exact arithmetic on integer minor units, over every transaction in the limit's window that matches
// its kinds, direction, border and tier and has not been given back; exactly the limit is no breach. The
// answer depends on event times only (limits/judge.h): a late transaction is inserted where it belongs, and
// every later one that it takes over a limit is claimed; what a late reversal or a smaller completed amount
// makes untrue is retracted.
//
// One claim for each limit and transaction: cause is the event that authorized or completed it, discriminator
// the limit's name. The weight is the limit's own, where it has one.
//
// Reads: AccountState::money, profile (tier, overrides, country, timezone); Context::limits.
// Not evaluable: "no_limits" (none declared for the account), "no_rate", "cross_border_unknown", "saturated"
// (where what is still known is not over by itself).
// Blind to: limits nobody declared; transactions that never reach Tocsin.
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

class LimitBreach final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "limit_breach",
      .title = "Limit breach",
      .family = schemas::Family::kLimit,
      .techniques = {"F1045"},
      .severity = schemas::Severity::kMedium,
      .weight = 1.5,
      .events = kTransactions,
  };
  // All of it is in the limits themselves (the `limits` section).
  struct Config {
    static const std::array<Setting<Config>, 0> kSettings;
  };

  explicit LimitBreach(const Config& /*config*/) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;
};

}  // namespace tocsin::detectors
