#include "detectors/limit_raised_then_spent.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "detectors/lacking.h"
#include "detectors/limits/account_limits.h"
#include "detectors/limits/judge.h"
#include "detectors/payments/counterparty.h"
#include "detectors/payments/flows.h"
#include "detectors/payments/large_amount.h"

namespace tocsin::detectors {
namespace {

// How much of the new part was used, at its most.
struct Used {
  int64_t minor = 0;  // Beyond what the old limit allowed, in the raise's currency.
  Timestamp at = kTimestampMin;
  uint64_t key = 0;  // Of the payment that brought it there.
};

// A raise, together with the ones of its limit that it goes on from: until the next one the payments are its.
struct Step {
  const Raise* raise = nullptr;
  int64_t previous_minor = 0;  // Before the first of them.
  Timestamp since;             // The first of them.
  Timestamp until = kTimestampMax;
  [[nodiscard]] int64_t added() const { return raise->value.minor - previous_minor; }
};

// `later` begins where `earlier` had brought the limit, or below. Limits without a name may be different
// ones.
bool GoesOn(const Raise& later, int64_t from_minor, const Raise& earlier) {
  if (later.limit != earlier.limit || later.previous.currency != earlier.previous.currency) return false;
  return later.limit.empty() ? from_minor == earlier.value.minor : from_minor <= earlier.value.minor;
}

std::vector<Step> StepsOf(const std::vector<Raise>& raises, const Raise* own, Millis window) {
  std::vector<Step> steps;
  const auto add = [&](const Raise& raise) {
    steps.push_back({.raise = &raise, .previous_minor = raise.previous.minor, .since = raise.at});
  };
  for (const Raise& raise : raises) add(raise);
  if (own != nullptr) add(*own);
  // Of one instant the higher one is the later one.
  std::ranges::sort(steps, {}, [](const Step& step) {
    return std::tuple(step.raise->at, step.raise->value.minor, step.raise->event_id.view());
  });
  for (size_t i = 0; i < steps.size(); ++i) {
    Step& step = steps[i];
    for (size_t j = i; j-- > 0 && step.raise->at - steps[j].raise->at <= window;) {
      const Raise& earlier = *steps[j].raise;
      if (GoesOn(*step.raise, step.raise->previous.minor, earlier))
        steps[j].until = std::min(steps[j].until, step.raise->at);
      if (!GoesOn(*step.raise, step.previous_minor, earlier)) continue;
      step.previous_minor = std::min(step.previous_minor, earlier.previous.minor);
      step.since = earlier.at;
    }
  }
  return steps;
}

const Limit* Declared(const LimitTable& table, const std::string& name) {
  const auto found = std::ranges::find(table.limits, name, &Limit::name);
  return found != table.limits.end() && found->max ? &*found : nullptr;
}

// What of the account's money a raise is held against, by the declared limit of its name.
class Spending {
 public:
  Spending(const Limit* limit, const TimeZone& zone, Millis window, const LimitTable& table)
      : limit_(limit), zone_(zone), window_(window), table_(table) {
    const bool calendar = limit != nullptr && limit->window == Limit::Window::kCalendar;
    single_ = limit != nullptr && limit->window == Limit::Window::kTransaction;
    day_ = calendar && limit->unit == CalendarUnit::kDay;
    // The old part of a longer window may have been used up long ago.
    longer_ = calendar && !day_;
    if (limit != nullptr && limit->window == Limit::Window::kRolling) rolling_ = limit->rolling;
  }

  // The first time whose payments can be part of a step's sums.
  [[nodiscard]] Timestamp From(const Step& step) const { return Begin(step, step.raise->at); }
  // From then on.
  [[nodiscard]] bool Counts(const Step& step, const Movement& m) const {
    if (m.at - step.raise->at > window_ || m.at >= step.until) return false;
    return limit_ == nullptr ? m.direction == schemas::Direction::kOut : Matches(*limit_, m) == Match::kYes;
  }
  [[nodiscard]] int64_t Minor(const Step& step, const Movement& m) const {
    return ConvertForSum(m.amount, step.raise->previous.currency, table_).value_or(0);
  }
  [[nodiscard]] int64_t Beyond(const Step& step, int64_t sum_minor) const {
    return longer_ ? sum_minor : sum_minor - step.previous_minor;
  }

