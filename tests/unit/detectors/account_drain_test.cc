#include "detectors/account_drain.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/account_story.h"
#include "tests/support/event_builder.h"
#include "tests/support/money_events.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::TransactionKind;
using schemas::TransactionStatus;
using test::Build;
using test::Pay;

const Timestamp kNoon = test::At("2026-03-11T12:00:00Z");

Pay Sent(std::string id, Timestamp at, std::string amount, std::string balance_after) {
  return {.id = std::move(id),
          .at = at,
          .amount = std::move(amount),
          .kind = TransactionKind::kTransfer,
          .balance_after = std::move(balance_after)};
}

// A large payment is SGD 1000, a large balance SGD 50,000: CNY 5000 and CNY 250,000.
struct Story : test::AccountStory {
  Story() {
    limits().rates = test::Rates();
    // The first balance ever told is where the account's ledger begins.
    Run(Build(Sent("begin", kNoon - 48h, "CNY 1", "CNY 100")));
  }
};
const Verdict& Ask(test::AccountStory& story, const Pay& pay) {
  return story.Run(Build(pay)).Of("account_drain");
}

TEST(AccountDrainTest, OnePaymentOfMoreThanNineTenths) {
  Story story;
  EXPECT_TRUE(Ask(story, Sent("a", kNoon, "CNY 9000", "CNY 1000")).clear()) << "exactly nine tenths";
  EXPECT_TRUE(Ask(story, Sent("b", kNoon, "CNY 9000.01", "CNY 1000")).alert());
  EXPECT_TRUE(Ask(story, Sent("c", kNoon, "CNY 4999.99", "CNY 0")).clear()) << "of little";
  EXPECT_TRUE(Ask(story, Sent("d", kNoon, "CNY 5000", "CNY 0")).alert());
  EXPECT_TRUE(Ask(story, Sent("e", kNoon, "CNY 6000", "CNY -50")).alert()) << "and more than that";
}

// A credit line: below zero before the payment, there is nothing to be emptied.
TEST(AccountDrainTest, WhatIsNotPositiveIsNotEmptied) {
  Story story;
  EXPECT_TRUE(Ask(story, Sent("a", kNoon, "CNY 6000", "CNY -20000")).clear());
  EXPECT_TRUE(Ask(story, Sent("b", kNoon + 1h, "CNY 6000", "CNY -6000")).clear()) << "exactly nothing";
  EXPECT_TRUE(Ask(story, Sent("c", kNoon + 2h, "CNY 6000", "CNY -5999.99")).alert());
  EXPECT_EQ(story.Only("account_drain").reasons.front().usual, "CNY 0.01");
}
TEST(AccountDrainTest, NorInADay) {
  Story story;
  EXPECT_TRUE(Ask(story, Sent("a", kNoon, "CNY 200000", "CNY -300000")).clear());
  EXPECT_TRUE(Ask(story, Sent("b", kNoon + 1h, "CNY 200000", "CNY -500000")).clear());
  Story other;
  EXPECT_TRUE(Ask(other, Sent("a", kNoon, "CNY 300000", "CNY -20000")).alert()) << "and on credit";
  EXPECT_EQ(other.Only("account_drain").severity, schemas::Severity::kHigh);
}
TEST(AccountDrainTest, SaysWhyItFoundNothingOnCredit) {
  Story story;
  Measures measures;
  const AccountDrain detector{AccountDrain::Config{}};
  const Context context{.population = story.population(),
                        .limits = story.limits(),
                        .learning = story.learning(),
                        .measures = &measures};
  EXPECT_TRUE(
      detector.Evaluate(Build(Sent("a", kNoon, "CNY 6000", "CNY -20000")), story.state(), context).clear());
  ASSERT_EQ(measures.size(), 1U);
  EXPECT_EQ(measures.front().name, "balance_before");
  EXPECT_FALSE(IsMet(measures.front()).value());
}

// On the owner's phone, or `device`.
schemas::Event OnPhone(const Pay& pay, const test::DeviceOf& device = test::kPhone) {
  schemas::Event event = Build(pay);
  event.facts = test::EventBuilder("facts", pay.at).With(device).event().facts;
  return event;
}
Pay Home(std::string id, Timestamp at) {
  Pay pay = Sent(std::move(id), at, "CNY 9900", "CNY 100");
  pay.to = "brother";
  return pay;
}

