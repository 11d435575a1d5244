// What the account learns of its habits.
#pragma once

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// The hour of a login not under suspicion, and what is odd about a use (lesson.h). Before the devices learn:
// what is odd is judged by what was known of them.
void LearnHabits(const schemas::Event& event, bool suspicious, const Context& context, AccountState& state);

}  // namespace tocsin::detectors
