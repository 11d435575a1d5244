// The rule of a day: more than a share of a large balance left within 24 h. account_drain finds the payment
// that crosses the line; whoever keeps a record asks of each payment whether it is over it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "detectors/account_state.h"
#include "detectors/limits/limit.h"
#include "detectors/payments/counterparty.h"
#include "detectors/payments/flows.h"
#include "detectors/payments/large_amount.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// A payment whose balance is known.
struct BalancePoint {
  Timestamp at;
  std::string_view event_id;
  int64_t amount_minor = 0;
  int64_t balance_minor = 0;  // After it.
};

struct DayDrain {
  int64_t sum_minor = 0;    // What left in the 24 h that end with the payment, itself included.
  int64_t whole_minor = 0;  // That and what is left.
  bool over = false;        // More than the share of a balance that was large.
};

// Money that leaves a balance in this currency.
[[nodiscard]] inline bool DrainsIn(const Movement& movement, Currency currency) {
  return movement.direction == schemas::Direction::kOut && movement.amount.currency == currency &&
         !IsNoPayment(movement.kind, movement.with_party);
}

// `flows`: of which DrainsIn is true, in order. Calls `each` with those of the 24 h before the point, the
// newest first.
template <class Each>
[[nodiscard]] DayDrain DayDrainAt(const BalancePoint& point, const std::vector<Flow>& flows, double share,
                                  int64_t floor_minor, Each each) {
  DayDrain drain;
  for (const Flow& flow : std::views::reverse(flows)) {
    if (flow.at <= point.at - kOneDay || flow.at > point.at || flow.event_id == point.event_id ||
        flow.movement->GoneAt() <= point.at) {
      continue;
    }
    drain.sum_minor = SaturatingAdd(drain.sum_minor, flow.movement->amount.minor);
    each(flow);
  }
  drain.sum_minor = SaturatingAdd(drain.sum_minor, point.amount_minor);
  drain.whole_minor = SaturatingAdd(drain.sum_minor, std::max<int64_t>(0, point.balance_minor));
  // An account that was overdrawn before it all had nothing to take.
  drain.over = SaturatingAdd(drain.sum_minor, point.balance_minor) > 0 && drain.whole_minor >= floor_minor &&
               ExceedsShare(drain.sum_minor, share, drain.whole_minor);
  return drain;
}

struct OwnDrain {
  bool over = false;
  std::string_view why;  // It cannot be said, as of account_drain; "": it can.
};
// Of the event's own payment, also when the one that crossed the line came before it. `balance_min` in other
// currencies by the table of exchange rates. REQUIRES: event.transaction().
[[nodiscard]] OwnDrain OwnDayDrain(const schemas::Event& event, const AccountState& state,
                                   const LimitTable& table, const Money& balance_min, double share);

}  // namespace tocsin::detectors
