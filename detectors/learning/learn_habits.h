// What the account learns of its habits.
#pragma once

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// The hours of logins that have waited long enough and were not under suspicion meanwhile; of the oldest as
// well, when their list is full. Before LearnSignIns, which forgets the old ones, and while the profile of
// their time is known.
void LearnHours(AccountState& state);

// What is odd about a use (lesson.h). Before the devices learn:
// what is odd is judged by what was known of them.
void LearnHabits(const schemas::Event& event, bool suspicious, const Context& context, AccountState& state);

}  // namespace tocsin::detectors
