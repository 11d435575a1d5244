// Which tickets one event asks for: at most one operation for each case, beside those that end it. Planned
// before the owner's notice is made, which says that there is a ticket and by when a person replies; written
// (WriteTicket) after it, when everything the ticket says is known.
//
// Thread safety: pure functions over the CaseFile they are given.
#pragma once

#include <span>
#include <vector>

#include "alerts/alerts_config.h"
#include "alerts/answers.h"
#include "alerts/business_calendar.h"
#include "alerts/case_file.h"
#include "alerts/cases.h"
#include "alerts/step.h"
#include "alerts/tickets.h"

namespace tocsin::alerts {

struct PlannedTicket {
  TicketPlan ticket;
  Case* one = nullptr;                      // In the file.
  const schemas::Claim* leading = nullptr;  // The gravest that is told in it; null: none is.
};

// `steps` are the event's claims after their actions, `left` the findings that it took back, `answered` what
// a person said by it. Opens tickets and moves priority and due times in the cases (PlanTicket), and notes
// what the owner is promised. PlannedTicket::one holds until the file's cases change places, `leading` as
// long as the claims of `steps`.
[[nodiscard]] std::vector<PlannedTicket> PlanTickets(const AlertsConfig& config, const BusinessClock& clock,
                                                     const schemas::Event& event, std::span<const Step> steps,
                                                     std::span<const Left> left, const Answered& answered,
                                                     CaseFile& file);

}  // namespace tocsin::alerts
