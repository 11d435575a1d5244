// What a claim is about. Mostly the event at hand; a late event can make a finding of a later one, and then
// that one is told, as it would have been had both come in order.
//
// Thread safety: pure.
#pragma once

#include "alerts/timeline.h"
#include "schemas/event.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

// The claim is of a time after the event and not about the event's own payment: session, address and payee of
// the event are not of what was found.
[[nodiscard]] bool IsOfLater(const schemas::Claim& claim, const schemas::Event& event);

// The event, or the later one as the timeline remembers it; the event when that is forgotten.
[[nodiscard]] TimelineItem SubjectOf(const schemas::Claim& claim, const schemas::Event& event,
                                     const Timeline& timeline);

}  // namespace tocsin::alerts
