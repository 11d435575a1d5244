// new_region, high_risk_country, and when new_country is only a journey.
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
using Causes = std::vector<std::string>;

EventBuilder Stranger(std::string_view id, Timestamp at, const test::City& city) {
  return EventBuilder(id, at).From(city).Via(test::kOtherLine).With(test::kStranger);
}

TEST(NewRegion, AnotherCityOfTheCountry) {
  SettledAccount account;
  account.Run(Stranger("munich", kNoon, test::kMunich));
  EXPECT_EQ(account.Only("new_region").severity, schemas::Severity::kLow);
  account.Run(Stranger("munich-again", kNoon + 1h, test::kMunich));
  EXPECT_EQ(account.ActiveCauses("new_region"), Causes{"munich"});
}

TEST(NewRegion, ALateEarlierUseIsTheCause) {
  SettledAccount account;
  account.Run(Stranger("later", kNoon + 4min, test::kMunich));
  account.Run(Stranger("earlier", kNoon, test::kMunich));
  EXPECT_EQ(account.ActiveCauses("new_region"), Causes{"earlier"});
}

TEST(NewRegion, WithATrustedDeviceItIsANote) {
  SettledAccount account;
  account.Run(EventBuilder("munich", kNoon).From(test::kMunich));
  EXPECT_EQ(account.Only("new_region").severity, schemas::Severity::kInfo);
}

TEST(NewRegion, ExactlyTheDistance) {
  const double distance_km = DistanceKm({52.52, 13.405}, {48.137, 11.575});
  for (const double more : {-0.5, 0.5}) {
    SettledAccount account;
    test::City munich = test::kMunich;
    munich.radius_km = distance_km - 25 - 300 - more;
    EXPECT_EQ(account.Run(Stranger("munich", kNoon, munich)).Of("new_region").alert(), more > 0);
  }
}

TEST(NewRegion, NearAnyKnownPlaceNotOnlyTheLast) {
  SettledAccount account;
  account.learning().quarantine = 1h;
  for (int day = 1; day <= 8; ++day) {
    account.Run(
        EventBuilder("m" + std::to_string(day), kNoon + std::chrono::hours(24 * day)).From(test::kMunich));
  }
  // The second last is Berlin's.
  account.Run(EventBuilder("home", kNoon + 24h * 9));
  account.Run(EventBuilder("munich", kNoon + 24h * 9 + 8h).From(test::kMunich));
  EXPECT_TRUE(account.Run(EventBuilder("home-again", kNoon + 24h * 10)).Of("new_region").clear());
}

TEST(NewRegion, ACountryThatIsNewIsNotARegion) {
  SettledAccount account;
  const DetectionResult& result = account.Run(Stranger("tokyo", kNoon, test::kTokyo));
  EXPECT_TRUE(result.Of("new_country").alert());
  EXPECT_TRUE(result.Of("new_region").clear());
}

// Late or not, through a hidden network or not: the first is the cause.
TEST(NewRegion, TheExitOfAHiddenNetworkIsANote) {
  SettledAccount account;
  account.Run(Stranger("later", kNoon + 4min, test::kMunich));
  account.Run(Stranger("earlier", kNoon, test::kMunich).Via(test::kVpn));
  EXPECT_EQ(account.ActiveCauses("new_region"), Causes{"earlier"});
  EXPECT_EQ(account.Only("new_region").severity, schemas::Severity::kInfo);
}

TEST(NewRegion, WhatCannotBeCompared) {
  SettledAccount account;
  test::City germany = test::kMunich;
  germany.precision = schemas::Precision::kCountry;
  EXPECT_EQ(account.Run(Stranger("b", kNoon + 1h, germany)).Of("new_region").why(), "country_only");
  EXPECT_EQ(account.Run(EventBuilder("c", kNoon + 2h).Nowhere()).Of("new_region").why(), "no_address");
  test::AccountStory fresh;
  EXPECT_EQ(fresh.Run(EventBuilder("d", kNoon)).Of("new_region").why(), "learning");
}

TEST(NewCountry, AJourneyWithTheOwnersPhoneIsLow) {
  SettledAccount account;
  account.Run(EventBuilder("tokyo", kNoon).From(test::kTokyo).Via(test::kOtherLine));
  EXPECT_EQ(account.Only("new_country").severity, schemas::Severity::kLow);
  SettledAccount other;
  other.Run(Stranger("tokyo", kNoon, test::kTokyo));
  EXPECT_EQ(other.Only("new_country").severity, schemas::Severity::kMedium);
}

TEST(NewCountry, TheExitOfAHabitualVpnIsLow) {
  test::AccountStory story;
  for (int day = 60; day >= 1; --day)
    story.Run(EventBuilder("v" + std::to_string(day), kNoon - std::chrono::hours(24 * day)).Via(test::kVpn));
  story.Run(EventBuilder("exit", kNoon).From(test::kTokyo).Via(test::kVpn).With(test::kStranger));
  EXPECT_EQ(story.Only("new_country").severity, schemas::Severity::kLow);
}

// Nobody who comes home, with his own telephone and over his own line, is a stranger there, however long he
// was away.
TEST(NewCountry, ComingHomeAfterALongSilence) {
  for (const int days : {89, 130, 181, 200, 400, 1500}) {
    SettledAccount account;
    const Timestamp back = kNoon - 24h + std::chrono::hours(24 * days);
    account.Run(EventBuilder("back", back));
    account.Run(EventBuilder("next-day", back + 24h));
    EXPECT_TRUE(account.active().empty()) << days << ": " << account.active().begin()->first;
    // From then on it is in use again.
    for (int week = 1; week <= 30; ++week)
      account.Run(EventBuilder("w" + std::to_string(week), back + std::chrono::hours(168 * week)));
    EXPECT_TRUE(account.active().empty()) << days << ": " << account.active().begin()->first;
  }
}

