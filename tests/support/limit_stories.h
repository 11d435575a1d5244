// Random histories of money, and the definition of declared limits written down over the whole list: no
// state, no windows that slide, no folding.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "detectors/verdict.h"
#include "tests/support/money_events.h"

namespace tocsin::test::limits {

using namespace tocsin::detectors;
using schemas::Direction;
using schemas::TransactionKind;
using schemas::TransactionStatus;

using namespace std::chrono_literals;
using test::At;
using test::Build;
using test::Pay;
using Claimed = std::set<std::pair<std::string, std::string>>;  // (event id, limit)

struct Story {
  uint64_t seed = 0;
  LimitTable limits;
  schemas::AccountProfile profile;
  std::vector<schemas::Event> arrivals;
};

// ---- The reference

struct Whole {  // One transaction, all its events known.
  uint64_t key = 0;
  Timestamp at;
  Timestamp gone = kTimestampMax;
  std::string event_id;
  Money amount;
  TransactionKind kind{};
  Direction direction{};
  int border = -1;  // 1 yes, 0 no, −1 unknown.
};

inline bool Counts(TransactionStatus status) {
  return status == TransactionStatus::kAuthorized || status == TransactionStatus::kCompleted;
}

inline std::vector<Whole> WholeTransactions(const Story& story) {
  std::map<std::string, std::vector<const schemas::Event*>> by_id;
  for (const schemas::Event& event : story.arrivals)
    by_id[event.transaction()->transaction_id].push_back(&event);
  std::vector<Whole> all;
  for (auto& [id, events] : by_id) {
    Whole whole{.key = Hash64(id)};
    const schemas::Event* first = nullptr;
    const schemas::Event* last = nullptr;
    const auto rank = [](const schemas::Event* event) {
      const auto& tx = *event->transaction();
      return std::tuple(event->occurred_at, tx.status == TransactionStatus::kCompleted, tx.amount.minor,
                        tx.amount.currency.packed(), tx.kind, tx.direction);
    };
    for (const schemas::Event* event : events) {
      const auto& tx = *event->transaction();
      if (tx.cross_border) whole.border = std::max(whole.border, *tx.cross_border ? 1 : 0);
      if (!Counts(tx.status)) continue;
      if (first == nullptr ||
          std::pair(event->occurred_at, event->event_id) < std::pair(first->occurred_at, first->event_id))
        first = event;
      if (last == nullptr || rank(event) > rank(last)) last = event;
    }
    if (first == nullptr) continue;
    whole.at = first->occurred_at;
    whole.event_id = first->event_id.str();
    whole.amount = last->transaction()->amount;
    whole.kind = last->transaction()->kind;
    whole.direction = last->transaction()->direction;
    for (const schemas::Event* event : events) {
      if (Counts(event->transaction()->status) || event->occurred_at < last->occurred_at) continue;
      whole.gone = std::min(whole.gone, event->occurred_at);
    }
    if (whole.gone > whole.at) all.push_back(whole);
  }
  std::ranges::sort(all, {}, [](const Whole& whole) { return std::pair(whole.at, whole.key); });
  return all;
}

inline bool Matching(const Limit& limit, const Whole& whole) {
  if (!limit.kinds.empty() && std::ranges::count(limit.kinds, whole.kind) == 0) return false;
  if (limit.direction && *limit.direction != whole.direction) return false;
  if (limit.min && whole.amount.currency == limit.min->currency && whole.amount.minor < limit.min->minor)
    return false;
  return !limit.cross_border || whole.border == (*limit.cross_border ? 1 : 0);
}

// The amount in another currency, half away from zero, by the row of the pair either way round. Amounts here
// are small.
inline std::optional<int64_t> MinorIn(Currency to, const Money& money, const LimitTable& table) {
  if (money.currency == to) return money.minor;
  const auto power = [](int exponent) {
    int64_t ten = 1;
    for (; exponent > 0; --exponent) ten *= 10;
    return ten;
  };
  for (const ExchangeRate& rate : table.rates) {
    const bool direct = rate.base == money.currency && rate.quote == to;
    if (!direct && (rate.base != to || rate.quote != money.currency)) continue;
    const int64_t by = direct ? rate.mantissa : power(rate.scale);
    const int64_t parts = direct ? power(rate.scale) : rate.mantissa;
    const int64_t whole = money.minor * by * power(to.decimals());
    const int64_t divisor = parts * power(money.currency.decimals());
    return (2 * whole + divisor) / (2 * divisor);
  }
  return std::nullopt;
}

struct Judged {
  bool over = false;
  bool high = false;
};

inline Judged JudgeOne(const Story& story, const Limit& limit, const std::vector<Whole>& all, size_t u,
                       Timestamp begin) {
  int64_t sum = 0;
  int64_t count = 0;
  bool own_known = true;
  for (size_t v = 0; v <= u; ++v) {
    const bool only_itself = limit.window == Limit::Window::kTransaction;
    if ((only_itself && v != u) || !Matching(limit, all[v]) || all[v].at < begin || all[v].gone <= all[u].at)
      continue;
    ++count;
    if (!limit.max) continue;
    const auto amount = MinorIn(limit.max->currency, all[v].amount, story.limits);
    sum += amount.value_or(0);
    if (v == u) own_known = amount.has_value();
  }
  std::optional<int64_t> max;
  if (limit.max) max = limit.max->minor;
  for (const auto& own : story.profile.limits) {
    if (max && own.name == limit.name) max = MinorIn(limit.max->currency, own.max, story.limits).value();
  }
  Judged judged;
  judged.over = (max && own_known && sum > *max) || (limit.max_count && count > *limit.max_count);
  const int64_t tenths = std::llround(limit.warn_at * 10);
  judged.high = limit.warn_at > 0 && ((max.value_or(0) > 0 && own_known && 10 * sum >= tenths * *max) ||
                                      (limit.max_count && 10 * count >= tenths * *limit.max_count));
  return judged;
}

inline void Reference(const Story& story, Claimed& over, Claimed& near) {
  const std::vector<Whole> all = WholeTransactions(story);
  const TimeZone zone = TimeZone::Find(story.profile.timezone).value();
  for (const Limit& limit : story.limits.limits) {
    if (!limit.tiers.empty() && std::ranges::count(limit.tiers, story.profile.tier) == 0) continue;
    std::vector<Judged> judged(all.size());
    for (size_t u = 0; u < all.size(); ++u) {
      if (!Matching(limit, all[u])) continue;
      Timestamp begin = all[u].at;
      if (limit.window == Limit::Window::kRolling) begin = all[u].at - limit.rolling + 1ms;
      if (limit.window == Limit::Window::kCalendar) begin = zone.BeginOf(limit.unit, all[u].at);
      judged[u] = JudgeOne(story, limit, all, u, begin);
      if (judged[u].over) over.emplace(all[u].event_id, limit.name);
      bool first = true;
      for (size_t v = 0; v < u && limit.window != Limit::Window::kTransaction; ++v) {
        first = first && !(judged[v].high && all[v].at >= begin);
      }
      if (judged[u].high && !judged[u].over && first) near.emplace(all[u].event_id, limit.name);
    }
  }
}

// ---- Stories

class Teller {
 public:
  explicit Teller(uint64_t seed) : random_(seed) { story_.seed = seed; }

