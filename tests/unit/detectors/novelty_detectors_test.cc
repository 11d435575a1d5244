// new_country, new_network, anonymous_network and new_device: what they find, what they leave alone, and the
// identity of what they claim.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "detectors/novelty.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::AccountStory;
using test::EventBuilder;
using test::kNoon;
using test::SettledAccount;

constexpr auto kDay = 24h;

// One login of an account that has only ever been in Berlin, over the home line, with the phone.
struct Login {
  const char* name;
  EventBuilder event;
  const char* detector;
  // The reason code of the claim; "clear"; or the reason for not evaluable.
  std::string_view answer;
};
std::ostream& operator<<(std::ostream& out, const Login& login) { return out << login.name; }

class NoveltyDetectorsTest : public testing::TestWithParam<Login> {};

std::string_view AnswerOf(const Verdict& verdict) {
  if (verdict.clear()) return "clear";
  return verdict.alert() ? verdict.claims().front().reasons.front().code : verdict.why();
}

TEST_P(NoveltyDetectorsTest, Answers) {
  SettledAccount account;
  EXPECT_EQ(AnswerOf(account.Run(GetParam().event).Of(GetParam().detector)), GetParam().answer);
}

EventBuilder Now() { return EventBuilder("now", kNoon); }

test::NetworkOf Unlisted(test::NetworkOf network, schemas::NetworkClass network_class) {
  network.network_class = network_class;
  return network;
}
EventBuilder WithoutAnonymityData() {
  EventBuilder builder = Now();
  builder.event().facts.network.anonymity_missing = schemas::Missing::kNoDatabase;
  return builder;
}
test::DeviceOf Phone(int os, int browser) {
  test::DeviceOf phone = test::kPhone;
  phone.os_major = os;
  phone.browser_major = browser;
  return phone;
}

