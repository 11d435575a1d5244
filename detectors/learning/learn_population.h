// What the population learns from one account's event.
#pragma once

#include "detectors/account_state.h"
#include "detectors/population.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// `state` gives the account's tier. REQUIRES: the event may teach (Learn).
void LearnPopulation(const schemas::Event& event, const AccountState& state, Population& population);

}  // namespace tocsin::detectors