// A login on the phone each day, from noon of day `from` to that of day `to`.
void Live(Story& story, int from, int to) {
  for (int day = from; day <= to; ++day)
    story.Run(test::EventBuilder("day" + std::to_string(day), kNoon + day * 24h));
}

// All that comes in goes home each month: to whom it always went, from the phone that was always used.
TEST(AccountDrainTest, WhatIsSentHomeEachMonthIsNoDrain) {
  Story story;
  const auto ask = [&](const schemas::Event& event) { return story.Run(event).Of("account_drain"); };
  Live(story, 0, 30);
  EXPECT_TRUE(ask(OnPhone(Home("first", kNoon + 30 * 24h + 1h))).alert()) << "nobody knows him yet";
  Live(story, 31, 60);
  EXPECT_TRUE(ask(OnPhone(Home("second", kNoon + 60 * 24h + 1h))).clear());
  Live(story, 61, 90);
  EXPECT_TRUE(ask(OnPhone(Home("third", kNoon + 90 * 24h + 1h))).clear());
  EXPECT_TRUE(ask(OnPhone(Home("stranger", kNoon + 90 * 24h + 2h), test::kStranger)).alert());
  EXPECT_TRUE(ask(Build(Home("nobody says", kNoon + 90 * 24h + 3h))).alert());
  Pay other = Home("other", kNoon + 90 * 24h + 4h);
  other.to = "somebody";
  EXPECT_TRUE(ask(OnPhone(other)).alert());
}

// Named more than four days ago, whichever way it was.
TEST(AccountDrainTest, APayeeIsAccustomedAfterFourDays) {
  const auto drained = [&](Millis after) {
    Story story;
    Live(story, 0, 30);
    const Timestamp added = kNoon + 30 * 24h + 1h;
    story.Run(test::PayeeAdded("add", added, "brother"));
    return story.Run(OnPhone(Home("pay", added + after))).Of("account_drain").alert();
  };
  EXPECT_TRUE(drained(96h));
  EXPECT_FALSE(drained(96h + 1ms));
}

TEST(AccountDrainTest, HalfOfALargeBalanceInADay) {
  Story story;
  EXPECT_TRUE(Ask(story, Sent("a", kNoon, "CNY 60000", "CNY 190000")).clear());
  EXPECT_TRUE(Ask(story, Sent("b", kNoon + 1h, "CNY 65000", "CNY 125000")).clear()) << "exactly half";
  const Verdict& verdict = Ask(story, Sent("c", kNoon + 2h, "CNY 0.01", "CNY 124999.99"));
  ASSERT_TRUE(verdict.alert());
  EXPECT_EQ(verdict.claims().front().severity, schemas::Severity::kHigh);
  EXPECT_EQ(verdict.claims().front().reasons.front().code, "account_drain_day");
  EXPECT_TRUE(Ask(story, Sent("d", kNoon + 3h, "CNY 50000", "CNY 74999.99")).clear())
      << "it is known already";
}

// Its completion arrives first and is what is found, until the event comes that the payment begins with.
TEST(AccountDrainTest, IsOneFindingWhicheverEventOfThePaymentComesFirst) {
  Pay authorized = Sent("a", kNoon, "CNY 9900", "CNY 100");
  authorized.status = TransactionStatus::kAuthorized;
  authorized.event_id = "a-authorized";
  Pay completed = authorized;
  completed.at += 1min;
  completed.status = TransactionStatus::kCompleted;
  completed.event_id = "a-completed";
  Story in_order;
  in_order.RunAll({Build(authorized), Build(completed)});
  Story turned;
  turned.Run(Build(completed));
  EXPECT_EQ(turned.ActiveCauses("account_drain"), std::vector<std::string>{"a-completed"});
  turned.Run(Build(authorized));
  EXPECT_EQ(in_order.ActiveCauses("account_drain"), std::vector<std::string>{"a-authorized"});
  EXPECT_EQ(turned.ActiveCauses("account_drain"), std::vector<std::string>{"a-authorized"});
}

TEST(AccountDrainTest, ABalanceJustBelowIsNotLarge) {
  Story story;
  EXPECT_TRUE(Ask(story, Sent("a", kNoon, "CNY 200000", "CNY 49999.99")).clear());
  Story large;
  EXPECT_TRUE(Ask(large, Sent("a", kNoon, "CNY 200000", "CNY 50000")).alert());
}

