#include "alerts/plan_tickets.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "alerts/in_force.h"
#include "alerts/notices.h"

namespace tocsin::alerts {
namespace {

// So many payments held at one time are told to whoever works the case one by one; more of them in batches.
constexpr size_t kHeldAtOnce = 16;

// Of payments that left in a case of the highest priority likewise; then each time that they have doubled.
bool IsToldAtOnce(uint64_t payments) { return payments <= kHeldAtOnce || std::has_single_bit(payments); }

// What the event's claims that are told in one case mean for its ticket.
struct TicketNeed {
  std::optional<schemas::Priority> wanted;  // The highest that the policy asked for.
  const Step* leading = nullptr;            // The gravest; null: the event tells nothing in this case.
  bool urgent = false;                      // Who works the case must know now.
  bool heard = false;                       // The owner hears of what asks for the ticket.
};

TicketNeed NeedOf(std::span<const Step> steps, const schemas::Event& event, const Case& one) {
  // Of the ticket's priority until now: what raises it is told at once anyway.
  const bool told_of_money = one.priority == schemas::Priority::kP1 && IsToldAtOnce(one.money.CountLeft());
  const auto few_are_held = [&] {
    return CountInForce(one, schemas::ActionKind::kHoldTransaction, event.occurred_at) <= kHeldAtOnce;
  };
  TicketNeed need;
  for (const Step& step : steps) {
    if (step.one != &one || !step.tells()) continue;
    const bool restricts =
        step.restricts == Restricts::kAnew || (step.restricts == Restricts::kMore && few_are_held());
    need.urgent = need.urgent || restricts || step.claim->family == schemas::Family::kReport ||
                  (told_of_money && MoneyLeaves(step, event));
    if (need.leading == nullptr || step.severity > need.leading->severity) need.leading = &step;
    if (!step.answer.ticket) continue;
    need.wanted = std::min(need.wanted.value_or(*step.answer.ticket), *step.answer.ticket);
    need.heard = need.heard || !step.answer.secret;
  }
  return need;
}

}  // namespace

std::vector<PlannedTicket> PlanTickets(const AlertsConfig& config, const BusinessClock& clock,
                                       const schemas::Event& event, std::span<const Step> steps,
                                       std::span<const Left> left, const Answered& answered, CaseFile& file) {
  const Timestamp at = event.occurred_at;
  std::vector<PlannedTicket> planned;
  for (Case& one : file.MutableCases()) {
    const TicketNeed need = NeedOf(steps, event, one);
    if (need.leading == nullptr && one.state != CaseState::kOpen) continue;
    const bool spoken = answered.one == &one;
    const bool lost = std::ranges::any_of(left, [&](const Left& gone) { return gone.from == &one; });
    News news = need.leading != nullptr || lost || spoken ? News::kCanWait : News::kNone;
    if (need.urgent || (spoken && answered.contradicts)) news = News::kAtOnce;
    if (const auto ticket = PlanTicket(config, clock, at, need.wanted, news, one)) {
      planned.push_back({*ticket, &one, need.leading == nullptr ? nullptr : need.leading->claim});
    }
    if (need.heard && one.promised_reply == kTimestampMin)
      one.promised_reply = clock.DueAfter(at, config.support.first_reply);
  }
  if (std::ranges::none_of(file.replaced(), &Case::append_waits)) return planned;
  for (Case& one : file.MutableReplaced()) {
    if (const auto ticket = PlanTicket(config, clock, at, std::nullopt, News::kNone, one))
      planned.push_back({*ticket, &one, nullptr});
  }
  return planned;
}

}  // namespace tocsin::alerts
