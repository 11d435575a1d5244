#include "detectors/takeover_chain.h"

#include <gtest/gtest.h>

#include <cmath>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "detectors/takeover_stages.h"
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
constexpr std::string_view kId = "takeover_chain";
using Causes = std::vector<std::string>;

Event Change(const std::string& id, Timestamp at, ChangeKind kind) {
  return EventBuilder(id, at).Changed(kind);
}
Event StrangersChange(const std::string& id, Timestamp at, ChangeKind kind) {
  return EventBuilder(id, at).Changed(kind).With(test::kStranger).From(test::kBerlin);
}
Event Payment(const std::string& id, Timestamp at) {
  return EventBuilder(id, at).Paid("t-" + id, {5'000, *Currency::Find("EUR")});
}

// Past learning, a phone and a home: nothing of it is a step.
void Live(AccountStory& story) {
  for (int day = 30; day > 10; --day) story.Run(EventBuilder("day" + std::to_string(day), kNoon - day * 24h));
}

TEST(TakeoverChainTest, ThreeKindsWithoutMoney) {
  AccountStory story;
  Live(story);
  story.Run(EventBuilder("login", kNoon).With(test::kStranger));
  story.Run(Change("password", kNoon + 1h, ChangeKind::kPasswordChanged));
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
  story.Run(Change("email", kNoon + 2h, ChangeKind::kEmailChanged));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"login"});
  EXPECT_EQ(story.Only(kId).severity, Severity::kHigh);
  EXPECT_EQ(story.Only(kId).reasons.front().code, "takeover_chain");
}

TEST(TakeoverChainTest, TwoKindsAndMoneyOut) {
  AccountStory story;
  Live(story);
  story.Run(EventBuilder("login", kNoon).With(test::kStranger));
  story.Run(Payment("coffee", kNoon + 30min));
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
  story.Run(Change("payee", kNoon + 1h, ChangeKind::kPayeeAdded));
  EXPECT_TRUE(story.ActiveCauses(kId).empty()) << "money that left before is no reason";
  story.Run(Payment("transfer", kNoon + 2h));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"login"});
  EXPECT_EQ(story.Only(kId).transaction_id, "t-transfer");
  EXPECT_EQ(story.Only(kId).reasons.front().code, "takeover_chain_money");
  EXPECT_NEAR(story.Only(kId).weight, (1.0 * std::exp2(-2.0 / 36) + 0.8 * std::exp2(-1.0 / 36)) * 1.5, 1e-9);
}

// A new number, a coffee, and a day later the new phone and its password: no money left after the steps.
TEST(TakeoverChainTest, APaymentAfterTheFirstStepIsNoLoss) {
  AccountStory story;
  Live(story);
  story.Run(Change("number", kNoon, ChangeKind::kPhoneChanged));
  story.Run(Payment("coffee", kNoon + 30min));
  story.Run(EventBuilder("login", kNoon + 30h).With(test::kStranger));
  story.Run(Change("password", kNoon + 31h, ChangeKind::kPasswordChanged));
  EXPECT_EQ(story.Only(kId).severity, Severity::kHigh);
  EXPECT_EQ(story.Only(kId).reasons.front().code, "takeover_chain");
  story.Run(Payment("transfer", kNoon + 32h));
  EXPECT_EQ(story.Only(kId).severity, Severity::kCritical);
  EXPECT_EQ(story.Only(kId).reasons.front().code, "takeover_chain_money");
}