TEST(AccountDrainTest, WhatIsADayOldHasLeftTheWindow) {
  Story story;
  Ask(story, Sent("a", kNoon, "CNY 100000", "CNY 200000"));
  EXPECT_TRUE(Ask(story, Sent("b", kNoon + 24h, "CNY 90000", "CNY 110000")).clear());
  Story sooner;
  Ask(sooner, Sent("a", kNoon, "CNY 100000", "CNY 200000"));
  EXPECT_TRUE(Ask(sooner, Sent("b", kNoon + 24h - 1ms, "CNY 90000", "CNY 110000")).alert());
}

TEST(AccountDrainTest, WhatWasGivenBackHasNotLeft) {
  Story story;
  Ask(story, Sent("a", kNoon, "CNY 100000", "CNY 200000"));
  Pay back = Sent("a", kNoon + 1h, "CNY 100000", "CNY 300000");
  back.status = TransactionStatus::kReversed;
  back.event_id = "back";
  Ask(story, back);
  EXPECT_TRUE(Ask(story, Sent("b", kNoon + 2h, "CNY 100000", "CNY 200000")).clear());
}

TEST(AccountDrainTest, ALatePaymentCompletesALaterOne) {
  Story story;
  Ask(story, Sent("b", kNoon + 10min, "CNY 100000", "CNY 130000"));
  EXPECT_TRUE(story.ActiveCauses("account_drain").empty());
  Ask(story, Sent("a", kNoon, "CNY 70000", "CNY 230000"));
  EXPECT_EQ(story.ActiveCauses("account_drain"), std::vector<std::string>{"b"});
}

TEST(AccountDrainTest, ALatePaymentThatCrossesTheLineFirstTakesItsPlace) {
  Story story;
  Ask(story, Sent("b", kNoon + 10min, "CNY 160000", "CNY 140000"));
  EXPECT_EQ(story.ActiveCauses("account_drain"), std::vector<std::string>{"b"});
  Ask(story, Sent("a", kNoon, "CNY 320000", "CNY 300000"));
  EXPECT_EQ(story.ActiveCauses("account_drain"), std::vector<std::string>{"a"});
}

TEST(AccountDrainTest, ACrossingThatTellsNoBalanceLeavesTheClaimToTheNext) {
  for (const bool told_before : {false, true}) {
    test::AccountStory story;
    story.limits().rates = test::Rates();
    if (told_before) story.Run(Build(Sent("begin", kNoon - 48h, "CNY 1", "CNY 500000")));
    EXPECT_EQ(Ask(story, Sent("a", kNoon, "CNY 300000", "")).why(), "no_balance");
    EXPECT_TRUE(Ask(story, Sent("b", kNoon + 2h, "CNY 25000", "CNY 175000")).alert()) << told_before;
    EXPECT_TRUE(Ask(story, Sent("c", kNoon + 3h, "CNY 25000", "CNY 150000")).clear())
        << "it is known already";
    EXPECT_EQ(story.ActiveCauses("account_drain"), std::vector<std::string>{"b"});
  }
}

TEST(AccountDrainTest, WhatCannotBeKnown) {
  Story story;
  EXPECT_EQ(Ask(story, Sent("a", kNoon, "CNY 9000", "")).why(), "no_balance");
  EXPECT_EQ(Ask(story, Sent("b", kNoon, "KES 9000", "KES 0")).why(), "no_rate");
  Pay received = Sent("c", kNoon, "CNY 9000", "CNY 9000");
  received.direction = schemas::Direction::kIn;
  EXPECT_EQ(Ask(story, received).why(), "money_in");
  Pay declined = Sent("d", kNoon, "CNY 9000", "CNY 0");
  declined.status = TransactionStatus::kDeclined;
  EXPECT_EQ(Ask(story, declined).why(), "not_counted");
}

// Amounts near the end of the range: nothing overflows.
TEST(AccountDrainTest, TheLargestAmounts) {
  Story story;
  for (int i = 0; i < 2; ++i) {
    Ask(story,
        Sent("a" + std::to_string(i), kNoon + i * 1h, "CNY 90071992547409.91", "CNY 90071992547409.91"));
  }
  EXPECT_EQ(story.ActiveCauses("account_drain"), std::vector<std::string>{"a1"}) << "two of three thirds";
}

}  // namespace
}  // namespace tocsin::detectors
