// Finds money sent in amounts just under a limit, several times: whoever does that knows the limit and does
// not want to be asked.
//
// Method: for every declared limit on one transaction, the payments it counts in the band [band_min · L, L):
// at least `day_min` in 24 h or `week_min` in 7 days. An account whose rent happens to lie there is not
// structuring: the number must also be less likely than `chance_max` by the account's own habit (a binomial
// tail; the share of its earlier payments of that kind in the band, with a prior of one in twenty on ten
// payments). One finding for each limit and run, that grows; the answer is a function of the set of events.
//
// Reads: AccountState::money, profile (tier, own limits); Context::limits.
// Not evaluable: "no_limits" (none on one transaction), "no_rate", "saturated". Blind to: thresholds nobody
// has declared; amounts spread over several accounts. A week is only whole for events less than a day late.
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

class Structuring final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "structuring",
      .title = "Structuring",
      .family = schemas::Family::kLimit,
      .techniques = {"F1045"},
      .severity = schemas::Severity::kMedium,
      .weight = 1.0,
      .events = kTransactions,
  };
  struct Config {
    double band_min = 0.8;
    int day_min = 3;
    int week_min = 5;
    double chance_max = 0.01;
    static const std::array<Setting<Config>, 4> kSettings;
  };

  explicit Structuring(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
