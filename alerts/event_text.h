// One event in a few words, for timelines and tickets: "login failed (wrong password)", "transfer CNY
// 68000.00 completed".
//
// Thread safety: any thread.
#pragma once

#include <string>

#include "alerts/messages.h"
#include "alerts/timeline.h"
#include "schemas/alert.h"

namespace tocsin::alerts {

// "login failed (wrong password, no second factor)"; without the amount. Names the payee in full:
// for staff, unless the item has none.
[[nodiscard]] std::string EventText(Locale locale, const TimelineItem& item);
// "AS4134, home, VPN"; "" unknown.
[[nodiscard]] std::string NetworkText(Locale locale, const TimelineItem& item);

// The record's entry of a ticket's timeline: English, amount included, texts cleaned.
[[nodiscard]] schemas::TimelineEntry ToEntry(const TimelineItem& item, bool flagged);

}  // namespace tocsin::alerts
