#include "detectors/impossible_travel.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "base/geo.h"
#include "detectors/novelty.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::AccountStory;
using test::City;
using test::EventBuilder;
using test::kNoon;
using test::SettledAccount;

constexpr std::string_view kId = "impossible_travel";

// The second login of a fresh account, from another address and another device.
struct Travel {
  const char* name;
  City from;
  City to;
  Millis after;
  bool alerts;
};

std::ostream& operator<<(std::ostream& out, const Travel& travel) { return out << travel.name; }

class ImpossibleTravelTest : public testing::TestWithParam<Travel> {};

TEST_P(ImpossibleTravelTest, JudgesTheGap) {
  const Travel& travel = GetParam();
  AccountStory story;
  story.Run(EventBuilder("first", kNoon).From(travel.from));
  const DetectionResult& result = story.Run(
      EventBuilder("second", kNoon + travel.after).From(travel.to).Via(test::kOtherLine).With(test::kLaptop));
  EXPECT_EQ(result.Of(kId).alert(), travel.alerts);
  EXPECT_NE(result.Of(kId).clear(), travel.alerts);
}

// 1,000 km along the equator between the circles' edges; at 900 km/h with 5 minutes of slack that takes 3,700
// s.
constexpr City kZero{"Zero", "", "GA", 0, 0, 0};
constexpr City kThousand{"Thousand", "", "GA", 0, 8.9932, 0};
constexpr City kHundred{"Hundred", "", "GA", 0, 0.8995, 0};   // 100.02 km.
constexpr City kNearHundred{"Near", "", "GA", 0, 0.8990, 0};  // 99.96 km.
constexpr City kFijiEast{"Suva", "", "FJ", -17, 179.9};
constexpr City kFijiWest{"Taveuni", "", "FJ", -17, -179.9};  // 21 km apart, not 39,800.
constexpr City kLosAngeles{"Los Angeles", "California", "US", 34.052, -118.244};
constexpr City kAnaheim{"Anaheim", "California", "US", 33.837, -117.914};  // 40 km.
constexpr City kBoxA{"A", "", "DE", 50, 10, 100};
constexpr City kBoxB{"B", "", "DE", 50, 13.4, 100};  // 243 km apart, 43 between the circles.

INSTANTIATE_TEST_SUITE_P(
    Gaps, ImpossibleTravelTest,
    testing::Values(Travel{"SameInstantFarApart", test::kBerlin, test::kTokyo, 0h, true},
                    Travel{"OneMillisecondFarApart", test::kBerlin, test::kTokyo, 1ms, true},
                    Travel{"OneHourFarApart", test::kBerlin, test::kTokyo, 1h, true},
                    Travel{"OneDayFarApart", test::kBerlin, test::kTokyo, 24h, false},
                    Travel{"LateEventFarApart", test::kBerlin, test::kTokyo, -1h, true},
                    Travel{"LateEventADayBefore", test::kBerlin, test::kTokyo, -24h, false},
                    Travel{"SameInstantNear", test::kBerlin, test::kPotsdam, 0h, false},
                    Travel{"BorderTownsInOneMinute", test::kStrasbourg, test::kKehl, 1min, false},
                    Travel{"NextTownInTwoMinutes", kLosAngeles, kAnaheim, 2min, false},
                    Travel{"AcrossTheDateLine", kFijiEast, kFijiWest, 0h, false},
                    Travel{"CirclesThatNearlyTouch", kBoxA, kBoxB, 0h, false},
                    Travel{"JustAtTheDistance", kZero, kHundred, 0h, true},
                    Travel{"JustBelowTheDistance", kZero, kNearHundred, 0h, false},
                    Travel{"JustTooFast", kZero, kThousand, 3695s, true},
                    Travel{"JustSlowEnough", kZero, kThousand, 3705s, false}),
    [](const auto& tested) { return std::string(tested.param.name); });

const Claim& OnlyClaim(const DetectionResult& result) {
  EXPECT_EQ(result.Of(kId).claims().size(), 1U);
  return result.Of(kId).claims().front();
}

