// Passes on what a person said of the account: the owner that it was not them, or an analyst that it was
// fraud.
//
// Method: `not_me` is a critical claim, always and whoever sent it (an agent may pass on what the owner said
// by phone): every other detector guesses, this one was told. So is `confirmed_fraud`, but of high severity
// when an analyst says it: a person is already at work on it. `me` and `false_positive` are clear; what they
// do to quarantine is the learners' part.
//
// Reads: nothing but the event.
// Blind to: an owner who does not answer, or who answers for somebody else's convenience.
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

class UserReported final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "user_reported",
      .title = "Reported by the owner",
      .family = schemas::Family::kReport,
      .techniques = {"T1586", "F1006"},  // Compromise accounts; account takeover.
      .severity = schemas::Severity::kCritical,
      .weight = 6.0,
      .events = kFeedbacks,
  };
  struct Config {
    static const std::array<Setting<Config>, 0> kSettings;
  };

  explicit UserReported(const Config& /*config*/) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. REQUIRES: event.feedback().
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;
};

}  // namespace tocsin::detectors
