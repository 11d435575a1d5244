// From which sums and counts on a level is over its limit or near it, and whether that can be said.
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

#include "detectors/limits/judge.h"
#include "detectors/verdict.h"

namespace tocsin::detectors {
namespace {

using Wide = Thresholds::Wide;
constexpr Wide kBeyond = Wide{1} << 120;
constexpr int64_t kMillion = 1'000'000;

}  // namespace

Thresholds::Thresholds(const Limit& limit, const Allowance& allowance)
    : max_(kBeyond),
      warn_(kBeyond),
      max_count_(std::numeric_limits<int64_t>::max()),
      warn_count_(max_count_) {
  // In millionths, so that "0.8" is exactly eight tenths.
  const auto warn_millionths =
      limit.warn_at > 0 ? static_cast<int64_t>(std::llround(limit.warn_at * kMillion)) : int64_t{0};
  // A division of 128 bits takes ten times as long as one of 64.
  const auto warn_of = [&](int64_t max) {
    if (max < std::numeric_limits<int64_t>::max() / kMillion - 1)
      return Wide{(max * warn_millionths + kMillion - 1) / kMillion};
    return (Wide{max} * warn_millionths + kMillion - 1) / kMillion;
  };
  if (allowance.max_minor) {
    max_ = *allowance.max_minor;
    if (warn_millionths > 0 && max_ > 0) warn_ = warn_of(*allowance.max_minor);
  }
  if (allowance.max_count) {
    max_count_ = *allowance.max_count;
    if (warn_millionths > 0 && max_count_ > 0) warn_count_ = static_cast<int64_t>(warn_of(max_count_));
  }
}

std::string_view LimitLevel::Unknown() const { return Unknown(Thresholds(*limit, allowance)); }

std::string_view LimitLevel::Unknown(const Thresholds& thresholds) const {
  if (thresholds.Over(sum_minor, count, self_unconverted)) return {};
  if (saturated) return kSaturated;
  if (!limit->max) return {};
  return allowance.no_rate || unconverted > 0 ? kNoRate : std::string_view{};
}

}  // namespace tocsin::detectors
