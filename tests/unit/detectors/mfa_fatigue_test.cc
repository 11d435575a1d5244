#include "detectors/mfa_fatigue.h"

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
using schemas::FailureReason;
using schemas::Severity;
using test::AccountStory;
using test::EventBuilder;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);
constexpr std::string_view kId = "mfa_fatigue";
using Causes = std::vector<std::string>;

Event Prompt(const std::string& id, Timestamp at, FailureReason reason = FailureReason::kMfaDenied) {
  return EventBuilder(id, at).Failed(reason).With(test::kStranger).Via(test::kOtherLine);
}
Event Approved(const std::string& id, Timestamp at, schemas::Mfa mfa = schemas::Mfa::kPush) {
  EventBuilder builder(id, at);
  builder.With(test::kStranger).Via(test::kOtherLine);
  std::get<schemas::Login>(builder.event().payload).mfa = mfa;
  return builder;
}
void LiveAMonth(AccountStory& story) {
  for (int day = 90; day > 0; --day) story.Run(EventBuilder("day" + std::to_string(day), kNoon - day * 24h));
}
void Ask(AccountStory& story, int count, Millis gap) {
  for (int i = 0; i < count; ++i) story.Run(Prompt("p" + std::to_string(i), kNoon + i * gap));
}

struct Prompts {
  std::string name;
  int count = 5;
  Millis gap{0};
  bool alerts = false;
};
class MfaFatigueTest : public testing::TestWithParam<Prompts> {};

TEST_P(MfaFatigueTest, CountsPromptsInTheWindow) {
  AccountStory story;
  Ask(story, GetParam().count, GetParam().gap);
  EXPECT_EQ(story.ActiveCauses(kId), GetParam().alerts ? Causes{"p0"} : Causes{});
}

INSTANTIATE_TEST_SUITE_P(Boundaries, MfaFatigueTest,
                         testing::Values(Prompts{"Four", 4, 1s, false}, Prompts{"Five", 5, 1s, true},
                                         Prompts{"FiveAtTheEdges", 5, 150s, true},
                                         Prompts{"FiveBeyondTheEdges", 5, 150s + 1ms, false},
                                         Prompts{"FiveAtOneInstant", 5, 0s, true},
                                         Prompts{"ManyFarApart", 20, 3min, false},
                                         Prompts{"AFloodIsOne", 300, 10s, true}),
                         [](const auto& tested) { return tested.param.name; });

TEST(MfaFatigue, OnlyAskedAndNotGivenCounts) {
  for (const FailureReason reason : {FailureReason::kMfaFailed, FailureReason::kBadCredentials,
                                     FailureReason::kBlockedByPolicy, FailureReason::kLocked}) {
    AccountStory story;
    for (int i = 0; i < 9; ++i) story.Run(Prompt("p" + std::to_string(i), kNoon + i * 1s, reason));
    EXPECT_TRUE(story.ActiveCauses(kId).empty()) << static_cast<int>(reason);
  }
  AccountStory story;
  for (int i = 0; i < 5; ++i) story.Run(Prompt("p" + std::to_string(i), kNoon, FailureReason::kMfaTimeout));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"p0"});
}

TEST(MfaFatigue, ASuccessRightAfterThemIsCritical) {
  struct Case {
    Millis after;
    Severity severity;
  };
  for (const Case& tested : {Case{0s, Severity::kCritical}, Case{10min, Severity::kCritical},
                             Case{10min + 1ms, Severity::kMedium}}) {
    AccountStory story;
    LiveAMonth(story);
    Ask(story, 5, 1s);
    EXPECT_EQ(story.Only(kId).severity, Severity::kMedium);
    story.Run(Approved("in", kNoon + 4s + tested.after));
    EXPECT_EQ(story.ActiveCauses(kId), Causes{"p0"});
    EXPECT_EQ(story.Only(kId).severity, tested.severity) << tested.after.count();
    EXPECT_DOUBLE_EQ(story.Only(kId).weight, tested.severity == Severity::kCritical ? 4.0 : 1.5);
  }
}

TEST(MfaFatigue, ALoginThatNeededNoPromptEndsNothing) {
  AccountStory story;
  Ask(story, 6, 1s);
  story.Run(Approved("in", kNoon + 1min, schemas::Mfa::kNoFactor));
  EXPECT_EQ(story.Only(kId).severity, Severity::kMedium);
}

TEST(MfaFatigue, TheOwnerWhoLooksAfterItEndsNothing) {
  AccountStory story;
  LiveAMonth(story);
  Ask(story, 6, 1s);
  story.Run(EventBuilder("owner", kNoon + 1min));
  EXPECT_EQ(story.Only(kId).severity, Severity::kMedium);
}

TEST(MfaFatigue, TheOwnersPhoneWithoutASignalIsLow) {
  AccountStory story;
  LiveAMonth(story);
  for (int i = 0; i < 6; ++i)
    story.Run(EventBuilder("p" + std::to_string(i), kNoon + i * 1s).Failed(FailureReason::kMfaTimeout));
  story.Run(EventBuilder("in", kNoon + 1min));
  EXPECT_EQ(story.Only(kId).severity, Severity::kLow);
  EXPECT_LT(story.Only(kId).weight, 0.5);
}

TEST(MfaFatigue, AnyOrderGivesTheSame) {
  std::vector<Event> events;
  for (int i = 0; i < 7; ++i) events.push_back(Prompt("p" + std::to_string(i), kNoon + i * 20s));
  events.push_back(Approved("in", kNoon + 150s));
  for (int i = 0; i < 3; ++i) events.push_back(Prompt("later" + std::to_string(i), kNoon + 5h + i * 1s));
  std::mt19937_64 random(7);
  for (int round = 0; round < 50; ++round) {
    std::shuffle(events.begin(), events.end(), random);
    AccountStory story;
    story.RunAll(events);
    story.RunAll(events);  // And twice.
    EXPECT_EQ(story.ActiveCauses(kId), Causes{"p0"}) << round;
    EXPECT_EQ(story.Only(kId).severity, Severity::kCritical) << round;
  }
}

TEST(MfaFatigue, WithoutDeviceAndAddressItStillCounts) {
  AccountStory story;
  for (int i = 0; i < 5; ++i) {
    story.Run(EventBuilder("p" + std::to_string(i), kNoon)
                  .Failed(FailureReason::kMfaDenied)
                  .Nowhere()
                  .WithoutDevice());
  }
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"p0"});
}

}  // namespace
}  // namespace tocsin::detectors
