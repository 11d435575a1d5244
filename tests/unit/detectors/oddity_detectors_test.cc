// device_tampered, locale_mismatch: what is odd, unless it always was.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "detectors/country_zones.h"
#include "detectors/oddities.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::EventBuilder;
using test::kNoon;
using test::SettledAccount;
using Causes = std::vector<std::string>;

struct Tampered {
  std::string name;
  void (*change)(schemas::Device&);
  std::string oddity;  // "" none.
};

class DeviceTamperedTest : public testing::TestWithParam<Tampered> {};

TEST_P(DeviceTamperedTest, IsJudged) {
  SettledAccount account;
  EventBuilder builder("e", kNoon);
  GetParam().change(builder.event().facts.device);
  const Verdict& verdict = account.Run(builder).Of("device_tampered");
  ASSERT_EQ(verdict.alert(), !GetParam().oddity.empty());
  if (verdict.alert()) {
    EXPECT_EQ(verdict.claims().front().discriminator, GetParam().oddity);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Devices, DeviceTamperedTest,
    testing::Values(
        Tampered{"Clean", [](schemas::Device&) {}, ""},
        Tampered{"Emulated", [](schemas::Device& d) { d.emulator = true; }, "emulator"},
        Tampered{"EmulatedIsNotRootedAsWell", [](schemas::Device& d) { d.emulator = d.rooted = true; },
                 "emulator"},
        Tampered{"Rooted", [](schemas::Device& d) { d.rooted = true; }, "rooted"},
        Tampered{"TwoSystems", [](schemas::Device& d) { d.browser_family = "Chrome"; }, "two_systems"},
        Tampered{"AnotherSystemUnderItsId",
                 [](schemas::Device& d) {
                   d.os_family = "Android";
                   d.browser_family = "Chrome Mobile";
                 },
                 "other_system"},
        Tampered{"ATabletThatAsksForTheDesktop",
                 [](schemas::Device& d) {
                   d.os_family = "macOS";
                   d.browser_family = "Safari";
                 },
                 ""},
        Tampered{"OlderSystem", [](schemas::Device& d) { d.os_major = 16; }, "version_back"},
        Tampered{"OlderBrowser", [](schemas::Device& d) { d.browser_major = 16; }, "version_back"},
        Tampered{"OlderVersionOfAnotherBrowser",
                 [](schemas::Device& d) {
                   d.browser_family = "Firefox iOS";
                   d.browser_major = 1;
                 },
                 ""},
        Tampered{"VersionNotTold", [](schemas::Device& d) { d.os_major = d.browser_major = 0; }, ""},
        Tampered{"NewerVersion", [](schemas::Device& d) { d.os_major = 18; }, ""}),
    [](const auto& tested) { return tested.param.name; });

schemas::Event Emulated(std::string_view id, Timestamp at) {
  EventBuilder builder(id, at);
  builder.With(test::kStranger);
  builder.event().facts.device.emulator = true;
  return builder;
}

TEST(DeviceTampered, IsOneFindingHoweverOftenItIsUsed) {
  SettledAccount account;
  for (int i = 0; i < 4; ++i)
    account.Run(Emulated("e" + std::to_string(i), kNoon + std::chrono::hours(i * 20)));
  EXPECT_EQ(account.ActiveCauses("device_tampered"), Causes{"e0"});
}

TEST(DeviceTampered, ALateEarlierUseIsTheCause) {
  SettledAccount account;
  account.Run(Emulated("later", kNoon + 2min));
  account.Run(Emulated("earlier", kNoon));
  EXPECT_EQ(account.ActiveCauses("device_tampered"), Causes{"earlier"});
}

TEST(DeviceTampered, WhatAlwaysWasSoIsNoNews) {
  test::AccountStory story;
  for (int day = 20; day >= 0; --day) {
    EventBuilder builder("e" + std::to_string(day), kNoon - std::chrono::hours(24 * day));
    builder.event().facts.device.rooted = true;
    story.Run(builder);
  }
  EXPECT_TRUE(story.ActiveCauses("device_tampered").empty());
}

TEST(DeviceTampered, TheOwnersAnswerDecides) {
  for (const auto verdict : {schemas::FeedbackVerdict::kMe, schemas::FeedbackVerdict::kNotMe}) {
    SettledAccount account;
    account.Run(Emulated("e0", kNoon));
    const std::string finding = account.FindingOf("device_tampered");
    account.Run(EventBuilder("answer", kNoon + 1h).Answered(verdict, schemas::FeedbackBy::kOwner, finding));
    const Verdict& again = account.Run(Emulated("e1", kNoon + 2h)).Of("device_tampered");
    EXPECT_EQ(again.alert(), verdict == schemas::FeedbackVerdict::kNotMe);
  }
}

TEST(DeviceTampered, AnUpdateThatArrivesFirstIsNoDowngrade) {
  SettledAccount account;
  EventBuilder updated("updated", kNoon + 3min);
  updated.event().facts.device.os_major = 18;
  account.Run(updated);
  account.Run(EventBuilder("before", kNoon));
  EXPECT_TRUE(account.ActiveCauses("device_tampered").empty());
}

TEST(DeviceTampered, AVersionThatMovedBackIsNamed) {
  SettledAccount account;
  EventBuilder builder("back", kNoon + 2h);
  const int before = builder.event().facts.device.os_major;
  const std::string system = builder.event().facts.device.os_family;
  builder.event().facts.device.os_major = before - 1;
  account.Run(builder);
  const schemas::Claim claim = account.Only("device_tampered");
  EXPECT_EQ(claim.reasons.at(0).code, "device_version_back");
  EXPECT_EQ(claim.reasons[0].observed, system + " " + std::to_string(before - 1));
  EXPECT_EQ(claim.reasons[0].usual, system + " " + std::to_string(before));
  const auto has = [&claim](std::string_view name, const schemas::EvidenceValue& value) {
    return std::ranges::any_of(claim.evidence,
                               [&](const auto& one) { return one.name == name && one.value == value; });
  };
  EXPECT_TRUE(has("version_of", system));
  EXPECT_TRUE(has("version_before", int64_t{before}));
}

TEST(DeviceTampered, NoDevice) {
  SettledAccount account;
  EXPECT_EQ(account.Run(EventBuilder("e", kNoon).WithoutDevice()).Of("device_tampered").why(), "no_device");
}

// The client's clock against the place's.
struct Clock {
  std::string name;
  std::string zone;
  test::City city;
  bool odd = false;
};
class LocaleMismatchTest : public testing::TestWithParam<Clock> {};

TEST_P(LocaleMismatchTest, IsJudged) {
  SettledAccount account;
  EventBuilder builder("e", kNoon);
  builder.From(GetParam().city).With(test::kStranger);
  builder.event().timezone = GetParam().zone;
  EXPECT_EQ(account.Run(builder).Of("locale_mismatch").alert(), GetParam().odd);
}

// 1 March 2026, noon UTC.
INSTANTIATE_TEST_SUITE_P(
    Clocks, LocaleMismatchTest,
    testing::Values(Clock{"Home", "Europe/Berlin", test::kBerlin, false},
                    Clock{"OffsetOfHome", "60", test::kBerlin, false},
                    Clock{"TwoHours", "180", test::kBerlin, false},
                    Clock{"AMinuteBelowThreeHours", "239", test::kBerlin, false},
                    Clock{"ThreeHours", "240", test::kBerlin, true},
                    Clock{"ThreeHoursBehind", "-120", test::kBerlin, true},
                    Clock{"Tokyo", "Asia/Tokyo", test::kBerlin, true},
                    Clock{"AnyClockOfAWideCountry", "Pacific/Honolulu", test::kNewYork, false},
                    Clock{"TheOtherSideOfTheDate", "Pacific/Auckland", test::kNewYork, false},
                    Clock{"WesternChinaHasTwo", "Asia/Urumqi", test::kShanghai, false}),
    [](const auto& tested) { return tested.param.name; });

TEST(LocaleMismatch, WhatCannotBeCompared) {
  SettledAccount account;
  EXPECT_EQ(account.Run(EventBuilder("a", kNoon)).Of("locale_mismatch").why(), "no_time_zone");
  EventBuilder invented("b", kNoon + 1s);
  invented.event().timezone = "Mars/Olympus_Mons";
  EXPECT_EQ(account.Run(invented).Of("locale_mismatch").why(), "no_time_zone");
  EventBuilder nowhere("c", kNoon + 2s);
  nowhere.Nowhere().event().timezone = "Europe/Berlin";
  EXPECT_EQ(account.Run(nowhere).Of("locale_mismatch").why(), "no_address");
}

TEST(LocaleMismatch, WithATrustedDeviceItIsANote) {
  SettledAccount account;
  EventBuilder builder("e", kNoon);
  builder.From(test::kTokyo).event().timezone = "Europe/Berlin";
  account.Run(builder);
  EXPECT_EQ(account.Only("locale_mismatch").severity, schemas::Severity::kInfo);
}

TEST(LocaleMismatch, AnOffsetIsShownAsPeopleWriteIt) {
  const std::pair<const char*, const char*> kTable[] = {
      {"300", "UTC+05:00"}, {"-210", "UTC-03:30"}, {"+08:00", "UTC+08:00"}, {"Asia/Tokyo", "Asia/Tokyo"}};
  for (const auto& [given, shown] : kTable) {
    SCOPED_TRACE(given);
    SettledAccount account;
    EventBuilder builder("e", kNoon);
    builder.With(test::kStranger).event().timezone = given;
    account.Run(builder);
    const schemas::Claim claim = account.Only("locale_mismatch");
    EXPECT_EQ(claim.reasons.at(0).observed, shown);
    EXPECT_EQ(std::get<std::string>(claim.evidence.at(0).value), shown);
  }
}

TEST(LocaleMismatch, DaylightSavingIsNoJourney) {
  // 29 March 2026: Berlin goes to +02:00 at 01:00 UTC.
  const Timestamp before = *ParseRfc3339("2026-03-29T00:59:59Z");
  const Timestamp after = *ParseRfc3339("2026-03-29T01:00:00Z");
  EXPECT_EQ(OffClocksOf("DE", 60min, before), 0min);
  EXPECT_EQ(OffClocksOf("DE", 60min, after), 60min);
  EXPECT_EQ(OffClocksOf("ZZ", 60min, after), std::nullopt);
  EXPECT_EQ(OffClocksOf("WS", -660min, after), 0min);  // Apia, +13: the same face a day ahead.
}

TEST(CountryZones, TheOnlyOne) {
  EXPECT_EQ(OnlyZoneOf("JP"), "Asia/Tokyo");
  EXPECT_EQ(OnlyZoneOf("US"), "");
  EXPECT_EQ(OnlyZoneOf(""), "");
  EXPECT_TRUE(IsZoneOf("US", "America/New_York"));
  EXPECT_FALSE(IsZoneOf("US", "America/New"));
}

}  // namespace
}  // namespace tocsin::detectors
