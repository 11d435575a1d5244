#include "daemon/compare/outcome.h"

#include <algorithm>
#include <chrono>

namespace tocsin::daemon {

double Outcome::thousand_account_days() const {
  if (events == 0) return 0;
  const double days = std::chrono::duration<double, std::ratio<86400>>(last - first).count();
  return static_cast<double>(accounts.size()) * std::max(days, 1.0) / 1000;
}

void OutcomeCollector::Saw(const Observed& observed) {
  const schemas::Event& event = observed.event;
  ++outcome_.events;
  outcome_.first = std::min(outcome_.first, event.occurred_at);
  outcome_.last = std::max(outcome_.last, event.occurred_at);
  if (!outcome_.accounts.contains(event.account_id.str())) outcome_.accounts.insert(event.account_id.str());
  const alerts::Decision& decision = observed.decision;
  outcome_.notices += static_cast<int64_t>(decision.notices.size());
  outcome_.actions += static_cast<int64_t>(decision.actions.size());
  outcome_.tickets +=
      std::ranges::count(decision.tickets, schemas::TicketOperation::kOpen, &schemas::Ticket::operation);
  for (const schemas::Finding& finding : decision.findings) {
    KeptFinding& kept = outcome_.findings[finding.finding_id];
    kept = {.detector = finding.detector,
            .account = finding.account_id.str(),
            .case_id = finding.case_id,
            .severity = finding.severity,
            .mode = finding.mode,
            .superseded = finding.status == schemas::FindingStatus::kSuperseded,
            .risk = finding.risk,
            .occurred_at = finding.occurred_at,
            .cause = finding.cause};
  }
}

}  // namespace tocsin::daemon
