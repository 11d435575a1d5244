#include "detectors/structuring.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detectors/guessing.h"
#include "detectors/lacking.h"
#include "detectors/learning/lesson.h"
#include "detectors/limits/account_limits.h"
#include "detectors/limits/judge.h"
#include "detectors/payments/episodes.h"
#include "detectors/payments/flows.h"
#include "detectors/payments/large_amount.h"

namespace tocsin::detectors {
namespace {

constexpr Millis kWeek = 7 * kOneDay;
// What is believed of an account without payments: one in twenty-five, on the strength of ten. With 0.5 or
// more of a payment in the band the belief alone would explain three in a day to an account with many
// payments.
constexpr double kPriorInBand = 0.4;
constexpr double kPriorPayments = 10;

// P(at least k of n), each with probability p.
double TailOf(int64_t n, int64_t k, double p) {
  double below = 0;
  double term = std::pow(1 - p, static_cast<double>(n));  // P(exactly 0).
  for (int64_t i = 0; i < k; ++i) {
    below += term;
    term *= static_cast<double>(n - i) / static_cast<double>(i + 1) * p / (1 - p);
  }
  return std::max(0.0, 1 - below);
}

// What one limit makes of the account's payments.
class Band {
 public:
  Band(const Limit& limit, int64_t max_minor, double band_min, const Context& context)
      : limit_(limit), max_minor_(max_minor), band_min_(band_min), table_(context.limits) {}

  [[nodiscard]] bool Counts(const Movement& movement) const {
    return Matches(limit_, movement) == Match::kYes;
  }
  [[nodiscard]] bool Holds(const Movement& movement) const {
    if (!Counts(movement)) return false;
    const auto amount = ConvertForSum(movement.amount, limit_.max->currency, table_);
    return amount && *amount < max_minor_ && ReachesShare(*amount, band_min_, max_minor_);
  }
  // False: it counts, and there is no rate to say for how much.
  [[nodiscard]] bool CanCompare(const Movement& movement) const {
    return !Counts(movement) || ConvertForSum(movement.amount, limit_.max->currency, table_);
  }
  [[nodiscard]] Money max() const { return {max_minor_, limit_.max->currency}; }

  // Share of the payments of a histogram in the band, without `recent` of them that are being judged.
  // `beside` payments of the window are outside it, whether they have taught the histogram or not.
  [[nodiscard]] double Habit(const AmountHistogram* histogram, Currency currency, int64_t recent,
                             int64_t beside) const {
    double in_band = 0;
    double all = 0;
    const auto upper = Convert(max(), currency, table_);
    if (histogram != nullptr && upper && upper->minor > 1) {
      const int16_t last = AmountBin(upper->minor - 1);
      const int16_t first =
          AmountBin(std::max<int64_t>(1, std::llround(static_cast<double>(upper->minor) * band_min_)));
      for (const AmountHistogram::Bin& bin : histogram->bins) {
        const auto count = static_cast<double>(bin.count);
        all += count;
        if (bin.index >= first && bin.index <= last) in_band += count;
      }
    }
    const auto judged = std::min(static_cast<double>(recent), in_band);
    return (in_band - judged + kPriorInBand) /
           (std::max(all - judged, static_cast<double>(beside)) + kPriorPayments);
  }

