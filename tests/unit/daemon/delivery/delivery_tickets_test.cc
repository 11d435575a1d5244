// What is due for a ticket, and what agents decided of it.
#include "alerts/answer_token.h"
#include "tests/unit/daemon/delivery/delivery_tickets_fixture.h"

namespace tocsin::daemon {
namespace {

TEST_F(DeliveryTicketsTest, TheTimeIsToldAtHalfFourFifthsAndTheEnd) {
  Feed("t1", "open", hours(10));
  Deliver();
  PassTo(kNow + hours(5) - minutes(1));
  EXPECT_TRUE(Reminders().empty());
  PassTo(kNow + hours(11));
  EXPECT_EQ(Reminders(),
            (std::vector<std::string>{"first_reply 50", "first_reply 80 P2", "first_reply 100 P1"}));
  std::vector<Priority> priorities;
  for (const Parcel& parcel : said_) priorities.push_back(parcel.priority);
  EXPECT_EQ(priorities, (std::vector{Priority::kP3, Priority::kP3, Priority::kP2, Priority::kP1}));
  EXPECT_EQ(said_[1].operation, TicketOperation::kAppend);
  EXPECT_EQ(said_[2].operation, TicketOperation::kEscalate);
  EXPECT_EQ(metrics_.reminders[0][2].value(), 1U);
  EXPECT_EQ(metrics_.overdue[0].value(), 1U);
  EXPECT_EQ(metrics_.overdue[1].value(), 0U);
}

TEST_F(DeliveryTicketsTest, WhatSomebodyTookUpInTimeIsNotOverdue) {
  Feed("t1", "open", hours(10));
  Deliver();
  PassTo(kNow + hours(9));
  now_ = kNow + hours(10);
  Say(TicketLaneId("tickets", "case-1"), {.kind = Word::Kind::kDue});
  const Attempt asked = Attempts().at(0);
  EXPECT_EQ(asked.parcel.percent, 100);
  SendOutcome answered = SendOutcome::Delivered("7");
  answered.reason = kAnswered;
  Say(asked, answered);
  EXPECT_EQ(metrics_.reminders[0][2].value(), 1U);
  EXPECT_EQ(metrics_.overdue[0].value(), 0U);
}

TEST_F(DeliveryTicketsTest, WhatAReminderRaisedStaysRaised) {
  Feed("t1", "open", hours(10));
  Deliver();
  PassTo(kNow + hours(9));
  Feed("t2", "escalate", hours(10), hours(0), "P3");
  EXPECT_EQ(Attempts().at(0).parcel.priority, Priority::kP2);
}

TEST_F(DeliveryTicketsTest, AnAnswerEndsItsClockAndNotTheOther) {
  Feed("t1", "open", hours(10), hours(20));
  Deliver();
  now_ = kNow + hours(5);
  Say(TicketLaneId("tickets", "case-1"), {.kind = Word::Kind::kDue});
  const Attempt asked = Attempts().at(0);
  SendOutcome answered = SendOutcome::Delivered("7");
  answered.reason = kAnswered;
  Say(asked, answered);
  PassTo(kNow + hours(30));
  EXPECT_EQ(Reminders(), (std::vector<std::string>{"review 50", "review 80 P2", "review 100 P1"}));
}

// A freeze that was lifted needs no review; one that comes after it does.
TEST_F(DeliveryTicketsTest, WhatIsNoLongerDueIsNotRemindedOf) {
  Feed("t1", "open", hours(10), hours(20));
  Deliver();
  Feed("t2", "append", hours(10));
  Deliver();
  PassTo(kNow + hours(25));
  EXPECT_EQ(Reminders(),
            (std::vector<std::string>{"first_reply 50", "first_reply 80 P2", "first_reply 100 P1"}));
  said_.clear();
  Feed("t3", "append", hours(10), hours(50));
  Deliver();
  PassTo(kNow + hours(45));
  EXPECT_EQ(Reminders(), (std::vector<std::string>{"review 50", "review 80"}));
}

TEST_F(DeliveryTicketsTest, AResolvedTicketRemindsNobody) {
  Feed("t1", "open", hours(10));
  Feed("t2", "resolve", hours(10));
  Deliver();
  PassTo(kNow + hours(30));
  EXPECT_TRUE(Reminders().empty());
}

TEST_F(DeliveryTicketsTest, OldEventsRemindNobody) {
  now_ = kNow + hours(24 * 100);
  Feed("t1", "open", hours(10), hours(20));
  Deliver();
  PassTo(now_ + hours(100));
  EXPECT_TRUE(Reminders().empty());
}

TEST_F(DeliveryTicketsTest, ARestartRemembersWhatIsDue) {
  Feed("t1", "open", hours(10));
  Deliver();
  Wakes();
  Restart();
  PassTo(kNow + hours(6));
  EXPECT_EQ(Reminders(), (std::vector<std::string>{"first_reply 50"}));
  Wakes();
  now_ = kNow + hours(40);  // Nobody ran for a while: the last of what was missed is said.
  Restart();
  PassTo(kNow + hours(40));
  EXPECT_EQ(Reminders(), (std::vector<std::string>{"first_reply 50", "first_reply 100 P1"}));
}

// A ticket that was opened by the former one keeps its due time.
TEST_F(DeliveryTicketsTest, ACalendarThatChangedCountsForTheNextReminder) {
  Feed("t1", "open", hours(10));
  Deliver();
  later_ = hours(1);
  PassTo(kNow + hours(6) - minutes(1));
  EXPECT_TRUE(Reminders().empty());
  PassTo(kNow + hours(6));
  EXPECT_EQ(Reminders(), std::vector<std::string>{"first_reply 50"});
  later_ = hours(-1);
  for (int bucket = 0; bucket < LaneIndex::kBuckets; ++bucket)
    Say("", {.kind = Word::Kind::kSweep, .number = bucket});
  PassTo(kNow + hours(7));
  EXPECT_EQ(Reminders().size(), 2U);
  PassTo(kNow + hours(30));
  EXPECT_EQ(Reminders().size(), 3U);
}

// Whatever else wakes it.
TEST_F(DeliveryTicketsTest, ALaneIsWokenOnceForAReminder) {
  Feed("t1", "open", hours(10));
  Deliver();
  for (int i = 0; i < 10; ++i) {
    Say(TicketLaneId("tickets", "case-1"), {.kind = Word::Kind::kDue});
    for (int bucket = 0; bucket < LaneIndex::kBuckets; ++bucket)
      Say("", {.kind = Word::Kind::kSweep, .number = bucket});
  }
  EXPECT_EQ(Wakes().size(), 1U);
}

TEST_F(DeliveryTicketsTest, AnOutcomeBecomesOneEvent) {
  Feed("t1", "open", hours(10));
  Deliver();
  const std::string lane = TicketLaneId("tickets", "case-1");
  const auto decide = [&](TicketOutcome outcome) {
    Say(lane, {.kind = Word::Kind::kOutcome, .number = static_cast<int>(outcome)});
  };
  decide(TicketOutcome::kFraud);
  decide(TicketOutcome::kFraud);
  const std::vector<Attempt> told = Attempts();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].channel, kFeedbackChannel);
  EXPECT_EQ(told[0].parcel.account_id, "a");
  const std::string& event = told[0].parcel.json;
  for (const char* member : {R"("type":"feedback")", R"("verdict":"confirmed_fraud")", R"("by":"analyst")",
                             R"("case_id":"case-1")", R"("account_id":"a")"})
    EXPECT_NE(event.find(member), std::string::npos) << event;

