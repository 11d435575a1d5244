#include "detectors/velocity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "detectors/asked.h"
#include "detectors/guessing.h"
#include "detectors/lacking.h"
#include "detectors/learning/lesson.h"
#include "detectors/limits/judge.h"
#include "detectors/payments/counterparty.h"
#include "detectors/payments/episodes.h"
#include "detectors/payments/first_uses.h"
#include "detectors/payments/flows.h"

namespace tocsin::detectors {
namespace {

constexpr Millis kHour = std::chrono::hours(1);
constexpr double kDays = 30;

bool IsPaid(const Movement& movement) {
  using schemas::TransactionKind;
  return movement.direction == schemas::Direction::kOut &&
         (movement.kind == TransactionKind::kPayment || movement.kind == TransactionKind::kTransfer ||
          movement.kind == TransactionKind::kWithdrawal);
}

// The smallest number that a Poisson distribution of this mean does not exceed in 95 of 100 cases.
int64_t P95(double mean) {
  double term = std::exp(-std::min(mean, 500.0));
  double sum = term;
  int64_t count = 0;
  while (sum < 0.95 && count < 1000) {
    ++count;
    term *= std::min(mean, 500.0) / static_cast<double>(count);
    sum += term;
  }
  return count;
}

// What the account was used to before the day that ends with the event: the blocks of the last 30 days.
struct Usual {
  int64_t hour = 0;  // p95 of payments.
  int64_t day = 0;
  int64_t mean_minor = 0;  // Of a payment, in the currency of sums.
};

Usual UsualOf(const MoneyHistory& money, Timestamp at, const Context& context, Currency currency) {
  const int64_t now = at.time_since_epoch() / AmountHistogram::kBlock;
  int64_t payments = 0;
  int64_t converted = 0;
  int64_t sum = 0;
  const auto add = [&](int64_t block, uint32_t count, Money paid) {
    // The block of the event is what is being judged.
    if (block >= now || block < now - AmountHistogram::kBlocksKept + 1) return;
    payments += count;
    const auto amount = ConvertForSum(paid, currency, context.limits);
    if (!amount) return;
    sum = SaturatingAdd(sum, *amount);
    converted += count;
  };
  for (const AmountHistogram& histogram : money.histograms) {
    for (const AmountHistogram::Block& block : histogram.blocks)
      add(block.index, block.count, {block.sum_minor, histogram.currency});
  }
  const auto add_entry = [&](const MoneyEntry& entry) {
    add(entry.at.time_since_epoch() / AmountHistogram::kBlock, 1, entry.amount);
  };
  money.ForWaiting(at - kSitting, add_entry);
  money.ForRipe(at, HoldOf(context), add_entry);
  const double a_day = static_cast<double>(payments) / kDays;
  return {.hour = P95(a_day / 24), .day = P95(a_day), .mean_minor = converted > 0 ? sum / converted : 0};
}

struct Pace {
  int64_t hour = 0;
  int64_t day = 0;
  int64_t hour_sum_minor = 0;
  int64_t sum_minor = 0;
  int64_t unconverted = 0;  // Of the day: without a rate, in `day`, not in a sum.
  int payees = 0;
};

}  // namespace

const std::array<Setting<Velocity::Config>, 6> Velocity::Config::kSettings{{
    {.key = "hour_min",
     .member = &Config::hour_min,
     .min = 3,
     .max = 10'000,
     .unit = "payments",
     .doc = "Payments in one hour that are fast for nobody."},
    {.key = "day_min",
     .member = &Config::day_min,
     .min = 3,
     .max = 10'000,
     .unit = "payments",
     .doc = "Payments in 24 hours that are many for nobody."},
    {.key = "sum_min",
     .member = &Config::sum_min,
     .doc = "Sum of 24 hours that is much for nobody; other currencies by the table of exchange rates."},
    {.key = "hour_share",
     .member = &Config::hour_share,
     .min = 0.01,
     .max = 1,
     .unit = "",
     .doc = "Share of sum_min that is much for nobody in one hour."},
    {.key = "payees_min",
     .member = &Config::payees_min,
     .min = 2,
     .max = 40,
     .unit = "payees",
     .doc = "New payees in 24 hours that are many for nobody."},
    {.key = "factor",
     .member = &Config::factor,
     .min = 1,
     .max = 1000,
     .unit = "",
     .doc = "Times the 95th percentile of the account's own hour or day that is still usual."},
}};

Verdict Velocity::Evaluate(const schemas::Event& event, const AccountState& state,
                           const Context& context) const {
  if (event.transaction()->direction != schemas::Direction::kOut) return Verdict::NotEvaluable("money_in");
  const Flows flows(event, state, context);
  if (!flows.Changes()) return ClearFor(kNewsOfPayment, context);
  const Timestamp at = flows.at();
  const MoneyHistory& money = state.money();
  const Payees& payees = state.payees();

  const auto named = PayeeOf(event, context);
  std::optional<FirstUse> used;
  if (named && flows.after() != nullptr) used = FirstUse{.key = named->key, .at = at};
  const auto least = static_cast<size_t>(std::min(config_.hour_min, config_.day_min));
  const bool many = CountAround(money, at, kOneDay, least) >= least;
  const bool many_payees =
      payees.NewBetween(false, at - Payees::kRecent, at + kOneDay) + (used ? 1 : 0) > config_.payees_min;
  const Currency currency = config_.sum_min.currency;
  bool converted = true;  // All of the event's 24 h.
  const auto sum_around = [&] {
    int64_t sum = 0;
    const auto add = [&](const Movement& m) {
      const auto amount = ConvertForSum(m.amount, currency, context.limits);
      if (!amount && m.at <= at) converted = false;
      sum = SaturatingAdd(sum, amount.value_or(0));
    };
    for (auto entry = money.entries.rbegin(); entry != money.entries.rend() && entry->at > at - kOneDay;
         ++entry) {
      if (entry->at < at + kOneDay && entry->counted) add(*entry);
    }
    if (flows.after() != nullptr) add(*flows.after());
    return sum;
  };
  const auto hour_sum_min =
      std::llround(config_.hour_share * static_cast<double>(config_.sum_min.minor));  // At most sum_min.
  const bool much = sum_around() > hour_sum_min;
  const Verdict quiet = converted ? Verdict::Clear() : Verdict::NotEvaluable(kNoRate);
  const bool few = !many && !many_payees && !much;
  if (few && context.measures == nullptr) return quiet;

  const Usual usual = UsualOf(money, at, context, currency);
  const auto beyond = [&](int64_t least_count, int64_t p95) {
    return std::max(least_count,
                    static_cast<int64_t>(std::llround(config_.factor * static_cast<double>(p95))));
  };
  const int64_t hour_max = beyond(config_.hour_min, usual.hour);
  const int64_t day_max = beyond(config_.day_min, usual.day);
  __extension__ using Wide = __int128;
  const Wide most_minor = std::numeric_limits<int64_t>::max();
  const auto beyond_sum = [&](int64_t least_minor, int64_t p95) {
    return static_cast<int64_t>(
        std::clamp(Wide{usual.mean_minor} * beyond(0, p95), Wide{least_minor}, most_minor));
  };
  const int64_t hour_sum_max = beyond_sum(hour_sum_min, usual.hour);
  const int64_t sum_max = beyond_sum(config_.sum_min.minor, usual.day);

  const std::vector<Flow> before = flows.Before(at - 2 * kOneDay, IsPaid);
  const std::vector<Flow> after = flows.After(at - 2 * kOneDay, IsPaid);
  const FirstUses uses_before(payees, money, false, {});
  const FirstUses uses_after(payees, money, false, used);
  const auto paces_of = [&](const std::vector<Flow>& list) {
    const FirstUses& first_uses = &list == &after ? uses_after : uses_before;
    std::vector<Pace> paces(list.size());
    std::vector<Wide> sums(list.size() + 1);  // Of all before each.
    std::vector<int64_t> unconverted(list.size() + 1);
    size_t hour_begin = 0;
    size_t day_begin = 0;
    for (size_t i = 0; i < list.size(); ++i) {
      const auto amount = ConvertForSum(list[i].movement->amount, currency, context.limits);
      sums[i + 1] = sums[i] + amount.value_or(0);
      unconverted[i + 1] = unconverted[i] + (amount ? 0 : 1);
      hour_begin = WindowBegin(list, i, kHour, hour_begin);
      day_begin = WindowBegin(list, i, kOneDay, day_begin);
      Pace& pace = paces[i];
      pace.hour = static_cast<int64_t>(i + 1 - hour_begin);
      pace.day = static_cast<int64_t>(i + 1 - day_begin);
      pace.hour_sum_minor = static_cast<int64_t>(std::min(sums[i + 1] - sums[hour_begin], most_minor));
      pace.sum_minor = static_cast<int64_t>(std::min(sums[i + 1] - sums[day_begin], most_minor));
      pace.unconverted = unconverted[i + 1] - unconverted[day_begin];
      pace.payees = first_uses.NewBetween(list[i].at - kOneDay, list[i].at);
    }
    return paces;
  };
  const std::vector<Pace> paces_before = paces_of(before);
  const std::vector<Pace> paces_after = paces_of(after);
  // The two lists are told apart by their address.
  const auto paces_in = [&](const std::vector<Flow>& list) -> const std::vector<Pace>& {
    return &list == &before ? paces_before : paces_after;
  };
  if (context.measures != nullptr) {
    const std::vector<Pace>& paces = paces_after;
    if (flows.after() == nullptr || !IsPaid(*flows.after())) NoteLack(context, "is_paid");
    for (size_t i = 0; i < after.size(); ++i) {
      if (after[i].key != TransactionKey(event)) continue;
      context.Note("payments_1h", paces[i].hour, Needs::kMoreThan, hour_max);
      context.Note("payments_24h", paces[i].day, Needs::kMoreThan, day_max);
      context.Note("sum_1h", FormatMoney({paces[i].hour_sum_minor, currency}), Needs::kMoreThan,
                   FormatMoney({hour_sum_max, currency}));
      context.Note("sum_24h", FormatMoney({paces[i].sum_minor, currency}), Needs::kMoreThan,
                   FormatMoney({sum_max, currency}));
      context.Note("new_payees_24h", int64_t{paces[i].payees}, Needs::kMoreThan, int64_t{config_.payees_min});
    }
    if (few) return quiet;
  }
  const auto is_over = [&](const Pace& pace) {
    return pace.hour > hour_max || pace.day > day_max || pace.hour_sum_minor > hour_sum_max ||
           pace.sum_minor > sum_max || pace.payees > config_.payees_min;
  };
  const auto mark = [&](const std::vector<Flow>& list) {
    const std::vector<Pace>& paces = paces_in(list);
    std::vector<bool> over(list.size());
    for (size_t i = 0; i < list.size(); ++i) over[i] = is_over(paces[i]);
    return over;
  };
  const auto make = [&](const std::vector<Flow>& list, const Episode& episode) {
    // The fastest moment of it.
    Pace most;
    const std::vector<Pace>& paces = paces_in(list);
    for (size_t i = episode.first; i <= episode.last; ++i) {
      most = {.hour = std::max(most.hour, paces[i].hour),
              .day = std::max(most.day, paces[i].day),
              .hour_sum_minor = std::max(most.hour_sum_minor, paces[i].hour_sum_minor),
              .sum_minor = std::max(most.sum_minor, paces[i].sum_minor),
              .unconverted = std::max(most.unconverted, paces[i].unconverted),
              .payees = std::max(most.payees, paces[i].payees)};
    }
    // As the owner counts.
    const Currency shown = list[episode.last].movement->amount.currency;
    const auto sum_text = [&](int64_t minor, std::string_view window) {
      const Money sum{minor, currency};
      return FormatMoney(Convert(sum, shown, context.limits).value_or(sum)).append(window);
    };
    Claim claim;
    claim.severity = kInfo.severity;
    claim.confidence = 60;
    claim.weight = kInfo.weight;
    if (list[episode.last].key == TransactionKey(event))
      claim.transaction_id = event.transaction()->transaction_id;
    // What is usual is the account's own measure: a floor that is set for all is nobody's habit.
    const auto own_count = [](int64_t max, int64_t floor, Millis window) {
      return max > floor ? BelowText(max + 1, window) : std::string();
    };
    const auto own_sum = [&](int64_t max, int64_t floor, std::string_view window) {
      return max > floor ? sum_text(max, window) : std::string();
    };
    if (most.hour > hour_max)
      claim.reasons.push_back(
          {"velocity", CountText(most.hour, kHour), own_count(hour_max, config_.hour_min, kHour)});
    if (most.day > day_max)
      claim.reasons.push_back(
          {"velocity", CountText(most.day, kOneDay), own_count(day_max, config_.day_min, kOneDay)});
    // Said once: of the longer window, if that is over.
    if (most.sum_minor > sum_max) {
      claim.reasons.push_back({"velocity_sum", sum_text(most.sum_minor, " in 24 h"),
                               own_sum(sum_max, config_.sum_min.minor, " in 24 h")});
    } else if (most.hour_sum_minor > hour_sum_max) {
      claim.reasons.push_back({"velocity_sum", sum_text(most.hour_sum_minor, " in 60 min"),
                               own_sum(hour_sum_max, hour_sum_min, " in 60 min")});
    }
    if (most.payees > config_.payees_min)
      claim.reasons.push_back({"velocity_payees", CountText(most.payees, kOneDay), ""});
    claim.evidence = {{"payments_1h", most.hour},      {"payments_1h_max", hour_max},
                      {"payments_1h_p95", usual.hour}, {"payments_24h", most.day},
                      {"payments_24h_max", day_max},   {"payments_24h_p95", usual.day}};
    // A sum of nothing but what has no rate would say that nothing was paid.
    if (most.sum_minor > 0 || most.unconverted == 0) {
      claim.evidence.push_back({"sum_1h", FormatAmount({most.hour_sum_minor, currency})});
      claim.evidence.push_back({"sum_1h_max", FormatAmount({hour_sum_max, currency})});
      claim.evidence.push_back({"sum_24h", FormatAmount({most.sum_minor, currency})});
      claim.evidence.push_back({"sum_24h_max", FormatAmount({sum_max, currency})});
      claim.evidence.push_back({"currency", std::string(currency.code())});
    }
    if (most.unconverted > 0) claim.evidence.push_back({"unconverted", most.unconverted});
    claim.evidence.push_back({"new_payees_24h", int64_t{most.payees}});
    claim.evidence.push_back({"new_payees_24h_max", int64_t{config_.payees_min}});
    return claim;
  };
  Verdict verdict = quiet;
  JudgeEpisodes(before, after, kOneDay, at, "", mark, make, verdict);
  return verdict;
}

}  // namespace tocsin::detectors
