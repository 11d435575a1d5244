// What the platform is asked to do. Each kind once per case and target while it is in force; the platform
// decides whether to obey.
//
// Thread safety: pure.
#pragma once

#include <vector>

#include "alerts/alerts_config.h"
#include "alerts/business_calendar.h"
#include "alerts/case_file.h"
#include "schemas/alert.h"
#include "schemas/event.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

// The claim is about a payment that is not final yet. A payment of the event itself that is completed, or did
// not happen, can no longer be held.
[[nodiscard]] bool CanBeHeld(const schemas::Claim& claim, const schemas::Event& event);

// Asks for `kind` because of `claim`, unless it does not apply (no payment to hold), or the case asked for it
// and that is still in force. What expired, or what the platform ended, is asked for again, under another
// id; signing out is no state, and every report asks for it again. A restriction starts the review clock
// (Case::due_review), which one beside it does not set back. A freeze stays until its review is due, however
// long the office is closed; everything else expires after a day. True when an action was added to `actions`,
// which are those of this event.
bool AskFor(schemas::ActionKind kind, const schemas::Claim& claim, const schemas::Event& event, double risk,
            const SupportConfig& support, const BusinessClock& clock, Case& one,
            std::vector<schemas::Action>& actions);

}  // namespace tocsin::alerts
