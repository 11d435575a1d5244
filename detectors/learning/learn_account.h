// What an account learns about its use and its defences. Each function learns one segment; learning.cc calls
// them in order, so that what one asks of the state is what it was before the event.
//
// All: pure but for `state`; a segment that does not change is not marked as changed; nothing is allocated
// but for what is stored.
#pragma once

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_set.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// The event's id. Afterwards recent_events().newest is the account's newest event time, this event included.
void LearnRecentEvents(const schemas::Event& event, AccountState& state);

// The first event, and what the platform tells of the owner. Contacts that a new profile no longer has become
// previous ones. Texts longer than Profile::kTextBytesMax are cut, addresses that long are left out. A
// profile of another tenant (Profile::IsOfAnother) is not taken.
void LearnProfile(const schemas::Event& event, AccountState& state);
// What a profile tells that is older than an event may be late: it was true since then, and nobody has said
// otherwise.
void LearnLateProfile(const schemas::Event& event, AccountState& state);

// Logins that succeeded: for guessed_in every one; for the end of learning only those not under suspicion.
void LearnSignIns(const schemas::Event& event, bool suspicious, const Context& context, AccountState& state);

// Logins that failed in a way that is evidence of guessing, suspicious or not: they are what is counted.
void LearnFailures(const schemas::Event& event, AccountState& state);

// Steps of a takeover, announced travel, replaced contacts. `result` tells of guessed logins (live claims).
// An analyst's `me` or `false_positive` takes back the steps of strangers' kinds that it is about: those
// whose event is one of context.answered_causes. An owner's takes none back.
void LearnSecurity(const schemas::Event& event, const DetectionResult& result, const Context& context,
                   AccountState& state);

// Second factors that failed and changes, one by one (security_log.h).
void LearnSecurityLog(const schemas::Event& event, const Context& context, AccountState& state);

}  // namespace tocsin::detectors
