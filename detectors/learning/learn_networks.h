// What an account learns of the networks it is used from.
#pragma once

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// Only successful uses teach. An entry is one autonomous system with one class and one kind of anonymiser, so
// that a VPN exit in the owner's own network is not the owner's network. Allocates only when something new is
// stored.
void LearnNetworks(const schemas::Event& event, bool suspicious, const Context& context, AccountState& state);

}  // namespace tocsin::detectors