double Number(const Claim& claim, std::string_view name) {
  for (const schemas::Evidence& evidence : claim.evidence) {
    if (evidence.name != name) continue;
    if (const auto* whole = std::get_if<int64_t>(&evidence.value)) return static_cast<double>(*whole);
    return std::get<double>(evidence.value);
  }
  return -1;
}

TEST(ImpossibleTravel, SaysWhyWithEveryNumberItUsed) {
  AccountStory story;
  story.Run(EventBuilder("berlin", kNoon).From(test::kBerlin));
  const Claim& claim = OnlyClaim(story.Run(
      EventBuilder("tokyo", kNoon + 1h).From(test::kTokyo).Via(test::kOtherLine).With(test::kLaptop)));
  EXPECT_EQ(claim.cause, (std::vector<std::string>{"berlin", "tokyo"}));
  EXPECT_EQ(claim.occurred_at, kNoon + 1h);
  EXPECT_EQ(claim.severity, schemas::Severity::kHigh);
  EXPECT_DOUBLE_EQ(claim.weight, 3.5);
  ASSERT_EQ(claim.reasons.size(), 1U);
  EXPECT_EQ(claim.reasons[0].code, "impossible_travel");
  EXPECT_EQ(claim.reasons[0].observed, "Tokyo, JP");
  EXPECT_EQ(claim.reasons[0].usual, "Berlin, DE");
  const double distance_km =
      DistanceKm({.latitude = 52.52, .longitude = 13.405}, {.latitude = 35.69, .longitude = 139.69});
  EXPECT_NEAR(Number(claim, "distance_km"), distance_km, 0.1);
  EXPECT_NEAR(Number(claim, "distance_effective_km"), distance_km - 50, 0.1);
  EXPECT_EQ(Number(claim, "radius_earlier_km"), 25);
  EXPECT_EQ(Number(claim, "radius_later_km"), 25);
  EXPECT_EQ(Number(claim, "elapsed_seconds"), 3600);
  EXPECT_EQ(Number(claim, "reachable_km"), 975);
  EXPECT_NEAR(Number(claim, "travel_speed_kmh"), distance_km - 50, 0.1);
}

TEST(ImpossibleTravel, AtTheSameInstantThereIsNoSpeedToTell) {
  AccountStory story;
  story.Run(EventBuilder("a", kNoon).From(test::kBerlin));
  const Claim& claim =
      OnlyClaim(story.Run(EventBuilder("b", kNoon).From(test::kTokyo).Via(test::kOtherLine)));
  EXPECT_EQ(Number(claim, "travel_speed_kmh"), -1);
  EXPECT_EQ(claim.cause, (std::vector<std::string>{"a", "b"}));
}

TEST(ImpossibleTravel, ALateEventNamesItsPairOldestFirst) {
  AccountStory story;
  story.Run(EventBuilder("later", kNoon).From(test::kBerlin));
  const Claim& claim =
      OnlyClaim(story.Run(EventBuilder("earlier", kNoon - 1h).From(test::kTokyo).Via(test::kOtherLine)));
  EXPECT_EQ(claim.cause, (std::vector<std::string>{"earlier", "later"}));
  EXPECT_EQ(claim.occurred_at, kNoon);
  EXPECT_EQ(claim.reasons[0].observed, "Berlin, DE");
}

TEST(ImpossibleTravel, TheSameDeviceOnBothEndsHalvesTheWeight) {
  AccountStory story;
  story.Run(EventBuilder("a", kNoon).From(test::kBerlin));
  const Claim& claim =
      OnlyClaim(story.Run(EventBuilder("b", kNoon + 1h).From(test::kTokyo).Via(test::kOtherLine)));
  EXPECT_NEAR(claim.weight, 1.75, 0.01);  // Hardly trusted after an hour.
  EXPECT_LT(claim.confidence, 90);
}

