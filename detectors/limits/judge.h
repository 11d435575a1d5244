// What one transaction event changes about the declared limits: the heart of limit_breach and limit_approach.
//
// Definition. The account's transactions stand in one order: by time, then by hash of the transaction id. At
// a transaction u that counts (state/money.h), the level of a limit is the sum and the number of all
// transactions v with
//   - v = u or v before u in that order, and not before the begin of the limit's window at u,
//   - v matches the limit (kind, direction, border),
//   - v has not been given back by the time of u.
// u is OVER the limit when the sum exceeds `max`, or the number `max_count`; equal is not over.
// u is NEAR it when sum or number reach `warn_at` of the maximum, u is not over, and no transaction before u
// in its window has reached it: once per window, and once per uninterrupted time near a rolling limit.
//
// Both are functions of the set of events, not of their order of arrival. So an event is judged by the
// difference it makes: what is over (near) with it and was not without it is claimed; what was and is no
// longer is retracted. Nothing need be remembered of claims made, and a change of configuration claims and
// retracts nothing in the past.
//
// Amounts in other currencies are converted one by one. Where the table has no rate, a sum is a lower bound:
// over is still sure, else the limit is not evaluable at u. Likewise where more transactions came than are
// kept: what is still known is a lower bound, over it is claimed, and nothing is retracted because of it.
//
// Cost: linear in the transactions listed, for all limits together when the event is the newest, per limit
// when it is late. Allocates only for late or amended transactions, or when something is near or over.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/limits/account_limits.h"
#include "detectors/payments/flows.h"
#include "schemas/event.h"

namespace tocsin::detectors {

inline constexpr std::string_view kNoLimits = "no_limits";  // No limit is declared that could answer.
inline constexpr std::string_view kNoRate = "no_rate";      // An amount could not be converted.
inline constexpr std::string_view kBorderUnknown =
    "cross_border_unknown";  // Nobody knows the counterparty's or the account's country.

// The sums and counts from which on an account is over a limit, or near it. Wide enough for any sum.
class Thresholds {
 public:
  __extension__ using Wide = __int128;
  Thresholds(const Limit& limit, const Allowance& allowance);

  // `unconverted`: the amount of the transaction judged is not in the sum, so only the count can answer.
  [[nodiscard]] bool SumOver(Wide sum, bool unconverted) const { return !unconverted && sum > max_; }
  [[nodiscard]] bool CountOver(int64_t count) const { return count > max_count_; }
  [[nodiscard]] bool Over(Wide sum, int64_t count, bool unconverted) const {
    return SumOver(sum, unconverted) || CountOver(count);
  }
  // warn_at of a maximum is reached, or exceeded. Nothing is near a maximum of 0.
  [[nodiscard]] bool SumHigh(Wide sum, bool unconverted) const { return !unconverted && sum >= warn_; }
  [[nodiscard]] bool CountHigh(int64_t count) const { return count >= warn_count_; }
  [[nodiscard]] bool High(Wide sum, int64_t count, bool unconverted) const {
    return SumHigh(sum, unconverted) || CountHigh(count);
  }

 private:
  Wide max_;  // Beyond any sum where there is none.
  Wide warn_;
  int64_t max_count_;
  int64_t warn_count_;
};

// A limit at one transaction.
struct LimitLevel {
  const Limit* limit = nullptr;
  Allowance allowance;
  Timestamp begin;        // Of the window.
  int64_t sum_minor = 0;  // In limit->max's currency, this transaction included; saturates.
  int64_t count = 0;
  int64_t converted = 0;               // Of the listed transactions: with an amount in another currency.
  int64_t unconverted = 0;             // Without a rate: in `count`, not in `sum_minor`.
  const ExchangeRate* rate = nullptr;  // The last that was used.
  bool self_unconverted = false;       // This transaction itself.
  bool partial_window = false;  // The limit was declared, or the account's zone changed, within the window,
                                // or transactions of it are no longer known.
  bool saturated = false;       // They are not: sum and count are lower bounds.

  [[nodiscard]] bool SumOver() const {
    return Thresholds(*limit, allowance).SumOver(sum_minor, self_unconverted);
  }
  [[nodiscard]] bool CountOver() const { return Thresholds(*limit, allowance).CountOver(count); }
  [[nodiscard]] bool SumHigh() const {
    return Thresholds(*limit, allowance).SumHigh(sum_minor, self_unconverted);
  }
  [[nodiscard]] bool CountHigh() const { return Thresholds(*limit, allowance).CountHigh(count); }
  // Why `not over` is not known; "" when it is.
  [[nodiscard]] std::string_view Unknown() const;
  // By those of this limit and this allowance.
  [[nodiscard]] std::string_view Unknown(const Thresholds& thresholds) const;
};

enum class Question : uint8_t { kOver, kNear };

struct LimitChange {
  bool now = true;       // true: is over (near) with this event; false: was without it.
  std::string event_id;  // Of the transaction it is said of.
  Timestamp at;
  bool own = false;  // It is said of the event's own transaction.
  LimitLevel level;
};

struct LimitAnswer {
  std::vector<LimitChange> changes;
  // Why some limit could not be evaluated at the event's own transaction; "" when all could.
  std::string_view why;
};

struct LimitAnswers {
  LimitAnswer over;
  LimitAnswer near;
};

// Both questions, over one pass. Notes nothing. `flows` are the event's.
[[nodiscard]] LimitAnswers JudgeLimits(const Flows& flows, const schemas::Event& event,
                                       const AccountState& state, const Context& context);
// One of them: with nobody to note for it is taken from the other's pass. REQUIRES: event.transaction().
[[nodiscard]] LimitAnswer JudgeLimits(Question question, const schemas::Event& event,
                                      const AccountState& state, const Context& context);

}  // namespace tocsin::detectors
