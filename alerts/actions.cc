#include "alerts/actions.h"

#include <algorithm>

#include "base/hash.h"
#include "schemas/enum_names.h"

namespace tocsin::alerts {

using schemas::ActionKind;

namespace {

constexpr std::chrono::hours kExpiry{24};

std::string TargetOf(ActionKind kind, const schemas::Claim& claim, const schemas::Event& event) {
  if (kind == ActionKind::kHoldTransaction) return claim.transaction_id;
  if (kind == ActionKind::kStepUp && !event.session_id.empty()) return event.session_id;
  return event.account_id.str();
}

}  // namespace

bool IsRestriction(ActionKind kind) {
  return kind == ActionKind::kHoldTransaction || kind == ActionKind::kLimit || kind == ActionKind::kFreeze;
}

bool CanBeHeld(const schemas::Claim& claim, const schemas::Event& event) {
  if (claim.transaction_id.empty()) return false;
  const schemas::Transaction* transaction = event.transaction();
  if (transaction == nullptr || transaction->transaction_id != claim.transaction_id) return true;
  return transaction->status == schemas::TransactionStatus::kAuthorized ||
         transaction->status == schemas::TransactionStatus::kNone;
}

bool AskFor(ActionKind kind, const schemas::Claim& claim, const schemas::Event& event, double risk,
            const SupportConfig& support, const BusinessClock& clock, Case& one,
            std::vector<schemas::Action>& actions) {
  if (kind == ActionKind::kNone) return false;
  if (kind == ActionKind::kHoldTransaction && !CanBeHeld(claim, event)) return false;

  std::string target = TargetOf(kind, claim, event);
  std::string once = std::string(schemas::Name(kind)) + " " + target;
  if (std::ranges::find(one.actions, once) != one.actions.end()) return false;

  const Timestamp at = event.occurred_at;
  Timestamp expires_at = at + kExpiry;
  if (IsRestriction(kind)) one.due_review = clock.DueAfter(at, support.review);
  if (kind == ActionKind::kFreeze) {
    one.frozen = true;
    expires_at = std::max(at + support.review, one.due_review);
  }
  std::string id =
      ToHex(IdentityHash().Add("action").Add(one.case_id).Add(schemas::Name(kind)).Add(target).Finish());
  actions.push_back({.action_id = std::move(id),
                     .case_id = one.case_id,
                     .account_id = event.account_id,
                     .tenant = event.tenant,
                     .action = kind,
                     .target = std::move(target),
                     .reason = std::string(claim.detector),
                     .risk = risk,
                     .occurred_at = at,
                     .expires_at = expires_at,
                     .traceparent = event.traceparent});
  if (one.actions.size() >= Case::kActionsMax) one.actions.erase(one.actions.begin());
  one.actions.push_back(std::move(once));
  return true;
}

}  // namespace tocsin::alerts
