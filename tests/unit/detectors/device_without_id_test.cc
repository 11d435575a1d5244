// What looks like one of the account's devices and has no id: whose it may be, and what it is not trusted
// with.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "detectors/novelty.h"
#include "detectors/takeover_stages.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::AccountStory;
using test::EventBuilder;
using test::kNoon;

// kLaptop as it looks to whoever does not get its id.
constexpr test::DeviceOf kLooks{"",
                                test::kLaptop.platform,
                                test::kLaptop.model,
                                test::kLaptop.os_family,
                                test::kLaptop.browser_family,
                                10,
                                120};

// Sixty days of logins with the device, the last one a day before kNoon.
void Settle(AccountStory& story, const test::DeviceOf& device) {
  for (int day = 60; day >= 1; --day) {
    story.Run(EventBuilder("settled-" + std::to_string(day), kNoon - day * 24h).With(device));
  }
}

struct Use {
  const char* name;
  test::DeviceOf known;
  test::DeviceOf used;
  bool own;
};
std::ostream& operator<<(std::ostream& out, const Use& use) { return out << use.name; }

class OwnDeviceTest : public testing::TestWithParam<Use> {};

TEST_P(OwnDeviceTest, IsTrustedOnlyUnderItsOwnName) {
  const Use& use = GetParam();
  AccountStory story;
  Settle(story, use.known);
  const schemas::Event event =
      EventBuilder("e", kNoon).Changed(schemas::ChangeKind::kPayeeAdded).With(use.used);
  EXPECT_EQ(OwnDevice(event, story.state()) != NoveltyResult::kNone, use.own);
  EXPECT_EQ(DeviceTrust(event, story.state()) > 0.5, use.own);
  story.Run(event);
  const std::vector<StageSeen>& stages = story.state().security().stages;
  const auto payee = std::ranges::find(stages, Stage::kPayeeAdded, &StageSeen::stage);
  ASSERT_NE(payee, stages.end());
  EXPECT_EQ(payee->own_device, use.own);
}

constexpr test::DeviceOf OfId(test::DeviceOf device, std::string_view id) {
  device.id = id;
  return device;
}
constexpr test::DeviceOf OfBrowser(test::DeviceOf device, int major) {
  device.browser_major = major;
  return device;
}

INSTANTIATE_TEST_SUITE_P(
    Devices, OwnDeviceTest,
    testing::Values(Use{"ItsId", test::kLaptop, test::kLaptop, true},
                    Use{"ItsLooksWithoutTheId", test::kLaptop, kLooks, false},
                    Use{"ItsLooksAndAnotherId", test::kLaptop, OfId(test::kLaptop, "laptop-2"), false},
                    Use{"NeverAnId", kLooks, kLooks, true},
                    Use{"NeverAnIdAndUpdated", kLooks, OfBrowser(kLooks, 121), true},
                    Use{"AnIdOfWhatHadNone", kLooks, OfId(test::kLaptop, "laptop-2"), false},
                    Use{"OtherLooks", kLooks, test::kStranger, false}),
    [](const auto& tested) { return std::string(tested.param.name); });

// A sign-in to an account that has had kLaptop at home for sixty days.
struct SignIn {
  const char* name;
  EventBuilder event;
  bool alerts;
};
std::ostream& operator<<(std::ostream& out, const SignIn& sign_in) { return out << sign_in.name; }

class SignInWithoutIdTest : public testing::TestWithParam<SignIn> {};

TEST_P(SignInWithoutIdTest, IsNewOverAStrangeNetworkOnly) {
  AccountStory story;
  Settle(story, test::kLaptop);
  EXPECT_EQ(story.Run(GetParam().event).Of("new_device").alert(), GetParam().alerts);
}

