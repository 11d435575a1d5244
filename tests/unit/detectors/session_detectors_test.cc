// session_moved and concurrent_places: what tells a copied session from a life with two networks.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::EventBuilder;
using test::kNoon;
using test::SettledAccount;

constexpr test::DeviceOf kUpdatedBrowser{"", "web", "", "Windows", "Chrome", 10, 121};
constexpr test::DeviceOf kOtherBrowser{"", "web", "", "Linux", "Firefox", 0, 128};
constexpr test::DeviceOf kPhoneAsDesktop{"phone-1", "ios", "iPhone 14", "macOS", "Safari", 14, 17};

schemas::Event InSession(std::string_view session, const EventBuilder& builder) {
  schemas::Event event = builder;
  event.session_id = session;
  return event;
}

struct Pair {
  std::string name;
  EventBuilder first;
  EventBuilder second;
  bool moved = false;
};

class SessionMovedTest : public testing::TestWithParam<Pair> {};

TEST_P(SessionMovedTest, IsJudgedInAnyOrder) {
  const std::vector<std::string> expected =
      GetParam().moved ? std::vector<std::string>{"second"} : std::vector<std::string>{};
  for (const bool late : {false, true}) {
    SettledAccount account;
    const schemas::Event first = InSession("s-1", GetParam().first);
    const schemas::Event second = InSession("s-1", GetParam().second);
    account.Run(late ? second : first);
    account.Run(late ? first : second);
    EXPECT_EQ(account.ActiveCauses("session_moved"), expected) << (late ? "late" : "in order");
  }
}

EventBuilder First() { return EventBuilder("first", kNoon); }
EventBuilder Second(Millis after = 4min) { return EventBuilder("second", kNoon + after); }

INSTANTIATE_TEST_SUITE_P(
    Pairs, SessionMovedTest,
    testing::Values(
        Pair{"OtherSystemAndOtherBrowser", First().With(test::kBrowser),
             Second().Via(test::kHosting).With(kOtherBrowser), true},
        Pair{"OtherSystemSameBrowserNear", First().With(test::kBrowser),
             Second().Via(test::kMobile).With(test::kBrowser), false},
        Pair{"OtherBrowserSameSystem", First().With(test::kBrowser), Second().With(kOtherBrowser), false},
        Pair{"UpdatedBrowserOtherSystem", First().With(test::kBrowser),
             Second().Via(test::kMobile).With(kUpdatedBrowser), false},
        Pair{"SameIdThatCallsItselfSomethingElse", First().With(test::kPhone),
             Second().Via(test::kMobile).With(kPhoneAsDesktop), false},
        Pair{"FarAwayWithoutAnId", First().With(test::kBrowser),
             Second().Via(test::kOtherLine).From(test::kMunich).With(test::kBrowser), true},
        Pair{"FarAwayWithItsIdInMinutes", First(), Second().Via(test::kOtherLine).From(test::kMunich), true},
        Pair{"FarAwayWithItsIdAfterAJourney", First(), Second(4h).Via(test::kOtherLine).From(test::kMunich),
             false},
        Pair{"FarAwayOverTheSameSystem", First().With(test::kBrowser),
             Second().From(test::kMunich).With(test::kBrowser), false},
        Pair{"TheVpnIsSwitchedOn", First(), Second().Via(test::kVpn).From(test::kTokyo), false},
        Pair{"ThroughTorWithAnotherBrowser", First().With(test::kBrowser),
             Second().Via(test::kTor).From(test::kTokyo).With(kOtherBrowser), true},
        Pair{"NoPlaceOtherBrowser", First().With(test::kBrowser),
             [] {
               EventBuilder builder = Second().Via(test::kHosting).With(kOtherBrowser);
               builder.event().facts.place = {.missing = schemas::Missing::kNoDatabase};
               return builder;
             }(),
             true},
        Pair{"AtTheSameInstant", First().With(test::kBrowser),
             Second(0ms).Via(test::kHosting).With(kOtherBrowser), true}),
    [](const auto& tested) { return tested.param.name; });

TEST(SessionMoved, WhatCannotBeCompared) {
  SettledAccount account;
  EXPECT_EQ(account.Run(First()).Of("session_moved").why(), "no_session");
  EXPECT_EQ(account.Run(InSession("s", EventBuilder("b", kNoon + 1s).Nowhere())).Of("session_moved").why(),
            "no_address");
  EXPECT_EQ(account.Run(InSession("s", EventBuilder("c", kNoon + 2s).Failed())).Of("session_moved").why(),
            "not_a_use");
  EventBuilder unknown("d", kNoon + 3s);
  unknown.event().facts.network.asn = 0;
  EXPECT_EQ(account.Run(InSession("s", unknown)).Of("session_moved").why(), "not_in_database");
}

TEST(SessionMoved, ExactlyTheDistance) {
  for (const double more : {-0.5, 0.5}) {
    SettledAccount account;
    const double distance_km = DistanceKm({52.52, 13.405}, {48.137, 11.575});
    test::City munich = test::kMunich;
    // d − r₁ − r₂ is 300 km, and half a kilometre less or more.
    munich.radius_km = distance_km - 25 - 300 - more;
    account.Run(InSession("s", First().With(test::kBrowser)));
    const auto& verdict =
        account.Run(InSession("s", Second().Via(test::kOtherLine).From(munich).With(test::kBrowser)))
            .Of("session_moved");
    EXPECT_EQ(verdict.alert(), more > 0);
  }
}

