// What a ticket is told in batches: everything is put out when it happens, with the time until which it may
// be joined by more, and nothing hangs on another event of the account.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "alerts/tickets.h"
#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts {
namespace {

using namespace std::chrono_literals;
using schemas::Severity;
using schemas::TicketOperation;
using testing::Breach;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kNoon;
using testing::MakeClaim;
using ::testing::Not;
using testing::Scenario;
using ::testing::SizeIs;
using testing::Travel;

schemas::Claim Another(int number) {
  return MakeClaim("velocity", schemas::Family::kMoney, Severity::kMedium, 1, "e-" + std::to_string(number));
}

// Rows of findings that are marked as news.
size_t NewsIn(const schemas::Ticket& ticket) {
  size_t count = 0;
  const size_t end = ticket.body.find("## Timeline");
  for (size_t at = 0; (at = ticket.body.find("| ● ", at)) < end; ++at) ++count;
  return count;
}

// The account is emptied within minutes of the first ticket, and then nothing happens on it any more.
TEST(TicketBatchTest, WhatACaseLearnsIsPutOutAtOnceAndJoinedUntilTheBatchIsOver) {
  Scenario s;
  ASSERT_EQ(s.Decide(s.Login(kNoon), {Travel()}).tickets.at(0).operation, TicketOperation::kOpen);
  const schemas::Ticket first = s.Decide(s.Transfer(kNoon + 2min), {Breach()}).tickets.at(0);
  EXPECT_EQ(first.operation, TicketOperation::kAppend);
  EXPECT_EQ(first.deliver_after, kNoon + 10min);
  EXPECT_THAT(first.findings, SizeIs(2));
  EXPECT_EQ(NewsIn(first), 1U);
  const schemas::Ticket second = s.Decide(s.Transfer(kNoon + 9min), {Another(1)}).tickets.at(0);
  EXPECT_EQ(second.deliver_after, kNoon + 10min) << "the same batch";
  EXPECT_THAT(second.findings, SizeIs(3));
  EXPECT_EQ(NewsIn(second), 2U) << "it replaces the one before it, and says what that one said";
  EXPECT_NE(second.ticket_id, first.ticket_id);
  const schemas::Ticket next = s.Decide(s.Transfer(kNoon + 11min), {Another(2)}).tickets.at(0);
  EXPECT_EQ(next.deliver_after, kNoon + 20min) << "another batch";
  EXPECT_EQ(NewsIn(next), 1U);
  const schemas::Ticket late = s.Decide(s.Transfer(kNoon + 31min), {Another(3)}).tickets.at(0);
  EXPECT_EQ(late.deliver_after, kTimestampMin);
  EXPECT_EQ(NewsIn(late), 1U);
}

TEST(TicketBatchTest, AnUrgentWordWaitsForNoBatch) {
  Scenario s;
  s.Decide(s.Login(kNoon), {Travel()});
  s.Decide(s.Transfer(kNoon + 2min), {Breach()});
  schemas::Claim reported = testing::Reported();
  const Decision& said = s.Decide(s.Login(kNoon + 3min), {reported});
  ASSERT_THAT(said.tickets, SizeIs(1));
  EXPECT_EQ(said.tickets[0].deliver_after, kTimestampMin);
  EXPECT_EQ(NewsIn(said.tickets[0]), 2U) << "what waits is not there yet";
}

// A flood of findings is not a flood of tickets: what is more than a batch tells waits for its end.
TEST(TicketBatchTest, ABatchIsBounded) {
  Scenario s;
  s.Decide(s.Login(kNoon), {Travel()});
  size_t written = 0;
  for (int i = 0; i < 60; ++i) written += s.Decide(s.Transfer(kNoon + 1min), {Another(i)}).tickets.size();
  EXPECT_EQ(written, 8U);
  const Decision& after = s.Decide(s.Login(kNoon + 10min), {});
  ASSERT_THAT(after.tickets, SizeIs(1));
  EXPECT_EQ(NewsIn(after.tickets[0]), 60U);
}

TEST(TicketBatchTest, WithoutABatchEverythingIsToldAtOnce) {
  AlertsConfig config;
  config.calm.ticket_batch = std::chrono::seconds(0);
  Scenario s(config);
  s.Decide(s.Login(kNoon), {Travel()});
  for (int i = 0; i < 40; ++i) {
    const Decision& d = s.Decide(s.Transfer(kNoon + 1min), {Another(i)});
    ASSERT_THAT(d.tickets, SizeIs(1));
    EXPECT_EQ(d.tickets[0].deliver_after, kTimestampMin);
    EXPECT_EQ(NewsIn(d.tickets[0]), 1U);
  }
}

// Events may come in any order within minutes.
TEST(TicketBatchTest, ALateEventJoinsTheBatchThatIsUnderWay) {
  Scenario s;
  s.Decide(s.Login(kNoon), {Travel()});
  s.Decide(s.Transfer(kNoon + 5min), {Breach()});
  EXPECT_EQ(s.Decide(s.Transfer(kNoon - 1min), {Another(1)}).tickets.at(0).deliver_after, kNoon + 10min);
}

TEST(TicketBatchTest, ACaseWithoutNewsWritesNothing) {
  Scenario s;
  s.Decide(s.Login(kNoon), {Travel()});
  s.Decide(s.Transfer(kNoon + 2min), {Breach()});
  EXPECT_THAT(s.Decide(s.Login(kNoon + 3min), {}).tickets, IsEmpty());
  EXPECT_THAT(s.Decide(s.Login(kNoon + 30min), {}).tickets, IsEmpty());
}

TEST(UnreachedTextTest, MasksTheAddress) {
  AlertsConfig config;
  config.support.ticket_locale = "en";
  Unreached unreached{.channel = "mail", .address = "li.wei@example.com", .refused = true, .at = kNoon};
  const std::string refused = UnreachedText(config, unreached);
  EXPECT_THAT(refused, Not(HasSubstr("li.wei")));
  EXPECT_THAT(refused, HasSubstr("@example.com: the mail was refused"));
  unreached.refused = false;
  EXPECT_THAT(UnreachedText(config, unreached), HasSubstr("no longer tried"));
}

TEST(UnreachedTextTest, NamesTheWebhook) {
  AlertsConfig config;
  config.support.ticket_locale = "en";
  Unreached unreached{.channel = "app", .address = {}, .refused = true, .at = kNoon};
  EXPECT_THAT(UnreachedText(config, unreached), HasSubstr("was not taken by “app”"));
  unreached.refused = false;
  EXPECT_THAT(UnreachedText(config, unreached), HasSubstr("could not be handed to “app”"));
}

}  // namespace
}  // namespace tocsin::alerts
