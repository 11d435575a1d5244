// When a delivery that was not accepted is tried again.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"

namespace tocsin::daemon {

// The table of Standard Webhooks 1.0: waits after the first attempt, after the second, …; three days in all.
[[nodiscard]] std::vector<std::chrono::seconds> DefaultRetryWaits();

// The wait after attempt number `attempt` (from 1), with up to a fifth more, by `seed`: what failed together
// does not come back together. At least `asked_for`, what the receiver asked for, but no more than a day of
// it. nullopt: that was the last attempt.
[[nodiscard]] std::optional<Millis> WaitAfter(const std::vector<std::chrono::seconds>& waits, int attempt,
                                              std::chrono::seconds asked_for, uint64_t seed);

}  // namespace tocsin::daemon
