// The state machine of deliveries, driven by hand: no thread, no network, no clock.
#include "daemon/delivery/delivery_processor.h"

#include "tests/unit/daemon/delivery/delivery_processor_fixture.h"

namespace tocsin::daemon {
namespace {

using std::chrono::seconds;
using Kind = SendOutcome::Kind;

TEST_F(DeliveryProcessorTest, ANoticeGoesToEachAddressAndIsForgottenOnceTaken) {
  FeedNotice(Notice("n1", MailTo("a@example.com") + "," + MailTo("b@example.com")));
  const std::vector<Attempt> attempts = Attempts();
  ASSERT_EQ(attempts.size(), 2U);
  EXPECT_EQ(attempts[0].parcel.address, "a@example.com");
  EXPECT_EQ(attempts[1].parcel.address, "b@example.com");
  EXPECT_NE(attempts[0].lane, attempts[1].lane);
  for (const Attempt& attempt : attempts) Say(attempt, SendOutcome::Delivered());
  EXPECT_EQ(states_->lanes(), 0U);
  EXPECT_EQ(Restart(), 0U);
}

TEST_F(DeliveryProcessorTest, WhatIsNotTakenComesAgainAtItsTimeWithTheSameIds) {
  FeedNotice(Notice("n1", MailTo("a@example.com")));
  const Attempt first = Attempts().at(0);
  Say(first, SendOutcome::Retry("smtp_451"));
  const std::vector<Wake> wakes = Wakes();
  ASSERT_EQ(wakes.size(), 1U);
  EXPECT_GE(wakes[0].at, now_ + seconds(5));
  EXPECT_LE(wakes[0].at, now_ + seconds(6));
  Say(first.lane, {.kind = Word::Kind::kDue});
  EXPECT_TRUE(Attempts().empty()) << "not yet";
  now_ = wakes[0].at;
  Say(first.lane, {.kind = Word::Kind::kDue});
  const Attempt second = Attempts().at(0);
  EXPECT_EQ(second.number, 2);
  EXPECT_EQ(second.parcel.id, first.parcel.id);
  EXPECT_EQ(second.parcel.lane, first.parcel.lane);
}

TEST_F(DeliveryProcessorTest, ANoticeOfTheNightWaitsForTheMorning) {
  const Timestamp morning = now_ + std::chrono::hours(7);
  std::string notice = Notice("n1", MailTo("a@example.com"));
  notice.insert(notice.size() - 1, R"(,"deliver_after":")" + FormatRfc3339(morning) + '"');
  FeedNotice(notice);
  EXPECT_TRUE(Attempts().empty());
  ASSERT_EQ(Wakes().at(0).at, morning);
  EXPECT_EQ(Restart(), 0U) << "not after a restart either";
  const std::vector<Wake> wakes = Wakes();
  ASSERT_EQ(wakes.size(), 1U);
  EXPECT_EQ(wakes[0].at, morning);
  now_ = morning;
  Say(wakes[0].lane, {.kind = Word::Kind::kDue});
  const Attempt attempt = Attempts().at(0);
  EXPECT_EQ(attempt.number, 1);
  now_ += seconds(2);
  Say(attempt, SendOutcome::Delivered());
  EXPECT_LE(metrics_.channels["mail"]->delivered_seconds.sum.load(), 2.1) << "the night does not count";
}

TEST_F(DeliveryProcessorTest, ANightThatIsOverWaitsForNothing) {
  std::string notice = Notice("n1", MailTo("a@example.com"));
  notice.insert(notice.size() - 1, R"(,"deliver_after":")" + FormatRfc3339(now_) + '"');
  FeedNotice(notice);
  EXPECT_EQ(Attempts().size(), 1U);
}

TEST_F(DeliveryProcessorTest, RefusedAndGivenUpAreKeptForAPerson) {
  FeedNotice(Notice("n1", MailTo("a@example.com")));
  Say(Attempts().at(0), SendOutcome::Refused("smtp_550"));
  FeedNotice(Notice("n2", MailTo("a@example.com")));
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const Attempt made = Attempts().at(0);
    EXPECT_EQ(made.number, attempt);
    Say(made, SendOutcome::Retry("timeout"));
    if (attempt == 3) break;
    now_ += seconds(100);
    Say(made.lane, {.kind = Word::Kind::kDue});
  }
  EXPECT_EQ(metrics_.channels["mail"]->refused.value(), 1U);
  EXPECT_EQ(metrics_.channels["mail"]->given_up.value(), 1U);
  Restart();
  const DeliveryRequest listed = Ask(DeliveryRequest::Kind::kList);
  ASSERT_EQ(listed.entries.size(), 2U);
  EXPECT_EQ(listed.entries[0].status, "failed");
  EXPECT_EQ(Ask(DeliveryRequest::Kind::kReplay).touched, 2U);
  for (const Wake& wake : Wakes()) Say(wake.lane, {.kind = Word::Kind::kDue});
  EXPECT_EQ(Attempts().size(), 2U);
}

TEST_F(DeliveryProcessorTest, DroppedIsGone) {
  FeedNotice(Notice("n1", MailTo("a@example.com")));
  Say(Attempts().at(0), SendOutcome::Refused("smtp_550"));
  EXPECT_EQ(Ask(DeliveryRequest::Kind::kDrop).touched, 1U);
  EXPECT_EQ(states_->lanes(), 0U);
}

TEST_F(DeliveryProcessorTest, FailedIsSweptWhenItIsOld) {
  FeedNotice(Notice("n1", MailTo("a@example.com")));
  Say(Attempts().at(0), SendOutcome::Refused("smtp_550"));
  const auto sweep = [&] {
    for (int bucket = 0; bucket < LaneIndex::kBuckets; ++bucket)
      Say("", {.kind = Word::Kind::kSweep, .number = bucket});
  };
  sweep();
  EXPECT_EQ(states_->lanes(), 1U);
  now_ += std::chrono::hours(24 * 31);
  sweep();
  EXPECT_EQ(states_->lanes(), 0U);
}

TEST_F(DeliveryProcessorTest, ATicketsNameIsKeptForItsTime) {
  Make({.keep_idle = std::chrono::hours(100)});
  FeedTicket(Ticket("t1", "open"));
  Say(Attempts().at(0), SendOutcome::Delivered("77"));
  const auto sweep = [&] {
    for (int bucket = 0; bucket < LaneIndex::kBuckets; ++bucket)
      Say("", {.kind = Word::Kind::kSweep, .number = bucket});
  };
  now_ += std::chrono::hours(100);
  sweep();
  EXPECT_EQ(states_->lanes(), 1U);
  now_ += std::chrono::hours(1);
  sweep();
  EXPECT_EQ(states_->lanes(), 0U);
}

TEST_F(DeliveryProcessorTest, AnAttemptOfUnknownOutcomeIsMadeAgainAfterARestart) {
  FeedNotice(Notice("n1", MailTo("a@example.com")));
  const Attempt lost = Attempts().at(0);
  ASSERT_EQ(Restart(), 1U);
  const Attempt again = Attempts().at(0);
  EXPECT_EQ(again.parcel.id, lost.parcel.id);
  EXPECT_EQ(again.number, 1);
  EXPECT_EQ(again.parcel.attempted_before, now_);
  Say(again, SendOutcome::Delivered());
  EXPECT_EQ(states_->lanes(), 0U);
}

// The operation that follows would be lost: its first attempt has the number of that one.
TEST_F(DeliveryProcessorTest, ALateResultIsNotTakenForTheNextOperationOfTheTicket) {
  FeedTicket(Ticket("t1", "open"));
  FeedTicket(Ticket("t2", "resolve"));
  const Attempt slow = Attempts().at(0);
  Restart();
  Say(Attempts().at(0), SendOutcome::Delivered("77"));
  const Attempt next = Attempts().at(0);
  EXPECT_EQ(next.parcel.id, "t2");
  EXPECT_EQ(next.number, slow.number);
  Say(slow, SendOutcome::Delivered("77"));
  const DeliveryRequest open = Ask(DeliveryRequest::Kind::kList);
  ASSERT_EQ(open.entries.size(), 1U);
  EXPECT_EQ(open.entries[0].id, "t2");
  Say(next, SendOutcome::Delivered("77"));
  EXPECT_TRUE(Ask(DeliveryRequest::Kind::kList).entries.empty());
}

TEST_F(DeliveryProcessorTest, WaitingIsWokenAfterARestart) {
  FeedNotice(Notice("n1", MailTo("a@example.com")));
  Say(Attempts().at(0), SendOutcome::Retry("timeout"));
  const Timestamp due = Wakes().at(0).at;
  EXPECT_EQ(Restart(), 0U);
  EXPECT_EQ(Wakes().at(0).at, due);
}

TEST_F(DeliveryProcessorTest, ABusyChannelCostsNoAttempt) {
  FeedNotice(Notice("n1", MailTo("a@example.com")));
  for (int i = 0; i < 10; ++i) {
    const Attempt attempt = Attempts().at(0);
    EXPECT_EQ(attempt.number, 1);
    Say(attempt, {.kind = Kind::kBusy, .reason = std::string(i % 2 == 0 ? kUrgent : "")});
    const Wake wake = Wakes().at(0);
    EXPECT_EQ(wake.channel, "mail");
    EXPECT_EQ(wake.urgent, i % 2 == 0);
    now_ += seconds(100);
    Say(attempt.lane, {.kind = Word::Kind::kDue});
  }
}

TEST_F(DeliveryProcessorTest, OperationsOfATicketKeepTheirOrder) {
  FeedTicket(Ticket("t1", "open"));
  FeedTicket(Ticket("t2", "escalate"));
  FeedTicket(Ticket("t3", "resolve"));
  std::vector<std::string> order;
  for (int i = 0; i < 3; ++i) {
    std::vector<Attempt> attempts = Attempts();
    ASSERT_EQ(attempts.size(), 1U) << "one at a time";
    order.push_back(attempts[0].parcel.id);
    EXPECT_EQ(attempts[0].parcel.external_id, i > 0 ? "77" : "");
    Say(attempts[0], SendOutcome::Delivered("77"));
  }
  EXPECT_EQ(order, (std::vector<std::string>{"t1", "t2", "t3"}));
  Restart();
  FeedTicket(Ticket("t4", "append"));
  EXPECT_EQ(Attempts().at(0).parcel.external_id, "77") << "the ticket's name outlives its operations";
}

TEST_F(DeliveryProcessorTest, AnAppendThatWaitsIsReplacedByTheNext) {
  FeedTicket(Ticket("t1", "open"));
  FeedTicket(Ticket("t2", "append"));
  FeedTicket(Ticket("t3", "append"));
  Say(Attempts().at(0), SendOutcome::Delivered("77"));
  const Attempt append = Attempts().at(0);
  EXPECT_EQ(append.parcel.id, "t3");
  FeedTicket(Ticket("t4", "append"));
  Say(append, SendOutcome::Delivered());
  EXPECT_EQ(Attempts().at(0).parcel.id, "t4") << "the one under way is not touched";
}

std::string TicketAfter(const std::string& id, Timestamp deliver_after) {
  std::string ticket = Ticket(id, "append");
  return ticket.insert(ticket.size() - 1, R"(,"deliver_after":")" + FormatRfc3339(deliver_after) + '"');
}

TEST_F(DeliveryProcessorTest, ABatchIsSaidOnceAtItsTimeWhateverElseHappens) {
  FeedTicket(Ticket("t1", "open"));
  Say(Attempts().at(0), SendOutcome::Delivered("77"));
  const Timestamp due = now_ + std::chrono::minutes(10);
  FeedTicket(TicketAfter("t2", due));
  now_ += std::chrono::minutes(3);
  FeedTicket(TicketAfter("t3", due));
  EXPECT_TRUE(Attempts().empty());
  Wakes();
  EXPECT_EQ(Restart(), 0U);
  const std::vector<Wake> wakes = Wakes();
  ASSERT_EQ(wakes.size(), 1U) << "it is woken after a restart";
  ASSERT_EQ(wakes[0].at, due);
  now_ = due;
  Say(wakes[0].lane, {.kind = Word::Kind::kDue});
  const Attempt said = Attempts().at(0);
  EXPECT_EQ(said.parcel.id, "t3") << "the newest, which says all";
  Say(said, SendOutcome::Delivered());
  EXPECT_TRUE(Attempts().empty());
  EXPECT_TRUE(Ask(DeliveryRequest::Kind::kList).entries.empty());
}

TEST_F(DeliveryProcessorTest, WhatIsUrgentTakesAlongTheBatchThatWaits) {
  for (const char* urgent : {"append", "escalate", "resolve"}) {
    Make({});
    FeedTicket(Ticket("t1", "open"));
    Say(Attempts().at(0), SendOutcome::Delivered("77"));
    FeedTicket(TicketAfter("t2", now_ + std::chrono::minutes(10)));
    FeedTicket(Ticket("t3", urgent));
    const std::vector<Attempt> attempts = Attempts();
    ASSERT_EQ(attempts.size(), 1U) << urgent;
    EXPECT_EQ(attempts[0].parcel.id, "t3") << urgent;
    Say(attempts[0], SendOutcome::Delivered());
    EXPECT_TRUE(Attempts().empty()) << urgent;
  }
}

// An owner's "not me" does not wait for hours because the desk was away when the case began.
TEST_F(DeliveryProcessorTest, OnlyWhatCannotWaitIsTriedBeforeItsTime) {
  FeedTicket(Ticket("t1", "open"));
  for (int i = 0; i < 2; ++i) {
    Say(Attempts().at(0), SendOutcome::Retry("http_503"));
    now_ += seconds(100);
    if (i == 0) Say(Wakes().at(0).lane, {.kind = Word::Kind::kDue});
  }
  FeedTicket(TicketAfter("t2", now_ + std::chrono::minutes(10)));
  EXPECT_TRUE(Attempts().empty());
  FeedTicket(Ticket("t3", "escalate"));
  const Attempt now = Attempts().at(0);
  EXPECT_EQ(now.parcel.id, "t1");
  EXPECT_EQ(now.number, 1) << "with all its attempts before it";
  Say(now, SendOutcome::Delivered("77"));
  const Attempt next = Attempts().at(0);
  EXPECT_EQ(next.parcel.id, "t3");
  Say(next, SendOutcome::Delivered());
  EXPECT_TRUE(Attempts().empty());
}

TEST_F(DeliveryProcessorTest, ReplayTriesWhatWaitsForAnotherAttempt) {
  FeedNotice(Notice("n1", MailTo("a@example.com")));
  const Attempt first = Attempts().at(0);
  Say(first, SendOutcome::Retry("http_503"));
  std::string night = Notice("n2", MailTo("b@example.com"));
  night.insert(night.size() - 1, R"(,"deliver_after":")" + FormatRfc3339(now_ + seconds(900)) + '"');
  FeedNotice(night);
  Wakes();
  EXPECT_EQ(Ask(DeliveryRequest::Kind::kReplay).touched, 1U) << "who sleeps is not woken";
  const std::vector<Wake> wakes = Wakes();
  ASSERT_EQ(wakes.size(), 1U);
  Say(wakes[0].lane, {.kind = Word::Kind::kDue});
  const Attempt again = Attempts().at(0);
  EXPECT_EQ(again.lane, first.lane);
  Say(again, SendOutcome::Retry("http_503"));
  EXPECT_EQ(Ask(DeliveryRequest::Kind::kDrop).touched, 0U) << "only what has failed, unless it is named";
  const auto named = [&](DeliveryRequest::Kind kind, const std::string& lane) {
    DeliveryRequest request{.kind = kind, .lane = lane};
    errands_.requests[1] = &request;
    Say("", {.kind = Word::Kind::kRequest, .number = 1});
    errands_.requests.clear();
    return request;
  };
  EXPECT_EQ(named(DeliveryRequest::Kind::kDrop, again.lane).touched, 1U);
  const DeliveryRequest unknown = named(DeliveryRequest::Kind::kReplay, std::string(32, '0'));
  EXPECT_EQ(unknown.touched, 0U);
  EXPECT_EQ(unknown.status, "");
  FeedNotice(Notice("n3", MailTo("a@example.com")));
  const DeliveryRequest sending = named(DeliveryRequest::Kind::kReplay, Attempts().at(0).lane);
  EXPECT_EQ(sending.touched, 0U);
  EXPECT_EQ(sending.status, "sending");
}

TEST_F(DeliveryProcessorTest, RestartsUseUpNoAttempts) {
  FeedNotice(Notice("n1", MailTo("a@example.com")));
  for (int i = 0; i < 10; ++i) {
    Attempts();
    ASSERT_EQ(Restart(), 1U);
  }
  const Attempt made = Attempts().at(0);
  EXPECT_EQ(made.number, 1);
  Say(made, SendOutcome::Retry("http_500"));
  EXPECT_EQ(Ask(DeliveryRequest::Kind::kList).entries.at(0).status, "waiting");
}

TEST_F(DeliveryProcessorTest, TheListSaysHowMuchItLeavesOutAndBeginsWithWhatNeedsAPerson) {
  FeedNotice(Notice("bad", MailTo("a@example.com")));
  Say(Attempts().at(0), SendOutcome::Refused("smtp_550"));
  for (size_t i = 0; i < DeliveryRequest::kEntriesMax + 4; ++i)
    FeedNotice(Notice("n" + std::to_string(i), MailTo("a@example.com")));
  const DeliveryRequest listed = Ask(DeliveryRequest::Kind::kList);
  EXPECT_EQ(listed.entries.size(), DeliveryRequest::kEntriesMax);
  EXPECT_EQ(listed.more, 5U);
  EXPECT_EQ(listed.entries[0].status, "failed");
}

TEST_F(DeliveryProcessorTest, AGateThatOpensWakesNobody) {
  DeliveryRules rules;
  rules.flood_max = 1;
  Make(std::move(rules));
  FeedNotice(Notice("n1", MailTo("a@example.com")));
  const Timestamp morning = now_ + std::chrono::hours(5);
  std::string notice = Notice("n2", MailTo("b@example.com"));
  notice.insert(notice.size() - 1, R"(,"deliver_after":")" + FormatRfc3339(morning) + '"');
  FeedNotice(notice);
  Attempts();
  Wakes();
  EXPECT_EQ(Ask(DeliveryRequest::Kind::kOpenGate).touched, 1U);
  EXPECT_EQ(Wakes().at(0).at, morning);
}

// What its agent decides is heard all the same.
TEST_F(DeliveryProcessorTest, ADroppedOperationLeavesTheTicketKnown) {
  FeedTicket(Ticket("t1", "open"));
  Say(Attempts().at(0), SendOutcome::Delivered("77"));
  FeedTicket(Ticket("t2", "append"));
  Say(Attempts().at(0), SendOutcome::Refused("http_422"));
  EXPECT_EQ(Ask(DeliveryRequest::Kind::kDrop).touched, 1U);
  EXPECT_TRUE(Ask(DeliveryRequest::Kind::kList).entries.empty());
  EXPECT_EQ(states_->lanes(), 1U);
  FeedTicket(Ticket("t3", "append"));
  EXPECT_EQ(Attempts().at(0).parcel.external_id, "77");
}

TEST_F(DeliveryProcessorTest, AWebhookThatRefusesOneOperationGetsTheNext) {
  FeedTicket(Ticket("t1", "open"));
  Say(Attempts().at(0), SendOutcome::Delivered());
  FeedTicket(Ticket("t2", "escalate"));
  FeedTicket(Ticket("t3", "resolve"));
  Say(Attempts().at(0), SendOutcome::Refused("http_400"));
  const Attempt next = Attempts().at(0);
  EXPECT_EQ(next.item, "t3");
  Say(next, SendOutcome::Delivered());
  EXPECT_EQ(Ask(DeliveryRequest::Kind::kList).entries.at(0).id, "t2");
  EXPECT_EQ(metrics_.channels["hook"]->refused.value(), 1U);
}

TEST_F(DeliveryProcessorTest, AWebhookThatRefusedTheFirstOperationIsToldTheWholeByTheNext) {
  FeedTicket(Ticket("t1", "open"));
  FeedTicket(Ticket("t2", "escalate"));
  Say(Attempts().at(0), SendOutcome::Refused("http_400"));
  EXPECT_EQ(Attempts().at(0).item, "t2");
  EXPECT_EQ(states_->lanes(), 1U);
}

TEST_F(DeliveryProcessorTest, WhatIsOnItsWayByARemovedChannelIsCounted) {
  metrics_.channels[std::string(kRemovedChannel)] = std::make_unique<ChannelCounts>();
  FeedNotice(Notice("n1", MailTo("a@example.com")));
  metrics_.channels.erase("mail");
  processor_->PublishGauges();
  EXPECT_EQ(metrics_.channels[std::string(kRemovedChannel)]->pending.value(), 1U);
}

TEST_F(DeliveryProcessorTest, AFloodIsHeldUntilAPersonReleasesIt) {
  DeliveryRules rules;
  rules.flood_max = 3;
  Make(std::move(rules));
  for (int i = 0; i < 10; ++i) FeedNotice(Notice("n" + std::to_string(i), MailTo("a@example.com")));
  EXPECT_EQ(Attempts().size(), 3U);
  EXPECT_TRUE(metrics_.flood);
  now_ += std::chrono::hours(5);
  FeedNotice(Notice("later", MailTo("a@example.com")));
  EXPECT_TRUE(Attempts().empty()) << "it does not open by itself";
  metrics_.flood = false;
  Restart();
  EXPECT_TRUE(metrics_.flood) << "nor by a restart";
  Attempts();
  processor_->PublishGauges();
  EXPECT_EQ(metrics_.channels["mail"]->held.value(), 8U);
  EXPECT_EQ(Ask(DeliveryRequest::Kind::kOpenGate).touched, 8U);
  EXPECT_FALSE(metrics_.flood);
  FeedNotice(Notice("after", MailTo("a@example.com")));
  EXPECT_EQ(Attempts().size(), 1U);
}

// Ten wrong passwords on enough accounts make such a flood: nobody may silence notices of takeovers by it.
TEST_F(DeliveryProcessorTest, AFloodOfSmallNoticesHoldsNoUrgentOne) {
  DeliveryRules rules;
  rules.flood_max = 3;
  Make(std::move(rules));
  const auto small = [](int number) {
    std::string notice = Notice("n" + std::to_string(number), MailTo("a@example.com"));
    const std::string_view high = R"("severity":"high")";
    return notice.replace(notice.find(high), high.size(), R"("severity":"medium")");
  };
  for (int i = 0; i < 10; ++i) FeedNotice(small(i));
  EXPECT_EQ(Attempts().size(), 3U);
  for (int i = 0; i < 5; ++i) FeedNotice(Notice("urgent" + std::to_string(i), MailTo("b@example.com")));
  EXPECT_EQ(Attempts().size(), 3U) << "and a flood of them is held as well";
  metrics_.flood = false;
  Restart();
  EXPECT_TRUE(metrics_.flood);
  Attempts();
  EXPECT_EQ(Ask(DeliveryRequest::Kind::kOpenGate).touched, 9U);
  FeedNotice(small(10));
  FeedNotice(Notice("urgent", MailTo("b@example.com")));
  EXPECT_EQ(Attempts().size(), 2U) << "both are open";
}

TEST_F(DeliveryProcessorTest, WhatCannotBeReadOrRoutedIsCountedAndStopsNothing) {
  FeedNotice("{");
  FeedNotice(R"({"notice_id":"n"})");
  FeedTicket(Ticket("t", "frobnicate"));
  EXPECT_EQ(metrics_.unreadable.value(), 3U);
  FeedNotice(Notice("n1", R"({"channel":"sms","address":"+1"})"));
  EXPECT_EQ(metrics_.unroutable.value(), 1U);
  EXPECT_TRUE(Attempts().empty());
}

TEST_F(DeliveryProcessorTest, EqualRecordsGiveEqualAttempts) {
  FeedNotice(Notice("n1", MailTo("a@example.com")));
  FeedNotice(Notice("n1", MailTo("a@example.com")));
  EXPECT_EQ(Attempts().size(), 1U) << "it is on its way already";
}

}  // namespace
}  // namespace tocsin::daemon
