// What the account learns from an event, after all detectors have spoken.
#pragma once

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/learning/learning_config.h"
#include "detectors/detector_set.h"

namespace tocsin::detectors {

// Folds the event into the account and the population: profile, recent ids, sign-ins, failures, places, devices, networks,
// security stages, money; and feedback, which confirms or refuses what waits in quarantine.
//
// An event under suspicion (a live claim of any detector but limits' and info ones) does not teach: what is new in it goes to
// quarantine, and what is known gains nothing. While `context.case_open`, nothing leaves quarantine by age.
//
// Pure but for the two states it changes: equal arguments give equal states.
// REQUIRES: the event is not a duplicate and not late (RecentEvents).
void Learn(const schemas::Event& event, const DetectionResult& result, const Context& context, AccountState& state,
           Population& population);

// The account is past learning (or the event itself comes that late in its life).
[[nodiscard]] bool PastLearning(const AccountState& state, Timestamp at, const LearningConfig& config);

}  // namespace tocsin::detectors
