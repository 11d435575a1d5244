#include "detectors/payments/large_amount.h"

#include <algorithm>
#include <cmath>

#include "detectors/learning/lesson.h"

namespace tocsin::detectors {
namespace {

__extension__ using Wide = __int128;
constexpr int64_t kMillion = 1'000'000;

Wide Millionths(double share) { return std::llround(share * static_cast<double>(kMillion)); }

// The upper edge of the bin in which `quantile` of the payments are reached.
int64_t QuantileOf(const AmountHistogram& histogram, double quantile) {
  double total = 0;
  for (const auto& bin : histogram.bins) total += static_cast<double>(bin.count);
  double sum = 0;
  int index = histogram.bins.back().index;
  for (const auto& bin : histogram.bins) {
    sum += static_cast<double>(bin.count);
    if (sum < quantile * total) continue;
    index = bin.index;
    break;
  }
  return std::llround(std::exp2(std::min((index + 1) / 4.0, 62.0)));
}

}  // namespace

LargeAmount LargeAmountFor(const Movement& movement, const AccountState& state, const Context& context,
                           const Money& check, double quantile, int payments_min) {
  LargeAmount large;
  if (const auto converted = Convert(check, movement.amount.currency, context.limits))
    large.check_minor = converted->minor;
  const AmountHabit habit(state.money(), movement.kind, movement.amount.currency, movement.at,
                          HoldOf(context));
  const AmountHistogram* const histogram = habit.histogram();
  if (histogram != nullptr && !histogram->bins.empty() &&
      histogram->seen >= static_cast<uint32_t>(payments_min)) {
    large.account_minor = QuantileOf(*histogram, quantile);
    large.own = true;
  } else {
    large.account_minor = context.population.AmountQuantile(
        movement.kind, state.profile().OwnerAt(movement.at).tier, movement.amount.currency, quantile);
  }
  large.minor = std::max(large.check_minor, large.account_minor);
  return large;
}

bool ExceedsShare(int64_t part, double share, int64_t whole) {
  return Wide{part} * kMillion > Wide{whole} * Millionths(share);
}

bool ReachesShare(int64_t part, double share, int64_t whole) {
  return Wide{part} * kMillion >= Wide{whole} * Millionths(share);
}

}  // namespace tocsin::detectors
