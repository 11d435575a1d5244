// Finds logins that got past the password and failed at the second factor, from a device or country that is
// not the account's own: the second factor did its work, and the password is in somebody else's hands.
//
// Method: a failed login whose reason is the second factor (wrong, denied or not answered), on a device or
// from a country that is new, waiting or refused. Attempts with gaps of at most a day are one run, and one
// run is one finding: its cause is the earliest attempt. From the configured number of attempts on it is of
// medium severity. A run whose earliest attempt moves, because one arrived late, is retracted under its old
// cause.
//
// Reads: AccountState::security_log, devices, places, sign_ins.
// Blind to: an attacker on the owner's device, or in the owner's country without telling a device; accounts
// that are still learning.
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

class PartialSuccess final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "partial_success",
      .title = "Right password, wrong second factor",
      .family = schemas::Family::kCredential,
      .techniques = {"T1078"},  // Valid accounts.
      .severity = schemas::Severity::kLow,
      .weight = 1.0,
      .events = kLogins,
  };
  struct Config {
    int attempts_medium = 3;  // In one run, from which it is of medium severity.

    static const std::array<Setting<Config>, 1> kSettings;
  };

  explicit PartialSuccess(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event. Not evaluable: learning; without device and place.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
