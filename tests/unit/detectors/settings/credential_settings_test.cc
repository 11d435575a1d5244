// Rows of settings_test.cc: passwords, second factors, and those who guess them.
#include <string>

#include "tests/support/setting_rows.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using schemas::ChangeKind;
using schemas::FailureReason;
using test::AccountStory;
using test::EventBuilder;
using test::kNoon;
using test::kStranger;
using test::Settle;
using namespace std::chrono_literals;

EventBuilder Strange(const std::string& id, Timestamp at) {
  return EventBuilder(id, at).Via(test::kHosting).With(kStranger);
}

// ---- Failures from one address, the first at noon.
void Fails(AccountStory& story, int count, Millis gap) {
  for (int i = 0; i < count; ++i) story.Run(Strange("fail-" + std::to_string(i), kNoon + gap * i).Failed());
}
void TenInNineMinutes(AccountStory& story) { Fails(story, 10, 1min); }
void TwentyInAnHour(AccountStory& story) { Fails(story, 20, 3min); }

// Ten failures from five addresses each five minutes, of so many countries and networks.
void FailsFromAll(AccountStory& story, int countries, int networks) {
  constexpr test::City kCities[] = {test::kBerlin, test::kTokyo};
  constexpr test::NetworkOf kNetworks[] = {test::kHosting, test::kOtherLine, test::kMobile};
  for (int i = 0; i < 10; ++i) {
    story.Run(EventBuilder("fail-" + std::to_string(i), kNoon + 5min * i)
                  .From(kCities[i % countries])
                  .Via(kNetworks[i % networks])
                  .Address("198.51.100." + std::to_string(1 + i / 2))
                  .With(kStranger)
                  .Failed());
  }
}
void OfTwoCountries(AccountStory& story) { FailsFromAll(story, 2, 1); }
void OfThreeNetworks(AccountStory& story) { FailsFromAll(story, 1, 3); }

// ---- Guessed in
void FiveAndIn(AccountStory& story) {
  Fails(story, 5, 1min);
  story.Run(Strange("in", kNoon + 3h));
}
void TenAndInFromElsewhere(AccountStory& story) {
  Settle(story);
  Fails(story, 10, 1s);
  story.Run(EventBuilder("in", kNoon + 1h).Via(test::kOtherLine).With(test::kBrowser));
}
// His device and network have not yet earned all trust.
void TheOwnerMistypes(AccountStory& story) {
  for (int day = 10; day > 0; --day) story.Run(EventBuilder("day-" + std::to_string(day), kNoon - 24h * day));
  for (int i = 0; i < 5; ++i) story.Run(EventBuilder("fail-" + std::to_string(i), kNoon + 1min * i).Failed());
  story.Run(EventBuilder("in", kNoon + 6min));
}

// ---- The second factor
void Prompts(AccountStory& story) {
  Settle(story);
  for (int i = 0; i < 5; ++i)
    story.Run(Strange("prompt-" + std::to_string(i), kNoon + 2min * i).Failed(FailureReason::kMfaDenied));
}
void PromptsAndIn(AccountStory& story) {
  Prompts(story);
  story.Run(Strange("in", kNoon + 9min));
}
void RemovedAndNotRestored(AccountStory& story) {
  Settle(story);
  story.Run(EventBuilder("off", kNoon).Changed(ChangeKind::kMfaDisabled));
  story.Run(EventBuilder("later", kNoon + 12h));
}
void RemovedADayAfterAReset(AccountStory& story) {
  Settle(story);
  story.Run(EventBuilder("reset", kNoon - 20h).Changed(ChangeKind::kPasswordReset));
  story.Run(EventBuilder("off", kNoon).Changed(ChangeKind::kMfaDisabled));
}
void ThreePastThePassword(AccountStory& story) {
  Settle(story);
  for (int i = 0; i < 3; ++i)
    story.Run(Strange("try-" + std::to_string(i), kNoon + 1min * i).Failed(FailureReason::kMfaFailed));
}

}  // namespace

std::vector<test::SettingRow> CredentialSettings() {
  return {
      {"password_guessing.short_attempts", 10, "medium 1.00", 11, "", TenInNineMinutes},
      {"password_guessing.short_window", 9min, "medium 1.00", 9min - 1s, "", TenInNineMinutes},
      {"password_guessing.long_attempts", 20, "medium 1.00", 21, "", TwentyInAnHour},
      {"password_guessing.long_window", 57min, "medium 1.00", 57min - 1s, "", TwentyInAnHour},
      {"password_guessing.distributed_attempts", 10, "medium 1.00", 11, "", OfTwoCountries},
      {"password_guessing.distributed_addresses", 5, "medium 1.00", 6, "", OfTwoCountries},
      {"password_guessing.distributed_countries", 2, "medium 1.00", 3, "", OfTwoCountries},
      {"password_guessing.distributed_networks", 3, "medium 1.00", 4, "", OfThreeNetworks},
      {"guessed_in.failures_min", 5, "high 3.00", 6, "", FiveAndIn},
      {"guessed_in.window", 3h, "high 3.00", 3h - 1s, "", FiveAndIn},
      {"guessed_in.attack_failures_min", 10, "high 3.00", 11, "", TenAndInFromElsewhere},
      {"guessed_in.attack_window", 1h, "high 3.00", 1h - 1s, "", TenAndInFromElsewhere},
      {"guessed_in.trust_max", 0.33, "high 2.23", 0.32, "low 2.23", TheOwnerMistypes},
      {"mfa_fatigue.prompts_min", 5, "medium 1.50", 6, "", Prompts},
      {"mfa_fatigue.window", 8min, "medium 1.50", 8min - 1s, "", Prompts},
      {"mfa_fatigue.approved_weight", 4.0, "critical 4.00", 5.0, "critical 5.00", PromptsAndIn},
      {"second_factor_removed.restore_within", 12h - 1s, "low 0.75", 12h, "", RemovedAndNotRestored},
      {"second_factor_removed.preceded_within", 20h, "medium 1.50", 20h - 1s, "", RemovedADayAfterAReset},
      {"partial_success.attempts_medium", 3, "medium 1.00", 4, "low 1.00", ThreePastThePassword},
  };
}

}  // namespace tocsin::detectors
