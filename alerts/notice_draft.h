// What every notice has, whatever it is about: to whom it goes, in which language and by whose clock, its
// links, when it may be told.
//
// Thread safety: pure.
#pragma once

#include <vector>

#include "alerts/alerts_config.h"
#include "alerts/decide.h"
#include "alerts/notice_facts.h"
#include "alerts/owners_day.h"

namespace tocsin::alerts {

[[nodiscard]] TimeZone ZoneOf(const NoticesConfig& config, const schemas::AccountProfile& owner);

// The owner's verified contacts, the primary one first; with `previous_too` those that were replaced lately.
[[nodiscard]] std::vector<schemas::Recipient> RecipientsOf(const NoticesConfig& config, const Judged& judged,
                                                           bool previous_too);

// Facts that are the same in every notice of the account; they are of the time of the event.
[[nodiscard]] NoticeFacts BeginFacts(const AlertsConfig& config, const Judged& judged, const Case* one);

// What restricts the owner at the event's time and is not in `facts` yet, whichever case asked for it.
// `payment`: the one that the notice is about; "" none.
void AddInForce(const Judged& judged, const CaseFile& file, std::string_view payment, NoticeFacts& facts);

// The notice with its words. `draft` has its id, case, severity, reference and recipients. `told_at`: when it
// may reach the owner, which is not before the event.
[[nodiscard]] schemas::Notice Complete(const AlertsConfig& config, const Judged& judged, NoticeTemplate form,
                                       NoticeFacts facts, Timestamp told_at, schemas::Notice draft);

}  // namespace tocsin::alerts