// What is paid once there are enough steps teaches nothing, what was paid before does, whatever arrives last.
TEST(TakeoverChainTest, TheOrderOfStepsAndPaymentsTeachesTheSame) {
  const std::vector<Event> steps = {EventBuilder("login", kNoon).With(test::kStranger),
                                    Payment("coffee", kNoon + 1min),
                                    Change("password", kNoon + 2min, ChangeKind::kPasswordChanged),
                                    Payment("transfer", kNoon + 3min), Payment("transfer-2", kNoon + 4min)};
  const auto learnt = [&](const std::vector<size_t>& order) {
    AccountStory story;
    Live(story);
    for (const size_t i : order) story.Run(steps[i]);
    EXPECT_EQ(story.ActiveCauses(kId), Causes{"login"});
    story.Run(EventBuilder("later", kNoon + 3h));
    story.Run(Payment("next", kNoon + 3h));
    return story.state().money().histograms;
  };
  const auto in_order = learnt({0, 1, 2, 3, 4});
  ASSERT_EQ(in_order.size(), 1U);
  EXPECT_EQ(in_order.front().seen, 1U) << "the coffee";
  for (const std::vector<size_t>& order : {std::vector<size_t>{0, 2, 3, 4, 1},  // The coffee last,
                                           {0, 1, 3, 4, 2},                     // a step,
                                           {1, 2, 3, 4, 0},                     // the first of them,
                                           {0, 1, 2, 4, 3},                     // a payment,
                                           {4, 3, 2, 1, 0}})
    EXPECT_EQ(learnt(order), in_order) << order.back();
}

TEST(TakeoverChainTest, GrowsAndBecomesCritical) {
  AccountStory story;
  Live(story);
  story.Run(EventBuilder("login", kNoon).With(test::kStranger));
  story.Run(Change("mfa", kNoon + 1h, ChangeKind::kMfaDisabled));
  story.Run(Change("phone", kNoon + 2h, ChangeKind::kPhoneChanged));
  EXPECT_EQ(story.Only(kId).severity, Severity::kHigh);
  const double weight = story.Only(kId).weight;
  story.Run(Payment("transfer", kNoon + 3h));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"login"});
  EXPECT_EQ(story.Only(kId).severity, Severity::kCritical);
  EXPECT_GT(story.Only(kId).weight, weight);
}

struct Window {
  std::string name;
  Millis third;  // After the first step.
  bool alerts = false;
};

class WindowTest : public testing::TestWithParam<Window> {};

TEST_P(WindowTest, StepsBelongTogetherForThreeDays) {
  AccountStory story;
  Live(story);
  story.Run(Change("mfa", kNoon, ChangeKind::kMfaMethodRemoved));
  story.Run(Change("password", kNoon + 1h, ChangeKind::kPasswordReset));
  story.Run(Change("email", kNoon + GetParam().third, ChangeKind::kEmailChanged));
  EXPECT_EQ(story.ActiveCauses(kId), GetParam().alerts ? Causes{"mfa"} : Causes{});
}

INSTANTIATE_TEST_SUITE_P(Edges, WindowTest,
                         testing::Values(Window{"AtTheEdge", 72h, true},
                                         Window{"BeyondTheEdge", 72h + 1ms, false}),
                         [](const auto& tested) { return tested.param.name; });

TEST(TakeoverChainTest, AChainGoesOnWhileStepsFollow) {
  AccountStory story;
  Live(story);
  for (const auto& [hours, kind] :
       std::vector<std::pair<int, ChangeKind>>{{0, ChangeKind::kMfaDisabled},
                                               {1, ChangeKind::kPasswordChanged},
                                               {2, ChangeKind::kEmailChanged},
                                               {73, ChangeKind::kPayeeAdded},
                                               {140, ChangeKind::kLimitChanged}}) {
    Event event = Change("h" + std::to_string(hours), kNoon + std::chrono::hours(hours), kind);
    if (kind == ChangeKind::kLimitChanged) {
      std::get<schemas::AccountChange>(event.payload).limit =
          schemas::ChangedLimit{.name = "daily", .previous_minor = 1, .value_minor = 2};
    }
    story.Run(event);
  }
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"h0"});
  EXPECT_EQ(std::get<int64_t>(story.Only(kId).evidence.back().value), 1) << "on the owner's own device";
}