  // What counts, in order, but for the transaction `own`.
  struct Item {
    Timestamp at;
    uint64_t key = 0;
    Timestamp gone;
    int64_t minor = 0;  // In the raise's currency.
  };
  [[nodiscard]] std::vector<Item> Items(const Step& step, const MoneyHistory& money,
                                        std::optional<uint64_t> own) const {
    std::vector<Item> items;
    for (auto entry = std::ranges::lower_bound(money.entries, From(step), {}, &MoneyEntry::at);
         entry != money.entries.end() && entry->at - step.raise->at <= window_; ++entry) {
      if (entry->transaction_key != own && entry->Live() && Counts(step, *entry))
        items.push_back(ItemOf(step, *entry));
    }
    return items;
  }

  // Of the items and `own`, where there is one. A window slides over them: each enters once, and leaves once.
  [[nodiscard]] Used Of(const Step& step, std::vector<Item> items, const Movement* own) const {
    if (own != nullptr) {
      const auto order = [](const Item& item) { return std::tuple(item.at, item.key); };
      const Item item = ItemOf(step, *own);
      items.insert(std::ranges::upper_bound(items, order(item), {}, order), item);
    }
    std::vector<size_t> leaving;  // What is given back at some time, by that time.
    for (size_t i = 0; i < items.size(); ++i) {
      if (items[i].gone != kTimestampMax) leaving.push_back(i);
    }
    std::ranges::sort(leaving, {}, [&](size_t i) { return items[i].gone; });
    __extension__ using Wide = __int128;
    Wide sum = 0;
    Used used;
    size_t tail = 0;
    size_t left = 0;
    Timestamp begin = kTimestampMin;
    Timestamp day_end = kTimestampMin;
    for (size_t i = 0; i < items.size(); ++i) {
      const Timestamp at = items[i].at;
      for (; left < leaving.size() && items[leaving[left]].gone <= at; ++left) {
        if (leaving[left] >= tail) sum -= items[leaving[left]].minor;
      }
      if (!day_ || at >= day_end) {
        begin = Begin(step, at);
        if (day_) day_end = zone_.EndOf(CalendarUnit::kDay, at);
      }
      for (; tail < i && (single_ || items[tail].at < begin); ++tail) {
        if (items[tail].gone > at) sum -= items[tail].minor;
      }
      sum += items[i].minor;
      if (at < step.raise->at) continue;
      constexpr Wide kMost = std::numeric_limits<int64_t>::max();
      const int64_t beyond = Beyond(step, static_cast<int64_t>(std::min(sum, kMost)));
      if (beyond > used.minor) used = {.minor = beyond, .at = at, .key = items[i].key};
    }
    return used;
  }

 private:
  [[nodiscard]] Item ItemOf(const Step& step, const Movement& m) const {
    return {.at = m.at, .key = m.transaction_key, .gone = m.GoneAt(), .minor = Minor(step, m)};
  }
  // Of the window that ends at `at`.
  [[nodiscard]] Timestamp Begin(const Step& step, Timestamp at) const {
    if (single_) return at;
    if (longer_) return step.since;
    return day_ ? zone_.BeginOf(CalendarUnit::kDay, at) : at - rolling_ + Millis{1};
  }

