// Finds a balance that does not follow from the one before it and the transactions between: a booking that is
// missing, doubled or wrong. Not an attack, a matter for support.
//
// Method: what the events say of the balance is put in order, left to settle for an hour of event time (late
// events find their place), and added up. A balance follows when the previous one, every change since that is
// sure, and some of those that are possible give it: platforms differ in when an authorization, a reversal or
// a card payment moves the balance, so any reading that explains it is accepted (payments/balance_check.h).
// The first mismatch is info; from the second within 30 days on it is worth a ticket.
//
// Reads: AccountState::ledger.
// Not evaluable: "no_balance" (none was told yet). Blind to: mistakes that add up to nothing; accounts with
// more than 48 bookings in an hour; currencies other than the first one with a balance.
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

class BalanceMismatch final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "balance_mismatch",
      .title = "Balance mismatch",
      .family = schemas::Family::kMoney,
      .techniques = {},
      .severity = schemas::Severity::kInfo,
      .weight = 0.3,
      .events = kLogins | kTransactions | kChanges | kProfiles | kFeedbacks,
  };
  struct Config {
    static const std::array<Setting<Config>, 0> kSettings;
  };

  explicit BalanceMismatch(const Config& /*config*/) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;
};

}  // namespace tocsin::detectors
