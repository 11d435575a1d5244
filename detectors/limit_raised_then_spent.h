// Finds a limit that was raised and then used up at once: who takes over an account raises what stands in his
// way.
//
// Method: for `window` after a limit was raised or removed, the money that leaves the account beyond what the
// old limit allowed, against the new part (new limit minus old; of a removed limit, the old one again). From
// the share `share_min` of it on, the raise was for this. What the limit counts is taken from the declared
// limit of that name: its kinds, direction and border, and its window: one transaction, a rolling or calendar
// day. For weeks, months and years, what was spent since the raise counts; for a limit that is not declared,
// all that leaves in 24 h. One finding for each raise, that grows; a raise that arrives late is judged with
// the payments that are already there.
//
// Reads: AccountState::ledger (raises), money; Context::limits.
// Not evaluable: "no_rate" (the payments' currency cannot be converted), "saturated" (payments that could
// count are forgotten, and the others are not enough). Blind to: raises the platform does not publish, and
// those without the previous limit.
//
// Cost: linear in the payments that a raise can count, for each raise.
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

class LimitRaisedThenSpent final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "limit_raised_then_spent",
      .title = "Limit raised, then spent",
      .family = schemas::Family::kLimit,
      .techniques = {"F1045"},
      .severity = schemas::Severity::kMedium,
      .weight = 1.5,
      .events = kTransactions | kChanges,
  };
  struct Config {
    double share_min = 0.8;
    std::chrono::seconds window = std::chrono::hours(24);
    static const std::array<Setting<Config>, 2> kSettings;
  };

  explicit LimitRaisedThenSpent(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
