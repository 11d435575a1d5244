// Which events are steps of a takeover, and which are not.
#include "detectors/takeover_stages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::ChangeKind;
using schemas::Event;
using test::AccountStory;
using test::EventBuilder;
using test::kNoon;
using test::SettledAccount;

constexpr std::string_view kId = "takeover_chain";

Event Change(const std::string& id, Timestamp at, ChangeKind kind) {
  return EventBuilder(id, at).Changed(kind);
}

struct NoStep {
  std::string name;
  Event event;
};

class NoStepTest : public testing::TestWithParam<NoStep> {};

TEST_P(NoStepTest, IsClear) {
  SettledAccount story;
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
                    NoStep{"OrdinaryPayment",
                           EventBuilder("e", kNoon).Paid("t-e", {5'000, *Currency::Find("EUR")})},
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
  SettledAccount story;
  story.Run(LimitChange(100, std::nullopt));
  ASSERT_EQ(story.state().security().stages.size(), 1U);
  EXPECT_EQ(story.state().security().stages.front().stage, Stage::kLimitRaised);
}

TEST(TakeoverStagesTest, MoneyThatDidNotLeaveIsNoStep) {
  for (const auto status : {schemas::TransactionStatus::kDeclined, schemas::TransactionStatus::kFailed,
                            schemas::TransactionStatus::kReversed}) {
    SettledAccount story;
    story.Run(Change("mfa", kNoon, ChangeKind::kMfaDisabled));
    story.Run(Change("email", kNoon, ChangeKind::kEmailChanged));
    story.Run(EventBuilder("pay", kNoon + 1h).Paid("t", {100, *Currency::Find("EUR")}, status));
    EXPECT_TRUE(story.ActiveCauses(kId).empty());
  }
  for (const auto kind : {schemas::TransactionKind::kTopUp, schemas::TransactionKind::kRefund,
                          schemas::TransactionKind::kFee, schemas::TransactionKind::kExchange}) {
    SettledAccount story;
    story.Run(Change("mfa", kNoon, ChangeKind::kMfaDisabled));
    story.Run(Change("email", kNoon, ChangeKind::kEmailChanged));
    story.Run(EventBuilder("pay", kNoon + 1h)
                  .Paid("t", {100, *Currency::Find("EUR")}, schemas::TransactionStatus::kCompleted, kind));
    EXPECT_TRUE(story.ActiveCauses(kId).empty());
  }
}

// However the platform calls it: what goes into somebody's wallet has left.
TEST(TakeoverStagesTest, AnExchangeIntoAWalletIsMoneyOut) {
  for (const auto& order : {std::array{0, 1, 2}, {2, 0, 1}}) {
    SettledAccount story;
    const std::array<Event, 3> events = {
        Change("mfa", kNoon, ChangeKind::kMfaDisabled), Change("email", kNoon, ChangeKind::kEmailChanged),
        EventBuilder("pay", kNoon + 1h)
            .Paid("t", {100, *Currency::Find("EUR")}, schemas::TransactionStatus::kAuthorized,
                  schemas::TransactionKind::kExchange)
            .To("coins", schemas::CounterpartyType::kCrypto)};
    for (const int next : order) story.Run(events.at(static_cast<size_t>(next)));
    EXPECT_EQ(story.ActiveCauses(kId).size(), 1U) << "the payment arrives as number " << order.at(0);
    EXPECT_TRUE(std::ranges::any_of(story.state().security().stages,
                                    [](const StageSeen& seen) { return seen.stage == Stage::kMoneyOut; }));
  }
}

// An answer makes a device known at once; what is done on it speaks for the owner when the account has had it
// for a while.
TEST(TakeoverStagesTest, ADeviceIsTheOwnersOwnThreeDaysAfterItsFirstUse) {
  for (const auto& [age, own] : {std::pair{1h, false}, std::pair{71h, false}, std::pair{72h, true}}) {
    SettledAccount story;
    story.Run(EventBuilder("login", kNoon).With(test::kLaptop));
    story.Run(EventBuilder("yes", kNoon + 1min)
                  .Answered(schemas::FeedbackVerdict::kMe, schemas::FeedbackBy::kOwner,
                            story.FindingOf("new_device")));
    story.Run(
        EventBuilder("password", kNoon + age).Changed(ChangeKind::kPasswordChanged).With(test::kLaptop));
    ASSERT_EQ(story.state().security().stages.back().stage, Stage::kPasswordChanged);
    EXPECT_EQ(story.state().security().stages.back().own_device, own) << age.count() << " h";
  }
}

TEST(TakeoverStagesTest, TheFirstDeviceOfAnAccountIsItsOwnFromTheBeginning) {
  AccountStory story;
  story.Run(EventBuilder("login", kNoon));
  story.Run(Change("password", kNoon + 1h, ChangeKind::kPasswordChanged));
  ASSERT_EQ(story.state().security().stages.size(), 1U);
  EXPECT_TRUE(story.state().security().stages.front().own_device);
}

}  // namespace
}  // namespace tocsin::detectors
