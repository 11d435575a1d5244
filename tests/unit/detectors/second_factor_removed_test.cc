#include "detectors/second_factor_removed.h"

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
using schemas::ChangeKind;
using schemas::Event;
using schemas::Severity;
using test::AccountStory;
using test::EventBuilder;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);
constexpr std::string_view kId = "second_factor_removed";
using Causes = std::vector<std::string>;

Event Change(const std::string& id, Timestamp at, ChangeKind change) {
  return EventBuilder(id, at).Changed(change);
}
void LiveAMonth(AccountStory& story) {
  for (int day = 90; day > 1; --day) story.Run(EventBuilder("day" + std::to_string(day), kNoon - day * 24h));
}

// What happens around the owner's removal at noon, and whether the login a day later tells of it.
struct Story {
  std::string name;
  std::vector<Event> events;
  bool alerts = true;
  ChangeKind removal = ChangeKind::kMfaMethodRemoved;
};
class SecondFactorRemovedTest : public testing::TestWithParam<Story> {};

TEST_P(SecondFactorRemovedTest, StaysOffUntilAnotherIsThere) {
  std::vector<Event> events = GetParam().events;
  events.push_back(Change("off", kNoon, GetParam().removal));
  events.push_back(EventBuilder("next day", kNoon + 24h));
  const Causes expected = GetParam().alerts ? Causes{"off"} : Causes{};
  std::mt19937_64 random(3);
  for (int round = 0; round < 20; ++round) {
    AccountStory story;
    LiveAMonth(story);
    story.RunAll(events);
    story.RunAll(events);
    EXPECT_EQ(story.ActiveCauses(kId), expected) << "order " << round;
    std::shuffle(events.begin(), events.end(), random);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Stories, SecondFactorRemovedTest,
    testing::Values(Story{"Never", {}},
                    Story{"Restored", {Change("on", kNoon + 12h, ChangeKind::kMfaEnabled)}, false},
                    Story{"RestoredTooLate", {Change("on", kNoon + 12h + 1ms, ChangeKind::kMfaEnabled)}},
                    Story{"AnotherMethod", {Change("new", kNoon + 1h, ChangeKind::kMfaMethodAdded)}, false},
                    Story{"ReplacedBefore", {Change("new", kNoon - 1h, ChangeKind::kMfaMethodAdded)}, false},
                    Story{"AddedLongBefore", {Change("new", kNoon - 12h - 1ms, ChangeKind::kMfaMethodAdded)}},
                    Story{"AllOffAfterAnAddition",
                          {Change("new", kNoon - 1h, ChangeKind::kMfaMethodAdded)},
                          true,
                          ChangeKind::kMfaDisabled},
                    Story{"AllOffAndOnAgain",
                          {Change("on", kNoon + 1h, ChangeKind::kMfaEnabled)},
                          false,
                          ChangeKind::kMfaDisabled},
                    Story{"OtherChangesDoNotRestore",
                          {Change("trust", kNoon + 1h, ChangeKind::kDeviceTrusted)}}),
    [](const auto& tested) { return tested.param.name; });

// The time is only told by events.
TEST(SecondFactorRemoved, TheFirstEventAfterTheTimeTells) {
  for (const Millis later : {Millis(12h), Millis(12h + 1ms), Millis(24h * 40)}) {
    AccountStory story;
    LiveAMonth(story);
    story.Run(Change("off", kNoon, ChangeKind::kMfaDisabled));
    EXPECT_TRUE(story.ActiveCauses(kId).empty());
    EXPECT_EQ(story.Run(EventBuilder("next", kNoon + later)).Of(kId).alert(), later > 12h);
    // And once.
    EXPECT_EQ(story.Run(EventBuilder("then", kNoon + later + 1h)).Of(kId).alert(), later == Millis(12h));
    EXPECT_TRUE(story.Run(EventBuilder("and then", kNoon + later + 2h)).Of(kId).clear());
    EXPECT_EQ(story.ActiveCauses(kId), Causes{"off"});
  }
}

TEST(SecondFactorRemoved, AStrangersRemovalIsToldAtOnce) {
  AccountStory by_device;
  LiveAMonth(by_device);
  by_device.Run(EventBuilder("off", kNoon).Changed(ChangeKind::kMfaDisabled).With(test::kStranger));
  EXPECT_EQ(by_device.ActiveCauses(kId), Causes{"off"});
  EXPECT_EQ(by_device.Only(kId).severity, Severity::kMedium);
  // The thief's own factor is no restoration.
  by_device.Run(Change("on", kNoon + 1min, ChangeKind::kMfaMethodAdded));
  EXPECT_EQ(by_device.ActiveCauses(kId), Causes{"off"});
}

TEST(SecondFactorRemoved, SignsShortlyBeforeMakeItAtOnce) {
  struct Case {
    std::string name;
    Event sign;
    bool at_once = true;
  };
  for (const Case& tested :
       {Case{"reset", Change("sign", kNoon - 24h, ChangeKind::kPasswordReset)},
        Case{"reset long ago", Change("sign", kNoon - 24h - 1ms, ChangeKind::kPasswordReset), false},
        Case{"password changed", Change("sign", kNoon - 1h, ChangeKind::kPasswordChanged), false},
        Case{"new device", EventBuilder("sign", kNoon - 1h).With(test::kStranger)},
        Case{"own device", EventBuilder("sign", kNoon - 1h), false}}) {
    for (const bool late : {false, true}) {
      AccountStory story;
      LiveAMonth(story);
      if (!late) story.Run(tested.sign);
      story.Run(Change("off", kNoon, ChangeKind::kMfaDisabled));
      if (late) story.Run(tested.sign);
      EXPECT_EQ(story.ActiveCauses(kId), tested.at_once ? Causes{"off"} : Causes{})
          << tested.name << (late ? ", late" : "");
    }
  }
}

TEST(SecondFactorRemoved, TheOwnersOwnIsLow) {
  AccountStory story;
  LiveAMonth(story);
  story.Run(Change("off", kNoon, ChangeKind::kMfaDisabled));
  story.Run(EventBuilder("next", kNoon + 24h));
  EXPECT_EQ(story.Only(kId).severity, Severity::kLow);
  EXPECT_DOUBLE_EQ(story.Only(kId).weight, 0.75);
}

TEST(SecondFactorRemoved, ALateRestorationTakesItBack) {
  AccountStory story;
  LiveAMonth(story);
  story.Run(Change("off", kNoon, ChangeKind::kMfaDisabled));
  story.Run(EventBuilder("next", kNoon + 24h));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"off"});
  story.Run(Change("on", kNoon + 3h, ChangeKind::kMfaEnabled));
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
}

}  // namespace
}  // namespace tocsin::detectors