  // Who knows the case cannot take its place by sending something of that id before.
  const auto made_with = [](std::string_view secret) {
    return "\"event_id\":\"" + alerts::OutcomeId("case-1", "confirmed_fraud", 1, secret) + '"';
  };
  EXPECT_NE(event.find(made_with("of the ticket system")), std::string::npos) << event;
  EXPECT_EQ(event.find(made_with("")), std::string::npos);

  // Its fate is not known: the same event again.
  Restart();
  const std::vector<Attempt> again = Attempts();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].parcel.json, event);
  Say(again[0], SendOutcome::Delivered());

  // Agents change their minds, and change them back: three events.
  decide(TicketOutcome::kFalsePositive);
  decide(TicketOutcome::kFraud);
  const std::vector<Attempt> later = Attempts();
  ASSERT_EQ(later.size(), 2U);
  EXPECT_NE(later[1].parcel.json, event);
  EXPECT_NE(later[0].parcel.id, later[1].parcel.id);
  EXPECT_EQ(metrics_.outcomes[1].value(), 2U);
  PassTo(kNow + hours(30));
  EXPECT_TRUE(Reminders().empty()) << "somebody worked it";
}

TEST_F(DeliveryTicketsTest, ATicketThatIsNotOursDecidesNothing) {
  Say(TicketLaneId("tickets", "another"), {.kind = Word::Kind::kOutcome, .number = 1});
  EXPECT_TRUE(Attempts().empty());
  EXPECT_EQ(states_->lanes(), 0U);
}

