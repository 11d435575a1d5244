// Finds somebody who has the password and asks for the second factor again and again, until the owner, tired
// or confused, lets them in.
//
// Method: logins whose prompt was denied or not answered are counted in sliding windows, both ends included.
// Prompts with gaps of at most an hour are one run, and one run is one finding: its cause is the earliest
// prompt. A successful login soon after the last of enough prompts ended the run: then it is critical. The
// owner's own login does not end it: a device and network that have earned trust, or a login that says it
// needed no second factor. Prompts that all come from such a device are most likely the owner whose phone has
// no signal. Late prompts and late logins are judged too; a run whose earliest prompt moves is retracted
// under its old cause.
//
// Reads: AccountState::security_log, sign_ins, devices, networks.
// Blind to: a few prompts a day; a single prompt that is approved at once; platforms that do not publish
// denied and unanswered prompts.
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

class MfaFatigue final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "mfa_fatigue",
      .title = "Second factor fatigue",
      .family = schemas::Family::kCredential,
      .techniques = {"T1621", "F1006"},  // Multi-factor authentication request generation; account takeover.
      .severity = schemas::Severity::kMedium,
      .weight = 1.5,
      .events = kLogins,
  };
  struct Config {
    int prompts_min = 5;                                     // Denied or not answered …
    std::chrono::seconds window = std::chrono::minutes(10);  // … within this; also how soon after the last of
                                                             // them a success ends the run.
    double approved_weight = 4.0;  // When a success ended it.

    static const std::array<Setting<Config>, 3> kSettings;
  };

  explicit MfaFatigue(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event. A login that changes nothing about a run is clear.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
