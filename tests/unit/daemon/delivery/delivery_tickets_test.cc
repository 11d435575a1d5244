// What is due for a ticket, and what agents decided of it.
#include <algorithm>

#include "schemas/enum_names.h"
#include "tests/unit/daemon/delivery/delivery_processor_fixture.h"

namespace tocsin::daemon {
namespace {

using schemas::Priority;
using schemas::TicketOperation;
using std::chrono::hours;
using std::chrono::minutes;

class DeliveryTicketsTest : public DeliveryProcessorTest {
 protected:
  void SetUp() override {
    DeliveryRules rules;
    rules.targets = {{.channel = "tickets", .tickets = true, .remind = true}};
    rules.reminders = {
        .part_of =
            [this](Timestamp from, Timestamp due, int percent) {
              return from + (due - from) * percent / 100 + (percent < 100 ? later_ : hours(0));
            },
        .text =
            [](TicketClock clock, int percent, Timestamp, std::optional<schemas::Priority> raised_to) {
              std::string text(kClockNames[static_cast<size_t>(clock)]);
              text += " " + std::to_string(percent);
              if (raised_to) text += " " + std::string(schemas::Name(*raised_to));
              return text;
            }};
    Make(std::move(rules));
  }
  // An operation of a case that began at kNow.
  void Feed(const std::string& id, const std::string& operation, hours first_reply, hours review = hours(0),
            const std::string& priority = "P3") {
    std::string due = R"("first_reply":")" + FormatRfc3339(kNow + first_reply) + '"';
    if (review > hours(0)) due += R"(,"review":")" + FormatRfc3339(kNow + review) + '"';
    FeedTicket(R"({"ticket_id":")" + id + R"(","case_id":"case-1","account_id":"a","operation":")" +
               operation + R"(","priority":")" + priority + R"(","subject":"s","body":"b","occurred_at":")" +
               FormatRfc3339(kNow) + R"(","due":{)" + due + "}}");
  }
  void Deliver() {
    for (const Attempt& attempt : Attempts()) {
      said_.push_back(attempt.parcel);
      Say(attempt, SendOutcome::Delivered("7"));
    }
    if (!errands_.attempts.empty()) Deliver();
  }
  // Hands over what was to wake until then.
  void PassTo(Timestamp then) {
    auto wakes = Wakes();
    while (true) {
      std::ranges::sort(wakes, {}, &Wake::at);
      if (wakes.empty() || wakes.front().at > then) break;
      now_ = std::max(now_, wakes.front().at);
      Say(wakes.front().lane, {.kind = Word::Kind::kDue});
      wakes.erase(wakes.begin());
      std::ranges::copy(Wakes(), std::back_inserter(wakes));
      Deliver();
    }
    errands_.wakes = wakes;
    now_ = then;
  }
  [[nodiscard]] std::vector<std::string> Reminders() const {
    std::vector<std::string> texts;
    for (const Parcel& parcel : said_) {
      if (parcel.reminder) texts.push_back(parcel.text);
    }
    return texts;
  }

  std::vector<Parcel> said_;
  hours later_{0};  // By the calendar, than half and four fifths of the time.
};

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

// An owner whom no mail reaches.
class UnreachedOwnerTest : public DeliveryTicketsTest {
 protected:
  void SetUp() override {
    DeliveryRules rules;
    rules.targets = {
        {.channel = "mail", .mail = true, .notices = true, .contacts = {schemas::ContactChannel::kEmail}},
        {.channel = "tickets", .tickets = true, .remind = true}};
    rules.reminders.part_of = [](Timestamp, Timestamp due, int) { return due; };
    rules.unreached = [](const std::string& address, bool refused, Timestamp) {
      return (refused ? "refused " : "given up ") + address;
    };
    Make(std::move(rules));
  }
  // Every attempt to send the mail ends so, until there is none; what is told to the ticket meanwhile
  // arrives.
  void Bounce(const SendOutcome& outcome) {
    FeedNotice(Notice("n1", MailTo("li@example.com")));
    for (int i = 0; i < 5; ++i) {
      for (const Attempt& attempt : Attempts()) {
        if (attempt.channel == "tickets") said_.push_back(attempt.parcel);
        Say(attempt, attempt.channel == "mail" ? outcome : SendOutcome::Delivered("7"));
      }
      for (const Wake& wake : Wakes()) {
        if (wake.at > kNow + hours(1)) continue;  // A reminder.
        now_ = std::max(now_, wake.at);
        Say(wake.lane, {.kind = Word::Kind::kDue});
      }
    }
  }
  std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    for (const Parcel& parcel : said_) texts.push_back(parcel.text);
    return texts;
  }
};

TEST_F(UnreachedOwnerTest, IsToldToTheTicket) {
  Feed("t1", "open", hours(24), hours(0), "P1");
  Deliver();
  Bounce(SendOutcome::Refused("smtp_550"));
  ASSERT_EQ(Texts(), (std::vector<std::string>{"b", "refused li@example.com"}));
  EXPECT_TRUE(said_[1].unreached);
  EXPECT_EQ(said_[1].external_id, "7");
  EXPECT_EQ(said_[1].priority, Priority::kP1) << "it changes none";
}

// The night when the relay refuses everybody and the ticket system is away.
TEST_F(UnreachedOwnerTest, LeavesRoomForOperations) {
  Feed("t1", "open", hours(24));
  Attempt open = Attempts().at(0);
  for (int i = 0; i < 70; ++i) {
    FeedNotice(Notice("n" + std::to_string(i), MailTo("li@example.com")));
    Say(Attempts().at(0), SendOutcome::Refused("smtp_550"));
  }
  for (int i = 0; i < 20; ++i) Feed("e" + std::to_string(i), "escalate", hours(24), hours(0), "P1");
  Feed("end", "resolve", hours(24), hours(0), "P1");
  Say(open, SendOutcome::Delivered("7"));
  Deliver();
  std::vector<std::string> operations;
  for (const Parcel& parcel : said_) {
    if (!parcel.unreached) operations.push_back(parcel.id);
  }
  ASSERT_EQ(operations.size(), 21U);
  EXPECT_EQ(operations.front(), "e0");
  EXPECT_EQ(operations.back(), "end");
  EXPECT_GT(said_.size(), 50U) << "and that he is not reached is told as well";
}

TEST_F(UnreachedOwnerTest, IsToldWhenTheMailIsGivenUp) {
  Feed("t1", "open", hours(24));
  Deliver();
  Bounce(SendOutcome::Retry("smtp_451"));
  EXPECT_EQ(Texts(), (std::vector<std::string>{"b", "given up li@example.com"}));
}

TEST_F(UnreachedOwnerTest, WaitsForATicketThatThereIsNot) {
  Bounce(SendOutcome::Refused("smtp_550"));
  EXPECT_EQ(Texts(), std::vector<std::string>{});
  EXPECT_EQ(Restart(), 0U);
  Feed("t1", "open", hours(24));
  Deliver();
  EXPECT_EQ(Texts(), (std::vector<std::string>{"b", "refused li@example.com"}));
  Feed("t2", "append", hours(24));
  Deliver();
  EXPECT_EQ(Texts().size(), 3U) << "once";
}

}  // namespace
}  // namespace tocsin::daemon
