// A share that was counted, and how sure it is.
#pragma once

#include <cstdint>

namespace tocsin::daemon {

struct Share {
  int64_t part = 0;
  int64_t whole = 0;

  [[nodiscard]] double value() const {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  }
};

struct Interval {
  double low = 0;
  double high = 1;
};
// Wilson's score interval at 95 %; all of 0…1 when nothing was counted. Good for shares near 0 and 1 and for
// small counts, where part ± 2 standard errors is not.
[[nodiscard]] Interval Wilson(const Share& share);

// Two configurations judged the same attacks: `only_first` were found by the first alone, `only_second` by
// the second alone. The probability of a split at least as uneven by chance (exact two-sided sign test).
[[nodiscard]] double SignTest(int64_t only_first, int64_t only_second);

}  // namespace tocsin::daemon