INSTANTIATE_TEST_SUITE_P(
    Country, NoveltyDetectorsTest,
    testing::Values(
        Login{"Home", Now(), "new_country", "clear"},
        Login{"ElsewhereAtHome", Now().From(test::kMunich), "new_country", "clear"},
        Login{"Abroad", Now().From(test::kTokyo), "new_country", "new_country"},
        Login{"FailureAbroad", Now().From(test::kTokyo).Failed(), "new_country", kNotAUse},
        Login{"NoDatabase", Now().Nowhere(schemas::Missing::kNoDatabase), "new_country", kNoDatabase},
        Login{"PrivateAddress", Now().Nowhere(schemas::Missing::kPrivate), "new_country", kPrivateAddress},
        Login{"NoCountry", Now().From({"", "", "", 10, 10}), "new_country", kNotInDatabase}),
    [](const auto& tested) { return std::string(tested.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Network, NoveltyDetectorsTest,
    testing::Values(
        Login{"Home", Now(), "new_network", "clear"},
        Login{"AnotherAddressOfIt", Now().Address("81.2.69.77"), "new_network", "clear"},
        Login{"OtherProviderOfTheClass", Now().Via(test::kOtherLine), "new_network", "new_network"},
        Login{"NewClass", Now().Via(test::kMobile), "new_network", "new_network_class"},
        Login{"ClassNotTold", Now().Via(Unlisted(test::kOtherLine, schemas::NetworkClass::kUnknown)),
              "new_network", "new_network"},
        Login{"SystemNotTold", Now().Via({"81.2.69.10", 0, ""}), "new_network", "clear"},
        Login{"NoAddress", Now().Nowhere(), "new_network", kNoAddress}),
    [](const auto& tested) { return std::string(tested.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Anonymity, NoveltyDetectorsTest,
    testing::Values(Login{"Home", Now(), "anonymous_network", "clear"},
                    Login{"Vpn", Now().Via(test::kVpn), "anonymous_network", "anonymous_vpn"},
                    Login{"Tor", Now().Via(test::kTor), "anonymous_network", "anonymous_tor"},
                    Login{"Hosting", Now().Via(test::kHosting), "anonymous_network", "anonymous_hosting"},
                    Login{"Relay",
                          Now().Via({"45.33.35.4", 1, "R", schemas::NetworkClass::kAnonymiser,
                                     schemas::Anonymiser::kRelay}),
                          "anonymous_network", "anonymous_relay"},
                    Login{"OnlySomehowAnonymous",
                          Now().Via({"45.33.35.4", 1, "R", schemas::NetworkClass::kAnonymiser}),
                          "anonymous_network", "anonymous_proxy"},
                    // No data is not a clean bill.
                    Login{"NoDatabase", WithoutAnonymityData(), "anonymous_network", kNoDatabase}),
    [](const auto& tested) { return std::string(tested.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Device, NoveltyDetectorsTest,
    testing::Values(Login{"Own", Now(), "new_device", "clear"},
                    Login{"OwnUpdated", Now().With(Phone(18, 18)), "new_device", "clear"},
                    Login{"OwnWithAnOlderVersion", Now().With(Phone(16, 17)), "new_device", "clear"},
                    Login{"OwnWithoutItsId",
                          Now().With({"", "ios", "iPhone 14", "iOS", "Mobile Safari", 17, 17}), "new_device",
                          "clear"},
                    Login{"SameModelOtherId",
                          Now().With({"phone-2", "ios", "iPhone 14", "iOS", "Mobile Safari", 17, 17}),
                          "new_device", "new_device_same_model"},
                    Login{"Stranger", Now().With(test::kStranger), "new_device", "new_device"},
                    Login{"NoDevice", Now().WithoutDevice(), "new_device", kNoDevice},
                    Login{"PlatformAlone", Now().With({"", "web", "", "", ""}), "new_device", kNoDevice}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(NoveltyDetectors, AreSilentWhileLearning) {
  AccountStory story;
  for (int i = 0; i < 4; ++i) story.Run(EventBuilder("e" + std::to_string(i), kNoon + i * 1h));
  const DetectionResult& result =
      story.Run(EventBuilder("fifth", kNoon + 24h).From(test::kTokyo).Via(test::kTor).With(test::kStranger));
  for (const char* detector : {"new_country", "new_network", "anonymous_network", "new_device"}) {
    EXPECT_EQ(result.Of(detector).why(), kLearning) << detector;
  }
}

// The first deployment at a platform with old accounts: what nobody has learnt yet is nothing to compare
// with.
TEST(NoveltyDetectors, AnOldAccountThatIsNewToUsHasNothingStrange) {
  AccountStory story;
  schemas::Event profile = EventBuilder("profile", kNoon);
  profile.type = schemas::EventType::kAccountProfile;
  profile.payload = schemas::AccountProfile{.opened_at = kNoon - 1000 * kDay};
  story.Run(profile);
  story.Run(EventBuilder("phone", kNoon + 1h));
  story.Run(EventBuilder("laptop", kNoon + 2h).With(test::kLaptop).Via(test::kMobile).From(test::kParis));
  story.Run(EventBuilder("pay", kNoon + 50h).Paid("t", {100, *Currency::Find("EUR")}).With(test::kBrowser));
  EXPECT_TRUE(story.active().empty());
  const auto& result =
      story.Run(EventBuilder("thief", kNoon + 337h).With(test::kStranger).From(test::kTokyo));
  EXPECT_TRUE(result.Of("new_device").alert());
  EXPECT_TRUE(result.Of("new_country").alert());
}

TEST(NoveltyDetectors, PaymentsAloneEndLearning) {
  AccountStory story;
  for (int day = 30; day > 0; --day) {
    const std::string id = "p" + std::to_string(day);
    story.Run(EventBuilder(id, kNoon - day * kDay).Paid(id, {2'000, *Currency::Find("EUR")}));
  }
  const auto& result = story.Run(EventBuilder("thief", kNoon)
                                     .Paid("t", {2'000, *Currency::Find("EUR")})
                                     .With(test::kStranger)
                                     .From(test::kTokyo));
  EXPECT_TRUE(result.Of("new_device").alert());
  EXPECT_TRUE(result.Of("new_country").alert());
}

// The platform begins to tell devices, or a database is added: each account's first one is no stranger's.
TEST(NoveltyDetectors, TheFirstOfItsKindIsNotCompared) {
  AccountStory story;
  for (int day = 30; day > 0; --day)
    story.Run(EventBuilder("day" + std::to_string(day), kNoon - day * kDay).WithoutDevice().Nowhere());
  const auto& first = story.Run(EventBuilder("first", kNoon));
  for (const std::string_view detector : {"new_device", "new_country", "new_region", "new_network"})
    EXPECT_EQ(first.Of(detector).why(), kLearning) << detector;
  EXPECT_TRUE(story.state().security().stages.empty());
  const auto& second = story.Run(EventBuilder("second", kNoon + 1h).With(test::kStranger).From(test::kTokyo));
  EXPECT_TRUE(second.Of("new_device").alert());
  EXPECT_TRUE(second.Of("new_country").alert());
}

TEST(NoveltyDetectors, TheFifthLoginEndsLearning) {
  AccountStory story;
  for (int i = 0; i < 5; ++i) story.Run(EventBuilder("e" + std::to_string(i), kNoon + i * 1h));
  EXPECT_TRUE(
      story.Run(EventBuilder("sixth", kNoon + 5 * kDay).From(test::kTokyo)).Of("new_country").alert());
}

TEST(NoveltyDetectors, SoDoFourteenDays) {
  AccountStory story;
  story.Run(EventBuilder("first", kNoon));
  EXPECT_TRUE(
      story.Run(EventBuilder("second", kNoon + 14 * kDay).From(test::kTokyo)).Of("new_country").alert());
}

TEST(NoveltyDetectors, ASilenceMakesNothingNewThatWasKnownBeforeIt) {
  SettledAccount account;
  EXPECT_TRUE(account.Run(EventBuilder("in-time", kNoon + 89 * kDay)).Of("new_country").clear());
  SettledAccount absent;
  const DetectionResult& result = absent.Run(EventBuilder("later", kNoon + 90 * kDay));
  // Of a country and of a network the last use before the silence counts (region_detectors_test.cc,
  // habit_detectors_test.cc).
  EXPECT_TRUE(result.Of("new_country").clear());
  EXPECT_TRUE(result.Of("new_network").clear());
  EXPECT_TRUE(result.Of("new_device").clear());  // Devices are kept for 180 d.
}

// The second login from the same new place is the same finding.
TEST(NoveltyDetectors, TheCauseIsTheEventThatBroughtIt) {
  SettledAccount account;
  for (int i = 0; i < 5; ++i) {
    account.Run(EventBuilder("away-" + std::to_string(i), kNoon + i * 20h)
                    .From(test::kTokyo)
                    .Via(test::kTor)
                    .With(test::kStranger));
  }
  for (const char* detector : {"new_country", "new_network", "anonymous_network", "new_device"}) {
    EXPECT_EQ(account.ActiveCauses(detector), std::vector<std::string>{"away-0"}) << detector;
  }
  EXPECT_EQ(account.Only("new_country").occurred_at, kNoon);
}

TEST(NoveltyDetectors, AnEarlierEventThatComesLateMovesTheCause) {
  SettledAccount account;
  account.Run(EventBuilder("second", kNoon + 2h).From(test::kTokyo).Via(test::kTor).With(test::kStranger));
  account.Run(EventBuilder("first", kNoon + 1h).From(test::kTokyo).Via(test::kTor).With(test::kStranger));
  account.Run(EventBuilder("third", kNoon + 3h).From(test::kTokyo).Via(test::kTor).With(test::kStranger));
  for (const char* detector : {"new_country", "new_network", "anonymous_network", "new_device"}) {
    EXPECT_EQ(account.ActiveCauses(detector), std::vector<std::string>{"first"}) << detector;
  }
}

TEST(NewCountry, RareCountriesWeighMore) {
  SettledAccount account;
  EXPECT_DOUBLE_EQ(account.Run(EventBuilder("a", kNoon).From(test::kTokyo).With(test::kStranger))
                       .Of("new_country")
                       .claims()[0]
                       .weight,
                   2.0);
  SettledAccount among_many;
  for (int i = 0; i < 2000; ++i) {
    among_many.population().Learn(EventBuilder("p", kNoon).From(i % 4 == 0 ? test::kParis : test::kBerlin),
                                  "");
  }
  const Claim rare = among_many.Run(EventBuilder("a", kNoon).From(test::kTokyo).With(test::kStranger))
                         .Of("new_country")
                         .claims()[0];
  EXPECT_DOUBLE_EQ(rare.weight, 2.7);
  EXPECT_EQ(rare.reasons[0].code, "new_country_rare");
  EXPECT_EQ(rare.reasons[0].observed, "Tokyo, JP");
  EXPECT_EQ(rare.reasons[0].usual, "Berlin, DE");
  const Claim common = among_many.Run(EventBuilder("b", kNoon + 2h).From(test::kParis).With(test::kStranger))
                           .Of("new_country")
                           .claims()[0];
  EXPECT_DOUBLE_EQ(common.weight, 2.0);
}

TEST(NewCountry, ATrustedDeviceDampsIt) {
  SettledAccount account;
  EXPECT_NEAR(account.Run(EventBuilder("a", kNoon).From(test::kTokyo)).Of("new_country").claims()[0].weight,
              1.0, 0.01);
}

TEST(NewCountry, NextDoorAcrossTheBorderIsClear) {
  AccountStory story;
  for (int day = 0; day < 20; ++day) {
    story.Run(EventBuilder("home-" + std::to_string(day), kNoon + day * kDay).From(test::kStrasbourg));
  }
  EXPECT_TRUE(story.Run(EventBuilder("kehl", kNoon + 20 * kDay).From(test::kKehl)).Of("new_country").clear());
  // It does not make the whole of Germany known.
  EXPECT_TRUE(
      story.Run(EventBuilder("berlin", kNoon + 21 * kDay).From(test::kBerlin)).Of("new_country").alert());
}

TEST(NewCountry, APlacePreparedMinutesBeforeHasNoNeighbours) {
  SettledAccount account;
  account.Run(EventBuilder("kehl", kNoon).From(test::kKehl));
  EXPECT_TRUE(
      account.Run(EventBuilder("strasbourg", kNoon + 1h).From(test::kStrasbourg)).Of("new_country").alert());
}

TEST(NewCountry, AnnouncedTravelIsClearWhileItLasts) {
  SettledAccount account;
  account.state().MutableSecurity().travel.push_back(
      {.countries = {"FR", "JP"}, .from = kNoon, .until = kNoon + 7 * kDay});
  EXPECT_TRUE(account.Run(EventBuilder("early", kNoon - 1ms).From(test::kTokyo)).Of("new_country").alert());
  EXPECT_TRUE(account.Run(EventBuilder("first", kNoon).From(test::kTokyo)).Of("new_country").clear());
  EXPECT_TRUE(
      account.Run(EventBuilder("last", kNoon + 7 * kDay).From(test::kParis)).Of("new_country").clear());
  EXPECT_TRUE(account.Run(EventBuilder("after", kNoon + 7 * kDay + 1ms).From(test::kParis))
                  .Of("new_country")
                  .alert());
  EXPECT_TRUE(account.Run(EventBuilder("elsewhere", kNoon + 2 * kDay).From(test::kShanghai))
                  .Of("new_country")
                  .alert());
}

TEST(NewNetwork, ANewNumberIsOnlyForTheRecord) {
  SettledAccount account;
  const Claim claim = account.Run(EventBuilder("a", kNoon).Via(test::kOtherLine).With(test::kStranger))
                          .Of("new_network")
                          .claims()[0];
  EXPECT_EQ(claim.severity, schemas::Severity::kInfo);
  EXPECT_DOUBLE_EQ(claim.weight, 0.3);
  EXPECT_EQ(claim.reasons[0].observed, "AS2856 Other Telecom");
  EXPECT_EQ(claim.reasons[0].usual, "AS3320 Home Telecom");
}

TEST(NewNetwork, ANewNumberIsLearntAtOnceAndStillMovable) {
  SettledAccount account;
  account.Run(EventBuilder("second", kNoon + 2h).Via(test::kOtherLine));
  EXPECT_TRUE(account.Run(EventBuilder("third", kNoon + 3h).Via(test::kOtherLine)).Of("new_network").clear());
  const DetectionResult& late = account.Run(EventBuilder("first", kNoon + 1h).Via(test::kOtherLine));
  EXPECT_TRUE(late.Of("new_network").alert());
  EXPECT_EQ(account.ActiveCauses("new_network"), std::vector<std::string>{"first"});
}

TEST(NewNetwork, ANewClassWeighsMore) {
  SettledAccount account;
  const Claim claim = account.Run(EventBuilder("a", kNoon).Via(test::kMobile).With(test::kStranger))
                          .Of("new_network")
                          .claims()[0];
  EXPECT_EQ(claim.severity, schemas::Severity::kLow);
  EXPECT_DOUBLE_EQ(claim.weight, 0.9);
}

TEST(AnonymousNetwork, TorWeighsMost) {
  SettledAccount account;
  const Claim tor = account.Run(EventBuilder("a", kNoon).Via(test::kTor).With(test::kStranger))
                        .Of("anonymous_network")
                        .claims()[0];
  EXPECT_DOUBLE_EQ(tor.weight, 2.0);
  EXPECT_EQ(tor.severity, schemas::Severity::kMedium);
  const Claim vpn = account.Run(EventBuilder("b", kNoon + 1h).Via(test::kVpn).With(test::kStranger))
                        .Of("anonymous_network")
                        .claims()[0];
  EXPECT_DOUBLE_EQ(vpn.weight, 1.2);
}

TEST(AnonymousNetwork, TheAccountsOwnVpnIsNormalAndOtherKindsAreNot) {
  AccountStory story;
  for (int day = 0; day < 20; ++day)
    story.Run(EventBuilder("vpn-" + std::to_string(day), kNoon + day * kDay).Via(test::kVpn));
  EXPECT_TRUE(
      story.Run(EventBuilder("vpn", kNoon + 20 * kDay).Via(test::kVpn)).Of("anonymous_network").clear());
  // Another provider of the same kind is the same habit.
  EXPECT_TRUE(story
                  .Run(EventBuilder("other", kNoon + 21 * kDay)
                           .Via({"45.33.36.5", 777, "Other Hidden", schemas::NetworkClass::kAnonymiser,
                                 schemas::Anonymiser::kVpn}))
                  .Of("anonymous_network")
                  .clear());
  EXPECT_TRUE(
      story.Run(EventBuilder("tor", kNoon + 22 * kDay).Via(test::kTor)).Of("anonymous_network").alert());
}

TEST(AnonymousNetwork, IsJudgedWithoutASystemToo) {
  SettledAccount account;
  test::NetworkOf tor = test::kTor;
  tor.asn = 0;
  account.Run(EventBuilder("a", kNoon).Via(tor));
  account.Run(EventBuilder("b", kNoon + 2h).Via(tor));
  EXPECT_EQ(account.ActiveCauses("anonymous_network"), std::vector<std::string>{"a"});
  EXPECT_EQ(account.Only("anonymous_network").reasons[0].observed, "45.33.34.*");
}

TEST(NewDevice, SaysWhichAndWhatIsUsual) {
  SettledAccount account;
  const Claim claim = account.Run(EventBuilder("a", kNoon).With(test::kLaptop)).Of("new_device").claims()[0];
  EXPECT_DOUBLE_EQ(claim.weight, 1.2);
  EXPECT_EQ(claim.reasons[0].observed, "Chrome on Windows");
  EXPECT_EQ(claim.reasons[0].usual, "iPhone 14 (iOS)");
}

// An app that was installed again has another id on the same phone.
TEST(NewDevice, OfTheSameModelIsNotComparedWithItself) {
  SettledAccount account;
  EventBuilder builder("again", kNoon);
  const std::string label = DeviceLabel(builder.event().facts.device);
  builder.event().facts.device.id = "installed-again";
  account.Run(builder);
  const schemas::Reason reason = account.Only("new_device").reasons.at(0);
  EXPECT_EQ(reason.code, "new_device_same_model");
  EXPECT_EQ(reason.observed, label);
  EXPECT_EQ(reason.usual, "");
}

TEST(NewDevice, WithoutIdsTheFamilyDecidesAndVersionsMoveOn) {
  AccountStory story;
  for (int day = 0; day < 20; ++day) {
    test::DeviceOf browser = test::kBrowser;
    browser.browser_major = 120 + day / 4;  // Updated now and then.
    const DetectionResult& result =
        story.Run(EventBuilder("e" + std::to_string(day), kNoon + day * kDay).With(browser));
    EXPECT_FALSE(result.Of("new_device").alert());
  }
  ASSERT_EQ(story.state().devices().known.size(), 1U);
  EXPECT_EQ(story.state().devices().known[0].browser_major, 124);
  test::DeviceOf firefox = test::kBrowser;
  firefox.browser_family = "Firefox";
  EXPECT_TRUE(story.Run(EventBuilder("other", kNoon + 20 * kDay).With(firefox)).Of("new_device").alert());
}

TEST(NewDevice, AnIdForADeviceThatHadNoneIsNotAlarmed) {
  AccountStory story;
  for (int day = 0; day < 20; ++day) {
    story.Run(EventBuilder("e" + std::to_string(day), kNoon + day * kDay).With(test::kBrowser));
  }
  test::DeviceOf named = test::kBrowser;
  named.id = "cookie-1";
  EXPECT_TRUE(story.Run(EventBuilder("named", kNoon + 20 * kDay).With(named)).Of("new_device").clear());
  EXPECT_EQ(story.state().devices().known.size(), 2U);
  // Neither does it borrow the other's trust: a new id is a stranger's first guess.
  named.id = "cookie-2";
  const Claim claim = story.Run(EventBuilder("abroad", kNoon + 21 * kDay).From(test::kTokyo).With(named))
                          .Of("new_country")
                          .claims()[0];
  EXPECT_DOUBLE_EQ(claim.weight, 2.0);
}

TEST(NewDevice, AVeryLongIdIsKeptShortAndRecognised) {
  AccountStory story;
  const std::string id(100'000, 'x');
  const test::DeviceOf device{id, "web", "", "Windows", "Chrome", 10, 120};
  for (int day = 0; day < 20; ++day) {
    EXPECT_FALSE(story.Run(EventBuilder("e" + std::to_string(day), kNoon + day * kDay).With(device))
                     .Of("new_device")
                     .alert());
  }
  EXPECT_LT(story.state().devices().HeapBytes(), 1000U);
}

TEST(Labels, AreCleanAndAsExactAsTheFacts) {
  const schemas::Event event = EventBuilder("a", kNoon);
  EXPECT_EQ(PlaceLabel(event.facts.place), "Berlin, DE");
  schemas::Place place{.missing = schemas::Missing::kNo, .country = "CN", .region = "Yunnan"};
  EXPECT_EQ(PlaceLabel(place), "Yunnan, CN");
  place.region.clear();
  EXPECT_EQ(PlaceLabel(place), "CN");
  EXPECT_EQ(DeviceLabel(schemas::Device{.missing = schemas::Missing::kNo, .platform = "web"}), "web");
  EXPECT_EQ(
      DeviceLabel(schemas::Device{.model = "evil.example/x\u202e", .os_family = "Android"}).find('\xe2'),
      std::string::npos);
}

}  // namespace
}  // namespace tocsin::detectors