const Money kRent{90'000, *Currency::Find("EUR")};

INSTANTIATE_TEST_SUITE_P(
    SignIns, SignInWithoutIdTest,
    testing::Values(SignIn{"AtHome", EventBuilder("e", kNoon).With(kLooks), false},
                    SignIn{"Elsewhere", EventBuilder("e", kNoon).With(kLooks).Via(test::kOtherLine), true},
                    SignIn{"ElsewhereWithTheId",
                           EventBuilder("e", kNoon).With(test::kLaptop).Via(test::kOtherLine), false},
                    SignIn{"ElsewhereAndNoSignIn",
                           EventBuilder("e", kNoon).Paid("t", kRent).With(kLooks).Via(test::kOtherLine),
                           false},
                    SignIn{"NetworkUnknown", EventBuilder("e", kNoon).With(kLooks).Nowhere(), false}),
    [](const auto& tested) { return std::string(tested.param.name); });

// What the thief does who sends no id from the town of his victim.
TEST(DeviceWithoutId, AStrangersSignInIsAStepOfATakeover) {
  AccountStory story;
  Settle(story, test::kLaptop);
  story.Run(EventBuilder("in", kNoon).With(kLooks).Via(test::kOtherLine));
  story.Run(EventBuilder("payee", kNoon + 40min)
                .Changed(schemas::ChangeKind::kPayeeAdded)
                .With(kLooks)
                .Via(test::kOtherLine));
  story.Run(EventBuilder("pay", kNoon + 1h).Paid("t", kRent).With(kLooks).Via(test::kOtherLine));
  const Claim chain = story.Only("takeover_chain");
  EXPECT_EQ(chain.severity, schemas::Severity::kHigh);
  EXPECT_EQ(chain.cause, std::vector<std::string>{"in"});
}

TEST(DeviceWithoutId, AStrangersRightGuessIsFound) {
  AccountStory story;
  Settle(story, test::kLaptop);
  for (int i = 0; i < 60; ++i) {
    story.Run(EventBuilder("f" + std::to_string(i), kNoon + i * 45s)
                  .Failed()
                  .With(test::kStranger)
                  .Via(test::kMobile));
  }
  story.Run(EventBuilder("in", kNoon + 50min).With(kLooks).Via(test::kOtherLine));
  EXPECT_EQ(story.ActiveCauses("guessed_in"), std::vector<std::string>{"in"});
}

TEST(DeviceWithoutId, RefusedItIsTheOwnersNoMore) {
  AccountStory story;
  Settle(story, test::kLaptop);
  story.Run(EventBuilder("in", kNoon).With(kLooks).Via(test::kOtherLine));
  story.Run(EventBuilder("answer", kNoon + 1h)
                .Answered(schemas::FeedbackVerdict::kNotMe, schemas::FeedbackBy::kOwner,
                          story.FindingOf("new_device")));
  const auto again = [&](const char* id, const test::DeviceOf& device) {
    return story.Run(EventBuilder(id, kNoon + 2h).With(device)).Of("new_device").alert();
  };
  EXPECT_TRUE(again("again", kLooks)) << "at home too";
  EXPECT_FALSE(again("owner", test::kLaptop));
}

// Once the device that had no id has got one, a further id is another device.
TEST(DeviceWithoutId, VouchesForOneIdOnly) {
  AccountStory story;
  for (int day = 60; day >= 1; --day) {
    story.Run(EventBuilder("settled-" + std::to_string(day), kNoon - day * 24h)
                  .With(day > 30 ? kLooks : test::kLaptop));
  }
  EXPECT_TRUE(story.ActiveCauses("new_device").empty());
  EXPECT_TRUE(
      story.Run(EventBuilder("e", kNoon).With(OfId(test::kLaptop, "laptop-2"))).Of("new_device").alert());
}

// An owner whose browser sends no id beside an app that does.
TEST(OwnDevice, OneWithoutIdIsItselfBesideOthersWithOne) {
  AccountStory story;
  for (int day = 60; day >= 1; --day) {
    story.Run(EventBuilder("app-" + std::to_string(day), kNoon - day * 24h).With(test::kLaptop));
    story.Run(EventBuilder("web-" + std::to_string(day), kNoon - day * 24h + 2h).With(test::kBrowser));
  }
  const schemas::Event event = EventBuilder("e", kNoon).With(test::kBrowser);
  EXPECT_GT(DeviceTrust(event, story.state()), 0.5);
}

// A private window is a new device at each visit, and each is suspected: home stays home all the same.
TEST(DeviceWithoutIdTest, ASuspectedOwnerDoesNotForgetHome) {
  test::SettledAccount account;
  for (int day = 0; day < 170; ++day) {
    test::DeviceOf window = test::kLaptop;
    const std::string id = "window-" + std::to_string(day);
    window.id = id;
    const auto& result =
        account.Run(EventBuilder("day-" + std::to_string(day), kNoon + day * 24h).With(window));
    ASSERT_TRUE(result.Of("new_device").alert()) << day;
    ASSERT_TRUE(result.Of("new_country").clear()) << day;
    ASSERT_TRUE(result.Of("new_network").clear()) << day;
  }
}

}  // namespace
}  // namespace tocsin::detectors
