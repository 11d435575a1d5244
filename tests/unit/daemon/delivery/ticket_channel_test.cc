// What an operation on a case becomes in a ticket system, whatever became of the attempt before.
#include "tests/unit/daemon/delivery/ticket_channel_fixture.h"

namespace tocsin::daemon {
namespace {

TEST_F(TicketChannelTest, OneCaseIsOneTicket) {
  const SendOutcome opened = Send(Operation(TicketOperation::kOpen, "a"));
  EXPECT_EQ(opened.kind, Kind::kDelivered);
  EXPECT_EQ(opened.external_id, "1");
  EXPECT_EQ(Tell(TicketOperation::kAppend, "b").kind, Kind::kDelivered);
  EXPECT_EQ(Tell(TicketOperation::kResolve, "c").kind, Kind::kDelivered);
  EXPECT_EQ(desk_.tickets.size(), 1U);
  EXPECT_EQ(held().words, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(held().known.stage, TicketStage::kClosed);
}

// An agent who has decided and closed it gets no work for that.
TEST_F(TicketChannelTest, WhatTheDeskDecidedReopensNothing) {
  Send(Operation(TicketOperation::kOpen, "a"));
  held().known.stage = TicketStage::kClosed;
  for (const TicketOperation operation : {TicketOperation::kEscalate, TicketOperation::kAppend}) {
    Parcel parcel = Operation(operation, operation == TicketOperation::kAppend ? "c" : "b");
    parcel.external_id = "1";
    parcel.of_desk = true;
    parcel.priority = schemas::Priority::kP1;
    EXPECT_EQ(Send(parcel).kind, Kind::kDelivered);
    EXPECT_EQ(held().known.stage, TicketStage::kClosed);
    EXPECT_EQ(held().priority, schemas::Priority::kP2);
  }
  EXPECT_EQ(held().words, (std::vector<std::string>{"a", "b", "c"})) << "and it is written down";
  Tell(TicketOperation::kAppend, "d");
  EXPECT_EQ(held().known.stage, TicketStage::kOpen) << "news must be seen";
}

// That mail did not reach the owner is said where somebody works, and is no reason to begin again.
TEST_F(TicketChannelTest, AnUnreachedOwnerMakesAndReopensNothing) {
  Parcel unreached = Operation(TicketOperation::kAppend, "u");
  unreached.unreached = true;
  EXPECT_EQ(Send(unreached).kind, Kind::kDelivered);
  EXPECT_TRUE(desk_.tickets.empty());
  Tell(TicketOperation::kOpen, "t1");
  unreached.external_id = "1";
  held().known.stage = TicketStage::kClosed;
  EXPECT_EQ(Send(unreached).kind, Kind::kDelivered);
  EXPECT_EQ(held().known.stage, TicketStage::kClosed);
  EXPECT_EQ(held().words.back(), "u");
}

TEST_F(TicketChannelTest, ATicketThatWasMadeAndNotHeardOfIsFound) {
  desk_.lose = "create";
  EXPECT_EQ(Send(Operation(TicketOperation::kOpen, "a")).kind, Kind::kRetry);
  Parcel again = Operation(TicketOperation::kOpen, "a");
  again.attempt = 2;
  again.attempted_before = kNow - seconds(31);
  EXPECT_EQ(Send(again).external_id, "1");
  EXPECT_EQ(desk_.tickets.size(), 1U);
  EXPECT_EQ(held().words.size(), 1U);
}

TEST_F(TicketChannelTest, ASearchThatMayBeBehindIsNotAsked) {
  Parcel again = Operation(TicketOperation::kOpen, "a");
  again.attempted_before = kNow - seconds(10);
  const SendOutcome outcome = Send(again);
  EXPECT_EQ(outcome.kind, Kind::kBusy);
  EXPECT_TRUE(desk_.tickets.empty());
  // The wait that was asked for is enough.
  again.attempted_before = kNow - outcome.retry_after;
  EXPECT_EQ(Send(again).kind, Kind::kDelivered);
}

TEST_F(TicketChannelTest, WordsWhoseAnswerWasLostAreNotSaidTwice) {
  ASSERT_EQ(Send(Operation(TicketOperation::kOpen, "a")).kind, Kind::kDelivered);
  for (const char* call : {"append", "set"}) {
    desk_.lose = call;
    EXPECT_EQ(Tell(TicketOperation::kEscalate, call).kind, Kind::kRetry);
    EXPECT_EQ(Tell(TicketOperation::kEscalate, call).kind, Kind::kDelivered);
  }
  EXPECT_EQ(held().words, (std::vector<std::string>{"a", "append", "set"}));
}

TEST_F(TicketChannelTest, NewsOpenAClosedTicketAgain) {
  ASSERT_EQ(Send(Operation(TicketOperation::kOpen, "a")).kind, Kind::kDelivered);
  held().known.stage = TicketStage::kClosed;
  EXPECT_EQ(Tell(TicketOperation::kAppend, "b").kind, Kind::kDelivered);
  EXPECT_EQ(held().known.stage, TicketStage::kOpen);
}

// The ticket has gone on without it: it may be closed, or more urgent, for what came later.
TEST_F(TicketChannelTest, WhatWentAsideAddsItsWordsAndChangesNothing) {
  Send(Operation(TicketOperation::kOpen, "a"));
  for (const auto& [operation, id] :
       {std::pair(TicketOperation::kResolve, "b"), std::pair(TicketOperation::kEscalate, "c")}) {
    const TicketStage stage =
        operation == TicketOperation::kResolve ? TicketStage::kOpen : TicketStage::kClosed;
    held().known.stage = stage;
    held().priority = schemas::Priority::kP1;
    Parcel parcel = Operation(operation, id);
    parcel.external_id = "1";
    parcel.aside = true;
    EXPECT_EQ(Send(parcel).kind, Kind::kDelivered);
    EXPECT_EQ(held().known.stage, stage);
    EXPECT_EQ(held().priority, schemas::Priority::kP1);
  }
  EXPECT_EQ(held().words, (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(TicketChannelTest, WhatWentAsideMakesNoTicket) {
  Parcel parcel = Operation(TicketOperation::kEscalate, "b");
  parcel.external_id = "9";
  parcel.aside = true;
  const SendOutcome outcome = Send(parcel);
  EXPECT_EQ(outcome.kind, Kind::kRefused);
  EXPECT_EQ(outcome.reason, "no_ticket");
  EXPECT_TRUE(desk_.tickets.empty());
}

TEST_F(TicketChannelTest, AnAppendLeavesPriorityAlone) {
  ASSERT_EQ(Send(Operation(TicketOperation::kOpen, "a")).kind, Kind::kDelivered);
  held().priority = schemas::Priority::kP4;  // An agent thought so.
  ASSERT_EQ(Tell(TicketOperation::kAppend, "b").kind, Kind::kDelivered);
  EXPECT_EQ(held().priority, schemas::Priority::kP4);
  ASSERT_EQ(Tell(TicketOperation::kEscalate, "c").kind, Kind::kDelivered);
  EXPECT_EQ(held().priority, schemas::Priority::kP2);
}

// A queue shows headings: one that stays that of the opening hides what became of the case.
class HeadingTest : public TicketChannelTest {
 protected:
  void SetUp() override {
    Parcel parcel = Operation(TicketOperation::kOpen, "a");
    parcel.subject = "[T-1] P2: suspicious sign-in";
    ASSERT_EQ(Send(parcel).kind, Kind::kDelivered);
  }
  void Tell(TicketOperation operation, const std::string& id, const std::string& subject,
            schemas::Priority priority = schemas::Priority::kP2) {
    Parcel parcel = Operation(operation, id);
    parcel.external_id = "1";
    parcel.subject = subject;
    parcel.priority = priority;
    if (subject.empty()) parcel.reminder = TicketClock::kFirstReply;
    EXPECT_EQ(Send(parcel).kind, Kind::kDelivered);
  }
};

TEST_F(HeadingTest, GoesWithEveryOperation) {
  for (const TicketOperation operation :
       {TicketOperation::kEscalate, TicketOperation::kAppend, TicketOperation::kResolve}) {
    const std::string subject = "[T-1] P1: " + std::to_string(static_cast<int>(operation));
    Tell(operation, subject, subject);
    EXPECT_EQ(held().known.subject, subject);
  }
}

TEST_F(HeadingTest, OfAnAppendChangesNothingElse) {
  held().priority = schemas::Priority::kP4;  // An agent thought so.
  Tell(TicketOperation::kAppend, "b", "[T-1] P2: possible account takeover");
  EXPECT_EQ(held().known.subject, "[T-1] P2: possible account takeover");
  EXPECT_EQ(held().priority, schemas::Priority::kP4);
  EXPECT_EQ(held().due, std::nullopt);
}

TEST_F(HeadingTest, ThatAnAgentWroteStays) {
  held().known.subject = "Call back at nine";
  Tell(TicketOperation::kEscalate, "b", "[T-1] P1: possible account takeover");
  EXPECT_EQ(held().known.subject, "Call back at nine");
}

// With the reference kept, so that the ticket is found by it.
TEST_F(HeadingTest, ThatAnAgentChangedStays) {
  for (const char* const subject :
       {"[T-1] Paid back", "[T-1] P2P dispute", "[T-1] P", "[T-1]", "[T-1] P9: later"}) {
    held().known.subject = subject;
    Tell(TicketOperation::kEscalate, std::string(subject) + "1", "[T-1] P1: possible account takeover");
    EXPECT_EQ(held().known.subject, subject);
    Tell(TicketOperation::kEscalate, std::string(subject) + "2", "", schemas::Priority::kP1);
    EXPECT_EQ(held().known.subject, subject);
  }
}

TEST_F(HeadingTest, ThatMayNotBeSetKeepsNoNewsFromTheTicket) {
  desk_.no_right_to_set = true;
  Tell(TicketOperation::kAppend, "b", "[T-1] P2: possible account takeover");
  EXPECT_EQ(held().words, (std::vector<std::string>{"a", "b"}));
}

TEST_F(HeadingTest, SaysThePriorityThatAReminderRaised) {
  Tell(TicketOperation::kEscalate, "r", "", schemas::Priority::kP1);
  EXPECT_EQ(held().known.subject, "[T-1] P1: suspicious sign-in");
  Tell(TicketOperation::kAppend, "s", "", schemas::Priority::kP1);
  EXPECT_EQ(held().known.subject, "[T-1] P1: suspicious sign-in");
}

TEST_F(HeadingTest, OfWhatWentAsideIsOld) {
  Parcel parcel = Operation(TicketOperation::kEscalate, "b");
  parcel.external_id = "1";
  parcel.subject = "[T-1] P1: of long ago";
  parcel.aside = true;
  EXPECT_EQ(Send(parcel).kind, Kind::kDelivered);
  EXPECT_EQ(held().known.subject, "[T-1] P2: suspicious sign-in");
}

TEST_F(TicketChannelTest, ATicketThatIsGoneIsMadeAgain) {
  ASSERT_EQ(Send(Operation(TicketOperation::kOpen, "a")).kind, Kind::kDelivered);
  desk_.tickets.clear();
  const SendOutcome outcome = Tell(TicketOperation::kEscalate, "b");
  EXPECT_EQ(outcome.kind, Kind::kDelivered);
  EXPECT_EQ(held().words, (std::vector<std::string>{"b"}));
}

TEST_F(TicketChannelTest, ACaseThatWasResolvedBeforeItsTicketIsAClosedTicket) {
  EXPECT_EQ(Send(Operation(TicketOperation::kResolve, "a")).kind, Kind::kDelivered);
  EXPECT_EQ(held().known.stage, TicketStage::kClosed);
}

TEST_F(TicketChannelTest, TheNextThingDueIsWhatTheTicketShows) {
  ASSERT_EQ(Send(Operation(TicketOperation::kOpen, "a")).kind, Kind::kDelivered);
  Parcel parcel = Operation(TicketOperation::kEscalate, "b");
  parcel.external_id = "1";
  parcel.due = {.first_reply = kNow + seconds(10), .review = kNow + seconds(20)};
  ASSERT_EQ(Send(parcel).kind, Kind::kDelivered);
  EXPECT_EQ(held().due, kNow + seconds(10));
  held().known.stage = TicketStage::kOpen;
  parcel.id = "c";
  ASSERT_EQ(Send(parcel).kind, Kind::kDelivered);
  EXPECT_EQ(held().due, kNow + seconds(20));
}

struct Reminded {
  const char* name;
  TicketClock clock;
  TicketStage stage;
  bool answered;
};
class ReminderTest : public TicketChannelTest, public testing::WithParamInterface<Reminded> {};
TEST_P(ReminderTest, IsSaidOnlyWhereSomebodyHasToAct) {
  ASSERT_EQ(Send(Operation(TicketOperation::kOpen, "a")).kind, Kind::kDelivered);
  held().known.stage = GetParam().stage;
  Parcel reminder = Operation(TicketOperation::kEscalate, "r");
  reminder.external_id = "1";
  reminder.reminder = GetParam().clock;
  const SendOutcome outcome = Send(reminder);
  EXPECT_EQ(outcome.kind, Kind::kDelivered);
  EXPECT_EQ(outcome.reason == kAnswered, GetParam().answered);
  EXPECT_EQ(held().words.size(), GetParam().answered ? 1U : 2U);
}
INSTANTIATE_TEST_SUITE_P(
    Stages, ReminderTest,
    testing::Values(Reminded{"FirstReplyNew", TicketClock::kFirstReply, TicketStage::kNew, false},
                    Reminded{"FirstReplyOpen", TicketClock::kFirstReply, TicketStage::kOpen, true},
                    Reminded{"FirstReplyClosed", TicketClock::kFirstReply, TicketStage::kClosed, true},
                    Reminded{"ReviewNew", TicketClock::kReview, TicketStage::kNew, false},
                    Reminded{"ReviewOpen", TicketClock::kReview, TicketStage::kOpen, false},
                    Reminded{"ReviewClosed", TicketClock::kReview, TicketStage::kClosed, true}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(TicketChannelTest, NobodyIsRemindedOfATicketThatIsNotThere) {
  Parcel reminder = Operation(TicketOperation::kEscalate, "r");
  reminder.external_id = "1";
  reminder.reminder = TicketClock::kFirstReply;
  EXPECT_EQ(Send(reminder).kind, Kind::kDelivered);
  EXPECT_TRUE(desk_.tickets.empty());
}

}  // namespace
}  // namespace tocsin::daemon
