// Finds money going out in an amount this account does not pay: the owner would look twice, a thief empties
// what he can.
//
// Method: the amount against the account's own payments of the same kind and currency, on a logarithmic
// scale, because payments spread by factors rather than by sums. With at least `payments_min` of them the
// robust z-score
//
//   z = (log amount − median) / max(spread_min, 1.4826 · MAD)
//
// must exceed `z_min` (median and median absolute deviation of a histogram with four bins an octave and a
// half-life of 90 d; 1.4826 makes the MAD of a normal distribution its standard deviation: Iglewicz and
// Hoaglin, 1993, who also give 3.5). With fewer, the amount is compared with what a share
// `population_quantile` of all payments of that kind, tier and currency do not exceed. Besides, with
// `mean_payments_min` of them in the last 30 days (blocks of five days, so up to 35), `mean_factor` times
// their mean is unusual too. An amount the account has paid before, that large or larger, is not unusual: a
// rent among coffees is alerted once, not every month.
//
// From `far_factor` times what the account usually pays on (its median, else the mean of the month) the claim
// is medium instead of low: worth the owner's and a person's time by itself.
//
// One claim for each transaction: of its first authorized or completed event, and again when a later one
// states more. Amounts are integers; doubles are statistics only.
//
// Reads: AccountState::money (histograms), profile (tier); Context::population.
// Not evaluable: "learning" (too few payments here and in the population); "money_in" (incoming money, which
// the account's owner does not decide); "not_counted" (declined, failed and reversed transactions). Blind to:
// many ordinary amounts (limits and velocity see those); amounts under the account's own largest.
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

class UnusualAmount final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "unusual_amount",
      .title = "Unusual amount",
      .family = schemas::Family::kMoney,
      .techniques = {},
      .severity = schemas::Severity::kLow,
      .weight = 1.2,
      .events = kTransactions,
  };
  struct Config {
    double z_min = 3.5;
    int payments_min = 10;
    double spread_min = 0.4;  // With z_min 3.5: nothing below four times the median is unusual.
    double population_quantile = 0.999;
    double mean_factor = 4;
    int mean_payments_min = 5;
    double paid_before = 0.5;  // One payment is worth this much after 90 days.
    double far_factor = 12;    // Honest accounts reach eleven times their usual amount, thieves start there.
    static const std::array<Setting<Config>, 8> kSettings;
  };

  explicit UnusualAmount(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
