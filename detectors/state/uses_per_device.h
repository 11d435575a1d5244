// How many uses of each device are kept and counted: the newest of those that were settled at a time.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "detectors/state/places.h"
#include "detectors/state/quarantine.h"

namespace tocsin::detectors {

// An event that arrives up to five minutes late asks for what was settled (kSettled) at its own time. So
// uses of this time up to the newest, which it may come before, are kept besides.
inline constexpr Millis kUsesOpen = kSettled + std::chrono::minutes(5);

class UsesPerDevice {
 public:
  // Takes the next older use, of this device; false: there are Places::kUsesPerDeviceMax newer ones of it.
  // REQUIRES: no more than Places::kUsesMax calls.
  [[nodiscard]] bool Admit(uint32_t device_key) {
    size_t i = 0;
    while (i < devices_ && counts_[i].device_key != device_key) ++i;
    if (i == devices_) counts_[devices_++] = {.device_key = device_key, .uses = 0};
    return ++counts_[i].uses <= Places::kUsesPerDeviceMax;
  }

 private:
  struct Count {
    uint32_t device_key;
    size_t uses;
  };
  std::array<Count, Places::kUsesMax> counts_;  // The first devices_ of them.
  size_t devices_ = 0;
};

}  // namespace tocsin::detectors
