#include "alerts/actions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "alerts/in_force.h"
#include "schemas/enum_names.h"
#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::ActionKind;
using schemas::FeedbackBy;
using schemas::FeedbackVerdict;
using schemas::Severity;
using schemas::TransactionStatus;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// As the detector tells it at each payment of the chain: the same finding, word for word.
schemas::Claim Chain() {
  schemas::Claim chain =
      MakeClaim("takeover_chain", schemas::Family::kTakeover, Severity::kCritical, 5, "first");
  chain.reasons = {{"takeover_chain_money", "3 in 2 h", "< 2 in 72 h"}};
  return chain;
}

schemas::Event Change(Scenario& s, Timestamp at, schemas::ChangeKind kind) {
  schemas::Event event = s.Login(at);
  event.type = schemas::EventType::kAccountChange;
  event.payload = schemas::AccountChange{.change = kind};
  return event;
}

std::vector<std::string> Kinds(const Decision& decision) {
  std::vector<std::string> kinds;
  for (const schemas::Action& action : decision.actions) kinds.emplace_back(schemas::Name(action.action));
  return kinds;
}

TEST(ActionsTest, EveryPaymentOfAFindingThatGoesOnIsHeld) {
  Scenario s;
  size_t notices = 0;
  std::set<std::string> ids;
  for (int i = 0; i < 6; ++i) {
    const schemas::Event transfer = s.Transfer(kNoon + i * 10s);
    const Decision& d = s.Decide(transfer, {Chain()});
    ASSERT_THAT(d.actions, SizeIs(1)) << i;
    EXPECT_EQ(d.actions[0].action, ActionKind::kHoldTransaction);
    EXPECT_EQ(d.actions[0].target, transfer.transaction()->transaction_id);
    ids.insert(d.actions[0].action_id);
    ASSERT_THAT(d.tickets, SizeIs(1)) << "who works the case can let each go or stop it: " << i;
    EXPECT_THAT(d.tickets[0].body, ::testing::HasSubstr(transfer.transaction()->transaction_id));
    EXPECT_THAT(d.findings, SizeIs(i == 0 ? 1 : 0)) << "it is the same finding";
    notices += d.notices.size();
  }
  EXPECT_THAT(ids, SizeIs(6));
  EXPECT_EQ(notices, 4u) << "three an hour, and the sixth: with it there is twice as much as they knew of";
  EXPECT_EQ(s.file.cases()[0].notices_held, 0u);
}

// The owner reads when a person will have looked at it, and the money waits until then.
TEST(ActionsTest, APaymentIsHeldUntilItsReviewIsDue) {
  Scenario s;
  const Decision& d = s.Decide(s.Transfer(kNoon), {Chain()});
  ASSERT_THAT(d.actions, SizeIs(1));
  ASSERT_THAT(d.tickets, SizeIs(1));
  EXPECT_EQ(d.actions[0].expires_at, kNoon + 48h);
  EXPECT_EQ(d.tickets[0].due.review, d.actions[0].expires_at);
}

// A takeover is named after its first step: who works it looks for the money.
TEST(ActionsTest, TheTicketPointsAtThePaymentThatIsHeld) {
  Scenario s;
  s.Decide(s.Login(kNoon - 5min), {});
  const schemas::Event transfer = s.Transfer(kNoon);
  const Decision& d = s.Decide(transfer, {Chain()});
  ASSERT_THAT(d.tickets, SizeIs(1));
  std::vector<std::string> flagged;
  for (const schemas::TimelineEntry& entry : d.tickets[0].timeline) {
    if (entry.flagged) flagged.push_back(entry.event_id);
  }
  EXPECT_THAT(flagged, ElementsAre(transfer.event_id.view()));
  EXPECT_THAT(d.tickets[0].body, ::testing::HasSubstr("asked for at " + FormatRfc3339(kNoon).substr(0, 10)));
}

TEST(ActionsTest, TheSamePaymentIsHeldOnce) {
  Scenario s;
  const schemas::Event transfer = s.Transfer(kNoon);
  EXPECT_THAT(s.Decide(transfer, {Chain()}).actions, SizeIs(1));
  schemas::Event again = transfer;
  again.event_id = EventId("again");
  EXPECT_THAT(s.Decide(again, {Chain()}).actions, IsEmpty());
}

TEST(ActionsTest, HeldPaymentsAreToldWithinTheCaps) {
  Scenario s;
  size_t notices = 0;
  for (int i = 0; i < 60; ++i) {
    const Decision& d = s.Decide(s.Transfer(kNoon + i * 11min), {Chain()});
    EXPECT_THAT(d.actions, SizeIs(1));
    notices += d.notices.size();
  }
  EXPECT_GE(notices, 5u) << "whose payment is held later hears of it, too";
  EXPECT_LE(notices, 10u + 4) << "ten a day, and as the sum doubles";
}

TEST(ActionsTest, AFloodOfHeldPaymentsStaysCalmAndBounded) {
  Scenario s;
  size_t held = 0;
  size_t notices = 0;
  size_t tickets = 0;
  for (int i = 0; i < 500; ++i) {
    const Decision& d = s.Decide(s.Transfer(kNoon + i * 10s), {Chain()});
    held += d.actions.size();
    notices += d.notices.size();
    tickets += d.tickets.size();
  }
  EXPECT_EQ(held, 500u) << "no payment goes because there are many";
  EXPECT_LE(notices, 6u + 8) << "and as the sum doubles";
  EXPECT_LE(tickets, 16u + 9 * 8 + 1 + 4 * 9)
      << "the first at once, then eight in ten minutes; and as the payments double, each time eight more";
  EXPECT_EQ(s.file.cases()[0].actions.size(), Case::kActionsMax);
}