TEST(ImpossibleTravel, IsDampedOnlyWhenBothEndsAreTrusted) {
  SettledAccount trusted;
  trusted.Run(EventBuilder("home", kNoon));
  const Claim& same =
      OnlyClaim(trusted.Run(EventBuilder("away", kNoon + 1h).From(test::kTokyo).Via(test::kOtherLine)));
  EXPECT_NEAR(same.weight, 3.5 * 0.5 * 0.5, 0.01);  // Same device, trusted.

  SettledAccount stranger;
  stranger.Run(EventBuilder("home", kNoon));
  const Claim& other = OnlyClaim(stranger.Run(
      EventBuilder("away", kNoon + 1h).From(test::kTokyo).Via(test::kOtherLine).With(test::kStranger)));
  EXPECT_DOUBLE_EQ(other.weight, 3.5);
  // The owner's next login is the other half of the same proof: not damped either.
  const Claim& back = OnlyClaim(stranger.Run(EventBuilder("again", kNoon + 2h)));
  EXPECT_DOUBLE_EQ(back.weight, 3.5);
}

TEST(ImpossibleTravel, AnAddressTheDatabaseMovedHasNotTravelled) {
  AccountStory story;
  story.Run(EventBuilder("before", kNoon).From(test::kBerlin));
  EXPECT_TRUE(story.Run(EventBuilder("after", kNoon + 1min).From(test::kMunich)).Of(kId).clear());
}

TEST(ImpossibleTravel, ThereAndBackAreTwoPairs) {
  AccountStory story;
  story.Run(EventBuilder("a1", kNoon).From(test::kBerlin));
  story.Run(EventBuilder("b", kNoon + 30min).From(test::kTokyo).Via(test::kOtherLine));
  story.Run(EventBuilder("a2", kNoon + 1h).From(test::kBerlin));
  EXPECT_EQ(story.ActiveCauses(kId), (std::vector<std::string>{"a1+b", "b+a2"}));
}

// The honest pair A–A is never split into a claim by what lies between: only neighbours are compared.
TEST(ImpossibleTravel, OnlyNeighboursAreCompared) {
  AccountStory story;
  story.Run(EventBuilder("berlin", kNoon).From(test::kBerlin));
  story.Run(EventBuilder("paris", kNoon + 2h).From(test::kParis).Via(test::kOtherLine));
  story.Run(EventBuilder("newyork", kNoon + 10h).From(test::kNewYork).Via(test::kMobile));
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
}

TEST(ImpossibleTravel, MemoryIsLongerThanTheLastPlace) {
  AccountStory story;
  story.Run(EventBuilder("a", kNoon).From(test::kBerlin));
  story.Run(EventBuilder("c", kNoon + 40h).From(test::kTokyo).Via(test::kOtherLine));
  // Late: fits neither with Berlin before nor with Tokyo after it.
  story.Run(EventBuilder("b", kNoon + 1h).From(test::kSydney).Via(test::kMobile));
  EXPECT_EQ(story.ActiveCauses(kId), (std::vector<std::string>{"a+b"}));
}

