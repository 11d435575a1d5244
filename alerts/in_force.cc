#include "alerts/in_force.h"

#include <algorithm>

namespace tocsin::alerts {

using schemas::ActionKind;

namespace {

bool Ends(const schemas::Event& event, const Asked& asked) {
  if (asked.at > event.occurred_at || !asked.InForce(event.occurred_at)) return false;
  if (const schemas::AccountChange* change = event.change()) {
    return asked.kind == ActionKind::kFreeze && change->change == schemas::ChangeKind::kUnfrozen;
  }
  const schemas::Transaction* transaction = event.transaction();
  return transaction != nullptr && asked.kind == ActionKind::kHoldTransaction &&
         asked.target == transaction->transaction_id && !IsPending(*transaction);
}

}  // namespace

bool IsRestriction(ActionKind kind) {
  return kind == ActionKind::kHoldTransaction || kind == ActionKind::kLimit || kind == ActionKind::kFreeze;
}

bool IsPending(const schemas::Transaction& transaction) {
  return transaction.status == schemas::TransactionStatus::kAuthorized ||
         transaction.status == schemas::TransactionStatus::kNone;
}

size_t CountInForce(const Case& one, ActionKind kind, Timestamp at) {
  return static_cast<size_t>(std::ranges::count_if(
      one.actions, [&](const Asked& asked) { return asked.kind == kind && asked.InForce(at); }));
}

bool HasInForce(const Case& one, ActionKind kind, Timestamp at) { return CountInForce(one, kind, at) > 0; }

bool IsRestricted(const Case& one, Timestamp at) {
  return std::ranges::any_of(
      one.actions, [at](const Asked& asked) { return IsRestriction(asked.kind) && asked.InForce(at); });
}

void TakeEnds(const schemas::Event& event, CaseFile& file) {
  const auto ends = [&event](const Asked& asked) { return Ends(event, asked); };
  const auto concerned = [&](const Case& one) { return std::ranges::any_of(one.actions, ends); };
  const auto end = [&](Case& one) {
    if (!concerned(one)) return;
    for (Asked& asked : one.actions) {
      if (ends(asked)) asked.until = event.occurred_at;
    }
    if (!IsRestricted(one, event.occurred_at)) one.due_review = kTimestampMin;
    one.append_waits = one.append_waits || one.ticket_open;
  };
  if (std::ranges::any_of(file.cases(), concerned)) std::ranges::for_each(file.MutableCases(), end);
  if (std::ranges::any_of(file.replaced(), concerned)) std::ranges::for_each(file.MutableReplaced(), end);
}

}  // namespace tocsin::alerts