TEST(ActionsTest, AHeldPaymentThatIsOverIsHeldNoMore) {
  for (const TransactionStatus status : {TransactionStatus::kCompleted, TransactionStatus::kDeclined,
                                         TransactionStatus::kFailed, TransactionStatus::kReversed}) {
    Scenario s;
    schemas::Event transfer = s.Transfer(kNoon);
    s.Decide(transfer, {Chain()});
    EXPECT_TRUE(IsRestricted(s.file.cases()[0], kNoon + 1h));
    schemas::Event over = transfer;
    over.event_id = EventId("over");
    over.occurred_at = kNoon + 30min;
    std::get<schemas::Transaction>(over.payload).status = status;
    s.Decide(over);
    EXPECT_FALSE(IsRestricted(s.file.cases()[0], kNoon + 1h));
    EXPECT_EQ(s.file.cases()[0].due_review, kTimestampMin) << "nobody waits for a review";
  }
}

TEST(ActionsTest, AFreezeThatWasLiftedIsAskedForAgain) {
  Scenario s;
  const auto report = [&s](Timestamp at) {
    return s.Answer(at, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, "");
  };
  const schemas::Event first = report(kNoon);
  const Decision& d = s.Decide(first, {Reported()});
  EXPECT_THAT(Kinds(d), ElementsAre("revoke_sessions", "freeze"));
  const std::string revoke = d.actions[0].action_id;
  const std::string freeze = d.actions[1].action_id;

  s.Decide(Change(s, kNoon + 5h, schemas::ChangeKind::kUnfrozen));
  EXPECT_FALSE(IsRestricted(s.file.cases()[0], kNoon + 5h));
  EXPECT_EQ(s.file.cases()[0].due_review, kTimestampMin);

  const Decision& again = s.Decide(report(kNoon + 29h), {Reported()});
  ASSERT_THAT(Kinds(again), ElementsAre("revoke_sessions", "freeze"));
  EXPECT_NE(again.actions[0].action_id, revoke) << "the platform has obeyed the first by its id";
  EXPECT_NE(again.actions[1].action_id, freeze);
  EXPECT_EQ(again.actions[1].case_id, s.file.cases()[0].case_id);
  EXPECT_EQ(s.file.cases()[0].due_review, kNoon + 29h + 48h);
  EXPECT_THAT(s.file.cases()[0].actions, SizeIs(2)) << "one entry for each";
}

TEST(ActionsTest, WhatWasLiftedBeforeEndsNothingLater) {
  Scenario s;
  s.Decide(s.Answer(kNoon, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, ""), {Reported()});
  s.Decide(Change(s, kNoon - 1min, schemas::ChangeKind::kUnfrozen));
  EXPECT_TRUE(HasInForce(s.file.cases()[0], ActionKind::kFreeze, kNoon + 1h)) << "it only came late";
  s.Decide(Change(s, kNoon + 1min, schemas::ChangeKind::kFrozen));
  EXPECT_TRUE(HasInForce(s.file.cases()[0], ActionKind::kFreeze, kNoon + 1h));
}

TEST(ActionsTest, EveryReportSignsOutAgainAndFreezesOnce) {
  Scenario s;
  const auto report = [&s](Timestamp at) {
    return s.Answer(at, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, "");
  };
  s.Decide(report(kNoon), {Reported()});
  EXPECT_THAT(Kinds(s.Decide(report(kNoon + 10min), {Reported()})), ElementsAre("revoke_sessions"));
}

TEST(ActionsTest, WhatExpiredIsAskedForAgain) {
  Scenario s;
  const auto guessed = [](std::string cause) {
    return MakeClaim("guessed_in", schemas::Family::kCredential, Severity::kHigh, 3, std::move(cause));
  };
  const Decision& d = s.Decide(s.Login(kNoon), {guessed("a")});
  ASSERT_THAT(Kinds(d), ElementsAre("step_up"));
  const std::string first = d.actions[0].action_id;
  EXPECT_THAT(s.Decide(s.Login(kNoon + 24h - 1ms), {guessed("b")}).actions, IsEmpty());
  const Decision& again = s.Decide(s.Login(kNoon + 24h), {guessed("c")});
  ASSERT_THAT(Kinds(again), ElementsAre("step_up"));
  EXPECT_EQ(again.actions[0].expires_at, kNoon + 48h);
  EXPECT_NE(again.actions[0].action_id, first);
}

TEST(ActionsTest, AReviewIsNotPutOffByFurtherRestrictions) {
  Scenario s;
  for (int hour = 0; hour < 20; hour += 5) s.Decide(s.Transfer(kNoon + hour * 1h), {Chain()});
  EXPECT_EQ(s.file.cases()[0].due_review, kNoon + 48h);
  s.Decide(s.Transfer(kNoon + 60h), {Chain()});
  EXPECT_EQ(s.file.cases()[0].due_review, kNoon + 108h) << "nothing was restricted any more";
}

TEST(ActionsTest, AFreezeLastsUntilAReviewOfItsOwn) {
  Scenario s;
  s.Decide(s.Transfer(kNoon), {Chain()});
  const Decision& d =
      s.Decide(s.Answer(kNoon + 6h, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, ""), {Reported()});
  EXPECT_EQ(d.tickets.at(0).due.review, kNoon + 48h);
  EXPECT_EQ(d.actions.at(1).expires_at, kNoon + 54h);
}

}  // namespace
}  // namespace tocsin::alerts::testing
