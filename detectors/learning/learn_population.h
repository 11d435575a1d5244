// What the population learns from one account's event.
#pragma once

#include "detectors/account_state.h"
#include "detectors/population.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// Events under suspicion teach nothing. `state` gives the account's tier.
void LearnPopulation(const schemas::Event& event, bool suspicious, const AccountState& state,
                     Population& population);

}  // namespace tocsin::detectors