// Steps at these hours after noon; a step without a kind is money out.
struct Step {
  int hour;
  ChangeKind kind = ChangeKind::kNone;
};
std::vector<Event> Steps(const std::vector<Step>& steps) {
  std::vector<Event> events;
  for (const Step& step : steps) {
    const std::string id = "h" + std::to_string(step.hour);
    const Timestamp at = kNoon + std::chrono::hours(step.hour);
    events.push_back(step.kind == ChangeKind::kNone ? Payment(id, at) : Change(id, at, step.kind));
  }
  return events;
}
const std::vector<Step> kSixDays = {{0, ChangeKind::kMfaDisabled},
                                    {1, ChangeKind::kEmailChanged},
                                    {2},
                                    {60, ChangeKind::kPhoneChanged},
                                    {100, ChangeKind::kMfaMethodRemoved},
                                    {140, ChangeKind::kPasswordChanged},
                                    {143, ChangeKind::kPayeeAdded},
                                    {145},
                                    {146}};

TEST(TakeoverChainTest, WhatComesAfterItsFullLengthIsTheNextChain) {
  AccountStory story;
  Live(story);
  const std::vector<Event> events = Steps(kSixDays);
  for (size_t i = 0; i < 7; ++i) story.Run(events[i]);
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"h0"});
  story.Run(events[7]);
  EXPECT_EQ(story.ActiveCauses(kId), (Causes{"h0", "h100"})) << "money out after three kinds of steps";
  story.Run(events[8]);
  EXPECT_EQ(story.ActiveCauses(kId), (Causes{"h0", "h100"})) << "which grows";
}

TEST(TakeoverChainTest, EarlierStepsNeverHideALaterChain) {
  // Every end of the same steps: whatever came before, money that is told without it is told with it.
  const std::vector<Event> events = Steps(kSixDays);
  for (size_t begin = 0; begin < events.size(); ++begin) {
    AccountStory story;
    Live(story);
    size_t alerts = 0;
    for (size_t i = begin; i < events.size(); ++i) {
      const bool alert = story.Run(events[i]).Of(kId).alert();
      if (i >= 7 && alert) ++alerts;
    }
    EXPECT_EQ(alerts, begin > 5 ? 0U : 2U) << begin;
  }
}

TEST(TakeoverChainTest, AWeekOfStepsHasTheSameChainsInAnyOrder) {
  std::vector<Event> events = Steps(kSixDays);
  std::mt19937 random(5);
  for (int i = 0; i < 60; ++i) {
    AccountStory story;
    Live(story);
    story.RunAll({events.begin(), events.begin() + 4});
    std::vector<Event> rest(events.begin() + 4, events.end());
    std::shuffle(rest.begin(), rest.end(), random);
    story.RunAll(rest);
    ASSERT_EQ(story.ActiveCauses(kId), (Causes{"h0", "h100"}));
  }
}

TEST(TakeoverChainTest, AMonthOfStepsKeepsTheChainsItHad) {
  AccountStory story;
  Live(story);
  std::set<std::string> told;
  for (int day = 0; day < 30; ++day) {
    const Timestamp at = kNoon + day * 24h;
    const std::string id = std::to_string(day);
    story.Run(Change("mfa" + id, at, ChangeKind::kMfaDisabled));
    story.Run(Change("mail" + id, at + 1h, ChangeKind::kEmailChanged));
    story.Run(Change("payee" + id, at + 2h, ChangeKind::kPayeeAdded));
    for (const std::string& cause : story.ActiveCauses(kId)) told.insert(cause);
  }
  EXPECT_EQ(told.size(), story.ActiveCauses(kId).size())
      << "a chain whose steps are forgotten is not taken back";
  EXPECT_LE(told.size(), 12U) << "one for each three days, and one where the oldest steps had to go";
}

TEST(TakeoverChainTest, WithoutASignOfAStrangerItIsOneSeverityLower) {
  AccountStory story;
  Live(story);
  story.Run(Change("mfa", kNoon, ChangeKind::kMfaDisabled));
  story.Run(Change("password", kNoon + 1h, ChangeKind::kPasswordChanged));
  story.Run(Change("email", kNoon + 2h, ChangeKind::kEmailChanged));
  EXPECT_EQ(story.Only(kId).severity, Severity::kMedium);
}

