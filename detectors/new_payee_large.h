// Finds a large amount sent to a payee who is new for this account: how stolen money leaves.
//
// Method: a transfer or withdrawal to a person, bank account or wallet that was first named (paid, or added
// to the list of payees) less than `age` ago, of at least the larger of `check_amount` (by the table of
// exchange rates) and of what a share `quantile` of the account's own payments of that kind do not exceed;
// with fewer than `payments_min` of those, of the population's. Judged by the first authorized or completed
// event of a transaction, and again when a later one states more; by what was known of the payee at the time
// of the payment. A payee whose adding arrives after payments made to it since is judged with them.
//
// Reads: AccountState::payees, money, profile; Context::limits (exchange rates), population.
// Not evaluable: "learning" (the account has been known for less than `history`, and the payee was not seen
// to be added: it may be an old one), "no_payee" (a shop, a terminal, nobody named), "no_rate" (neither check
// amount nor habit), "money_in", "not_counted". Blind to: a thief who waits for a day.
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

class NewPayeeLarge final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "new_payee_large",
      .title = "Large amount to a new payee",
      .family = schemas::Family::kMoney,
      .techniques = {"F1005.003"},
      .severity = schemas::Severity::kMedium,
      .weight = 1.5,
      .events = kTransactions | kChanges,
  };
  struct Config {
    std::chrono::seconds age = std::chrono::hours(24);
    Money check_amount = {100'000, *Currency::Find("SGD")};  // MAS e-wallet circular, 2024.
    double quantile = 0.95;
    int payments_min = 10;
    std::chrono::seconds history = std::chrono::hours(24 * 14);
    static const std::array<Setting<Config>, 5> kSettings;
  };

  explicit NewPayeeLarge(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