TEST(ImpossibleTravel, ALateEventBetweenTwoTakesTheirClaimBack) {
  AccountStory story;
  story.Run(EventBuilder("a", kNoon).From(test::kBerlin));
  story.Run(EventBuilder("c", kNoon + 1h).From(test::kTokyo).Via(test::kOtherLine));
  EXPECT_EQ(story.ActiveCauses(kId), (std::vector<std::string>{"a+c"}));
  const DetectionResult& result =
      story.Run(EventBuilder("b", kNoon + 30min).From(test::kParis).Via(test::kMobile));
  ASSERT_EQ(result.Of(kId).retractions().size(), 1U);
  EXPECT_EQ(result.Of(kId).retractions()[0].cause, (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(story.ActiveCauses(kId), (std::vector<std::string>{"a+b", "b+c"}));
}

TEST(ImpossibleTravel, AClaimThatTheWrongOrderProducedIsClosed) {
  AccountStory story;
  // 1,000 km in 50 minutes is too fast; with a stop half way neither half is: 5 minutes of slack on each.
  story.Run(EventBuilder("a", kNoon).From({"A", "", "GA", 0, 0, 0}));
  story.Run(EventBuilder("c", kNoon + 60min).From({"C", "", "GA", 0, 8.9932, 0}).Via(test::kOtherLine));
  EXPECT_EQ(story.ActiveCauses(kId).size(), 1U);
  const DetectionResult& result =
      story.Run(EventBuilder("b", kNoon + 30min).From({"B", "", "GA", 0, 4.4966, 0}).Via(test::kMobile));
  EXPECT_TRUE(result.Of(kId).clear());
  EXPECT_EQ(result.Of(kId).retractions().size(), 1U);
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
}

TEST(ImpossibleTravel, OneLateEventMayProveTwoClaims) {
  AccountStory story;
  story.Run(EventBuilder("a", kNoon));
  story.Run(EventBuilder("c", kNoon + 1h));
  const DetectionResult& result =
      story.Run(EventBuilder("b", kNoon + 30min).From(test::kTokyo).Via(test::kOtherLine));
  EXPECT_EQ(result.Of(kId).claims().size(), 2U);
  EXPECT_TRUE(result.Of(kId).retractions().empty());
}

TEST(ImpossibleTravel, ADuplicateChangesNothing) {
  AccountStory story;
  story.Run(EventBuilder("a", kNoon));
  const schemas::Event away = EventBuilder("b", kNoon + 1h).From(test::kTokyo).Via(test::kOtherLine);
  story.Run(away);
  const AccountState before = story.state();
  story.Run(away);
  EXPECT_EQ(story.state(), before);
  EXPECT_EQ(story.ActiveCauses(kId).size(), 1U);
}

TEST(ImpossibleTravel, MoneyIsAUseToo) {
  AccountStory story;
  const Money amount{.minor = 100, .currency = *Currency::Find("EUR")};
  story.Run(EventBuilder("login", kNoon));
  const DetectionResult& result = story.Run(
      EventBuilder("payment", kNoon + 10min).Paid("t-1", amount).From(test::kTokyo).Via(test::kOtherLine));
  EXPECT_EQ(OnlyClaim(result).transaction_id, "t-1");
}

struct Unusable {
  const char* name;
  EventBuilder event;
  std::string_view why;
};
std::ostream& operator<<(std::ostream& out, const Unusable& unusable) { return out << unusable.name; }

class ImpossibleTravelUnusableTest : public testing::TestWithParam<Unusable> {};

// Neither judged nor kept: the login from Berlin after it is compared with the one before.
TEST_P(ImpossibleTravelUnusableTest, IsNeitherComparedNorKept) {
  AccountStory story;
  story.Run(EventBuilder("before", kNoon));
  const DetectionResult& result = story.Run(GetParam().event);
  EXPECT_EQ(result.Of(kId).kind(), Verdict::Kind::kNotEvaluable);
  EXPECT_EQ(result.Of(kId).why(), GetParam().why);
  EXPECT_TRUE(story.Run(EventBuilder("after", kNoon + 2h).Address("81.2.69.99")).Of(kId).clear());
  EXPECT_EQ(story.state().places().uses.size(), 2U);
}

City CountryOnly() {
  City country = test::kTokyo;
  country.precision = schemas::Precision::kCountry;
  country.radius_km = 500;
  return country;
}
EventBuilder AnHourLater() {
  return EventBuilder("tokyo", kNoon + 1h).From(test::kTokyo).Via(test::kOtherLine);
}

INSTANTIATE_TEST_SUITE_P(
    Uses, ImpossibleTravelUnusableTest,
    testing::Values(
        Unusable{"Vpn", AnHourLater().Via(test::kVpn), "anonymised"},
        Unusable{"Tor", AnHourLater().Via(test::kTor), "anonymised"},
        Unusable{"Hosting", AnHourLater().Via(test::kHosting), "anonymised"},
        Unusable{"CountryOnly", AnHourLater().From(CountryOnly()), kCountryOnly},
        Unusable{"PrivateAddress", AnHourLater().Nowhere(schemas::Missing::kPrivate), kPrivateAddress},
        Unusable{"NoAddress", AnHourLater().Nowhere(), kNoAddress},
        Unusable{"NoDatabase", AnHourLater().Nowhere(schemas::Missing::kNoDatabase), kNoDatabase},
        Unusable{"NotInDatabase", AnHourLater().Nowhere(schemas::Missing::kNotFound), kNotInDatabase},
        Unusable{"Failure", AnHourLater().Failed(), kNotAUse}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(ImpossibleTravel, TrustedDevicesAreLessGrave) {
  SettledAccount one;
  one.Run(EventBuilder("home", kNoon));
  EXPECT_EQ(
      OnlyClaim(one.Run(EventBuilder("away", kNoon + 1h).From(test::kTokyo).Via(test::kOtherLine))).severity,
      schemas::Severity::kLow);
  AccountStory two;
  for (int day = 40; day > 0; --day) {
    two.Run(EventBuilder("p" + std::to_string(day), kNoon - 24h * day));
    two.Run(EventBuilder("l" + std::to_string(day), kNoon - 24h * day + 1h).With(test::kLaptop));
  }
  two.Run(EventBuilder("home", kNoon));
  const EventBuilder away =
      EventBuilder("away", kNoon + 1h).From(test::kTokyo).Via(test::kOtherLine).With(test::kLaptop);
  EXPECT_EQ(OnlyClaim(two.Run(away)).severity, schemas::Severity::kMedium);
}

// Two people share the account: one in Paris with the laptop, one in Berlin with the phone.
TEST(ImpossibleTravel, TwoSteadyHomesAreTwoPeople) {
  SettledAccount account;
  account.learning().quarantine = 1h;  // The second home has been confirmed.
  const auto day = [](int n) { return std::chrono::hours(24 * n); };
  const auto paris = [](const std::string& id, Timestamp at) {
    return EventBuilder(id, at).From(test::kParis).Via(test::kOtherLine);
  };
  for (int n = 1; n <= 20; ++n) {
    account.Run(paris("paris-" + std::to_string(n), kNoon + day(n)).With(test::kLaptop));
    account.Run(EventBuilder("berlin-" + std::to_string(n), kNoon + day(n) + 8h));
  }
  account.Run(EventBuilder("berlin", kNoon + day(21)));
  EXPECT_TRUE(account.Run(paris("paris", kNoon + day(21) + 5min).With(test::kLaptop)).Of(kId).clear());
  // A stranger in one of the homes is none of them; and one of them elsewhere has travelled.
  account.Run(EventBuilder("berlin-again", kNoon + day(22)));
  EXPECT_TRUE(account.Run(paris("stranger", kNoon + day(22) + 5min).With(test::kStranger)).Of(kId).alert());
  account.Run(EventBuilder("berlin-then", kNoon + day(23)));
  EXPECT_TRUE(account
                  .Run(EventBuilder("tokyo", kNoon + day(23) + 5min)
                           .From(test::kTokyo)
                           .Via(test::kOtherLine)
                           .With(test::kLaptop))
                  .Of(kId)
                  .alert());
}

// The same from the account's first day, and always within minutes of each other: nothing of it is learnt
// without a doubt. One answer of the owner settles it, once device and place are old enough.
TEST(ImpossibleTravel, TwoWhoAreAlwaysOnlineTogetherAreAskedOnce) {
  for (const bool answered : {false, true}) {
    SCOPED_TRACE(answered ? "answered" : "never answered");
    AccountStory story;
    const auto day = [](int n) { return std::chrono::hours(24 * n); };
    int late_alerts = 0;
    for (int n = 0; n < 20; ++n) {
      const std::string suffix = std::to_string(n);
      const Timestamp at = kNoon + day(3 * n);
      story.Run(EventBuilder("berlin-" + suffix, at));
      const bool alerts = story
                              .Run(EventBuilder("paris-" + suffix, at + 10min)
                                       .From(test::kParis)
                                       .Via(test::kOtherLine)
                                       .With(test::kLaptop))
                              .Of(kId)
                              .alert();
      if (n == 2) {
        EXPECT_TRUE(alerts);
        if (answered) {
          // About the third meeting alone: neither device nor place was new in it.
          const std::string finding =
              schemas::FindingId(kId, AccountId("account-1"), {"berlin-2", "paris-2"}, "");
          story.Run(EventBuilder("answer", at + 1h)
                        .Answered(schemas::FeedbackVerdict::kMe, schemas::FeedbackBy::kOwner, finding));
        }
      }
      if (n > 5) late_alerts += alerts ? 1 : 0;
    }
    EXPECT_EQ(late_alerts, answered ? 0 : 14);
  }
}

// The owner who comes home after a theft does not come from the thief; the thief who comes again does.
TEST(ImpossibleTravel, NobodyTravelsFromWhomTheOwnerHasRefused) {
  for (const schemas::FeedbackVerdict said :
       {schemas::FeedbackVerdict::kNotMe, schemas::FeedbackVerdict::kNone}) {
    SettledAccount account;
    const auto thief = [](const std::string& id, Timestamp at) {
      return EventBuilder(id, at).With(test::kStranger).From(test::kTokyo).Via(test::kOtherLine);
    };
    account.Run(EventBuilder("home", kNoon));
    ASSERT_TRUE(account.Run(thief("thief", kNoon + 1h)).Of(kId).alert());
    const bool refused = said == schemas::FeedbackVerdict::kNotMe;
    if (refused) {
      account.Run(EventBuilder("report", kNoon + 70min)
                      .Answered(said, schemas::FeedbackBy::kOwner,
                                schemas::FindingId(kId, AccountId("account-1"), {"home", "thief"}, "")));
    }
    EXPECT_EQ(account.Run(EventBuilder("back", kNoon + 2h)).Of(kId).alert(), !refused);
    EXPECT_TRUE(account.Run(thief("again", kNoon + 3h)).Of(kId).alert());
    EXPECT_TRUE(account.Run(EventBuilder("new", kNoon + 4h).With(test::kLaptop)).Of(kId).alert())
        << "nobody knows the laptop";
  }
}

// Both have been used for weeks; that one is known to the account does not bring it nearer.
TEST(ImpossibleTravel, TwoKnownAddressesAreComparedAsWell) {
  SettledAccount account;
  account.learning().quarantine = 1h;
  const auto tokyo = [](const std::string& id, Timestamp at) {
    return EventBuilder(id, at).From(test::kTokyo).Via(test::kOtherLine).With(test::kStranger);
  };
  for (int n = 1; n <= 6; ++n) {
    account.Run(tokyo("tokyo-" + std::to_string(n), kNoon + std::chrono::hours(48 * n)));
    account.Run(EventBuilder("berlin-" + std::to_string(n), kNoon + std::chrono::hours(48 * n + 24)));
  }
  account.Run(EventBuilder("berlin", kNoon + 14 * 24h));
  EXPECT_TRUE(account.Run(tokyo("tokyo", kNoon + 14 * 24h + 1h)).Of(kId).alert());
}

TEST(ImpossibleTravel, AMobileUseIsCompared) {
  AccountStory story;
  story.Run(EventBuilder("home", kNoon));
  EXPECT_TRUE(
      story.Run(EventBuilder("mobile", kNoon + 1h).From(test::kTokyo).Via(test::kMobile)).Of(kId).alert());
}

// A millisecond apart is thirty billion kilometres an hour: for the record, not for people.
TEST(ImpossibleTravel, PeopleReadPlacesAndNoSpeed) {
  AccountStory story;
  story.Run(EventBuilder("home", kNoon));
  const Claim& claim =
      OnlyClaim(story.Run(EventBuilder("there", kNoon + 1ms).From(test::kTokyo).Via(test::kOtherLine)));
  for (const schemas::Reason& reason : claim.reasons)
    EXPECT_EQ((reason.observed + reason.usual).find_first_of("0123456789"), std::string::npos);
}

TEST(ImpossibleTravel, AConfiguredWeightIsDampedTheSameWay) {
  DetectorConfigs configs;
  std::get<Configured<ImpossibleTravel>>(configs).options.weight = 7;
  AccountStory story(configs);
  story.Run(EventBuilder("a", kNoon));
  EXPECT_NEAR(
      OnlyClaim(story.Run(EventBuilder("b", kNoon + 1h).From(test::kTokyo).Via(test::kOtherLine))).weight,
      3.5, 0.01);
}

}  // namespace
}  // namespace tocsin::detectors
