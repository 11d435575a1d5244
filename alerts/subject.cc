#include "alerts/subject.h"

#include <algorithm>
#include <vector>

namespace tocsin::alerts {

bool IsOfLater(const schemas::Claim& claim, const schemas::Event& event) {
  const schemas::Transaction* transaction = event.transaction();
  const bool of_payment = transaction != nullptr && claim.transaction_id == transaction->transaction_id;
  return claim.occurred_at > event.occurred_at && !of_payment;
}

TimelineItem SubjectOf(const schemas::Claim& claim, const schemas::Event& event, const Timeline& timeline) {
  if (!IsOfLater(claim, event)) return Describe(event);
  const std::vector<TimelineItem> items = timeline.Items();
  const TimelineItem* subject = nullptr;
  for (const TimelineItem& item : items) {
    if (item.at != claim.occurred_at) continue;
    const bool is_cause = std::ranges::find(claim.cause, item.event_id) != claim.cause.end();
    if (subject == nullptr || is_cause) subject = &item;
  }
  return subject == nullptr ? Describe(event) : *subject;
}

}  // namespace tocsin::alerts
