// What the platform is asked to do. Each kind once per case and target; the platform decides whether to obey.
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

// True for what keeps an owner from using the account or their money: such an owner is always told.
[[nodiscard]] bool IsRestriction(schemas::ActionKind kind);

// The claim is about a payment that is not final yet. A payment of the event itself that is completed, or did
// not happen, can no longer be held.
[[nodiscard]] bool CanBeHeld(const schemas::Claim& claim, const schemas::Event& event);

// Asks for `kind` because of `claim`, unless the case has asked for it already or it does not apply (no
// payment to hold). A freeze starts the review clock (Case::due_review) and stays until the review is due,
// however long the office is closed; everything else expires after a day. True when an action was added to
// `actions`.
bool AskFor(schemas::ActionKind kind, const schemas::Claim& claim, const schemas::Event& event, double risk,
            const SupportConfig& support, const BusinessClock& clock, Case& one,
            std::vector<schemas::Action>& actions);

}  // namespace tocsin::alerts
