// What a ticket adds up of the money that left, and what of it whoever works the case hears at once.
#include "alerts/money_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "alerts/money_tally.h"
#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts {
namespace {

using namespace std::chrono_literals;
using schemas::Severity;
using enum schemas::TransactionStatus;
using ::testing::HasSubstr;
using testing::kNoon;
using testing::MakeClaim;
using testing::Scenario;
using ::testing::SizeIs;

const Currency kCny = *Currency::Find("CNY");

MoneyOut::Payment Payment(uint64_t key, Timestamp at, int64_t minor,
                          schemas::TransactionStatus status = kCompleted) {
  return {
      .key = key, .at = at, .said_at = at, .amount = {.minor = minor, .currency = kCny}, .status = status};
}

schemas::Claim Takeover() {
  return MakeClaim("takeover_chain", schemas::Family::kTakeover, Severity::kCritical, 3);
}

schemas::Event Reported(schemas::Event payment, Timestamp at, schemas::TransactionStatus status) {
  payment.event_id = EventId(payment.event_id.str() + "-" + std::to_string(static_cast<int>(status)));
  payment.occurred_at = at;
  std::get<schemas::Transaction>(payment.payload).status = status;
  return payment;
}

std::string MoneyLine(const schemas::Ticket& ticket, std::string_view label = "**Money out**") {
  const size_t at = ticket.body.find(label);
  return at == std::string::npos ? "" : ticket.body.substr(at, ticket.body.find('\n', at) - at);
}

std::string EvidenceOf(const schemas::Ticket& ticket, std::string_view name) {
  const auto found = std::ranges::find(ticket.evidence, name, &schemas::Evidence::name);
  if (found == ticket.evidence.end()) return "";
  const auto* number = std::get_if<int64_t>(&found->value);
  return number != nullptr ? std::to_string(*number) : std::get<std::string>(found->value);
}

TEST(MoneyOutTest, APaymentIsOneHoweverOftenItIsReported) {
  MoneyOut money;
  money.Note(Payment(7, kNoon + 1min, 500));
  money.Note(Payment(7, kNoon, 500, kAuthorized));
  money.Note(Payment(7, kNoon, 500, kAuthorized));
  ASSERT_THAT(money.payments(), SizeIs(1));
  EXPECT_EQ(money.payments()[0].status, kCompleted) << "what came late does not take it back";
  EXPECT_EQ(money.payments()[0].at, kNoon) << "it was first reported then";
  EXPECT_EQ(money.CountLeft(), 1U);
  money.Note(Payment(7, kNoon + 2min, 500, kReversed));
  EXPECT_EQ(money.CountLeft(), 0U);
  EXPECT_TRUE(money.Knows(7));
  EXPECT_FALSE(money.Knows(8));
}

TEST(MoneyOutTest, WhatIsKnownFromTheTimelineIsRecognisedByItsAmount) {
  MoneyOut money;
  money.Note(Payment(0, kNoon, 500, kAuthorized));
  money.Note(Payment(0, kNoon, 700, kAuthorized));
  money.Note(Payment(0, kNoon + 1min, 500, kCompleted));
  money.Note(Payment(9, kNoon + 2min, 700, kReversed));
  money.Note(Payment(8, kNoon + 3min, 700, kAuthorized));
  EXPECT_THAT(money.payments(), SizeIs(3));
  EXPECT_EQ(money.CountLeft(), 2U);
}

TEST(MoneyOutTest, AFloodIsStillAddedUp) {
  Case one;
  for (uint64_t i = 1; i <= 500; ++i)
    one.money.Note(Payment(i, kNoon + Millis(i), 100, i % 5 == 0 ? kDeclined : kCompleted));
  EXPECT_THAT(one.money.payments(), SizeIs(MoneyOut::kPaymentsMax));
  const MoneyTally tally = TallyOf(one, kNoon);
  EXPECT_EQ(tally.left.payments, 400U);
  EXPECT_EQ(tally.left.sums.at(0).minor, 40'000);
  EXPECT_EQ(tally.back.payments, 100U);
  EXPECT_EQ(one.money.CountLeft(), 400U);
  EXPECT_EQ(one.money.Left(kCny), 40'000);
}

// Reported once more when they are in the sums already: each is one payment all the same.
TEST(MoneyOutTest, AFloodIsCountedOnceThroughAllItsReports) {
  MoneyOut money;
  const auto report = [&money](Millis after, schemas::TransactionStatus status, uint64_t until = 300) {
    for (uint64_t i = 1; i <= until; ++i) money.Note(Payment(i, kNoon + after + Millis(i), 100, status));
  };
  report(0s, kAuthorized);
  EXPECT_EQ(money.CountLeft(), 300U);
  report(1h, kCompleted);
  EXPECT_EQ(money.CountLeft(), 300U);
  EXPECT_EQ(money.Left(kCny), 30'000);
  report(2h, kReversed, 200);
  EXPECT_EQ(money.CountLeft(), 100U);
  EXPECT_EQ(money.Left(kCny), 10'000);
}

TEST(MoneyOutTest, ASumGivesNoMoreThanItHolds) {
  MoneyOut money;
  for (uint64_t i = 1; i <= 70; ++i) money.Note(Payment(i, kNoon + Millis(i), 100));
  money.Note(Payment(100, kNoon + 1h, 1'000, kReversed));
  EXPECT_EQ(money.CountLeft(), 70U);
  EXPECT_EQ(money.Left(kCny), 7'000);
}

TEST(MoneyOutTest, WhatIsOnItsWayIsKeptLongest) {
  MoneyOut money;
  money.Note(Payment(1, kNoon, 100, kAuthorized));
  for (uint64_t i = 2; i <= 200; ++i) money.Note(Payment(i, kNoon + Millis(i), 100));
  EXPECT_TRUE(money.Knows(1));
  EXPECT_TRUE(money.Knows(200));
  EXPECT_FALSE(money.Knows(2));
}

TEST(MoneyOutTest, ManyCurrenciesAreCounted) {
  MoneyOut money;
  uint64_t key = 0;
  for (const char* code : {"AED", "ARS", "AUD", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK",
                           "DKK", "EGP", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "JPY"}) {
    for (int i = 0; i < 30; ++i) {
      MoneyOut::Payment payment = Payment(++key, kNoon + Millis(key), 100);
      payment.amount.currency = *Currency::Find(code);
      money.Note(payment);
    }
  }
  EXPECT_EQ(money.CountLeft(), 600U);
  EXPECT_EQ(money.sums().size(), MoneyOut::kSumsMax + 1) << "and one for what has no room";
  EXPECT_EQ(money.Left(*Currency::Find("AED")), 3000);
}

// Else each further payment would be told as a first one, past every cap.
TEST(MoneyOutTest, OfWhatCannotBeNotedAsToldNothingDoubles) {
  MoneyOut money;
  uint64_t key = 0;
  for (const char* code : {"AED", "ARS", "AUD", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP",
                           "EUR", "GBP", "HKD", "HUF", "IDR"}) {
    MoneyOut::Payment payment = Payment(++key, kNoon + Millis(key), 100);
    payment.amount.currency = *Currency::Find(code);
    money.Note(payment);
    EXPECT_EQ(money.DoubledSinceTold(payment.amount.currency), key <= MoneyOut::kSumsMax) << code;
    money.MarkTold();
    EXPECT_FALSE(money.DoubledSinceTold(payment.amount.currency)) << code;
  }
}

TEST(MoneyOutTest, WhatTheOwnerKnowsOfDoubles) {
  MoneyOut money;
  EXPECT_FALSE(money.DoubledSinceTold(kCny)) << "nothing left";
  money.Note(Payment(1, kNoon, 500));
  EXPECT_TRUE(money.DoubledSinceTold(kCny));
  money.MarkTold();
  EXPECT_FALSE(money.DoubledSinceTold(kCny));
  money.Note(Payment(2, kNoon + 1min, 300));
  EXPECT_FALSE(money.DoubledSinceTold(kCny));
  money.Note(Payment(3, kNoon + 2min, 200));
  EXPECT_TRUE(money.DoubledSinceTold(kCny));
  money.Note(Payment(3, kNoon + 3min, 200, kReversed));
  EXPECT_FALSE(money.DoubledSinceTold(kCny)) << "what came back has not left";
  MoneyOut::Payment other = Payment(4, kNoon + 4min, 1);
  other.amount.currency = *Currency::Find("JPY");
  money.Note(other);
  EXPECT_TRUE(money.DoubledSinceTold(other.amount.currency)) << "the first of another currency";
  EXPECT_FALSE(money.DoubledSinceTold(kCny));
}

// A large payment that is told and taken back again is no cover for many small ones.
TEST(MoneyOutTest, WhatCameBackIsNoLongerTold) {
  MoneyOut money;
  money.Note(Payment(1, kNoon, 1'500));
  money.MarkTold();
  money.Note(Payment(1, kNoon + 1min, 1'500, kReversed));
  EXPECT_FALSE(money.DoubledSinceTold(kCny)) << "nothing left";
  money.Note(Payment(2, kNoon + 2min, 90));
  EXPECT_TRUE(money.DoubledSinceTold(kCny));
  money.MarkTold();
  money.Note(Payment(3, kNoon + 3min, 80));
  EXPECT_FALSE(money.DoubledSinceTold(kCny));
  money.Note(Payment(4, kNoon + 4min, 10));
  EXPECT_TRUE(money.DoubledSinceTold(kCny));
}

// The agent sees what left, what is to be held and what came back, with each operation.
TEST(MoneyOutTest, TheTicketAddsUp) {
  AlertsConfig config;
  config.policy = {{.money = true, .actions = {schemas::ActionKind::kHoldTransaction}}};
  for (const PolicyRow& row : DefaultPolicy()) config.policy.push_back(row);
  Scenario s(config);
  schemas::Event before = s.Transfer(kNoon - 1h, kAuthorized);
  std::get<schemas::Transaction>(before.payload).amount.minor = 5'000'000;
  s.Decide(before);
  const schemas::Event first = s.Transfer(kNoon, kCompleted);
  schemas::Claim claim = Takeover();
  claim.cause = {before.event_id.str(), first.event_id.str()};
  const schemas::Ticket opened = s.Decide(first, {claim}).tickets.at(0);
  EXPECT_EQ(EvidenceOf(opened, "payments_left"), "2");
  EXPECT_EQ(EvidenceOf(opened, "money_left"), "CNY 118000.00");
  EXPECT_EQ(EvidenceOf(opened, "payments_held"), "");
  EXPECT_THAT(
      MoneyLine(opened),
      HasSubstr("since 1 March 2026, 19:00 (UTC+8): 2 payments left or are on their way (CNY 118,000.00)"));
  const schemas::Event held = s.Transfer(kNoon + 1min, kAuthorized);
  EXPECT_THAT(MoneyLine(s.Decide(held, {Takeover()}).tickets.at(0)),
              HasSubstr("(CNY 118,000.00); one payment is to be held (CNY 68,000.00)"));
  s.Decide(Reported(held, kNoon + 2min, kDeclined));
  s.Decide(Reported(before, kNoon + 3min, kCompleted));
  const std::string after =
      MoneyLine(s.Decide(s.Transfer(kNoon + 1h, kCompleted), {Takeover()}).tickets.at(0));
  EXPECT_THAT(
      after,
      HasSubstr("3 payments left or are on their way (CNY 186,000.00); one payment was refused or returned"));
  const std::string case_id = s.file.cases().at(0).case_id;
  s.Decide(Reported(first, kNoon + 100h, kReversed));
  s.Decide(s.Transfer(kNoon + 100h, kCompleted));  // The case is over: it is of none.
  const schemas::Event verdict = s.Answer(kNoon + 101h, schemas::FeedbackVerdict::kFalsePositive,
                                          schemas::FeedbackBy::kAnalyst, {}, case_id);
  const schemas::Ticket closed = s.Decide(verdict).tickets.at(0);
  EXPECT_EQ(closed.operation, schemas::TicketOperation::kResolve);
  EXPECT_THAT(MoneyLine(closed),
              HasSubstr("2 payments left or are on their way (CNY 118,000.00); 2 payments were refused"));
}

TEST(MoneyOutTest, TheTicketSaysThatNothingLeft) {
  AlertsConfig config;
  config.support.ticket_locale = "zh-CN";
  Scenario s(config);
  const schemas::Ticket ticket = s.Decide(s.Login(kNoon), {Takeover()}).tickets.at(0);
  EXPECT_THAT(MoneyLine(ticket, "**资金转出**"), HasSubstr("自2026年3月1日 20:00（UTC+8）起没有"));
}

// What is merely good to know, or told by a receipt, keeps no accounts.
TEST(MoneyOutTest, BeginsWhereSomebodyWillReadIt) {
  Scenario s;
  s.Decide(s.Transfer(kNoon, kCompleted), {testing::NewDevice(), testing::Approach()});
  ASSERT_THAT(s.file.cases(), SizeIs(2));
  for (const Case& one : s.file.cases()) EXPECT_FALSE(one.money.begun());
  s.file.ClearChanged();
  s.Decide(s.Transfer(kNoon + 1min, kCompleted));
  EXPECT_EQ(s.file.changed() >> static_cast<unsigned>(Segment::kCase) & 1U, 0U);
  const schemas::Ticket ticket = s.Decide(s.Login(kNoon + 2min), {testing::Travel()}).tickets.at(0);
  EXPECT_THAT(MoneyLine(ticket), HasSubstr("20:00 (UTC+8): 2 payments left"));
}

// Of an account that did too much to remember, it is said from when on all is known.
TEST(MoneyOutTest, BeginsWhereNothingIsMissing) {
  Scenario s;
  const schemas::Event first = s.Login(kNoon);
  s.Decide(first);
  for (int i = 1; i <= 100; ++i) s.Decide(s.Transfer(kNoon + i * 1min, kCompleted));
  schemas::Claim claim = Takeover();
  claim.cause = {first.event_id.str()};
  s.Decide(s.Login(kNoon + 101min), {claim});
  const MoneyOut& money = s.file.cases().at(0).money;
  ASSERT_FALSE(money.payments().empty());
  EXPECT_LT(money.CountLeft(), 100U);
  EXPECT_EQ(money.payments().front().at, money.since());
  EXPECT_EQ(money.since(), kNoon + (101 - static_cast<int>(money.CountLeft())) * 1min);
}

// A case of a version that kept no accounts begins them with its next finding.
TEST(MoneyOutTest, AnOlderCaseBeginsLate) {
  Scenario s;
  s.Decide(s.Login(kNoon), {Takeover()});
  s.file.MutableCases()[0].money = {};
  s.Decide(s.Transfer(kNoon + 1min, kCompleted));
  const schemas::Ticket ticket = s.Decide(s.Login(kNoon + 1h), {testing::Travel()}).tickets.at(0);
  EXPECT_THAT(MoneyLine(ticket), HasSubstr("one payment left or is on its way (CNY 68,000.00)"));
}

// Who works a case of the highest priority hears of each payment that leaves, and is not flooded.
TEST(MoneyOutTest, AnAppendAboutMoneyThatLeavesDoesNotWait) {
  Scenario s;
  ASSERT_EQ(s.Decide(s.Login(kNoon), {Takeover()}).tickets.at(0).priority, schemas::Priority::kP1);
  size_t at_once = 0;
  for (int i = 1; i <= 300; ++i) {
    const Decision& d = s.Decide(s.Transfer(kNoon + i * 1s, kCompleted), {Takeover()});
    at_once +=
        static_cast<size_t>(std::ranges::count(d.tickets, kTimestampMin, &schemas::Ticket::deliver_after));
    if (i <= 16) {
      EXPECT_EQ(at_once, static_cast<size_t>(i));
    }
  }
  EXPECT_EQ(at_once, 20U) << "16, then the 32nd, 64th, 128th and 256th";
}

TEST(MoneyOutTest, OtherAppendsWaitForTheirBatch) {
  Scenario s;
  s.Decide(s.Login(kNoon), {Takeover()});
  for (const schemas::TransactionStatus status : {kDeclined, kFailed}) {
    for (const schemas::Ticket& ticket : s.Decide(s.Transfer(kNoon + 1min, status), {Takeover()}).tickets)
      EXPECT_GT(ticket.deliver_after, kTimestampMin);
  }
  for (const schemas::Ticket& ticket : s.Decide(s.Login(kNoon + 1min), {testing::NewDevice()}).tickets)
    EXPECT_GT(ticket.deliver_after, kTimestampMin);
}

}  // namespace
}  // namespace tocsin::alerts
