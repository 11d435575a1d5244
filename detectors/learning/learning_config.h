// How an account becomes known, and how long new things wait.
#pragma once

#include <array>
#include <chrono>

#include "base/setting.h"

namespace tocsin::detectors {

struct LearningConfig {
  int logins_min = 5;                                          // Novelty detectors speak from then on …
  std::chrono::seconds age_min = std::chrono::hours(14 * 24);  // … or once the account is this old.
  std::chrono::seconds quarantine =
      std::chrono::hours(7 * 24);  // New things nobody objects to are learnt after this.

  static const std::array<Setting<LearningConfig>, 3> kSettings;
};

}  // namespace tocsin::detectors
