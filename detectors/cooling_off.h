// Finds high-risk actions in the hours after a new device came to the account: who has just got in must not
// be able to send everything away the same night.
//
// Method: a payee added, a limit raised, a contact changed, or a transfer or withdrawal above the check
// amount, alone or together with those of the period before it, is a finding when a device was first used
// within the period before it (both ends included), or when the action itself comes from a device that the
// account has never been used with. The first device of an account does not count, nor any while it is
// learning. An action from a device that has earned trust is low and weighs half. Each action is a finding of
// its own; one about money names the transaction, so that it can be held. A device whose first use arrives
// late finds the actions after it, and one that was used still earlier than was known retracts those it no
// longer covers.
//
// Reads: AccountState::devices, security_log, money, sign_ins.
// Blind to: a thief who waits; a stolen device of the owner; actions the platform does not publish.
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

class CoolingOff final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "cooling_off",
      .title = "High-risk action during cooling-off",
      .family = schemas::Family::kTakeover,
      .techniques = {"F1006", "F1023"},  // Account takeover; new device.
      .severity = schemas::Severity::kMedium,
      .weight = 1.0,
      .events = kLogins | kTransactions | kChanges,
  };
  struct Config {
    std::chrono::seconds period = std::chrono::hours(12);
    Money check_amount{100'000, *Currency::Find("SGD")};  // Transfers and withdrawals above it.

    static const std::array<Setting<Config>, 2> kSettings;
  };

  explicit CoolingOff(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event. An event that is no action and changes nothing about earlier ones is clear.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
