#include "detectors/takeover_chain.h"

#include <gtest/gtest.h>

#include <cmath>

#include <algorithm>
#include <random>
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
  EXPECT_EQ(std::get<int64_t>(story.Only(kId).evidence.back().value), 0) << "no sign of a stranger";
}

TEST(TakeoverChainTest, WithoutASignOfAStrangerItIsOneSeverityLower) {
  AccountStory story;
  Live(story);
  story.Run(Change("mfa", kNoon, ChangeKind::kMfaDisabled));
  story.Run(Change("password", kNoon + 1h, ChangeKind::kPasswordChanged));
  story.Run(Change("email", kNoon + 2h, ChangeKind::kEmailChanged));
  EXPECT_EQ(story.Only(kId).severity, Severity::kMedium);
}

struct NoStep {
  std::string name;
  Event event;
};

class NoStepTest : public testing::TestWithParam<NoStep> {};

TEST_P(NoStepTest, IsClear) {
  AccountStory story;
  Live(story);
  EXPECT_TRUE(story.Run(GetParam().event).Of(kId).clear());
  EXPECT_TRUE(story.state().security().stages.empty());
}

Event LimitChange(std::optional<int64_t> previous, std::optional<int64_t> value) {
  Event event = Change("limit", kNoon, ChangeKind::kLimitChanged);
  std::get<schemas::AccountChange>(event.payload).limit =
      schemas::ChangedLimit{.name = "daily", .previous_minor = previous, .value_minor = value};
  return event;
}

INSTANTIATE_TEST_SUITE_P(
    Events, NoStepTest,
    testing::Values(NoStep{"OrdinaryLogin", EventBuilder("e", kNoon)},
                    NoStep{"OrdinaryPayment", Payment("e", kNoon)},
                    NoStep{"ResetAskedForByAnybody", EventBuilder("e", kNoon)
                                                         .Changed(ChangeKind::kPasswordResetRequested)
                                                         .With(test::kStranger)
                                                         .From(test::kTokyo)},
                    NoStep{"FailedLoginFromAfar",
                           EventBuilder("e", kNoon).Failed().With(test::kStranger).From(test::kTokyo)},
                    NoStep{"LoweredLimit", LimitChange(200, 100)},
                    NoStep{"EqualLimit", LimitChange(100, 100)},
                    NoStep{"FirstLimit", LimitChange(std::nullopt, 100)},
                    NoStep{"SecondFactorOn", Change("e", kNoon, ChangeKind::kMfaEnabled)},
                    NoStep{"PayeeRemoved", Change("e", kNoon, ChangeKind::kPayeeRemoved)}),
    [](const auto& tested) { return tested.param.name; });

TEST(TakeoverStagesTest, ALimitTakenAwayIsRaised) {
  AccountStory story;
  Live(story);
  story.Run(LimitChange(100, std::nullopt));
  ASSERT_EQ(story.state().security().stages.size(), 1U);
  EXPECT_EQ(story.state().security().stages.front().stage, Stage::kLimitRaised);
}

TEST(TakeoverStagesTest, MoneyThatDidNotLeaveIsNoStep) {
  for (const auto status : {schemas::TransactionStatus::kDeclined, schemas::TransactionStatus::kFailed,
                            schemas::TransactionStatus::kReversed}) {
    AccountStory story;
    Live(story);
    story.Run(Change("mfa", kNoon, ChangeKind::kMfaDisabled));
    story.Run(Change("email", kNoon, ChangeKind::kEmailChanged));
    story.Run(EventBuilder("pay", kNoon + 1h).Paid("t", {100, *Currency::Find("EUR")}, status));
    EXPECT_TRUE(story.ActiveCauses(kId).empty());
  }
  for (const auto kind : {schemas::TransactionKind::kTopUp, schemas::TransactionKind::kRefund,
                          schemas::TransactionKind::kFee, schemas::TransactionKind::kExchange}) {
    AccountStory story;
    Live(story);
    story.Run(Change("mfa", kNoon, ChangeKind::kMfaDisabled));
    story.Run(Change("email", kNoon, ChangeKind::kEmailChanged));
    story.Run(EventBuilder("pay", kNoon + 1h)
                  .Paid("t", {100, *Currency::Find("EUR")}, schemas::TransactionStatus::kCompleted, kind));
    EXPECT_TRUE(story.ActiveCauses(kId).empty());
  }
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

TEST(TakeoverChainTest, TheOwnersYesTakesTheDeviceOutOfTheChain) {
  AccountStory story;
  Live(story);
  story.Run(EventBuilder("login", kNoon).With(test::kLaptop));
  story.Run(Change("password", kNoon + 1h, ChangeKind::kPasswordChanged));
  const std::string finding = schemas::FindingId("new_device", AccountId("account-1"), {"login"}, "");
  story.Run(EventBuilder("yes", kNoon + 2h)
                .Answered(schemas::FeedbackVerdict::kMe, schemas::FeedbackBy::kOwner, finding));
  story.Run(Change("payee", kNoon + 3h, ChangeKind::kPayeeAdded));
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
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
