// Rows of settings_test.cc: devices, sessions, hours and dormant accounts.
#include <string>

#include "tests/support/setting_rows.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using test::AccountStory;
using test::EventBuilder;
using test::kNoon;
using test::kStranger;
using test::Settle;
using namespace std::chrono_literals;

EventBuilder AtNoon() { return {"now", kNoon}; }

void ARefusedDeviceComesAgain(AccountStory& story) {
  Settle(story);
  story.Run(EventBuilder("before", kNoon - 1h).With(kStranger));
  const std::string finding = story.FindingOf("new_device");
  story.Run(EventBuilder("answer", kNoon - 30min)
                .Answered(schemas::FeedbackVerdict::kNotMe, schemas::FeedbackBy::kOwner, finding));
  story.Run(AtNoon().With(kStranger));
}
// The owner's id, on another system than it ever was.
void AnotherSystemUnderTheId(AccountStory& story) {
  constexpr test::DeviceOf kOther{"phone-1", "android", "SM-S918B", "Android", "Chrome Mobile", 14, 120};
  Settle(story);
  story.Run(AtNoon().With(kOther));
}

// One session that goes on in Munich, 454 km between the circles.
void SessionMovesTo(AccountStory& story, const test::DeviceOf& device, Millis gap) {
  schemas::Event first = EventBuilder("first", kNoon).With(device);
  schemas::Event second =
      EventBuilder("second", kNoon + gap).Via(test::kOtherLine).From(test::kMunich).With(device);
  first.session_id = second.session_id = "s-1";
  story.Run(first);
  story.Run(second);
}
void ABrowsersSessionMoves(AccountStory& story) { SessionMovesTo(story, test::kBrowser, 4min); }
void APhoneFliesToMunich(AccountStory& story) { SessionMovesTo(story, kStranger, 30min); }
void TheOwnersPhoneLeaps(AccountStory& story) {
  Settle(story);
  SessionMovesTo(story, test::kPhone, 4min);
}

void TheOwnersPhoneHasAnotherClock(AccountStory& story) {
  Settle(story);
  schemas::Event event = AtNoon();
  event.timezone = "Asia/Tokyo";
  story.Run(event);
}
// Always at noon, now at midnight.
void AtMidnight(AccountStory& story) {
  Settle(story);
  story.Run(EventBuilder("night", kNoon + 12h));
}

// Settled until the day before noon, and silent for ninety days.
constexpr Timestamp kLater = kNoon - 24h + 24h * 90;
void AStrangerWakesIt(AccountStory& story) {
  Settle(story);
  story.Run(EventBuilder("wake", kLater).With(kStranger));
}
void AStrangerThreeDaysAfterWaking(AccountStory& story) {
  Settle(story);
  story.Run(EventBuilder("wake", kLater));
  story.Run(EventBuilder("then", kLater + 72h).With(kStranger));
}
// Wakes and sends CNY 500, after payments of CNY 10000 and more of CNY 10.
void SendsAfterWaking(AccountStory& story, int large, int small) {
  for (int i = 0; i < large + small; ++i) {
    story.Run(test::Build({.id = "past-" + std::to_string(i),
                           .at = kNoon - 24h * 59 + 1h * i,
                           .amount = i < large ? "CNY 10000" : "CNY 10"}));
  }
  Settle(story);
  story.Run(EventBuilder("wake", kLater));
  story.Run(test::Build({.id = "now", .at = kLater + 1h, .amount = "CNY 500"}));
}
void OneInTenWasLarge(AccountStory& story) { SendsAfterWaking(story, 2, 18); }
void TwelveWereSmall(AccountStory& story) { SendsAfterWaking(story, 0, 12); }

}  // namespace

std::vector<test::SettingRow> DeviceSettings() {
  return {
      {"new_device.refused_weight", 2.4, "low 1.20, high 2.40", 3.0, "low 1.20, high 3.00",
       ARefusedDeviceComesAgain},
      {"device_tampered.contradiction_weight", 1.5, "medium 1.50", 2.0, "medium 2.00",
       AnotherSystemUnderTheId},
      {"session_moved.distance_km_min", 450.0, "high 2.50", 460.0, "", ABrowsersSessionMoves},
      {"session_moved.speed_kmh_max", 770.0, "high 2.50", 920.0, "", APhoneFliesToMunich},
      {"session_moved.trust_max", 1.0, "high 1.25", 0.5, "low 1.25", TheOwnersPhoneLeaps},
      {"locale_mismatch.trust_max", 1.0, "low 0.30", 0.3, "info 0.30", TheOwnersPhoneHasAnotherClock},
      {"unusual_hour.share_max", 0.02, "info 0.40", 0.005, "", AtMidnight},
      {"unusual_hour.logins_min", 60, "info 0.40", 61, "", AtMidnight},
      {"dormant_reactivation.silence", 90 * 24h, "low 1.50", 90 * 24h + 1s, "", AStrangerWakesIt},
      {"dormant_reactivation.window", 72h, "low 1.50", 72h - 1s, "", AStrangerThreeDaysAfterWaking},
      {"dormant_reactivation.quantile", 0.85, "medium 1.50", 0.95, "", OneInTenWasLarge},
      {"dormant_reactivation.payments_min", 12, "medium 1.50", 13, "", TwelveWereSmall},
  };
}

}  // namespace tocsin::detectors
