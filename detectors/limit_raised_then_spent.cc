#include "detectors/limit_raised_then_spent.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

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

Used UsedOf(const Step& step, const std::vector<Flow>& flows, const Limit* limit, const TimeZone& zone,
            Millis window, const LimitTable& table) {
  const Raise& raise = *step.raise;
  const bool single = limit != nullptr && limit->window == Limit::Window::kTransaction;
  const bool day =
      limit != nullptr && limit->window == Limit::Window::kCalendar && limit->unit == CalendarUnit::kDay;
  // The old part of a longer window may have been used up long ago.
  const bool longer = limit != nullptr && limit->window == Limit::Window::kCalendar && !day;
  const Millis rolling =
      limit != nullptr && limit->window == Limit::Window::kRolling ? limit->rolling : kOneDay;
  const auto counts = [&](const Movement& m) {
    return limit == nullptr ? m.direction == schemas::Direction::kOut : Matches(*limit, m) == Match::kYes;
  };
  Used used;
  for (size_t i = 0; i < flows.size(); ++i) {
    const Timestamp at = flows[i].at;
    if (at < raise.at || at - raise.at > window || at >= step.until || !counts(*flows[i].movement)) continue;
    Timestamp begin = at - rolling + Millis{1};
    if (single) begin = at;
    if (day) begin = zone.BeginOf(CalendarUnit::kDay, at);
    if (longer) begin = step.since;
    int64_t sum = 0;
    for (size_t j = 0; j <= i; ++j) {
      const Movement& movement = *flows[j].movement;
      if ((single && j != i) || flows[j].at < begin || movement.GoneAt() <= at || !counts(movement)) continue;
      sum = SaturatingAdd(sum, ConvertForSum(movement.amount, raise.previous.currency, table).value_or(0));
    }
    const int64_t beyond = longer ? sum : sum - step.previous_minor;
    if (beyond > used.minor) used = {.minor = beyond, .at = at, .key = flows[i].key};
  }
  return used;
}

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
  if (event.transaction() == nullptr ? !own_raise : raises.empty()) return Verdict::Clear();

  const Millis window = config_.window;
  const TimeZone zone = AccountZone(state.profile().OwnerAt(event.occurred_at));
  const auto any = [](const Movement& /*movement*/) { return true; };
  std::optional<Flows> flows;
  std::vector<Flow> before;
  std::vector<Flow> after;
  if (event.transaction() != nullptr) {
    flows.emplace(event, state);
    if (!flows->Changes()) return Verdict::Clear();
    before = flows->Before(kTimestampMin, any);
    after = flows->After(kTimestampMin, any);
  } else {
    for (const MoneyEntry& entry : state.money().entries) {
      if (entry.Live()) after.push_back({entry.at, entry.event_id, entry.transaction_key, &entry});
    }
  }

  if (after.size() > kFlowsMax) return Verdict::NotEvaluable(kSaturated);

  Verdict verdict = Verdict::Clear();
  const std::vector<Step> steps_before = StepsOf(raises, nullptr, window);
  const auto judge = [&](const Step& step) {
    const Raise& raise = *step.raise;
    const Limit* limit = Declared(context.limits, raise.limit);
    const auto reaches = [&](const Used& used, int64_t added) {
      return used.minor > 0 && ReachesShare(used.minor, config_.share_min, added);
    };
    const auto old = std::ranges::find(steps_before, &raise, &Step::raise);
    Used was;
    bool reached = false;
    if (old != steps_before.end()) {
      was =
          UsedOf(*old, event.transaction() != nullptr ? before : after, limit, zone, window, context.limits);
      reached = reaches(was, old->added());
    }
    const Used used = UsedOf(step, after, limit, zone, window, context.limits);
    const int64_t added = step.added();
    if (added > 0) {
      context.Note("share_of_new_part", static_cast<double>(used.minor) / static_cast<double>(added),
                   Needs::kAtLeast, config_.share_min);
    }
    if (!reaches(used, added)) {
      if (reached) verdict.Retract({.detector = {}, .cause = {raise.event_id}, .discriminator = ""});
      return;
    }
    if (reached && was.minor == used.minor && old->added() == added) return;
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
  if (verdict.clear() && event.transaction() != nullptr && event.transaction()->amount.minor > 0 &&
      !Convert(event.transaction()->amount, raises.back().previous.currency, context.limits)) {
    return Verdict::NotEvaluable(kNoRate);
  }
  return verdict;
}

}  // namespace tocsin::detectors
