// Finds the guess that was right: a login that succeeded from where others had just failed on the same
// account.
//
// Method: a success counts as guessed when the same source, an address or a device with an id of its own,
// failed often enough on the account shortly before; or when it came from a device strange to the account
// while the account was under attack. Both ends of each window are included. Further successes from the same
// source belong to the first: one break-in is one finding, its cause is that first success. Recent successes
// are remembered, so that failures (or an earlier success) that arrive late are judged too; a finding whose
// cause moves is retracted under the old one.
//
// The owner who mistypes: a known device in a known network earns trust, which damps the weight; from the
// configured trust on the finding is of low severity.
//
// Reads: AccountState::failures, sign_ins, devices, networks.
// Blind to: an attacker who changes address and device between the guesses and the success, unless the
// account was under attack and the device is strange; failures more than a window before the success, or
// arriving half a day after it.
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

class GuessedIn final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "guessed_in",
      .title = "Guessed in",
      .family = schemas::Family::kCredential,
      .techniques = {"T1110.001", "T1078", "F1006"},  // Password guessing; valid accounts; account takeover.
      .severity = schemas::Severity::kHigh,
      .weight = 3.0,
      .events = kLogins,
  };
  struct Config {
    int failures_min = 5;                                     // From the source of the success …
    std::chrono::seconds window = std::chrono::minutes(180);  // … within this before it.
    int attack_failures_min = 10;                             // On the account, from anywhere …
    std::chrono::seconds attack_window =
        std::chrono::minutes(60);  // … within this before a success on a strange device.
    double trust_max = 0.5;        // From this trust on it is most likely the owner.

    static const std::array<Setting<Config>, 5> kSettings;
  };

  explicit GuessedIn(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event. A failure that proves nothing new about a success is clear.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

// What guessed_in and its learner remember of a successful login. REQUIRES: event is a login that succeeded.
[[nodiscard]] RecentSuccess ToRecentSuccess(const schemas::Event& event, const AccountState& state,
                                            const Context& context);

}  // namespace tocsin::detectors
