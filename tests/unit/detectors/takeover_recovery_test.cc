// When a takeover is over: the owner has the account back, and what they do with it is no part of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "detectors/takeover_chain.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::ChangeKind;
using schemas::Event;
using schemas::FeedbackBy;
using schemas::FeedbackVerdict;
using test::EventBuilder;
using test::kNoon;
using test::SettledAccount;

constexpr std::string_view kId = "takeover_chain";
using Causes = std::vector<std::string>;

Event OwnersChange(const std::string& id, Timestamp at, ChangeKind kind) {
  return EventBuilder(id, at).Changed(kind);
}
Event ThiefsChange(const std::string& id, Timestamp at, ChangeKind kind) {
  return EventBuilder(id, at).Changed(kind).With(test::kStranger).From(test::kTokyo);
}
Event Payment(const std::string& id, Timestamp at) {
  return EventBuilder(id, at).Paid("t-" + id, {5'000, *Currency::Find("EUR")});
}
Event Report(const std::string& id, Timestamp at, FeedbackVerdict verdict = FeedbackVerdict::kNotMe) {
  return EventBuilder(id, at).Answered(verdict, FeedbackBy::kOwner, "a finding");
}

// A stranger's login, three changes and a payment: one chain, from "in" to "theft".
std::vector<Event> Theft() {
  return {EventBuilder("in", kNoon).With(test::kStranger).From(test::kTokyo),
          ThiefsChange("mfa", kNoon + 1min, ChangeKind::kMfaDisabled),
          ThiefsChange("email", kNoon + 2min, ChangeKind::kEmailChanged), Payment("theft", kNoon + 3min)};
}

TEST(TakeoverRecoveryTest, WhatTheOwnerDoesWithTheAccountBackIsNoPartOfTheTakeover) {
  SettledAccount story;
  story.RunAll(Theft());
  ASSERT_EQ(story.ActiveCauses(kId), Causes{"in"});
  story.Run(Report("report", kNoon + 1h));
  EXPECT_TRUE(story.Run(OwnersChange("password", kNoon + 2h, ChangeKind::kPasswordChanged)).Of(kId).clear());
  EXPECT_TRUE(story.Run(Payment("lunch", kNoon + 3h)).Of(kId).clear());
  EXPECT_TRUE(story.Run(Payment("dinner", kNoon + 9h)).Of(kId).clear());
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"in"}) << "what was found stands";
  EXPECT_EQ(story.Only(kId).transaction_id, "t-theft");
}

TEST(TakeoverRecoveryTest, AnAccountThatWasUnfrozenAfterAReportIsTheOwners) {
  for (const FeedbackVerdict verdict : {FeedbackVerdict::kNotMe, FeedbackVerdict::kConfirmedFraud}) {
    SettledAccount story;
    story.RunAll(Theft());
    story.Run(Report("report", kNoon + 1h, verdict));
    story.Run(EventBuilder("unfrozen", kNoon + 40h).Changed(ChangeKind::kUnfrozen).WithoutDevice().Nowhere());
    EXPECT_TRUE(story.Run(Payment("lunch", kNoon + 41h)).Of(kId).clear());
  }
}

struct NoRecovery {
  std::string name;
  std::vector<Event> events;
};

class NoRecoveryTest : public testing::TestWithParam<NoRecovery> {};

TEST_P(NoRecoveryTest, TheChainGoesOn) {
  SettledAccount story;
  story.RunAll(Theft());
  story.RunAll(GetParam().events);
  story.Run(Payment("more", kNoon + 10h));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"in"});
  EXPECT_EQ(story.Only(kId).transaction_id, "t-more");
}

