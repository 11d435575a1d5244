// Finds an account that suddenly pays much more often, much more money, or many new people.
//
// Method: payments, transfers and withdrawals that leave the account, in sliding windows of an hour and of a
// day, against an absolute number and against what the account is used to, whichever is more:
//
//   payments in 1 h  > max(hour_min, factor · p95 of an hour)
//   payments in 24 h > max(day_min,  factor · p95 of a day)
//   sum in 1 h       > max(hour_share · sum_min, factor · p95 of an hour · mean payment)
//   sum in 24 h      > max(sum_min,  factor · p95 of a day · mean payment)
//   new payees, 24 h > payees_min
//
// The 95th percentiles are those of a Poisson distribution with the mean of the account's last 30 days. One
// finding for each burst, that grows; a function of the set of events.
//
// Reads: AccountState::money, payees; Context::limits (exchange rates).
// Blind to: sums in currencies without a rate (counts still work); slow bleeding.
//
// Thread safety: immutable after construction; Evaluate may run on any number of threads.
#pragma once

#include <array>

#include "base/money.h"
#include "base/setting.h"
#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_info.h"
#include "detectors/verdict.h"
#include "schemas/event.h"

namespace tocsin::detectors {

class Velocity final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "velocity",
      .title = "Payment velocity",
      .family = schemas::Family::kMoney,
      .techniques = {"F1046"},
      .severity = schemas::Severity::kMedium,
      .weight = 0.8,
      .events = kTransactions,
  };
  struct Config {
    int hour_min = 15;
    int day_min = 40;
    Money sum_min = {2'000'000, *Currency::Find("SGD")};
    double hour_share = 0.75;  // Of sum_min, in an hour.
    int payees_min = 5;
    double factor = 4;
    static const std::array<Setting<Config>, 6> kSettings;
  };

  explicit Velocity(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
