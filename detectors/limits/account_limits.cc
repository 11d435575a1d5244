#include "detectors/limits/account_limits.h"

#include <algorithm>

namespace tocsin::detectors {
namespace {

// The widest two zones are apart (−12:00 and +14:00).
constexpr Millis kZonesApartMax = std::chrono::hours(26);

// Whatever can be counted in `declared` can be counted in `own`.
bool CountsAsMuch(Currency own, Currency declared, const LimitTable& table) {
  const auto counts = [&](Currency currency) {
    return !CanConvert(currency, declared, table) || CanConvert(currency, own, table);
  };
  return counts(declared) && std::ranges::all_of(table.rates, [&](const ExchangeRate& rate) {
           return counts(rate.base) && counts(rate.quote);
         });
}

}  // namespace

TimeZone AccountZone(const schemas::AccountProfile& owner) {
  if (owner.timezone.empty()) return {};
  return TimeZone::Find(owner.timezone).value_or(TimeZone{});
}

bool AppliesTo(const Limit& limit, std::string_view tenant, const schemas::AccountProfile& owner) {
  if (!limit.tenant.empty() && limit.tenant != tenant) return false;
  return limit.tiers.empty() || std::ranges::find(limit.tiers, owner.tier) != limit.tiers.end();
}

bool IsBelowMin(const Limit& limit, const Movement& movement) {
  return limit.min && movement.amount.currency == limit.min->currency &&
         movement.amount.minor < limit.min->minor;
}

Match Matches(const Limit& limit, const Movement& movement) {
  return IsBelowMin(limit, movement) ? Match::kNo : MatchesButAmount(limit, movement);
}

Match MatchesButAmount(const Limit& limit, const Movement& movement) {
  if (!limit.kinds.empty() && std::ranges::find(limit.kinds, movement.kind) == limit.kinds.end())
    return Match::kNo;
  if (limit.direction && *limit.direction != movement.direction) return Match::kNo;
  if (!limit.cross_border) return Match::kYes;
  if (movement.cross_border == CrossBorder::kUnknown) return Match::kUnknown;
  return (movement.cross_border == CrossBorder::kYes) == *limit.cross_border ? Match::kYes : Match::kNo;
}

Allowance AllowanceOf(const Limit& limit, const schemas::AccountProfile& owner, const LimitTable& table) {
  Allowance allowance{.max_minor = std::nullopt, .max_count = limit.max_count};
  if (!limit.max) return allowance;
  allowance.max_minor = limit.max->minor;
  for (const schemas::ProfileLimit& own : owner.limits) {
    if (own.name != limit.name) continue;
    const std::optional<Money> converted = Convert(own.max, limit.max->currency, table);
    allowance.no_rate = !converted;
    allowance.max_minor.reset();
    if (converted) allowance.max_minor = converted->minor;
    break;
  }
  return allowance;
}

std::optional<LimitTable> InOwnCurrencies(const LimitTable& table, const schemas::AccountProfile& owner) {
  std::optional<LimitTable> changed;
  for (size_t i = 0; i < table.limits.size() && !owner.limits.empty(); ++i) {
    const Limit& limit = table.limits[i];
    if (!limit.max) continue;
    const auto own = std::ranges::find(owner.limits, limit.name, &schemas::ProfileLimit::name);
    if (own == owner.limits.end() || own->max.currency == limit.max->currency) continue;
    if (!CountsAsMuch(own->max.currency, limit.max->currency, table)) continue;
    if (!changed) changed = table;
    changed->limits[i].max = own->max;
  }
  return changed;
}

Timestamp WindowBegin(const Limit& limit, const TimeZone& zone, Timestamp at) {
  switch (limit.window) {
    case Limit::Window::kTransaction:
      break;
    case Limit::Window::kRolling:
      return at - limit.rolling + Millis{1};
    case Limit::Window::kCalendar:
      return zone.BeginOf(limit.unit, at);
  }
  return at;
}

bool IsForgotten(const Limit& limit, const MoneyHistory& money, Timestamp begin, Timestamp at) {
  if (limit.window == Limit::Window::kTransaction) return false;
  const bool in_buckets = limit.window == Limit::Window::kCalendar && limit.unit != CalendarUnit::kDay;
  return (in_buckets ? at : begin) <= money.forgotten_until;
}

FoundBucket FindBucket(const MoneyHistory& money, uint64_t limit_key, Timestamp begin) {
  FoundBucket found{.bucket = nullptr, .partial = money.forgotten_until >= begin};
  for (const MoneyBucket& bucket : money.buckets) {
    if (bucket.limit_key != limit_key || AbsDifference(bucket.begin, begin) > kZonesApartMax) continue;
    const bool exact = bucket.begin == begin;
    if (found.bucket != nullptr && !exact) continue;
    found = {.bucket = &bucket, .partial = bucket.partial || !exact};
    if (exact) break;
  }
  return found;
}

}  // namespace tocsin::detectors