INSTANTIATE_TEST_SUITE_P(
    Events, NoRecoveryTest,
    testing::Values(
        NoRecovery{"NobodyReported", {OwnersChange("password", kNoon + 2h, ChangeKind::kPasswordChanged)}},
        NoRecovery{"ItWasTheOwner",
                   {Report("report", kNoon + 1h, FeedbackVerdict::kMe),
                    OwnersChange("password", kNoon + 2h, ChangeKind::kPasswordChanged)}},
        NoRecovery{"NothingRenewed", {Report("report", kNoon + 1h)}},
        NoRecovery{"OnTheThiefsDevice",
                   {Report("report", kNoon + 1h),
                    ThiefsChange("password", kNoon + 2h, ChangeKind::kPasswordChanged)}},
        NoRecovery{
            "OnTheOwnersDeviceInANewCountry",
            {Report("report", kNoon + 1h),
             EventBuilder("password", kNoon + 2h).Changed(ChangeKind::kPasswordChanged).From(test::kTokyo)}},
        NoRecovery{"OnADeviceThatIsNotNamed",
                   {Report("report", kNoon + 1h), EventBuilder("password", kNoon + 2h)
                                                      .Changed(ChangeKind::kPasswordReset)
                                                      .WithoutDevice()
                                                      .Nowhere()}},
        NoRecovery{"RenewedBeforeTheReport",
                   {OwnersChange("password", kNoon + 1h, ChangeKind::kPasswordChanged),
                    Report("report", kNoon + 2h)}},
        NoRecovery{"UnfrozenWithoutAReport", {OwnersChange("back", kNoon + 1h, ChangeKind::kUnfrozen)}}),
    [](const auto& tested) { return tested.param.name; });

TEST(TakeoverRecoveryTest, AThiefWhoComesBackBeginsAnotherChain) {
  SettledAccount story;
  story.RunAll(Theft());
  story.Run(Report("report", kNoon + 1h));
  story.Run(OwnersChange("password", kNoon + 2h, ChangeKind::kPasswordChanged));
  story.Run(EventBuilder("again", kNoon + 5h).With(test::kStranger).From(test::kTokyo));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"in"});
  story.Run(ThiefsChange("reset", kNoon + 6h, ChangeKind::kPasswordReset));
  EXPECT_EQ(story.ActiveCauses(kId), (Causes{"again", "in"})) << "a device, a place and a password";
}

TEST(TakeoverRecoveryTest, OneReportIsOneRecovery) {
  SettledAccount story;
  story.Run(Report("report", kNoon - 1h));
  story.Run(OwnersChange("password", kNoon, ChangeKind::kPasswordChanged));
  story.Run(OwnersChange("mfa", kNoon + 1h, ChangeKind::kMfaDisabled));
  story.Run(OwnersChange("again", kNoon + 2h, ChangeKind::kPasswordChanged));
  story.Run(Payment("pay", kNoon + 3h));
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"mfa"});
}

struct Edge {
  std::string name;
  Millis after;  // The report.
  bool over = false;
};

class ReportEdgeTest : public testing::TestWithParam<Edge> {};

TEST_P(ReportEdgeTest, AReportIsGoodForSixDays) {
  SettledAccount story;
  story.Run(Report("report", kNoon));
  const Timestamp late = kNoon + GetParam().after;
  story.Run(OwnersChange("mfa", late - 2h, ChangeKind::kMfaDisabled));
  story.Run(OwnersChange("email", late - 1h, ChangeKind::kEmailChanged));
  story.Run(OwnersChange("unfrozen", late, ChangeKind::kUnfrozen));
  story.Run(Payment("pay", late + 1h));
  EXPECT_EQ(story.ActiveCauses(kId).empty(), GetParam().over);
}

INSTANTIATE_TEST_SUITE_P(Edges, ReportEdgeTest,
                         testing::Values(Edge{"AtTheEdge", 144h, true}, Edge{"BeyondIt", 144h + 1ms, false}),
                         [](const auto& tested) { return tested.param.name; });

TEST(TakeoverRecoveryTest, AnyOrderOfArrivalRemembersTheSame) {
  std::vector<Event> events = Theft();
  events.push_back(Report("report", kNoon + 4min));
  events.push_back(OwnersChange("password", kNoon + 5min, ChangeKind::kPasswordChanged));
  SettledAccount ordered;
  ordered.RunAll(events);
  ASSERT_EQ(ordered.ActiveCauses(kId), Causes{"in"});
  std::mt19937 random(7);
  for (int i = 0; i < 50; ++i) {
    std::shuffle(events.begin(), events.end(), random);
    SettledAccount shuffled;
    shuffled.RunAll(events);
    EXPECT_EQ(shuffled.ActiveCauses(kId), Causes{"in"});
    EXPECT_TRUE(shuffled.Run(Payment("lunch", kNoon + 3h)).Of(kId).clear());
  }
}

}  // namespace
}  // namespace tocsin::detectors
