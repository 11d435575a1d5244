#include "alerts/policy.h"

#include <algorithm>
#include <array>
#include <string_view>

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

// A row of the default policy: each answers everything.
struct DefaultRow {
  std::string_view detector;
  std::optional<Severity> severity_min;
  std::optional<bool> money;
  bool notice = false;
  std::optional<Priority> ticket;
  ActionKind action = ActionKind::kNone;
  ActionKind second_action = ActionKind::kNone;
};

constexpr auto kDefaults = std::to_array<DefaultRow>({
    // Who says "this was not me" is believed at once: a person looks first of all, and nothing can leave
    // meanwhile.
    {.detector = "user_reported",
     .severity_min = Severity::kCritical,
     .notice = true,
     .ticket = Priority::kP1,
     .action = ActionKind::kRevokeSessions,
     .second_action = ActionKind::kFreeze},
    // An analyst who confirms fraud has looked at it, and decides with the owner what stays restricted.
    {.detector = "user_reported"},
    // The mildest answer that still protects: a payment that can be held is held, only else the account is
    // frozen.
    {.severity_min = Severity::kCritical,
     .money = true,
     .notice = true,
     .ticket = Priority::kP1,
     .action = ActionKind::kHoldTransaction},
    {.severity_min = Severity::kCritical,
     .notice = true,
     .ticket = Priority::kP1,
     .action = ActionKind::kFreeze},
    {.severity_min = Severity::kHigh,
     .money = true,
     .notice = true,
     .ticket = Priority::kP2,
     .action = ActionKind::kHoldTransaction},
    {.severity_min = Severity::kHigh, .notice = true, .ticket = Priority::kP2, .action = ActionKind::kStepUp},
    {.severity_min = Severity::kMedium, .notice = true, .ticket = Priority::kP3},
    // Support helps; nobody is alarmed. One balance that does not add up may be an event that never came.
    {.detector = "repeated_failure", .ticket = Priority::kP4},
    {.detector = "stuck_transaction", .ticket = Priority::kP4},
    {.detector = "balance_mismatch", .severity_min = Severity::kLow, .ticket = Priority::kP4},
    // Worth a line to the owner, not a person's time.
    {.detector = "new_device", .notice = true},
    {.detector = "new_country", .notice = true},
    {.detector = "partial_success", .notice = true},
    {.detector = "second_factor_removed", .notice = true},
    {.detector = "limit_approach", .notice = true},
    {},
});

// Money that only passes through, or in parts just under a limit, may be laundering, and is for whoever works
// the case alone: to tell the one it is about is forbidden nearly everywhere (FATF Recommendation 21,
// tipping-off), and warns the mule.
constexpr std::array<std::string_view, 2> kNeverTold = {"pass_through", "structuring"};

}  // namespace

PolicyAnswer Ask(const std::vector<PolicyRow>& policy, const PolicyQuestion& question) {
  const auto first = [&](auto answers) {
    return std::ranges::find_if(policy,
                                [&](const PolicyRow& row) { return answers(row) && Matches(row, question); });
  };
  PolicyAnswer answer;
  const auto notice = first([](const PolicyRow& row) { return row.notice.has_value(); });
  if (notice != policy.end()) {
    answer.notice = notice->notice.value_or(false);
    answer.secret = !answer.notice && (!notice->detector.empty() || notice->family);
  }
  const auto ticket = first([](const PolicyRow& row) { return row.ticket.has_value() || row.no_ticket; });
  if (ticket != policy.end() && !ticket->no_ticket) answer.ticket = ticket->ticket;
  const auto action = first([](const PolicyRow& row) { return !row.actions.empty(); });
  if (action != policy.end() && action->actions.front() != ActionKind::kNone)
    answer.actions = action->actions;
  return answer;
}

std::vector<PolicyRow> DefaultPolicy() {
  std::vector<PolicyRow> policy;
  for (const std::string_view detector : kNeverTold) {
    PolicyRow& silent = policy.emplace_back();
    silent.detector = detector;
    silent.notice = false;
  }
  for (const DefaultRow& row : kDefaults) {
    PolicyRow& added = policy.emplace_back();
    added.detector = row.detector;
    added.severity_min = row.severity_min;
    added.money = row.money;
    added.notice = row.notice;
    added.ticket = row.ticket;
    added.no_ticket = !row.ticket;
    added.actions = {row.action};
    if (row.second_action != ActionKind::kNone) added.actions.push_back(row.second_action);
  }
  return policy;
}

}  // namespace tocsin::alerts
