#include "daemon/compare/share.h"

#include <algorithm>
#include <cmath>

namespace tocsin::daemon {

Interval Wilson(const Share& share) {
  if (share.whole <= 0) return {};
  constexpr double kZ = 1.959964;
  const auto n = static_cast<double>(share.whole);
  const double p = share.value();
  const double middle = p + kZ * kZ / (2 * n);
  const double spread = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  const double scale = 1 + kZ * kZ / n;
  return {.low = std::max(0.0, (middle - spread) / scale), .high = std::min(1.0, (middle + spread) / scale)};
}

double SignTest(int64_t only_first, int64_t only_second) {
  const int64_t n = only_first + only_second;
  if (n == 0) return 1;
  const int64_t fewer = std::min(only_first, only_second);
  const auto choose = [n](int64_t k) {
    return std::lgamma(static_cast<double>(n + 1)) - std::lgamma(static_cast<double>(k + 1)) -
           std::lgamma(static_cast<double>(n - k + 1)) - static_cast<double>(n) * std::log(2.0);
  };
  double tail = 0;
  for (int64_t k = 0; k <= fewer; ++k) tail += std::exp(choose(k));
  return std::min(1.0, 2 * tail);
}

}  // namespace tocsin::daemon