 private:
  const Limit& limit_;
  int64_t max_minor_;
  double band_min_;
  const LimitTable& table_;
};

}  // namespace

const std::array<Setting<Structuring::Config>, 4> Structuring::Config::kSettings{{
    {.key = "band_min",
     .member = &Config::band_min,
     .min = 0.5,
     .max = 0.99,
     .unit = "",
     .doc = "Share of a limit from which on an amount is just under it."},
    {.key = "day_min",
     .member = &Config::day_min,
     .min = 2,
     .max = 100,
     .unit = "payments",
     .doc = "Payments just under a limit in 24 hours that are no accident."},
    {.key = "week_min",
     .member = &Config::week_min,
     .min = 2,
     .max = 100,
     .unit = "payments",
     .doc = "Payments just under a limit in 7 days that are no accident."},
    {.key = "chance_max",
     .member = &Config::chance_max,
     .min = 0.000001,
     .max = 1,
     .unit = "",
     .doc = "Greatest probability that the account's own habit explains them."},
}};

Verdict Structuring::Evaluate(const schemas::Event& event, const AccountState& state,
                              const Context& context) const {
  const schemas::AccountProfile& owner = state.profile().OwnerAt(event.occurred_at);
  const Flows flows(event, state, context);
  Verdict verdict = Verdict::NotEvaluable(kNoLimits);
  bool no_rate = false;    // For one of the limits, or for the payment.
  bool saturated = false;  // More payments just under a limit than are looked at, or some are forgotten.
  for (const Limit& limit : context.limits.limits) {
    if (limit.window != Limit::Window::kTransaction || !limit.max || !AppliesTo(limit, event.tenant, owner))
      continue;
    const Allowance allowance = AllowanceOf(limit, owner, context.limits);
    if (!allowance.max_minor || *allowance.max_minor <= 0) {
      no_rate = true;
      continue;
    }
    if (verdict.claims().empty() && verdict.retractions().empty()) verdict = Verdict::Clear();
    if (!flows.Changes()) {
      NoteLack(context, kNewsOfPayment);
      continue;
    }
    const Band band(limit, *allowance.max_minor, config_.band_min, context);
    const auto holds = [&](const Movement* movement) { return movement != nullptr && band.Holds(*movement); };
    if (flows.after() != nullptr && !band.CanCompare(*flows.after())) no_rate = true;
    if (!holds(flows.after()) && !holds(flows.before())) {
      if (context.measures != nullptr) NoteLack(context, "limit " + limit.name + ", just_under_it");
      continue;
    }

    const auto counts = [&](const Movement& m) { return band.Counts(m); };
    const auto in_band = [&](const Movement& m) { return band.Holds(m); };
    const Timestamp from = kTimestampMin;
    const std::vector<Flow> before = flows.Before(from, in_band);
    const std::vector<Flow> after = flows.After(from, in_band);
    saturated = saturated || flows.Forgot(kWeek);
    if (std::max(before.size(), after.size()) <
        static_cast<size_t>(std::min(config_.day_min, config_.week_min))) {
      if (context.measures != nullptr) {
        context.Note("limit " + limit.name + ", just under it", static_cast<int64_t>(after.size()),
                     Needs::kAtLeast, int64_t{std::min(config_.day_min, config_.week_min)});
      }
      continue;
    }
    if (std::max(before.size(), after.size()) > kFlowsMax) {
      saturated = true;
      continue;
    }
    const std::vector<Flow> all_before = flows.Before(from, counts);
    const std::vector<Flow> all_after = flows.After(from, counts);
    struct Window {
      int64_t in_band = 0;
      int64_t all = 0;
      double chance = 1;
      bool over = false;
    };
    const auto look = [&](const std::vector<Flow>& list, size_t i, Millis length, int least) {
      const std::vector<Flow>& all = &list == &before ? all_before : all_after;
      const Timestamp at = list[i].at;
      Window window;
      const auto until = [](const std::vector<Flow>& flows_of, Timestamp time) {
        return std::ranges::upper_bound(flows_of, time, {}, &Flow::at) - flows_of.begin();
      };
      window.in_band = static_cast<int64_t>(i) + 1 - until(list, at - length);
      if (window.in_band < least) return window;
      window.all = until(all, at) - until(all, at - length);
      const Movement& movement = *list[i].movement;
      const AmountHabit paid(state.money(), movement.kind, movement.amount.currency, movement.at,
                             HoldOf(context));
      const double habit = band.Habit(paid.histogram(), movement.amount.currency, std::ssize(before),
                                      window.all - window.in_band);
      window.chance = TailOf(window.all, window.in_band, habit);
      window.over = window.chance < config_.chance_max;
      return window;
    };
    if (context.measures != nullptr) {
      const uint64_t own = TransactionKey(event);
      const auto at = std::ranges::find(after, own, &Flow::key) - after.begin();
      const auto note = [&](const char* what, Millis length, int least) {
        const Window window =
            at == std::ssize(after) ? Window{} : look(after, static_cast<size_t>(at), length, least);
        const std::string name = "limit " + limit.name + ", just under it in " + what;
        context.Note(name, window.in_band, Needs::kAtLeast, int64_t{least});
        if (window.in_band >= least)
          context.Note(name + ", by chance", window.chance, Needs::kLessThan, config_.chance_max);
      };
      note("24 h", kOneDay, config_.day_min);
      note("7 d", kWeek, config_.week_min);
    }
    const auto mark = [&](const std::vector<Flow>& list) {
      std::vector<bool> over(list.size());
      for (size_t i = 0; i < list.size(); ++i) {
        over[i] = look(list, i, kOneDay, config_.day_min).over || look(list, i, kWeek, config_.week_min).over;
      }
      return over;
    };
    const auto make = [&](const std::vector<Flow>& list, const Episode& episode) {
      const Window day = look(list, episode.last, kOneDay, config_.day_min);
      const Window week = look(list, episode.last, kWeek, config_.week_min);
      const Window& shown = day.over ? day : week;
      const Millis length = day.over ? kOneDay : kWeek;
      Claim claim;
      claim.severity = kInfo.severity;
      claim.confidence = 60;
      claim.weight = kInfo.weight;
      if (list[episode.last].key == TransactionKey(event))
        claim.transaction_id = event.transaction()->transaction_id;
      claim.reasons = {{"structuring", CountText(shown.in_band, length),
                        "limit " + limit.name + ": " + FormatMoney(band.max())}};
      claim.evidence = {
          {"limit", limit.name},
          {"max", FormatAmount(band.max())},
          {"currency", std::string(band.max().currency.code())},
          {"band_min", config_.band_min},
          {"in_band", shown.in_band},
          {"payments", shown.all},
          {"window_hours", int64_t{std::chrono::duration_cast<std::chrono::hours>(length).count()}},
          {"chance", shown.chance},
          {"chance_max", config_.chance_max}};
      return claim;
    };
    JudgeEpisodes(before, after, kWeek, flows.at(), limit.name, mark, make, verdict);
  }
  if (saturated && !verdict.speaks()) return Verdict::NotEvaluable(kSaturated);
  if (no_rate && !verdict.speaks()) return Verdict::NotEvaluable(kNoRate);
  return verdict;
}

}  // namespace tocsin::detectors
