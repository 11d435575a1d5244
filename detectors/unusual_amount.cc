#include "detectors/unusual_amount.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "detectors/lacking.h"
#include "detectors/learning/lesson.h"
#include "detectors/payments/flows.h"
#include "schemas/enum_names.h"

namespace tocsin::detectors {
namespace {

constexpr double kMadToDeviation = 1.4826;
constexpr int64_t kMillion = 1'000'000;

struct Habit {
  double median_log2 = 0;  // Of minor units.
  double deviation = 0;    // 1.4826 · MAD, natural logarithms; may be 0.
};

// REQUIRES: there are bins.
Habit HabitOf(const AmountHistogram& histogram) {
  const auto& bins = histogram.bins;
  double total = 0;
  for (const auto& bin : bins) total += static_cast<double>(bin.count);

  size_t middle = 0;
  for (double below = static_cast<double>(bins[0].count); 2 * below < total && middle + 1 < bins.size();) {
    below += static_cast<double>(bins[++middle].count);
  }
  // From the median outwards, the nearer side first, until half of all is covered.
  const int median = bins[middle].index;
  double covered = static_cast<double>(bins[middle].count);
  int distance = 0;
  size_t left = middle;
  size_t right = middle + 1;
  while (2 * covered < total && (left > 0 || right < bins.size())) {
    const bool go_left =
        left > 0 && (right == bins.size() || median - bins[left - 1].index <= bins[right].index - median);
    const AmountHistogram::Bin& next = go_left ? bins[--left] : bins[right++];
    distance = std::abs(next.index - median);
    covered += static_cast<double>(next.count);
  }
  return {.median_log2 = AmountBinLog2(median),
          .deviation = kMadToDeviation * distance / 4.0 * std::numbers::ln2};
}

// Decayed number of payments in the amount's bin or above, at `at`.
double PaidBefore(const AmountHistogram& histogram, int16_t bin, Timestamp at) {
  double count = 0;
  for (auto one = histogram.bins.rbegin(); one != histogram.bins.rend() && one->index >= bin; ++one) {
    count += static_cast<double>(one->count);
  }
  return count * Decay(at - histogram.updated_at, AmountHistogram::kHalfLife);
}

// What has been learnt is enough to say that the size is usual, whatever waits: a little more than it takes,
// for what forgetting in between rounds off. Most payments, without a copy of the habit.
bool WasPaidBefore(const Movement& judged, const MoneyHistory& money, const UnusualAmount::Config& config) {
  const AmountHistogram* const learnt = money.Histogram(judged.kind, judged.amount.currency);
  if (learnt == nullptr || learnt->seen < static_cast<uint32_t>(config.payments_min)) return false;
  constexpr double kRounding = 1.001;
  constexpr double kForgottenABin = 0.01;
  const double enough =
      config.paid_before * kRounding + kForgottenABin * static_cast<double>(learnt->bins.size());
  return PaidBefore(*learnt, AmountBin(judged.amount.minor), judged.at) >= enough;
}

struct Month {
  int64_t payments = 0;
  int64_t mean_minor = 0;
};

// The blocks of the last 30 days before `at`, and the rest of the oldest one.
Month MonthBefore(const AmountHistogram& histogram, Timestamp at) {
  const int64_t now = at.time_since_epoch() / AmountHistogram::kBlock;
  Month month;
  int64_t sum = 0;
  for (const AmountHistogram::Block& block : histogram.blocks) {
    if (block.index > now || block.index <= now - AmountHistogram::kBlocksKept) continue;
    month.payments += block.count;
    sum = SaturatingAdd(sum, block.sum_minor);
  }
  if (month.payments > 0) month.mean_minor = sum / month.payments;
  return month;
}

// amount ≥ factor · mean, and amount > factor · mean, in integers: the factor in millionths.
bool Reaches(int64_t minor, double factor, int64_t mean_minor) {
  __extension__ using Wide = __int128;
  return Wide{minor} * kMillion >= Wide{mean_minor} * std::llround(factor * static_cast<double>(kMillion));
}
bool Exceeds(int64_t minor, double factor, int64_t mean_minor) {
  __extension__ using Wide = __int128;
  return Wide{minor} * kMillion > Wide{mean_minor} * std::llround(factor * static_cast<double>(kMillion));
}

int64_t MinorOfLog2(double log2) { return std::llround(std::exp2(std::min(log2, 62.0))); }

}  // namespace

const std::array<Setting<UnusualAmount::Config>, 8> UnusualAmount::Config::kSettings = {{
    {.key = "z_min",
     .member = &Config::z_min,
     .min = 2,
     .max = 20,
     .unit = "",
     .doc = "Robust z-score of the logarithm of the amount that is still usual."},
    {.key = "payments_min",
     .member = &Config::payments_min,
     .min = 5,
     .max = 1000,
     .unit = "payments",
     .doc = "Own payments of that kind and currency from which on the account is its own measure."},
    {.key = "spread_min",
     .member = &Config::spread_min,
     .min = 0.05,
     .max = 3,
     .unit = "ln",
     .doc = "Smallest standard deviation of the logarithm of the amounts: always the same price is not "
            "infinitely regular."},
    {.key = "population_quantile",
     .member = &Config::population_quantile,
     .min = 0.9,
     .max = 0.99999,
     .unit = "",
     .doc = "Share of all payments of that kind, tier and currency that are usual for an account with few of "
            "its own."},
    {.key = "mean_factor",
     .member = &Config::mean_factor,
     .min = 1.5,
     .max = 1000,
     .unit = "",
     .doc = "Times the mean of the last 30 days that is still usual."},
    {.key = "mean_payments_min",
     .member = &Config::mean_payments_min,
     .min = 2,
     .max = 1000,
     .unit = "payments",
     .doc = "Own payments in the last 30 days from which on their mean is a measure."},
    {.key = "paid_before",
     .member = &Config::paid_before,
     .min = 0.01,
     .max = 1000000,
     .unit = "payments",
     .doc = "Own payments of at least this size, each halved every 90 days, that make the size usual."},
    {.key = "far_factor",
     .member = &Config::far_factor,
     .min = 1,
     .max = 1000,
     .unit = "",
     .doc = "Times the median, or the mean of the last 30 days, from which on severity is medium."},
}};

Verdict UnusualAmount::Evaluate(const schemas::Event& event, const AccountState& state,
                                const Context& context) const {
  const schemas::Transaction& transaction = *event.transaction();
  if (transaction.direction != schemas::Direction::kOut) return Verdict::NotEvaluable("money_in");
  if (transaction.kind == schemas::TransactionKind::kFee) return Verdict::NotEvaluable("not_counted");
  const Flows flows(event, state, context);
  if (!flows.EventCounts()) return Verdict::NotEvaluable("not_counted");
  const MoneyEntry* known = flows.known();
  const Movement own = known == nullptr ? flows.movement() : ReadMovement(event, {});
  if (known != nullptr && !known->counted) known = nullptr;
  // An earlier event of a transaction that arrives later is its beginning: what was found moves to it.
  const bool begins = known != nullptr && FirstEventId(*known, own, event.event_id.view()) != known->event_id;
  const Movement merged = known == nullptr ? own : Merge(*known, own);
  const bool settles = known != nullptr && known->amount.currency != merged.amount.currency;
  const Movement judged = begins || settles ? merged : own;
  const int64_t minor = judged.amount.minor;
  // In another currency than before it was never judged; an event that comes late says nothing new of it.
  const bool judged_before = known != nullptr && !begins && !settles &&
                             (known->amount.currency != own.amount.currency || known->amount.minor >= minor);
  if (judged_before || minor <= 0) return ClearFor(kNewsOfPayment, context);

  if (context.measures == nullptr && WasPaidBefore(judged, state.money(), config_)) return Verdict::Clear();
  const AmountHabit own_habit(state.money(), judged.kind, judged.amount.currency, judged.at, HoldOf(context));
  const AmountHistogram* const histogram = own_habit.histogram();
  const bool has_history = histogram != nullptr && !histogram->bins.empty();
  const auto payments = static_cast<int64_t>(has_history ? histogram->seen : 0);
  const bool by_habit = payments >= config_.payments_min;
  const Month month = has_history ? MonthBefore(*histogram, judged.at) : Month{};
  const bool by_mean = month.payments >= config_.mean_payments_min;
  const int64_t quantile = by_habit ? -1
                                    : context.population.AmountQuantile(
                                          judged.kind, state.profile().OwnerAt(event.occurred_at).tier,
                                          judged.amount.currency, config_.population_quantile);
  if (!by_habit && !by_mean && quantile < 0) return Verdict::NotEvaluable(kLearning);

  const int16_t bin = AmountBin(minor);
  double z = 0;
  Habit habit;
  if (by_habit) {
    habit = HabitOf(*histogram);
    const double distance = (std::log2(static_cast<double>(minor)) - habit.median_log2) * std::numbers::ln2;
    z = distance / std::max(config_.spread_min, habit.deviation);
  }
  if (context.measures != nullptr) {
    const auto text = [&](int64_t value) {
      return FormatMoney({.minor = value, .currency = judged.amount.currency});
    };
    if (by_habit) context.Note("z", z, Needs::kMoreThan, config_.z_min);
    if (by_mean) {
      const double threshold = config_.mean_factor * static_cast<double>(month.mean_minor);
      context.Note("amount, by the mean of 30 days", text(minor), Needs::kMoreThan,
                   text(std::llround(threshold)));
    }
    if (quantile >= 0)
      context.Note("amount, by the population", text(minor), Needs::kMoreThan, text(quantile));
    if (has_history) {
      context.Note("paid_before", PaidBefore(*histogram, bin, judged.at), Needs::kLessThan,
                   config_.paid_before);
    }
  }
  const bool beyond_population = quantile >= 0 && minor > quantile;
  const bool beyond_habit = by_habit && z > config_.z_min;
  const bool beyond_mean = by_mean && Exceeds(minor, config_.mean_factor, month.mean_minor);
  if (!beyond_habit && !beyond_mean && !beyond_population) return Verdict::Clear();
  const double paid_before = has_history ? PaidBefore(*histogram, bin, judged.at) : 0;
  if (paid_before >= config_.paid_before) return Verdict::Clear();

  const auto money = [&](int64_t value) {
    return FormatMoney({.minor = value, .currency = judged.amount.currency});
  };
  const auto amount = [&](int64_t value) {
    return FormatAmount({.minor = value, .currency = judged.amount.currency});
  };
  Claim claim;
  const int64_t usual = by_habit ? MinorOfLog2(habit.median_log2) : month.mean_minor;
  const bool far = (by_habit || by_mean) && Reaches(minor, config_.far_factor, usual);
  claim.severity = far ? schemas::Severity::kMedium : kInfo.severity;
  claim.confidence = far ? 70 : beyond_habit ? 60 : 50;
  claim.weight = kInfo.weight;
  claim.cause = {known != nullptr && !begins ? known->event_id.str() : event.event_id.str()};
  claim.occurred_at = known != nullptr && !begins ? known->at : judged.at;
  claim.transaction_id = transaction.transaction_id;
  if (beyond_habit)
    claim.reasons.push_back({"unusual_amount", money(minor), money(MinorOfLog2(habit.median_log2))});
  if (!beyond_habit && beyond_mean)
    claim.reasons.push_back({"unusual_amount", money(minor), money(month.mean_minor)});
  if (beyond_population)
    claim.reasons.push_back({"unusual_amount_population", money(minor), money(quantile)});

  claim.evidence = {{"amount", amount(minor)},
                    {"currency", std::string(judged.amount.currency.code())},
                    {"kind", std::string(schemas::Name(judged.kind))},
                    {"payments", payments},
                    {"paid_before", paid_before},
                    {"far_factor", config_.far_factor}};
  if (by_habit) {
    claim.evidence.push_back({"median", amount(MinorOfLog2(habit.median_log2))});
    claim.evidence.push_back({"spread_ln", habit.deviation});
    claim.evidence.push_back({"z", z});
    claim.evidence.push_back({"z_min", config_.z_min});
  }
  if (by_mean) {
    claim.evidence.push_back({"payments_30d", month.payments});
    claim.evidence.push_back({"mean_30d", amount(month.mean_minor)});
    claim.evidence.push_back({"mean_factor", config_.mean_factor});
  }
  if (quantile >= 0) {
    claim.evidence.push_back({"population_amount", amount(quantile)});
    claim.evidence.push_back({"population_quantile", config_.population_quantile});
  }
  Verdict verdict = Verdict::Alert(std::move(claim));
  if (begins) verdict.Retract({.cause = {known->event_id}});
  return verdict;
}

}  // namespace tocsin::detectors
