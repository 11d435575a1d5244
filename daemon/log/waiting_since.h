// Since when the oldest record of a partition that is not processed yet has waited. Milliseconds of the wall
// clock.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace tocsin::daemon {

class WaitingSince {
 public:
  // A record was handed over that the log took at this time.
  void HandedOver(int64_t appended_at) { handed_over_ = appended_at; }

  // `behind` records wait. `head`: when the log took the first of them, once it has been fetched. Until then
  // it came after the last that was handed over, and was there when records were first seen to wait. 0: none
  // waits.
  [[nodiscard]] int64_t Look(int64_t behind, std::optional<int64_t> head, int64_t now) {
    if (behind == 0) return noticed_ = 0;
    if (noticed_ == 0) noticed_ = now;
    return std::min(head.value_or(std::max(noticed_, handed_over_)), now);
  }

 private:
  int64_t noticed_ = 0;
  int64_t handed_over_ = 0;
};

}  // namespace tocsin::daemon
