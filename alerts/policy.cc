#include "alerts/policy.h"

#include <algorithm>

namespace tocsin::alerts {

using schemas::ActionKind;
using schemas::Priority;
using schemas::Severity;

namespace {

bool Matches(const PolicyRow& row, const PolicyQuestion& question) {
  if (!row.detector.empty() && row.detector != question.detector) return false;
  if (row.family && *row.family != question.family) return false;
  if (row.severity_min && question.severity < *row.severity_min) return false;
  if (question.risk < row.risk_min) return false;
  if (row.money && *row.money != question.money) return false;
  return row.tiers.empty() || std::ranges::find(row.tiers, question.tier) != row.tiers.end();
}

}  // namespace

PolicyAnswer Ask(const std::vector<PolicyRow>& policy, const PolicyQuestion& question) {
  PolicyAnswer answer;
  bool notice_open = true;
  bool ticket_open = true;
  bool action_open = true;
  for (const PolicyRow& row : policy) {
    if (!Matches(row, question)) continue;
    if (notice_open && row.notice) {
      answer.notice = *row.notice;
      notice_open = false;
    }
    if (ticket_open && (row.ticket || row.no_ticket)) {
      if (!row.no_ticket) answer.ticket = row.ticket;
      ticket_open = false;
    }
    if (action_open && !row.actions.empty()) {
      if (row.actions.front() != ActionKind::kNone) answer.actions = row.actions;
      action_open = false;
    }
  }
  return answer;
}

std::vector<PolicyRow> DefaultPolicy() {
  return {
      // Who says "this was not me" is believed at once: a person looks first of all, and nothing can leave
      // meanwhile.
      {.detector = "user_reported",
       .notice = true,
       .ticket = Priority::kP1,
       .actions = {ActionKind::kRevokeSessions, ActionKind::kFreeze}},
      // The mildest answer that still protects: a payment that can be held is held, only else the account is
      // frozen.
      {.severity_min = Severity::kCritical,
       .money = true,
       .notice = true,
       .ticket = Priority::kP1,
       .actions = {ActionKind::kHoldTransaction}},
      {.severity_min = Severity::kCritical,
       .notice = true,
       .ticket = Priority::kP1,
       .actions = {ActionKind::kFreeze}},
      {.severity_min = Severity::kHigh,
       .money = true,
       .notice = true,
       .ticket = Priority::kP2,
       .actions = {ActionKind::kHoldTransaction}},
      {.severity_min = Severity::kHigh,
       .notice = true,
       .ticket = Priority::kP2,
       .actions = {ActionKind::kStepUp}},
      {.severity_min = Severity::kMedium,
       .notice = true,
       .ticket = Priority::kP3,
       .actions = {ActionKind::kNone}},
      // Support helps; nobody is alarmed. One balance that does not add up may be an event that never came.
      {.detector = "repeated_failure",
       .notice = false,
       .ticket = Priority::kP4,
       .actions = {ActionKind::kNone}},
      {.detector = "stuck_transaction",
       .notice = false,
       .ticket = Priority::kP4,
       .actions = {ActionKind::kNone}},
      {.detector = "balance_mismatch",
       .severity_min = Severity::kLow,
       .notice = false,
       .ticket = Priority::kP4,
       .actions = {ActionKind::kNone}},
      // Worth a line to the owner, not a person's time.
      {.detector = "new_device", .notice = true, .no_ticket = true, .actions = {ActionKind::kNone}},
      {.detector = "new_country", .notice = true, .no_ticket = true, .actions = {ActionKind::kNone}},
      {.detector = "partial_success", .notice = true, .no_ticket = true, .actions = {ActionKind::kNone}},
      {.detector = "second_factor_removed",
       .notice = true,
       .no_ticket = true,
       .actions = {ActionKind::kNone}},
      {.detector = "limit_approach", .notice = true, .no_ticket = true, .actions = {ActionKind::kNone}},
      {.notice = false, .no_ticket = true, .actions = {ActionKind::kNone}},
  };
}

}  // namespace tocsin::alerts
