// The declared limits as they stand for one account: its tier, its overrides, its zone.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "base/time_zone.h"
#include "detectors/limits/limit.h"
#include "detectors/state/money.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// The zone of calendar windows: the profile's, else UTC. Never an event's: a client could then move a
// window's begin by naming another zone.
[[nodiscard]] TimeZone AccountZone(const schemas::AccountProfile& owner);

// The limit is for the tenant of the event, and its tiers hold the account's tier. A limit with a tenant or
// tiers never applies where there is none.
[[nodiscard]] bool AppliesTo(const Limit& limit, std::string_view tenant,
                             const schemas::AccountProfile& owner);

// Does the limit count this movement, by kind, direction, amount and border? (Not by whom it is for: sums are
// kept for all.)
enum class Match : uint8_t {
  kNo,
  kYes,
  kUnknown
};  // kUnknown: all else matches, but nobody knows about the border.
[[nodiscard]] Match Matches(const Limit& limit, const Movement& movement);
// The same in two parts, for who asks about many movements that differ in little but their amounts.
[[nodiscard]] Match MatchesButAmount(const Limit& limit, const Movement& movement);
[[nodiscard]] bool IsBelowMin(const Limit& limit, const Movement& movement);

// How much the limit allows this account.
struct Allowance {
  std::optional<int64_t> max_minor;  // In limit.max's currency.
  std::optional<int64_t> max_count;
  bool no_rate =
      false;  // The account's override is in a currency the table cannot convert: max_minor is empty.
};
// The profile's override by name replaces `max`, higher or lower, converted to the limit's currency. A limit
// without `max` counts only, and has no override.
[[nodiscard]] Allowance AllowanceOf(const Limit& limit, const schemas::AccountProfile& owner,
                                    const LimitTable& table);

// The table as it is for the account: a limit that its profile sets in another currency than the declared one
// is counted in that one, so that what the owner was told holds to the last cent. nullopt, for most: as it is
// declared. Where the table lacks a rate that counting in the account's currency would need, the limit stays
// as declared, and AllowanceOf converts.
[[nodiscard]] std::optional<LimitTable> InOwnCurrencies(const LimitTable& table,
                                                        const schemas::AccountProfile& owner);

// First instant of the limit's window that ends at `at`. A rolling window is (at − length, at].
[[nodiscard]] Timestamp WindowBegin(const Limit& limit, const TimeZone& zone, Timestamp at);

// Transactions of the limit's window from `begin` to `at` have left the list, and no bucket holds them: a sum
// of what is known is a lower bound. Days are too short for buckets.
[[nodiscard]] bool IsForgotten(const Limit& limit, const MoneyHistory& money, Timestamp begin, Timestamp at);

// The bucket that holds what left the list of the window that begins at `begin`. A bucket that begins within
// 26 h of it belongs to the same window in the zone the account had before; its sum is kept rather than lost,
// and said to be partial.
struct FoundBucket {
  const MoneyBucket* bucket = nullptr;
  bool partial = false;  // What left the list is not, or not exactly, in the bucket.
};
[[nodiscard]] FoundBucket FindBucket(const MoneyHistory& money, uint64_t limit_key, Timestamp begin);

}  // namespace tocsin::detectors