// The one ticket that nobody was told about is late as well, and is late once.
TEST_F(DeliveryTicketsTest, ATicketThatCannotBeMadeIsCountedAsOverdueOnce) {
  Feed("t1", "open", hours(10));
  Say(Attempts().at(0), SendOutcome::Refused("http_422"));
  for (const auto& [until, overdue] : {std::pair(hours(6), 0U), std::pair(hours(10), 1U)}) {
    now_ = kNow + until;
    Say(TicketLaneId("tickets", "case-1"), {.kind = Word::Kind::kDue});
    const Attempt again = Attempts().at(0);
    EXPECT_EQ(again.parcel.id, "t1");
    Say(again, SendOutcome::Refused("http_422"));
    EXPECT_TRUE(Attempts().empty()) << "a reminder makes no ticket";
    EXPECT_EQ(metrics_.overdue[0].value(), overdue);
  }
  Restart();
  Ask(DeliveryRequest::Kind::kReplay);
  Say(Wakes().at(0).lane, {.kind = Word::Kind::kDue});
  Deliver();
  EXPECT_EQ(Reminders(), (std::vector<std::string>{"first_reply 50", "first_reply 100 P1"}));
  EXPECT_EQ(metrics_.overdue[0].value(), 1U) << "when its time was over, and not once more on its arrival";
}

TEST_F(DeliveryTicketsTest, ARefusedOperationSilencesNoReminder) {
  Feed("t1", "open", hours(10));
  Deliver();
  Feed("t2", "escalate", hours(10));
  Say(Attempts().at(0), SendOutcome::Refused("http_422"));
  now_ = kNow + hours(10);
  Say(TicketLaneId("tickets", "case-1"), {.kind = Word::Kind::kDue});
  Say(Attempts().at(0), SendOutcome::Refused("http_422"));
  Deliver();
  EXPECT_EQ(Reminders(), std::vector<std::string>{"first_reply 100 P1"});
  EXPECT_EQ(metrics_.overdue[0].value(), 1U);
}

// What agents need is the news. What their ticket system refuses is a person's to look at, and holds up
// nothing.
TEST_F(DeliveryTicketsTest, ARefusedOperationHoldsUpNothingAndCanBeReplayed) {
  Feed("t1", "open", hours(10));
  Deliver();
  Feed("t2", "escalate", hours(10));
  Feed("t3", "escalate", hours(10), hours(20), "P1");
  Say(Attempts().at(0), SendOutcome::Refused("http_422"));
  const Attempt next = Attempts().at(0);
  EXPECT_EQ(next.parcel.id, "t3");
  EXPECT_FALSE(next.parcel.aside);
  Say(next, SendOutcome::Delivered("7"));

  Restart();
  const DeliveryRequest listed = Ask(DeliveryRequest::Kind::kList);
  ASSERT_EQ(listed.entries.size(), 1U);
  EXPECT_EQ(listed.entries[0].id, "t2");
  EXPECT_EQ(listed.entries[0].status, "failed");
  EXPECT_EQ(listed.entries[0].reason, "http_422");
  EXPECT_EQ(listed.entries[0].external_id, "7");
  EXPECT_EQ(listed.entries[0].case_id, "case-1");

  Wakes();
  Ask(DeliveryRequest::Kind::kReplay);
  Say(Wakes().at(0).lane, {.kind = Word::Kind::kDue});
  Attempt again = Attempts().at(0);
  EXPECT_EQ(again.parcel.id, "t2");
  EXPECT_EQ(again.parcel.external_id, "7");
  EXPECT_TRUE(again.parcel.aside) << "its words alone: the ticket has gone on";
  Say(again, SendOutcome::Refused("http_422"));
  EXPECT_EQ(Ask(DeliveryRequest::Kind::kList).entries.size(), 1U) << "once, however often it is refused";
  Ask(DeliveryRequest::Kind::kReplay);
  Say(Wakes().at(0).lane, {.kind = Word::Kind::kDue});
  Say(Attempts().at(0), SendOutcome::Delivered("7"));
  EXPECT_TRUE(Ask(DeliveryRequest::Kind::kList).entries.empty());
  EXPECT_EQ(states_->lanes(), 1U) << "the ticket's, whose name is kept";
}