  Story Tell() {
    static const std::vector<std::string> kZones = {
        "UTC",           "Europe/Berlin",       "America/New_York",
        "Asia/Shanghai", "Australia/Lord_Howe", "America/St_Johns",
        "Pacific/Apia"};
    static const std::vector<std::string> kAround = {
        "2026-03-29T00:00:00Z",  // Summer time begins in Berlin.
        "2026-10-25T00:00:00Z",  // And ends.
        "2026-11-01T05:00:00Z",  // It ends in New York.
        "2028-02-29T12:00:00Z",  // A leap day.
        "2026-12-31T20:00:00Z",  // The year ends.
        "2027-01-03T22:00:00Z",  // A week ends.
        "2026-04-30T16:00:00Z",  // A month ends.
        "2011-12-30T10:00:00Z",  // Apia leaves a day out.
    };
    story_.profile.timezone = Pick(kZones);
    story_.profile.tier = Chance(2) ? "basic" : "gold";
    // The nearer together, the more ties and exact window edges.
    grain_ = Chance(2) ? Millis(1h) : Millis(7min);
    span_ = std::chrono::hours(Pick(std::vector<int>{6, 30, 120, 24 * 25, 24 * 45}));
    around_ = At(Pick(kAround)) - span_ / 2;
    const int limits = Number(1, 6);
    for (int i = 0; i < limits; ++i) AddLimit("limit-" + std::to_string(i));
    story_.limits.rates = {
        {.base = *Currency::Find("USD"), .quote = *Currency::Find("CNY"), .mantissa = 725, .scale = 2},
        {.base = *Currency::Find("CNY"), .quote = *Currency::Find("JPY"), .mantissa = 207, .scale = 1}};
    const int transactions = Number(1, 40);
    for (int i = 0; i < transactions; ++i) AddTransaction("tx-" + std::to_string(i));
    Deliver();
    return std::move(story_);
  }