  const Limit* limit_;
  const TimeZone& zone_;
  const Millis window_;
  const LimitTable& table_;
  Millis rolling_ = kOneDay;
  bool single_ = false;
  bool day_ = false;
  bool longer_ = false;
};

}  // namespace

const std::array<Setting<LimitRaisedThenSpent::Config>, 2> LimitRaisedThenSpent::Config::kSettings{{
    {.key = "share_min",
     .member = &Config::share_min,
     .min = 0.1,
     .max = 1,
     .unit = "",
     .doc = "Share of the new part of a limit that is used at once."},
    {.key = "window",
     .member = &Config::window,
     .min = 3600,
     .max = 86'400,
     .doc = "How soon after the raise that is."},
}};

Verdict LimitRaisedThenSpent::Evaluate(const schemas::Event& event, const AccountState& state,
                                       const Context& context) const {
  const std::optional<Raise> own_raise = RaiseOf(event, state.profile().OwnerAt(event.occurred_at));
  const std::vector<Raise>& raises = state.ledger().raises;
  if (event.transaction() == nullptr ? !own_raise : raises.empty()) return ClearFor("raised_limit", context);

  const Millis window = config_.window;
  const TimeZone zone = AccountZone(state.profile().OwnerAt(event.occurred_at));
  const MoneyHistory& money = state.money();
  std::optional<Flows> flows;
  if (event.transaction() != nullptr) {
    flows.emplace(event, state, context);
    if (!flows->Changes()) return ClearFor(kNewsOfPayment, context);
  }
  Verdict verdict = Verdict::Clear();
  bool saturated = false;
  const std::vector<Step> steps_before = StepsOf(raises, nullptr, window);
  const auto judge = [&](const Step& step) {
    const Raise& raise = *step.raise;
    const Spending spending(Declared(context.limits, raise.limit), zone, window, context.limits);
    const auto reaches = [&](int64_t used_minor, int64_t added) {
      return used_minor > 0 && ReachesShare(used_minor, config_.share_min, added);
    };
    const Timestamp from = spending.From(step);
    const auto touches = [&](const Movement* m) {
      return m != nullptr && m->at >= from && spending.Counts(step, *m);
    };
    const bool touched =
        flows ? touches(flows->before()) || touches(flows->after()) : step.raise == &*own_raise;
    const bool forgotten = touched && money.forgotten_until >= from;
    // All of it together, as it was and as it is, is less than what it takes.
    const auto is_little = [&] {
      int64_t most = 0;
      const auto add = [&](const Movement& m) { most = SaturatingAdd(most, spending.Minor(step, m)); };
      for (auto entry = std::ranges::lower_bound(money.entries, from, {}, &MoneyEntry::at);
           entry != money.entries.end() && entry->at - raise.at <= window; ++entry) {
        if (entry->counted && spending.Counts(step, *entry)) add(*entry);
      }
      if (touches(flows->after())) add(*flows->after());
      return !reaches(spending.Beyond(step, most), step.added());
    };
    if (flows && context.measures == nullptr && (!touched || is_little())) {
      saturated = saturated || forgotten;
      return;
    }
    const auto old = std::ranges::find(steps_before, &raise, &Step::raise);
    const std::vector<Spending::Item> items =
        spending.Items(step, money, flows ? std::optional(TransactionKey(event)) : std::nullopt);
    Used was;
    Used used;
    if (flows) {  // The steps are as they were.
      was = spending.Of(step, items, touches(flows->before()) ? flows->before() : nullptr);
      used = spending.Of(step, items, touches(flows->after()) ? flows->after() : nullptr);
    } else {
      if (old != steps_before.end()) was = spending.Of(*old, spending.Items(*old, money, {}), nullptr);
      used = spending.Of(step, items, nullptr);
    }
    const bool reached = old != steps_before.end() && reaches(was.minor, old->added());
    const int64_t added = step.added();
    if (added > 0) {
      context.Note("share_of_new_part", static_cast<double>(used.minor) / static_cast<double>(added),
                   Needs::kAtLeast, config_.share_min);
    } else {
      NoteLack(context, "raised_limit");
    }
    if (!reaches(used.minor, added)) {
      // With what is no longer known it may be reached as before.
      saturated = saturated || forgotten;
      if (reached && !forgotten)
        verdict.Retract({.detector = {}, .cause = {raise.event_id}, .discriminator = ""});
      return;
    }
    if (reached && was.minor == used.minor && old->added() == added) {
      NoteLack(context, kNotFoundBefore);
      return;
    }
    const Currency currency = raise.previous.currency;
    const auto amount = [&](int64_t minor) { return FormatAmount({minor, currency}); };
    Claim claim;
    claim.severity = kInfo.severity;
    claim.confidence = 60;
    claim.weight = kInfo.weight;
    claim.cause = {raise.event_id};
    claim.occurred_at = used.at;
    if (event.transaction() != nullptr && used.key == TransactionKey(event))
      claim.transaction_id = event.transaction()->transaction_id;
    claim.reasons = {
        {"limit_raised_then_spent", FormatMoney({used.minor, currency}), FormatMoney({added, currency})}};
    claim.evidence = {{"limit", raise.limit},
                      {"currency", std::string(currency.code())},
                      {"previous", amount(step.previous_minor)},
                      {"value", amount(raise.value.minor)},
                      {"used_of_new_part", amount(used.minor)},
                      {"share_min", config_.share_min},
                      {"hours_after", Hours(used.at - raise.at).count()}};
    verdict.Add(std::move(claim));
  };
  if (!own_raise) {
    for (const Step& step : steps_before) judge(step);
  } else {
    for (const Step& step : StepsOf(raises, &*own_raise, window)) judge(step);
  }
  if (verdict.clear() && saturated) return Verdict::NotEvaluable(kSaturated);
  if (verdict.clear() && event.transaction() != nullptr && event.transaction()->amount.minor > 0 &&
      !Convert(event.transaction()->amount, raises.back().previous.currency, context.limits)) {
    return Verdict::NotEvaluable(kNoRate);
  }
  return verdict;
}

}  // namespace tocsin::detectors
