// Finds a young account that passes on what strangers pay in: a money mule's.
//
// Method: for money that leaves, the 24 h before it: transfers received of at least `received_min` in all,
// `senders_min` senders who never paid this account before, and at least the share `share_min` of it sent on
// since the first of them. Only accounts younger than `age_max`. One finding for each time it happens, that
// grows; a function of the set of events.
//
// Reads: AccountState::money, payees, profile (opened_at); Context::limits (exchange rates).
// Not evaluable: "age_unknown" (the profile does not say when the account was opened), "no_rate", "saturated"
// (transactions of the 24 h are forgotten). Blind to: old accounts that were bought or lent; money kept for
// more than a day.
//
// Cost: linear in the transactions of two days.
//
// Thread safety: immutable after construction; Evaluate may run on any number of threads.
#pragma once

#include <array>
#include <chrono>

#include "base/money.h"
#include "base/setting.h"
#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_info.h"
#include "detectors/verdict.h"
#include "schemas/event.h"

namespace tocsin::detectors {

class PassThrough final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "pass_through",
      .title = "Pass-through",
      .family = schemas::Family::kMoney,
      .techniques = {"F1025"},
      .severity = schemas::Severity::kMedium,
      .weight = 1.5,
      .events = kTransactions,
  };
  struct Config {
    double share_min = 0.9;
    Money received_min = {100'000, *Currency::Find("SGD")};
    int senders_min = 3;
    std::chrono::seconds age_max = std::chrono::hours(24 * 90);
    static const std::array<Setting<Config>, 4> kSettings;
  };

  explicit PassThrough(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