TEST_F(DeliveryTicketsTest, WhatWentAsideCanBeDroppedAndGrowsOld) {
  Feed("t1", "open", hours(10));
  Deliver();
  for (const char* id : {"t2", "t3", "t4"}) Feed(id, "escalate", hours(10));
  for (int i = 0; i < 2; ++i) Say(Attempts().at(0), SendOutcome::Refused("http_422"));
  Deliver();
  EXPECT_EQ(states_->lanes(), 3U);
  EXPECT_EQ(Ask(DeliveryRequest::Kind::kDrop).touched, 2U);
  EXPECT_EQ(states_->lanes(), 1U);
  Feed("t5", "escalate", hours(10));
  Feed("t6", "escalate", hours(10));
  Say(Attempts().at(0), SendOutcome::Refused("http_422"));
  Deliver();
  EXPECT_EQ(states_->lanes(), 2U);
  now_ += hours(24 * 31);
  for (int bucket = 0; bucket < LaneIndex::kBuckets; ++bucket)
    Say("", {.kind = Word::Kind::kSweep, .number = bucket});
  EXPECT_EQ(states_->lanes(), 0U);
}

// Two that make the ticket of one case must never be on their way at once.
TEST_F(DeliveryTicketsTest, ATicketThatWasRefusedIsMadeByTheNews) {
  Feed("t1", "open", hours(10));
  Say(Attempts().at(0), SendOutcome::Refused("http_422"));
  EXPECT_EQ(Ask(DeliveryRequest::Kind::kList).entries.at(0).id, "t1");
  Feed("t2", "escalate", hours(10), hours(0), "P1");
  EXPECT_EQ(Attempts().at(0).parcel.id, "t1") << "it may have been the desk's fault";
  Say(Attempt{.lane = TicketLaneId("tickets", "case-1"), .item = "t1", .number = 1},
      SendOutcome::Refused("http_422"));
  const Attempt news = Attempts().at(0);
  EXPECT_EQ(news.parcel.id, "t2");
  EXPECT_FALSE(news.parcel.aside);
  Say(news, SendOutcome::Refused("http_422"));
  EXPECT_EQ(Ask(DeliveryRequest::Kind::kList).entries.size(), 1U);
  EXPECT_EQ(states_->lanes(), 1U);
}

// A reminder says nothing of the case: it takes no news with it.
TEST_F(DeliveryTicketsTest, AReminderDoesNotReplaceNewsThatWait) {
  Feed("t1", "open", hours(24));
  Deliver();
  FeedTicket(R"({"ticket_id":"t2","case_id":"case-1","account_id":"a","operation":"append","priority":"P3",)"
             R"("subject":"s","body":"news","deliver_after":")" +
             FormatRfc3339(kNow + hours(13)) + R"(","due":{"first_reply":")" +
             FormatRfc3339(kNow + hours(24)) + R"("}})");
  PassTo(kNow + hours(14));
  std::vector<std::string> ids;
  for (const Parcel& parcel : said_) ids.push_back(parcel.id);
  EXPECT_EQ(std::ranges::count(ids, "t2"), 1);
  EXPECT_EQ(Reminders().size(), 1U);
}

// Each operation says all that the earlier ones did: what is told last is what is the case.
TEST_F(DeliveryTicketsTest, ALaneWithoutRoomTellsTheNewestOperations) {
  Feed("t0", "open", hours(1000));
  const Attempt open = Attempts().at(0);
  for (int i = 1; i <= 40; ++i) Feed("e" + std::to_string(i), "escalate", hours(1000), hours(0), "P2");
  Feed("urgent", "escalate", hours(1000), hours(0), "P1");
  for (int i = 1; i <= 40; ++i) {
    Feed("a" + std::to_string(i), "append", hours(1000), hours(0), "P1");
    Feed("r" + std::to_string(i), "resolve", hours(1000), hours(0), "P1");
  }
  Feed("again", "escalate", hours(1000), hours(0), "P1");
  Feed("last", "append", hours(1000), hours(0), "P1");
  Say(open, SendOutcome::Delivered("7"));
  Deliver();
  ASSERT_EQ(said_.size(), Lane::kItemsMax - 1) << "and the one that was under way";
  EXPECT_EQ(said_.back().id, "last");
  EXPECT_EQ(said_[said_.size() - 2].id, "again");
  EXPECT_EQ(metrics_.unreadable.value(), 0U);
}

}  // namespace
}  // namespace tocsin::daemon
