// What the account learns of its sessions. Pure but for `state`; history, not habit: remembered under
// suspicion or not.
#pragma once

#include "detectors/account_state.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// Where each session is used, and when the account is used at all.
void LearnSessions(const schemas::Event& event, AccountState& state);

}  // namespace tocsin::detectors
