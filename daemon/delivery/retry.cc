#include "daemon/delivery/retry.h"

#include <algorithm>

namespace tocsin::daemon {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::vector<seconds> DefaultRetryWaits() {
  return {seconds(5), minutes(5), minutes(30), hours(2), hours(5),
          hours(10),  hours(14),  hours(20),   hours(24)};
}

std::optional<Millis> WaitAfter(const std::vector<seconds>& waits, int attempt, seconds asked_for,
                                uint64_t seed) {
  if (attempt < 1 || static_cast<size_t>(attempt) > waits.size()) return std::nullopt;
  const Millis wait = std::max<Millis>(waits[static_cast<size_t>(attempt) - 1],
                                       std::clamp<seconds>(asked_for, seconds(0), hours(24)));
  const auto fifth = static_cast<uint64_t>(wait.count()) / 5;
  return wait + Millis(static_cast<int64_t>(fifth == 0 ? 0 : seed % (fifth + 1)));
}

}  // namespace tocsin::daemon
