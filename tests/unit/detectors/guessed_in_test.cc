#include "detectors/guessed_in.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/support/account_story.h"
#include "tests/support/event_builder.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::Event;
using test::AccountStory;
using test::EventBuilder;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);
constexpr std::string_view kId = "guessed_in";
using Causes = std::vector<std::string>;

Event StrangersFailure(const std::string& id, Timestamp at) {
  return EventBuilder(id, at).Failed().With(test::kStranger).Via(test::kOtherLine);
}
Event StrangersLogin(const std::string& id, Timestamp at) {
  return EventBuilder(id, at).With(test::kStranger).Via(test::kOtherLine);
}

// One line has as many IPv6 addresses as it likes: its /64 is the source.
test::NetworkOf InSubnet(std::string_view address) {
  test::NetworkOf network = test::kOtherLine;
  network.address = address;
  return network;
}

TEST(GuessedIn, AnotherAddressOfOneSubnetForEachGuessIsOneSource) {
  for (const auto& [in, alerts] : {std::pair{"2001:db8:1:2::99", true}, {"2001:db8:1:3::99", false}}) {
    SCOPED_TRACE(in);
    AccountStory story;
    for (int i = 0; i < 5; ++i) {
      const std::string address = "2001:db8:1:2::" + std::to_string(i + 1);
      EventBuilder failure("f" + std::to_string(i), kNoon + i * 1s);
      story.Run(failure.Failed().With(test::kBrowser).Via(InSubnet(address)));
    }
    story.Run(EventBuilder("in", kNoon + 1min).With(test::kBrowser).Via(InSubnet(in)));
    EXPECT_EQ(story.ActiveCauses(kId), alerts ? Causes{"in"} : Causes{});
  }
}

// An account past learning, used from its phone at home for three months.
void LiveAMonth(AccountStory& story) {
  for (int day = 90; day > 0; --day) story.Run(EventBuilder("day" + std::to_string(day), kNoon - day * 24h));
}

void Fail(AccountStory& story, int count, Timestamp begin, Millis gap = 1s) {
  for (int i = 0; i < count; ++i) story.Run(StrangersFailure("f" + std::to_string(i), begin + i * gap));
}

struct Guess {
  std::string name;
  int failures = 5;
  Millis first_failure_before;  // The success; the others follow a second apart.
  bool alerts = false;
};

class GuessTest : public testing::TestWithParam<Guess> {};

TEST_P(GuessTest, IsASuccessAfterEnoughFailuresOfItsSource) {
  AccountStory story;
  Fail(story, GetParam().failures, kNoon - GetParam().first_failure_before);
  story.Run(StrangersLogin("in", kNoon));
  EXPECT_EQ(story.ActiveCauses(kId), GetParam().alerts ? Causes{"in"} : Causes{});
}

INSTANTIATE_TEST_SUITE_P(Boundaries, GuessTest,
                         testing::Values(Guess{"Four", 4, 10min, false}, Guess{"Five", 5, 10min, true},
                                         Guess{"TheFirstAtTheEdge", 5, 180min, true},
                                         Guess{"TheFirstBeyondTheEdge", 5, 180min + 1ms, false},
                                         Guess{"AllAtTheSameInstant", 5, 4s, true}),
                         [](const auto& tested) { return tested.param.name; });

TEST(GuessedInTest, TheSourceIsTheAddressOrTheDevicesOwnId) {
  AccountStory by_device;
  Fail(by_device, 5, kNoon - 1min);
  by_device.Run(EventBuilder("in", kNoon).With(test::kStranger).Via(test::kMobile));
  EXPECT_EQ(std::get<std::string>(by_device.Only(kId).evidence[2].value), "device");

  AccountStory by_address;
  Fail(by_address, 5, kNoon - 1min);
  by_address.Run(EventBuilder("in", kNoon).With(test::kLaptop).Via(test::kOtherLine));
  EXPECT_EQ(std::get<std::string>(by_address.Only(kId).evidence[2].value), "address");

  AccountStory by_neither;
  Fail(by_neither, 5, kNoon - 1min);
  by_neither.Run(EventBuilder("in", kNoon).With(test::kLaptop).Via(test::kMobile));
  EXPECT_TRUE(by_neither.ActiveCauses(kId).empty());
}

TEST(GuessedInTest, TheSameKindOfBrowserIsNoSource) {
  AccountStory story;
  for (int i = 0; i < 9; ++i) {
    story.Run(EventBuilder("f" + std::to_string(i), kNoon - 1min)
                  .Failed()
                  .With(test::kBrowser)
                  .Via(test::kOtherLine));
  }
  story.Run(EventBuilder("in", kNoon)
                .With(test::kBrowser));  // The owner, at home, with the same browser as millions.
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
}