 private:
  int Number(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool Chance(int one_in) { return Number(1, one_in) == 1; }
  template <class T>
  T Pick(const std::vector<T>& from) {
    return from[static_cast<size_t>(Number(0, static_cast<int>(from.size()) - 1))];
  }
  Timestamp TimeIn(Timestamp begin, Millis length) {
    return begin + grain_ * Number(0, static_cast<int>(length / grain_));
  }

  void AddLimit(const std::string& name) {
    Limit limit{.name = name};
    if (Chance(3)) limit.kinds = {TransactionKind::kPayment, TransactionKind::kWithdrawal};
    if (Chance(2)) limit.direction = Chance(4) ? Direction::kIn : Direction::kOut;
    if (Chance(4)) limit.cross_border = Chance(2);
    if (Chance(4)) limit.tiers = {"gold", "silver"};
    limit.window =
        Pick(std::vector{Limit::Window::kTransaction, Limit::Window::kRolling, Limit::Window::kRolling,
                         Limit::Window::kCalendar, Limit::Window::kCalendar, Limit::Window::kCalendar});
    limit.rolling = Pick(std::vector<Millis>{1h, 7min, 24h, 24h, 5h});
    limit.unit =
        Pick(std::vector{CalendarUnit::kDay, CalendarUnit::kWeek, CalendarUnit::kMonth, CalendarUnit::kYear});
    if (!Chance(4)) limit.max = Money{100 * Number(1, 40), *Currency::Find(Chance(4) ? "USD" : "CNY")};
    if (!limit.max || Chance(4)) limit.max_count = Number(1, 6);
    if (Chance(4)) limit.min = Money{100 * Number(0, 6), *Currency::Find("CNY")};
    if (Chance(2)) limit.warn_at = Number(1, 10) / 10.0;
    if (limit.max && Chance(4)) {
      story_.profile.limits.push_back(
          {name, {100 * Number(0, 60), *Currency::Find(Chance(3) ? "JPY" : "CNY")}});
    }
    // Limits in dollars are not comparable to yen here: there is no rate, so no override in yen either.
    if (limit.max && limit.max->currency == *Currency::Find("USD") && !story_.profile.limits.empty() &&
        story_.profile.limits.back().name == name) {
      story_.profile.limits.back().max.currency = *Currency::Find("CNY");
    }
    story_.limits.limits.push_back(std::move(limit));
  }

  void AddEvent(const Pay& like, Timestamp at, TransactionStatus status, std::string amount) {
    Pay pay = like;
    pay.at = at;
    pay.status = status;
    pay.amount = std::move(amount);
    pay.event_id = "event-" + std::to_string(++events_);
    // The report of the border may be missing from some of the events.
    if (Chance(5)) pay.cross_border.reset();
    // Mostly in order, sometimes late up to the horizon.
    const Millis delay = Chance(3) ? TimeIn(Timestamp{}, 71h).time_since_epoch() : 0ms;
    delivered_.emplace_back(at + delay, Build(pay));
  }

  std::string Amount() {
    // Small numbers and few of them: sums meet their limits exactly.
    static const std::vector<std::string> kCurrencies = {"CNY ", "CNY ", "CNY ", "CNY ",
                                                         "USD ", "JPY ", "GBP "};
    return Pick(kCurrencies) + std::to_string(Number(0, 9));
  }

  void AddTransaction(const std::string& id) {
    Pay pay{.id = id, .at = TimeIn(around_, span_)};
    pay.kind =
        Pick(std::vector{TransactionKind::kPayment, TransactionKind::kTransfer, TransactionKind::kTopUp});
    pay.direction = Chance(4) ? Direction::kIn : Direction::kOut;
    if (!Chance(3)) pay.cross_border = Chance(2);
    const std::string amount = Amount();
    // Everything that is said of a transaction lies within the time in which its events are tied.
    const auto later = [&](Timestamp at) { return std::min(TimeIn(at, 40h), pay.at + 72h); };
    Timestamp at = pay.at;
    if (Chance(6))
      AddEvent(pay, at, Chance(2) ? TransactionStatus::kDeclined : TransactionStatus::kFailed, amount);
    if (Chance(12)) return;
    if (Chance(2)) AddEvent(pay, at, TransactionStatus::kAuthorized, amount);
    if (Chance(3)) at = later(at);
    if (!Chance(4)) AddEvent(pay, at, TransactionStatus::kCompleted, Chance(4) ? Amount() : amount);
    if (Chance(4))
      AddEvent(pay, later(at), Chance(3) ? TransactionStatus::kFailed : TransactionStatus::kReversed, amount);
  }

  void Deliver() {
    std::ranges::shuffle(delivered_, random_);  // Those that arrive at the same time.
    std::ranges::stable_sort(delivered_, {}, [](const auto& one) { return one.first; });
    for (auto& [at, event] : delivered_) {
      story_.arrivals.push_back(event);
    }
  }

  std::mt19937_64 random_;
  Story story_;
  Millis grain_{};
  Millis span_{};
  Timestamp around_;
  int events_ = 0;
  std::vector<std::pair<Timestamp, schemas::Event>> delivered_;
};

// ---- What is claimed

inline void Follow(const Verdict& verdict, const Story& story, Claimed& claimed) {
  for (const Retraction& retraction : verdict.retractions()) {
    ASSERT_EQ(claimed.erase({retraction.cause.at(0), retraction.discriminator}), 1U)
        << "seed " << story.seed << ": retracts what was not claimed: " << retraction.cause.at(0);
  }
  for (const Claim& claim : verdict.claims()) {
    ASSERT_TRUE(claimed.emplace(claim.cause.at(0), claim.discriminator).second)
        << "seed " << story.seed << ": claims again: " << claim.cause.at(0);
    ASSERT_FALSE(claim.reasons.empty());
  }
}

}  // namespace tocsin::test::limits