TEST(SessionMoved, IsOneFindingHoweverLongItGoesOn) {
  SettledAccount account;
  account.Run(InSession("s", First().With(test::kBrowser)));
  for (int i = 0; i < 5; ++i) {
    EventBuilder use("thief-" + std::to_string(i), kNoon + std::chrono::minutes(10 + i));
    account.Run(InSession("s", use.Via(test::kHosting).With(kOtherBrowser)));
    EventBuilder own("own-" + std::to_string(i), kNoon + std::chrono::minutes(10 + i) + 10s);
    account.Run(InSession("s", own.With(test::kBrowser)));
  }
  EXPECT_EQ(account.ActiveCauses("session_moved"), (std::vector<std::string>{"thief-0"}));
}

TEST(SessionMoved, ATrustedDeviceIsMostLikelyTheOwners) {
  SettledAccount account;
  account.Run(InSession("s", First().With(test::kBrowser)));
  account.Run(InSession("s", Second().Via(test::kMobile).With(test::kPhone)));
  EXPECT_EQ(account.Only("session_moved").severity, schemas::Severity::kLow);
}

TEST(SessionMoved, AMillionSpotsStayBounded) {
  SettledAccount account;
  for (int i = 0; i < 2000; ++i) {
    EventBuilder use("e" + std::to_string(i), kNoon + std::chrono::seconds(i));
    use.event().facts.network.asn = static_cast<uint32_t>(1000 + i);
    account.Run(InSession("s" + std::to_string(i), use));
  }
  EXPECT_EQ(account.state().sessions().spots.size(), Sessions::kSpotsMax);
  account.Run(InSession("new", EventBuilder("later", kNoon + 26h)));
  EXPECT_EQ(account.state().sessions().spots.size(), 1U);
}

class ConcurrentPlacesTest : public testing::TestWithParam<Pair> {};

TEST_P(ConcurrentPlacesTest, IsJudgedInAnyOrder) {
  const std::vector<std::string> expected =
      GetParam().moved ? std::vector<std::string>{"first+second"} : std::vector<std::string>{};
  for (const bool late : {false, true}) {
    SettledAccount account;
    const schemas::Event first = InSession("s-1", GetParam().first);
    const schemas::Event second = InSession("s-2", GetParam().second);
    account.Run(late ? second : first);
    account.Run(late ? first : second);
    EXPECT_EQ(account.ActiveCauses("concurrent_places"), expected) << (late ? "late" : "in order");
  }
}

EventBuilder Stranger(Millis after, const test::City& city) {
  return Second(after).From(city).Via(test::kOtherLine).With(test::kStranger);
}

INSTANTIATE_TEST_SUITE_P(
    Pairs, ConcurrentPlacesTest,
    testing::Values(Pair{"AnotherCity", First(), Stranger(5min, test::kMunich), true},
                    Pair{"AtTheSameInstant", First(), Stranger(0min, test::kTokyo), true},
                    Pair{"ExactlyAQuarterOfAnHour", First(), Stranger(15min, test::kTokyo), true},
                    Pair{"AMillisecondMore", First(), Stranger(15min + 1ms, test::kTokyo), false},
                    Pair{"TheNextTown", First(), Stranger(5min, test::kPotsdam), false},
                    Pair{"OwnDeviceOverAnotherNetwork", First(),
                         Second().From(test::kMunich).Via(test::kMobile), false},
                    Pair{"ThroughAVpn", First(), Stranger(5min, test::kTokyo).Via(test::kVpn), false},
                    Pair{"TheDatabaseMovedTheAddress", First(),
                         Second().From(test::kTokyo).With(test::kStranger), false}),
    [](const auto& tested) { return tested.param.name; });

TEST(ConcurrentPlaces, OneSessionIsNotTwo) {
  SettledAccount account;
  account.Run(InSession("s", First()));
  EXPECT_TRUE(account.Run(InSession("s", Stranger(5min, test::kTokyo))).Of("concurrent_places").clear());
}

// With their own devices; a stranger in one of the homes is none of them.
TEST(ConcurrentPlaces, TwoSteadyHomesAreTwoPeople) {
  SettledAccount account;
  const auto day = [](int n) { return std::chrono::hours(24 * n); };
  LearningConfig& learning = account.learning();
  learning.quarantine = 1h;  // The second home has been confirmed.
  for (int n = 1; n <= 20; ++n) {
    account.Run(
        EventBuilder("paris-" + std::to_string(n), kNoon + day(n)).From(test::kParis).With(test::kLaptop));
    account.Run(EventBuilder("berlin-" + std::to_string(n), kNoon + day(n) + 8h));
  }
  const auto paris = [](std::string_view id, Timestamp at) {
    return EventBuilder(id, at).From(test::kParis).Via(test::kOtherLine);
  };
  account.Run(InSession("s-1", EventBuilder("berlin", kNoon + day(21))));
  EXPECT_TRUE(account.Run(InSession("s-2", paris("own", kNoon + day(21) + 5min).With(test::kLaptop)))
                  .Of("concurrent_places")
                  .clear());
  EXPECT_TRUE(account.Run(InSession("s-3", paris("strange", kNoon + day(21) + 6min).With(test::kStranger)))
                  .Of("concurrent_places")
                  .alert());
}

TEST(ConcurrentPlaces, IsOneFindingHoweverLongItGoesOn) {
  SettledAccount account;
  for (int i = 0; i < 6; ++i) {
    account.Run(
        InSession("s-1", EventBuilder("own-" + std::to_string(i), kNoon + std::chrono::minutes(2 * i))));
    EventBuilder thief("thief-" + std::to_string(i), kNoon + std::chrono::minutes(2 * i + 1));
    account.Run(InSession("s-2", thief.From(test::kTokyo).Via(test::kOtherLine).With(test::kStranger)));
  }
  EXPECT_EQ(account.ActiveCauses("concurrent_places"), (std::vector<std::string>{"own-0+thief-0"}));
}

}  // namespace
}  // namespace tocsin::detectors
