// Rows of settings_test.cc: steps of a takeover, and haste.
#include <string>

#include "tests/support/setting_rows.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using schemas::ChangeKind;
using test::AccountStory;
using test::EventBuilder;
using test::kNoon;
using test::kStranger;
using test::Settle;
using namespace std::chrono_literals;

// A stranger at the owner's home, from noon on.
EventBuilder Stranger(const std::string& id, Millis after) {
  return EventBuilder(id, kNoon + after).With(kStranger);
}
void Enters(AccountStory& story) {
  Settle(story);
  story.Run(Stranger("in", 0ms));
}
void Changes(AccountStory& story, ChangeKind change, Millis after = 1min) {
  story.Run(Stranger("change-" + std::to_string(static_cast<int>(change)), after).Changed(change));
}
void Sends(AccountStory& story, Millis after, const std::string& amount = "CNY 100") {
  story.Run(Stranger("send", after).Paid("tx", test::MoneyOf(amount)));
}

// ---- A chain: a device, one more kind of step, and money or another kind.
void DeviceContactMoney(AccountStory& story) {
  Enters(story);
  Changes(story, ChangeKind::kEmailChanged);
  Sends(story, 2min);
}
void DeviceContactFactor(AccountStory& story) {
  Enters(story);
  Changes(story, ChangeKind::kEmailChanged);
  Changes(story, ChangeKind::kMfaDisabled, 2min);
}
void AFactorADayLater(AccountStory& story) {
  Enters(story);
  Changes(story, ChangeKind::kEmailChanged);
  Changes(story, ChangeKind::kMfaDisabled, 36h);
}
// The two and one more.
void WithStep(AccountStory& story, ChangeKind change) {
  Enters(story);
  Changes(story, ChangeKind::kEmailChanged, 1s);
  Changes(story, change, 2s);
}
void WithPassword(AccountStory& story) { WithStep(story, ChangeKind::kPasswordReset); }
void WithNotifications(AccountStory& story) { WithStep(story, ChangeKind::kNotificationsChanged); }
void WithPayee(AccountStory& story) { WithStep(story, ChangeKind::kPayeeAdded); }
void WithFactor(AccountStory& story) { WithStep(story, ChangeKind::kMfaDisabled); }
void WithLimit(AccountStory& story) {
  Enters(story);
  Changes(story, ChangeKind::kEmailChanged, 1s);
  story.Run(test::LimitChanged("raise", kNoon + 2s, "daily-out", "CNY 1000", "CNY 5000"));
}
void FromAbroad(AccountStory& story) {
  Settle(story);
  story.Run(Stranger("in", 0ms).From(test::kTokyo));
  Changes(story, ChangeKind::kEmailChanged, 1s);
}
void Guessed(AccountStory& story) {
  Settle(story);
  for (int i = 0; i < 5; ++i) story.Run(Stranger("fail-" + std::to_string(i), 1ms * i).Failed());
  story.Run(Stranger("in", 1s));
  Changes(story, ChangeKind::kEmailChanged, 2s);
}

// ---- Haste
void ThreeInEightMinutes(AccountStory& story) {
  Enters(story);
  Changes(story, ChangeKind::kPasswordChanged, 1min);
  Changes(story, ChangeKind::kEmailChanged, 5min);
  Changes(story, ChangeKind::kPayeeAdded, 9min);
}
void APayeeAfterTwelveHours(AccountStory& story) {
  Enters(story);
  Changes(story, ChangeKind::kPayeeAdded, 12h);
}
// SGD 1000.01.
void SendsMoreThanTheCheckAmount(AccountStory& story) {
  Enters(story);
  Sends(story, 1h, "CNY 5000.05");
}

}  // namespace

std::vector<test::SettingRow> TakeoverSettings() {
  return {
      {"takeover_chain.kinds_with_money_min", 2, "high 3.75", 3, "", DeviceContactMoney},
      {"takeover_chain.kinds_min", 3, "high 4.00", 4, "", DeviceContactFactor},
      {"takeover_chain.kinds_critical", 3, "critical 3.75", 4, "high 3.75", DeviceContactMoney},
      {"takeover_chain.half_life", 36h, "high 2.75", 72h, "high 3.27", AFactorADayLater},
      {"takeover_chain.money_factor", 0.25, "high 3.75", 0.5, "high 5.00", DeviceContactMoney},
      {"takeover_chain.points_password", 1.0, "high 3.50", 2.0, "high 4.50", WithPassword},
      {"takeover_chain.points_device", 1.0, "high 3.50", 2.0, "high 4.50", WithPassword},
      {"takeover_chain.points_place", 0.8, "high 3.30", 1.8, "high 4.30", FromAbroad},
      {"takeover_chain.points_contact", 1.5, "high 3.50", 2.5, "high 4.50", WithPassword},
      {"takeover_chain.points_notifications", 1.5, "high 4.00", 2.5, "high 5.00", WithNotifications},
      {"takeover_chain.points_mfa", 1.5, "high 4.00", 2.5, "high 5.00", WithFactor},
      {"takeover_chain.points_limit", 1.0, "high 3.50", 2.0, "high 4.50", WithLimit},
      {"takeover_chain.points_payee", 0.8, "high 3.30", 1.8, "high 4.30", WithPayee},
      {"takeover_chain.points_guessed", 1.5, "high 4.00", 2.5, "high 5.00", Guessed},
      {"sensitive_burst.changes_min", 3, "medium 1.00", 4, "", ThreeInEightMinutes},
      {"sensitive_burst.window", 8min, "medium 1.00", 8min - 1s, "", ThreeInEightMinutes},
      {"cooling_off.period", 12h, "medium 1.00", 12h - 1s, "", APayeeAfterTwelveHours},
      {"cooling_off.check_amount", test::MoneyOf("SGD 1000"), "medium 1.00", test::MoneyOf("SGD 1000.01"), "",
       SendsMoreThanTheCheckAmount},
  };
}

}  // namespace tocsin::detectors
