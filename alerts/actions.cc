#include "alerts/actions.h"

#include <algorithm>

#include "alerts/in_force.h"
#include "alerts/subject.h"
#include "base/hash.h"
#include "schemas/enum_names.h"

namespace tocsin::alerts {

using schemas::ActionKind;

namespace {

constexpr std::chrono::hours kExpiry{24};

// "" for the account.
std::string TargetOf(ActionKind kind, const schemas::Claim& claim, const schemas::Event& event) {
  if (kind == ActionKind::kHoldTransaction) return claim.transaction_id;
  const bool known = !event.session_id.empty() && !IsOfLater(claim, event);
  if (kind == ActionKind::kStepUp && known) return event.session_id;
  return "";
}

}  // namespace

bool CanBeHeld(const schemas::Claim& claim, const schemas::Event& event) {
  if (claim.transaction_id.empty()) return false;
  const schemas::Transaction* transaction = event.transaction();
  if (transaction == nullptr || transaction->transaction_id != claim.transaction_id) return true;
  return IsPending(*transaction);
}

bool AskFor(ActionKind kind, const schemas::Claim& claim, const schemas::Event& event, double risk,
            const SupportConfig& support, const BusinessClock& clock, Case& one,
            std::vector<schemas::Action>& actions) {
  if (kind == ActionKind::kNone) return false;
  if (kind == ActionKind::kHoldTransaction && !CanBeHeld(claim, event)) return false;

  std::string target = TargetOf(kind, claim, event);
  const std::string kept = target.empty() ? event.account_id.str() : target;
  const Timestamp at = event.occurred_at;
  const auto asked_now = [&](const schemas::Action& action) {
    return action.action == kind && action.case_id == one.case_id && action.target == target;
  };
  if (std::ranges::any_of(actions, asked_now)) return false;
  const auto known = std::ranges::find_if(
      one.actions, [&](const Asked& asked) { return asked.kind == kind && asked.target == kept; });
  const bool again = known != one.actions.end();
  // Who is in after the first report came after it.
  const bool renews = kind == ActionKind::kRevokeSessions && claim.family == schemas::Family::kReport;
  if (again && known->InForce(at) && !renews) return false;

  Timestamp expires_at = at + kExpiry;
  if (IsRestriction(kind)) {
    const Timestamp due = clock.DueAfter(at, support.review);
    const bool runs = IsRestricted(one, at) && one.due_review > at;
    one.due_review = runs ? std::min(one.due_review, due) : due;
    // Not before somebody has looked at it: the owner is told when that will be.
    expires_at = std::max(expires_at, due);
  }
  IdentityHash hash;
  hash.Add("action").Add(one.case_id).Add(schemas::Name(kind)).Add(kept);
  if (again) hash.Add(event.event_id.view());
  std::string id = ToHex(hash.Finish());
  if (again) one.actions.erase(known);
  if (one.actions.size() >= Case::kActionsMax)
    one.actions.erase(std::ranges::min_element(one.actions, {}, &Asked::until));
  one.actions.push_back({.kind = kind, .target = kept, .at = at, .until = expires_at});
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
  return true;
}

}  // namespace tocsin::alerts
