// What an account learns of its payees, refused payments and balance. These are history, not habit: they are
// remembered under suspicion too.
#pragma once

#include "detectors/account_state.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// Whom a transfer or withdrawal that counts is paid to or comes from, and payees that were added. Shops and
// terminals are left out.
void LearnPayees(const schemas::Event& event, AccountState& state);
// Transactions that were declined or failed.
void LearnAttempts(const schemas::Event& event, AccountState& state);
// Raised limits, open authorizations, the balance.
// REQUIRES: recent_events().newest counts this event; the money segment does not yet.
void LearnLedger(const schemas::Event& event, AccountState& state);

}  // namespace tocsin::detectors
