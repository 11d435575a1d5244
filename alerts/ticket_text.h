// A ticket as an agent reads it: Markdown in a fixed order. Summary, reasons with observed and usual values,
// timeline, actions asked for, the owner, what is to be decided and by when; last a block for machines. Texts
// from strangers are cleaned and escaped: they are never links, headings or table cells.
//
// Thread safety: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/case_file.h"
#include "alerts/messages.h"
#include "alerts/money_tally.h"
#include "alerts/timeline.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "schemas/alert.h"

namespace tocsin::alerts {

struct TicketFacts {
  std::string_view account_id;  // In full: staff need it.
  std::string_view tenant;
  const Case& one;
  const CaseFinding* leading;                 // The finding a ticket is named after; null: there is none.
  const std::vector<TimelineItem>& timeline;  // By time.
  std::optional<Timeline::NotShown> not_shown;
  Timestamp told_at = kTimestampMin;  // When the owner was last told of the case; kTimestampMin: never.
  schemas::TicketOperation operation = schemas::TicketOperation::kOpen;
  const MoneyTally& money;
  std::string_view why;  // Message key of a resolution; "" otherwise.
  double risk = 0;
  std::string_view event_id;  // Of the event that it is told with.
  Timestamp now;              // Event time of what is told.
  bool frozen = false;        // The platform says that the account is.
  TimeZone zone;              // The owner's.
};

// The event is one that a finding names as its cause, or the newest that it was found in: the payment of a
// takeover, not its first step alone.
[[nodiscard]] bool IsFlagged(const Case& one, const TimelineItem& item);

// Text that came from outside, fit for a line or a table cell of Markdown.
[[nodiscard]] std::string EscapeMarkdown(std::string_view text);

// "[T-2026-7KQ4-M2QX] P1: possible account takeover, account ac…15"; one line, the account masked: subjects
// end up in mail.
[[nodiscard]] std::string TicketSubject(Locale locale, const TicketFacts& facts);
// Without the block for machines.
[[nodiscard]] std::string TicketBody(Locale locale, const TicketFacts& facts);
[[nodiscard]] std::string TicketDecision(Locale locale, const TicketFacts& facts);
// A fenced block of JSON: case, findings, causes.
[[nodiscard]] std::string MachineBlock(const TicketFacts& facts);

}  // namespace tocsin::alerts
