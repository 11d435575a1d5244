// Declared limits (detectors.md §5): what they say, and the table of them. Evaluation is in limit_breach and
// limit_approach.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "schemas/event.h"

namespace tocsin::detectors {

struct Limit {
  enum class Window : uint8_t { kTransaction, kRolling, kCalendar };

  std::string name;                             // Unique; also what a profile's override names.
  std::vector<schemas::TransactionKind> kinds;  // Empty: all.
  std::optional<schemas::Direction> direction;
  std::optional<bool> cross_border;  // A transaction of which it is not known matches neither.
  std::string tenant;                // As events name it; "": all.
  std::vector<std::string> tiers;    // Empty: all.
  Window window = Window::kTransaction;
  Millis rolling{0};                       // kRolling: more than 0, at most MoneyHistory::kRollingMax (24 h).
  CalendarUnit unit = CalendarUnit::kDay;  // kCalendar: in the account's zone, see AccountZone().
  std::optional<Money> max;  // At exactly the limit: no breach. Its currency is the one sums are made in.
  std::optional<int64_t> max_count;
  // Transactions below it are not counted. One in another currency than the minimum's always is: the rate of
  // a day must not decide what belongs to a sum.
  std::optional<Money> min;
  double warn_at = 0;            // 0…1; 0: no warning.
  std::optional<double> weight;  // Log-odds instead of the detector's default.
};

// Units of `quote` one unit of `base` buys, with the day it is of. Exact decimal: rate = mantissa / 10^scale.
struct ExchangeRate {
  Currency base;
  Currency quote;
  int64_t mantissa = 0;
  int scale = 0;
  std::string as_of;  // "2026-03-01"
};

struct LimitTable {
  std::vector<Limit> limits;
  std::vector<ExchangeRate> rates;
};

// The amount in another currency, rounded half away from zero; directly or by the inverse rate, whichever the
// table has (the first row of a pair wins). Integers throughout. nullopt when the table has no usable rate
// for the pair (a mantissa that is not positive, or a scale outside 0…18, is none), or the result is beyond
// kMoneyMinorMax.
[[nodiscard]] std::optional<Money> Convert(const Money& money, Currency to, const LimitTable& table);

// As Convert for sums: a result beyond the range of amounts saturates, so that it is over any limit instead
// of unknown. REQUIRES: money.minor >= 0. `rate` is set to the row that was used; nullptr when no conversion
// was needed.
[[nodiscard]] std::optional<int64_t> ConvertForSum(const Money& money, Currency to, const LimitTable& table,
                                                   const ExchangeRate** rate = nullptr);

[[nodiscard]] bool CanConvert(Currency from, Currency to, const LimitTable& table);

// What the limit counts, as a stable hash of its name, window, filters and currency: a limit whose meaning
// changes starts a new sum. Not of tenant, tiers and maxima, which say only whom and when it stops.
[[nodiscard]] uint64_t LimitKey(const Limit& limit);

}  // namespace tocsin::detectors
