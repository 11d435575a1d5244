// Finds somebody trying passwords on one account: from one address, from one network, or from many at once.
//
// Method: failed logins that are evidence of guessing (guessing.h) are counted in every window that the event
// lies in, both ends included. Too many in the short or in the long window is guessing; fewer are enough when
// they come from many addresses of several countries or networks, because no owner does that (the distributed
// form). All failures with gaps of at most an hour are one run, and one run is one finding: its cause is the
// earliest failure of the run. A failure that arrives late and lies before it, or joins two runs, takes the
// finding's identity with it.
//
// Reads: AccountState::failures, devices.
// Blind to: a few guesses a day; many accounts with one guess each (password spraying, an entity detector);
// failures that the platform does not publish.
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

class PasswordGuessing final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "password_guessing",
      .title = "Password guessing",
      .family = schemas::Family::kCredential,
      .techniques = {"T1110.001"},  // Brute force: password guessing.
      .severity = schemas::Severity::kMedium,
      .weight = 1.0,
      .events = kLogins,
  };
  struct Config {
    int short_attempts = 10;
    std::chrono::seconds short_window = std::chrono::minutes(10);
    int long_attempts = 20;
    std::chrono::seconds long_window = std::chrono::minutes(60);  // Also of the distributed form.
    int distributed_attempts = 10;
    int distributed_addresses = 5;
    int distributed_countries = 2;  // Either so many countries …
    int distributed_networks = 3;   // … or so many networks.

    static const std::array<Setting<Config>, 8> kSettings;
  };

  explicit PasswordGuessing(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event. A login that succeeded, or failed for a reason that is no guess, is clear.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
