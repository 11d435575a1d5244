// Finds a login at an hour at which the account is hardly ever used.
//
// Method: the share of the account's logins at hours as rare as this one or rarer, by the owner's own clock
// and round it (23 is next to 0), counted once for each hour of a day. Hours beside a usual one are half
// usual, and what was never seen is not impossible. Today and yesterday are not counted yet, so that neither
// the order of arrival nor a restless night decides.
//
// Reads: Habits::hours; Profile::owner for the clock.
// Blind to: attackers who wait for morning; accounts used at all hours, or hardly at all.
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

class UnusualHour final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "unusual_hour",
      .title = "Unusual hour",
      .family = schemas::Family::kDevice,
      .techniques = {"T1078"},
      .severity = schemas::Severity::kInfo,
      .weight = 0.4,
      .events = kLogins,
  };
  struct Config {
    double share_max = 0.02;  // Unusual below this share.
    int logins_min = 20;      // Hours of days counted before it speaks.
    static const std::array<Setting<Config>, 2> kSettings;
  };

  explicit UnusualHour(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
