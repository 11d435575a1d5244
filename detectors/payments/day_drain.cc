#include "detectors/payments/day_drain.h"

#include "base/check.h"
#include "detectors/limits/judge.h"

namespace tocsin::detectors {

OwnDrain OwnDayDrain(const schemas::Event& event, const AccountState& state, const LimitTable& table,
                     const Money& balance_min, double share) {
  CHECK(event.transaction() != nullptr);
  const schemas::Transaction& transaction = *event.transaction();
  if (transaction.direction != schemas::Direction::kOut) return {.why = "money_in"};
  const Flows flows(event, state);
  if (IsNoPayment(transaction.kind, IsParty(transaction.counterparty.type)) ||
      !ReadMovement(event, {}).counted || flows.after() == nullptr) {
    return {.why = "not_counted"};
  }
  if (!transaction.balance_after_minor) return {.why = "no_balance"};
  const Currency currency = transaction.amount.currency;
  const auto floor = Convert(balance_min, currency, table);
  if (!floor) return {.why = kNoRate};
  const BalancePoint own{.at = flows.after()->at,
                         .event_id = flows.event_id(),
                         .amount_minor = flows.after()->amount.minor,
                         .balance_minor = *transaction.balance_after_minor};
  const auto drains = [&](const Movement& m) { return DrainsIn(m, currency); };
  const std::vector<Flow> before = flows.After(own.at - kOneDay, drains);
  return {.over = DayDrainAt(own, before, share, floor->minor, [](const Flow&) {}).over};
}

}  // namespace tocsin::detectors
