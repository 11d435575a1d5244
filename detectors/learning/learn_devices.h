// What an account learns of the devices it is used with.
#pragma once

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// Only successful uses teach. A known device takes on newer versions (never older ones) and gains a use; a
// new one is learnt, or waits as pending when the event is under suspicion. Allocates only when something new
// is stored.
void LearnDevices(const schemas::Event& event, bool suspicious, const Context& context, AccountState& state);

}  // namespace tocsin::detectors