// The silence lends nothing to what was not the account's own.
TEST(NewCountry, AStrangerAfterALongSilenceIsOne) {
  for (const int days : {130, 200, 400}) {
    SettledAccount account;
    account.Run(Stranger("before", kNoon, test::kTokyo));
    account.Run(Stranger("after", kNoon + std::chrono::hours(24 * days), test::kParis).With(test::kLaptop));
    for (const std::string_view detector : {"new_country", "new_device", "dormant_reactivation"})
      EXPECT_EQ(account.ActiveCauses(detector).front(), "after") << days << " " << detector;
  }
}

TEST(NewCountry, WhatWaitedIsForgottenInALongSilence) {
  SettledAccount account;
  account.Run(Stranger("before", kNoon, test::kTokyo));
  account.Run(Stranger("after", kNoon + std::chrono::hours(24 * 200), test::kTokyo));
  EXPECT_EQ(account.ActiveCauses("new_country").size(), 2U);
  EXPECT_EQ(account.ActiveCauses("new_device").size(), 2U);
}

TEST(NewCountry, ComingHomeInAnyOrder) {
  SettledAccount account;
  const Timestamp back = kNoon + std::chrono::hours(24 * 130);
  account.Run(EventBuilder("second", back + 3min));
  account.Run(EventBuilder("first", back));
  EXPECT_TRUE(account.ActiveCauses("new_country").empty());
  // Only who was away: a country not used in the last months of an account in use is new.
  SettledAccount moved;
  moved.learning().quarantine = 1h;
  for (int day = 0; day <= 100; ++day)
    moved.Run(
        EventBuilder("p" + std::to_string(day), kNoon + std::chrono::hours(24 * day)).From(test::kParis));
  EXPECT_TRUE(
      moved.Run(EventBuilder("home", kNoon + std::chrono::hours(24 * 101))).Of("new_country").alert());
}

class HighRiskCountryTest : public testing::Test {
 protected:
  static DetectorConfigs Listed(std::string countries, bool residents = false) {
    DetectorConfigs configs;
    auto& config = std::get<Configured<HighRiskCountry>>(configs).config;
    config.countries = std::move(countries);
    config.residents = residents;
    return configs;
  }
  static schemas::Event PaidTo(std::string_view country) {
    EventBuilder builder("paid", kNoon);
    builder.Paid("t", {2'000, *Currency::Find("EUR")});
    std::get<schemas::Transaction>(builder.event().payload).counterparty.country = country;
    return builder;
  }
  static schemas::Event Named(std::string_view id, schemas::Event event) {
    event.event_id.Assign(id);
    std::get<schemas::Transaction>(event.payload).transaction_id = id;
    return event;
  }
};

TEST_F(HighRiskCountryTest, NoListNoAnswer) {
  SettledAccount account;
  EXPECT_EQ(account.Run(PaidTo("KP")).Of("high_risk_country").why(), "no_list");
}

TEST_F(HighRiskCountryTest, LoginsAndCounterparties) {
  SettledAccount account(Listed("KP, JP"));
  EXPECT_TRUE(account.Run(PaidTo("KP")).Of("high_risk_country").alert());
  EXPECT_TRUE(
      account.Run(EventBuilder("tokyo", kNoon + 20h).From(test::kTokyo)).Of("high_risk_country").alert());
  EXPECT_TRUE(account.Run(EventBuilder("home", kNoon + 40h)).Of("high_risk_country").clear());
  EXPECT_EQ(account.Run(EventBuilder("failed", kNoon + 41h).From(test::kTokyo).Failed())
                .Of("high_risk_country")
                .why(),
            "not_a_use");
}

// What nobody has looked at is not "clear": it is written down for a regulator.
TEST_F(HighRiskCountryTest, MoneyToNobodyKnowsWhere) {
  SettledAccount account(Listed("KP, JP"));
  EXPECT_EQ(account.Run(PaidTo("")).Of("high_risk_country").why(), "no_counterparty_country");
  EXPECT_TRUE(account.Run(Named("home", PaidTo("DE"))).Of("high_risk_country").clear());
  const auto from = [](schemas::Event event, EventBuilder where) {
    event.facts = where.event().facts;
    return event;
  };
  const EventBuilder nowhere = EventBuilder("x", kNoon).Nowhere();
  EXPECT_TRUE(account.Run(from(Named("payee", PaidTo("DE")), nowhere)).Of("high_risk_country").clear());
  EXPECT_EQ(account.Run(from(Named("neither", PaidTo("")), nowhere)).Of("high_risk_country").why(),
            "no_counterparty_country");
  const EventBuilder tokyo = EventBuilder("x", kNoon).From(test::kTokyo);
  EXPECT_TRUE(account.Run(from(Named("tokyo", PaidTo("")), tokyo)).Of("high_risk_country").alert());
}

TEST_F(HighRiskCountryTest, WhoLivesThere) {
  for (const bool residents : {false, true}) {
    SettledAccount account(Listed("DE", residents));
    account.state().MutableProfile().owner.country = "DE";
    EXPECT_EQ(account.Run(PaidTo("DE")).Of("high_risk_country").alert(), residents);
  }
}

}  // namespace
}  // namespace tocsin::detectors