TEST(TakeoverChainTest, OnlyAKnownDeviceIsASignOfTheOwner) {
  AccountStory story;
  Live(story);
  story.Run(EventBuilder("mfa", kNoon).Changed(ChangeKind::kMfaDisabled).WithoutDevice().Nowhere());
  story.Run(
      EventBuilder("password", kNoon + 1h).Changed(ChangeKind::kPasswordChanged).WithoutDevice().Nowhere());
  story.Run(Change("email", kNoon + 2h, ChangeKind::kEmailChanged));
  EXPECT_EQ(story.Only(kId).severity, Severity::kHigh) << "nobody knows who took the first two steps";
}

TEST(TakeoverChainTest, AnAnonymousNetworkIsAStepWithoutItsNumber) {
  AccountStory story;
  Live(story);
  Event login = EventBuilder("login", kNoon).Via(test::kTor);
  login.facts.network.asn = 0;
  login.facts.network.missing = schemas::Missing::kNoDatabase;
  story.Run(login);
  ASSERT_EQ(story.state().security().stages.size(), 1U);
  EXPECT_EQ(story.state().security().stages.front().stage, Stage::kAnonymousNetwork);
}

TEST(TakeoverChainTest, AUseOfWhichNothingCanBeComparedIsNotClear) {
  AccountStory story;
  EXPECT_EQ(story.Run(EventBuilder("first", kNoon - 300h)).Of(kId).why(), kLearning);
  AccountStory settled;
  Live(settled);
  EXPECT_TRUE(settled.Run(EventBuilder("login", kNoon)).Of(kId).clear());
  EXPECT_EQ(settled.Run(EventBuilder("bare", kNoon + 1h).WithoutDevice().Nowhere()).Of(kId).why(), kNoDevice);
  EXPECT_TRUE(settled.Run(EventBuilder("place", kNoon + 2h).WithoutDevice()).Of(kId).clear());
}

TEST(TakeoverChainTest, WhileLearningNothingIsStrange) {
  AccountStory story;
  story.Run(EventBuilder("one", kNoon - 1h));
  story.Run(EventBuilder("two", kNoon).With(test::kStranger).From(test::kTokyo).Via(test::kTor));
  story.Run(Payment("pay", kNoon + 1h));
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
  EXPECT_TRUE(story.state().security().stages.empty());
}

TEST(TakeoverChainTest, APhoneInQuarantineIsOneStepNotOneEachDay) {
  AccountStory story;
  Live(story);
  for (int hour = 0; hour < 48; ++hour) {
    story.Run(EventBuilder("h" + std::to_string(hour), kNoon + std::chrono::hours(hour)).With(test::kLaptop));
  }
  EXPECT_EQ(story.state().security().stages.size(), 1U);
}

// Whoever holds the mailbox can give the owner's answer, and a thief holds it often enough.
TEST(TakeoverChainTest, AnAnalystsYesTakesTheDeviceOutOfTheChainAndAnOwnersDoesNot) {
  for (const auto by : {schemas::FeedbackBy::kAnalyst, schemas::FeedbackBy::kOwner}) {
    AccountStory story;
    Live(story);
    story.Run(EventBuilder("login", kNoon).With(test::kLaptop));
    story.Run(Change("password", kNoon + 1h, ChangeKind::kPasswordChanged));
    const std::string finding = story.FindingOf("new_device");
    story.Run(EventBuilder("yes", kNoon + 2h).Answered(schemas::FeedbackVerdict::kMe, by, finding));
    story.Run(Change("payee", kNoon + 3h, ChangeKind::kPayeeAdded));
    EXPECT_EQ(story.ActiveCauses(kId), by == schemas::FeedbackBy::kAnalyst ? Causes{} : Causes{"login"});
  }
}

TEST(TakeoverChainTest, AnAnswerAboutSomethingElseLeavesTheDeviceIn) {
  AccountStory story;
  Live(story);
  story.Run(EventBuilder("login", kNoon).With(test::kLaptop));
  story.Run(Change("password", kNoon + 1h, ChangeKind::kPasswordChanged));
  story.Run(EventBuilder("yes", kNoon + 2h)
                .Answered(schemas::FeedbackVerdict::kMe, schemas::FeedbackBy::kOwner, "another finding"));
  story.Run(Change("payee", kNoon + 3h, ChangeKind::kPayeeAdded));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"login"});
}

