// What keeps an owner from the account or their money at one instant, as far as is known here: restrictions
// that were asked for and neither expired nor were ended by the platform's word, and its own word that the
// account is frozen. Texts say what is restricted by this, and by nothing else.
//
// Thread safety: pure.
#pragma once

#include <span>
#include <vector>

#include "alerts/case_file.h"
#include "base/time.h"
#include "schemas/alert.h"
#include "schemas/event.h"

namespace tocsin::alerts {

// True for what keeps an owner from using the account or their money: such an owner is always told.
[[nodiscard]] bool IsRestriction(schemas::ActionKind kind);

// The payment is not final: it may still be held.
[[nodiscard]] bool IsPending(const schemas::Transaction& transaction);

// The case asked for it, and it still holds at `at`.
[[nodiscard]] bool HasInForce(const Case& one, schemas::ActionKind kind, Timestamp at);
[[nodiscard]] size_t CountInForce(const Case& one, schemas::ActionKind kind, Timestamp at);
[[nodiscard]] bool IsRestricted(const Case& one, Timestamp at);

// The platform says how an event ends what was asked for: a freeze was lifted, a held payment was completed
// or came to nothing. Nothing that was asked for later than the event ends by it. A case in which nothing is
// restricted any more has no review due, and its ticket is to say so, also when another took its place.
void TakeEnds(const schemas::Event& event, CaseFile& file);

}  // namespace tocsin::alerts
