// Finds a second factor that was taken off and stayed off: whoever knows the password is in.
//
// Method: a removal (switched off, or a method removed) is a finding at once when a stranger may have done
// it: the device is not the account's own, or a password reset, a new device or a guessed login came shortly
// before. Any other removal is a finding when no factor was added or switched on in the time before or after
// it that the configuration allows. Time passes only with the account's own events: the first one that is
// late enough tells (docs/adr/0011). One that was added in that time, but arrives later, retracts the
// finding.
//
// Reads: AccountState::security_log, security, recent_events, devices, places, networks.
// Blind to: an account without any further event; a second factor that was added by the thief on the owner's
// own device; one the platform removes without an event.
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

class SecondFactorRemoved final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "second_factor_removed",
      .title = "Second factor removed",
      .family = schemas::Family::kCredential,
      .techniques = {"T1556.006"},  // Modify authentication process: multi-factor authentication.
      .severity = schemas::Severity::kMedium,
      .weight = 1.5,
      .events = kLogins | kTransactions | kChanges,
  };
  struct Config {
    std::chrono::seconds restore_within = std::chrono::hours(12);
    std::chrono::seconds preceded_within = std::chrono::hours(24);  // Signs of a stranger before the removal.

    static const std::array<Setting<Config>, 2> kSettings;
  };

  explicit SecondFactorRemoved(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event. Clear when nothing is due.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