TEST(TakeoverChainTest, AGuessedLoginIsAStepOfItsOwn) {
  AccountStory story;
  Live(story);
  for (int i = 0; i < 6; ++i) {
    story.Run(EventBuilder("f" + std::to_string(i), kNoon + i * 1s)
                  .Failed()
                  .With(test::kStranger)
                  .Via(test::kOtherLine));
  }
  story.Run(EventBuilder("in", kNoon + 1min).With(test::kStranger).Via(test::kOtherLine));
  ASSERT_EQ(story.ActiveCauses("guessed_in"), Causes{"in"});
  story.Run(Payment("pay", kNoon + 2min));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"in"});
}

TEST(TakeoverChainTest, ALateFirstStepMovesTheCause) {
  AccountStory story;
  Live(story);
  story.Run(Change("mfa", kNoon + 1h, ChangeKind::kMfaDisabled));
  story.Run(Change("password", kNoon + 2h, ChangeKind::kPasswordChanged));
  story.Run(Change("email", kNoon + 3h, ChangeKind::kEmailChanged));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"mfa"});
  story.Run(Change("payee", kNoon, ChangeKind::kPayeeAdded));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"payee"});
}

TEST(TakeoverChainTest, ALateStepFindsTheMoneyThatLeftAfterIt) {
  AccountStory story;
  Live(story);
  story.Run(Change("mfa", kNoon, ChangeKind::kMfaDisabled));
  story.Run(Payment("pay", kNoon + 2h));
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
  story.Run(Change("email", kNoon + 1h, ChangeKind::kEmailChanged));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"mfa"});
}

TEST(TakeoverChainTest, AnyOrderOfArrivalGivesTheSameFinding) {
  std::vector<Event> events = {
      Change("mfa", kNoon, ChangeKind::kMfaDisabled),
      Change("password", kNoon + 1min, ChangeKind::kPasswordChanged),
      Payment("pay", kNoon + 2min),
      Change("email", kNoon + 3min, ChangeKind::kEmailChanged),
      Payment("pay2", kNoon + 4min),
  };
  std::mt19937 random(3);
  for (int i = 0; i < 120; ++i) {
    std::shuffle(events.begin(), events.end(), random);
    AccountStory story;
    Live(story);
    story.RunAll(events);
    ASSERT_EQ(story.ActiveCauses(kId), Causes{"mfa"});
  }
}

TEST(TakeoverChainTest, StrangersInAnyOrderGiveTheSameFinding) {
  std::vector<Event> events = {
      EventBuilder("login", kNoon).With(test::kStranger).From(test::kTokyo).Via(test::kOtherLine),
      EventBuilder("login2", kNoon + 1min).With(test::kStranger).From(test::kTokyo).Via(test::kOtherLine),
      StrangersChange("email", kNoon + 2min, ChangeKind::kEmailChanged),
      EventBuilder("pay", kNoon + 4min)
          .Paid("t", {100, *Currency::Find("EUR")})
          .With(test::kStranger)
          .From(test::kTokyo)
          .Via(test::kOtherLine),
  };
  std::sort(events.begin(), events.end(),
            [](const Event& a, const Event& b) { return a.event_id < b.event_id; });
  do {
    AccountStory story;
    Live(story);
    story.RunAll(events);
    ASSERT_EQ(story.ActiveCauses(kId), Causes{"login"});
  } while (std::next_permutation(events.begin(), events.end(),
                                 [](const Event& a, const Event& b) { return a.event_id < b.event_id; }));
}

TEST(TakeoverChainTest, AFloodOfStepsStaysBounded) {
  AccountStory story;
  Live(story);
  for (int i = 0; i < 5000; ++i) {
    story.Run(Change("c" + std::to_string(i), kNoon + i * 1min,
                     i % 3 == 0   ? ChangeKind::kPayeeAdded
                     : i % 3 == 1 ? ChangeKind::kEmailChanged
                                  : ChangeKind::kMfaDisabled));
  }
  EXPECT_LE(story.state().security().stages.size(), Security::kStagesMax);
  EXPECT_FALSE(story.ActiveCauses(kId).empty());
}

}  // namespace
}  // namespace tocsin::detectors
