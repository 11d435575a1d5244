// Finds a payment that empties the account: who steals takes all.
//
// Method: the balance that the event tells, and the amount that led to it, give the balance before. One
// payment of more than the share `single_share` of it, and not below a large amount (payments/large_amount.h:
// who has five dollars and spends them is not robbed), is a drain; of nothing, on a credit line, none is. So
// is more than `day_share` of what there was in 24 h, when that was at least `balance_min` (the rule of
// Singapore's shared responsibility framework, 2025): what there was is the balance after the payment and all
// that left in the 24 h before it. The payment that crosses the line is claimed, once; later payments whose
// balance is still at hand are judged again when one arrives late.
//
// Reads: AccountState::money, ledger; Context::limits (exchange rates), population.
// Not evaluable: "no_balance" (the event does not tell it), "no_rate", "money_in", "not_counted".
// Blind to: platforms that do not tell the balance; many small payments from a small balance.
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

class AccountDrain final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "account_drain",
      .title = "Account drain",
      .family = schemas::Family::kMoney,
      .techniques = {"F1047"},
      .severity = schemas::Severity::kMedium,
      .weight = 2.0,
      .events = kTransactions,
  };
  struct Config {
    double single_share = 0.9;
    double day_share = 0.5;
    Money balance_min = {5'000'000, *Currency::Find("SGD")};  // MAS: S$50,000.
    Money check_amount = {100'000, *Currency::Find("SGD")};
    double quantile = 0.95;
    int payments_min = 10;
    static const std::array<Setting<Config>, 6> kSettings;
  };

  explicit AccountDrain(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
