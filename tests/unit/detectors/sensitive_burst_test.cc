#include "detectors/sensitive_burst.h"

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
constexpr std::string_view kId = "sensitive_burst";
using Causes = std::vector<std::string>;

struct Burst {
  std::string name;
  std::vector<ChangeKind> changes;
  Millis gap{0};
  bool alerts = false;
};
class SensitiveBurstTest : public testing::TestWithParam<Burst> {};

TEST_P(SensitiveBurstTest, CountsChangesInTheWindow) {
  AccountStory story;
  for (size_t i = 0; i < GetParam().changes.size(); ++i) {
    story.Run(EventBuilder("c" + std::to_string(i), kNoon + static_cast<int>(i) * GetParam().gap)
                  .Changed(GetParam().changes[i]));
  }
  EXPECT_EQ(story.ActiveCauses(kId), GetParam().alerts ? Causes{"c0"} : Causes{});
}

INSTANTIATE_TEST_SUITE_P(
    Boundaries, SensitiveBurstTest,
    testing::Values(Burst{"Two", {ChangeKind::kEmailChanged, ChangeKind::kPasswordChanged}, 1s, false},
                    Burst{"ThreeAtTheEdges",
                          {ChangeKind::kEmailChanged, ChangeKind::kPasswordChanged, ChangeKind::kPayeeAdded},
                          5min,
                          true},
                    Burst{"ThreeBeyondTheEdges",
                          {ChangeKind::kEmailChanged, ChangeKind::kPasswordChanged, ChangeKind::kPayeeAdded},
                          5min + 1ms,
                          false},
                    Burst{"ThreePayees", {3, ChangeKind::kPayeeAdded}, 1min, true},
                    Burst{"ThreeDevicesAway", {3, ChangeKind::kDeviceRemoved}, 1min, true},
                    Burst{"ThePlatformsOwnDoNotCount",
                          {ChangeKind::kFrozen, ChangeKind::kSessionsRevoked, ChangeKind::kTierChanged,
                           ChangeKind::kUnfrozen, ChangeKind::kPasswordResetRequested},
                          1s,
                          false},
                    Burst{
                        "ASecondFactorSetUpIsOne",
                        {ChangeKind::kMfaMethodAdded, ChangeKind::kMfaEnabled, ChangeKind::kPasswordChanged},
                        1s,
                        false},
                    Burst{"LimitsWithoutNumbersAreNotRaised", {3, ChangeKind::kLimitChanged}, 1s, false}),
    [](const auto& tested) { return tested.param.name; });

// One action that takes the last method away, published as the method and as the factor that is off.
TEST(SensitiveBurst, AFactorThatGoesWithItsMethodIsOneChange) {
  const std::vector<Event> pair = {
      EventBuilder("removed", kNoon).Changed(ChangeKind::kMfaMethodRemoved),
      EventBuilder("off", kNoon + 1s).Changed(ChangeKind::kMfaDisabled),
      EventBuilder("password", kNoon + 2min).Changed(ChangeKind::kPasswordChanged)};
  AccountStory story;
  story.RunAll(pair);
  EXPECT_EQ(story.ActiveCauses(kId), Causes{});
  story.Run(EventBuilder("payee", kNoon + 3min).Changed(ChangeKind::kPayeeAdded));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"removed"});
  // Switched off by itself, it counts.
  AccountStory apart;
  apart.Run(EventBuilder("removed", kNoon).Changed(ChangeKind::kMfaMethodRemoved));
  apart.Run(EventBuilder("off", kNoon + 61s).Changed(ChangeKind::kMfaDisabled));
  apart.Run(EventBuilder("password", kNoon + 2min).Changed(ChangeKind::kPasswordChanged));
  EXPECT_EQ(apart.ActiveCauses(kId), Causes{"removed"});
}

// The factor comes first, and was the cause; its method's removal arrives last and takes its place.
TEST(SensitiveBurst, TheMethodTakesThePlaceOfTheFactorInAnyOrder) {
  std::vector<Event> events = {EventBuilder("off", kNoon).Changed(ChangeKind::kMfaDisabled),
                               EventBuilder("removed", kNoon + 1s).Changed(ChangeKind::kMfaMethodRemoved),
                               EventBuilder("password", kNoon + 2min).Changed(ChangeKind::kPasswordChanged),
                               EventBuilder("payee", kNoon + 3min).Changed(ChangeKind::kPayeeAdded)};
  std::ranges::sort(events, {}, &Event::event_id);
  do {
    AccountStory story;
    story.RunAll(events);
    EXPECT_EQ(story.ActiveCauses(kId), Causes{"removed"});
  } while (std::ranges::next_permutation(events, {}, &Event::event_id).found);
}

TEST(SensitiveBurst, OneBurstIsOneFindingInAnyOrder) {
  std::vector<Event> events;
  for (int i = 0; i < 6; ++i) {
    events.push_back(
        EventBuilder("c" + std::to_string(i), kNoon + i * 8min).Changed(ChangeKind::kPayeeAdded));
    events.push_back(
        EventBuilder("d" + std::to_string(i), kNoon + i * 8min + 1s).Changed(ChangeKind::kEmailChanged));
  }
  std::mt19937_64 random(5);
  for (int round = 0; round < 50; ++round) {
    AccountStory story;
    story.RunAll(events);
    story.RunAll(events);
    EXPECT_EQ(story.ActiveCauses(kId), Causes{"c0"}) << round;
    std::shuffle(events.begin(), events.end(), random);
  }
}

TEST(SensitiveBurst, AnOwnerWhoTidiesUpIsLow) {
  AccountStory story;
  for (int day = 90; day > 0; --day) story.Run(EventBuilder("day" + std::to_string(day), kNoon - day * 24h));
  for (int i = 0; i < 4; ++i)
    story.Run(EventBuilder("c" + std::to_string(i), kNoon + i * 1s).Changed(ChangeKind::kPayeeAdded));
  EXPECT_EQ(story.Only(kId).severity, Severity::kLow);
  EXPECT_DOUBLE_EQ(story.Only(kId).weight, 0.5);
  story.Run(EventBuilder("c9", kNoon + 1min).Changed(ChangeKind::kEmailChanged).With(test::kStranger));
  EXPECT_EQ(story.Only(kId).severity, Severity::kMedium);
}

}  // namespace
}  // namespace tocsin::detectors