TEST(GuessedInTest, UnknownAddressesAreNotEqual) {
  AccountStory story;
  for (int i = 0; i < 9; ++i) {
    story.Run(EventBuilder("f" + std::to_string(i), kNoon - 1min).Failed().Nowhere().WithoutDevice());
  }
  EXPECT_EQ(story.Run(EventBuilder("in", kNoon).Nowhere().WithoutDevice()).Of(kId).why(), kNoAddress);
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
}

TEST(GuessedInTest, AStrangeDeviceDuringAnAttackIsEnough) {
  for (const int failures : {9, 10}) {
    AccountStory story;
    LiveAMonth(story);
    Fail(story, failures, kNoon - 60min);
    story.Run(EventBuilder("in", kNoon).With(test::kLaptop).Via(test::kMobile));
    EXPECT_EQ(story.ActiveCauses(kId), failures == 10 ? Causes{"in"} : Causes{});
    if (failures == 10) {
      EXPECT_EQ(story.Only(kId).reasons.front().code, "guessed_in_new_device");
    }
  }
}

TEST(GuessedInTest, WhileLearningADeviceIsNotStrange) {
  AccountStory story;
  story.Run(EventBuilder("first", kNoon - 24h));
  Fail(story, 10, kNoon - 1min);
  story.Run(EventBuilder("in", kNoon).With(test::kLaptop).Via(test::kMobile));
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
}

TEST(GuessedInTest, TheOwnersKnownDeviceDuringAnAttackIsTheOwner) {
  AccountStory story;
  LiveAMonth(story);
  Fail(story, 50, kNoon - 10min);
  story.Run(EventBuilder("in", kNoon));
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
}

TEST(GuessedInTest, TheOwnerWhoMistypesIsWorthLittle) {
  AccountStory story;
  LiveAMonth(story);
  for (int i = 0; i < 6; ++i)
    story.Run(EventBuilder("f" + std::to_string(i), kNoon - 1min + i * 1s).Failed());
  story.Run(EventBuilder("in", kNoon));
  EXPECT_EQ(story.Only(kId).severity, schemas::Severity::kLow);
  EXPECT_LT(story.Only(kId).weight, 1.5);
}

TEST(GuessedInTest, ABreakInIsOneFinding) {
  AccountStory story;
  Fail(story, 6, kNoon);
  story.Run(StrangersLogin("in", kNoon + 1min));
  story.Run(StrangersLogin("again", kNoon + 2min));
  story.Run(StrangersLogin("and again", kNoon + 170min));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"in"});
  story.Run(StrangersLogin("much later", kNoon + 10h));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"in"});
}

TEST(GuessedInTest, LateFailuresFindTheSuccess) {
  AccountStory story;
  story.Run(StrangersLogin("in", kNoon + 1min));
  Fail(story, 4, kNoon);
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
  story.Run(StrangersFailure("fifth", kNoon + 5s));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"in"});
  story.Run(StrangersFailure("sixth", kNoon + 6s));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"in"});
}

TEST(GuessedInTest, FailuresAfterTheSuccessProveNothing) {
  AccountStory story;
  story.Run(StrangersLogin("in", kNoon));
  Fail(story, 20, kNoon + 1ms);
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
}

TEST(GuessedInTest, ALateEarlierSuccessTakesTheFinding) {
  AccountStory story;
  Fail(story, 6, kNoon);
  story.Run(StrangersLogin("second", kNoon + 2min));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"second"});
  story.Run(StrangersLogin("first", kNoon + 1min));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"first"});
}

TEST(GuessedInTest, AnyOrderOfArrivalGivesTheSameFinding) {
  std::vector<Event> events;
  for (int i = 0; i < 7; ++i) events.push_back(StrangersFailure("f" + std::to_string(i), kNoon + i * 20s));
  events.push_back(StrangersLogin("in", kNoon + 3min));
  events.push_back(StrangersLogin("again", kNoon + 4min));
  std::mt19937 random(11);
  for (int i = 0; i < 100; ++i) {
    std::shuffle(events.begin(), events.end(), random);
    AccountStory story;
    story.RunAll(events);
    ASSERT_EQ(story.ActiveCauses(kId), Causes{"in"});
  }
}

TEST(GuessedInTest, AGuessedLoginDoesNotTeach) {
  AccountStory story;
  LiveAMonth(story);
  const uint32_t successes = story.state().sign_ins().successes;
  Fail(story, 6, kNoon);
  story.Run(StrangersLogin("in", kNoon + 1min));
  EXPECT_EQ(story.state().sign_ins().successes, successes);
  const std::vector<KnownDevice>& devices = story.state().devices().known;
  EXPECT_TRUE(std::none_of(devices.begin(), devices.end(), [](const KnownDevice& d) {
    return d.id == test::kStranger.id && d.tenure.standing == Standing::kKnown;
  }));
}

}  // namespace
}  // namespace tocsin::detectors
