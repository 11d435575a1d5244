// What an account learns of the places it is used from.
#pragma once

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_set.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// Only successful uses teach. Every one that has a place good enough for speed is kept as a use, under
// suspicion or not: uses are history, and the next one must be compared with it. The list of known places is
// the account's habit: an event under suspicion adds to it only as pending.
//
// `result` says which pairs of uses impossible_travel has claimed. Allocates only when something new is
// stored.
void LearnPlaces(const schemas::Event& event, const DetectionResult& result, bool suspicious,
                 const Context& context, AccountState& state);

}  // namespace tocsin::detectors
