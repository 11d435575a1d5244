// An account with a past: where most stories begin.
#pragma once

#include <string>

#include "base/time.h"
#include "tests/support/account_story.h"
#include "tests/support/event_builder.h"

namespace tocsin::test {

inline constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);  // 2026-03-01T12:00:00Z

// Sixty days of logins from Berlin over the home line with the phone, the last one a day before kNoon: past
// learning, its device trusted.
inline void Settle(AccountStory& story) {
  for (int day = 60; day >= 1; --day) {
    story.Run(EventBuilder("settled-" + std::to_string(day), kNoon - std::chrono::hours(24 * day)));
  }
}

class SettledAccount : public AccountStory {
 public:
  explicit SettledAccount(detectors::DetectorConfigs configs = {}) : AccountStory(std::move(configs)) {
    Settle(*this);
  }
};

}  // namespace tocsin::test
