#include "detectors/stuck_transaction.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/account_story.h"
#include "tests/support/money_events.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::TransactionKind;
using schemas::TransactionStatus;
using test::Build;
using test::Pay;

const Timestamp kNoon = test::At("2026-03-11T12:00:00Z");
using Causes = std::vector<std::string>;

Pay Withdrawal(TransactionStatus status, Timestamp at, TransactionKind kind = TransactionKind::kWithdrawal) {
  return {.id = "w",
          .at = at,
          .amount = "CNY 500",
          .status = status,
          .kind = kind,
          .event_id = "w-" + std::to_string(static_cast<int>(status))};
}
schemas::Event Authorized(TransactionKind kind = TransactionKind::kWithdrawal) {
  return Build(Withdrawal(TransactionStatus::kAuthorized, kNoon, kind));
}
Causes Found(const test::AccountStory& story) { return story.ActiveCauses("stuck_transaction"); }

TEST(StuckTransactionTest, ADayWithoutAnOutcome) {
  test::AccountStory story;
  story.Run(Authorized());
  story.Run(test::Seen("nearly", kNoon + 24h - 1ms));
  EXPECT_EQ(Found(story), Causes{});
  const DetectionResult& result = story.Run(test::Seen("login", kNoon + 24h));
  EXPECT_FALSE(IsSuspicious(result, true));
  EXPECT_EQ(Found(story), Causes{"w-1"});
  const Claim& claim = story.Only("stuck_transaction");
  EXPECT_EQ(claim.reasons.front().code, "stuck_withdrawal");
  EXPECT_EQ(claim.occurred_at, kNoon + 24h);
  EXPECT_TRUE(story.Run(test::Seen("again", kNoon + 30h)).Of("stuck_transaction").clear()) << "said once";
}

TEST(StuckTransactionTest, EveryOutcomeIsOne) {
  for (const TransactionStatus outcome : {TransactionStatus::kCompleted, TransactionStatus::kFailed,
                                          TransactionStatus::kReversed, TransactionStatus::kDeclined}) {
    test::AccountStory story;
    story.Run(Authorized());
    story.Run(Build(Withdrawal(outcome, kNoon + 1h)));
    story.Run(test::Seen("login", kNoon + 48h));
    EXPECT_EQ(Found(story), Causes{});
  }
}

TEST(StuckTransactionTest, TheOutcomeClosesTheFinding) {
  test::AccountStory story;
  story.Run(Authorized());
  story.Run(test::Seen("login", kNoon + 25h));
  EXPECT_EQ(Found(story), Causes{"w-1"});
  story.Run(Build(Withdrawal(TransactionStatus::kCompleted, kNoon + 26h)));
  EXPECT_EQ(Found(story), Causes{});
  story.Run(test::Seen("later", kNoon + 90h));
  EXPECT_EQ(Found(story), Causes{});
}

TEST(StuckTransactionTest, AnOutcomeThatWasOnlyLateClosesItToo) {
  test::AccountStory story;
  story.Run(Authorized());
  story.Run(test::Seen("login", kNoon + 25h));
  story.Run(Build(Withdrawal(TransactionStatus::kCompleted, kNoon + 1h)));
  EXPECT_EQ(Found(story), Causes{});
}

TEST(StuckTransactionTest, TheAuthorizationArrivesAfterTheOutcome) {
  test::AccountStory story;
  story.Run(Build(Withdrawal(TransactionStatus::kCompleted, kNoon + 1min)));
  story.Run(Authorized());
  story.Run(test::Seen("login", kNoon + 25h));
  EXPECT_EQ(Found(story), Causes{});
}

TEST(StuckTransactionTest, ALateAuthorizationIsStuckAtOnce) {
  test::AccountStory story;
  story.Run(test::Seen("login", kNoon + 30h));
  story.Run(Authorized());
  EXPECT_EQ(Found(story), Causes{"w-1"});
}

TEST(StuckTransactionTest, TwiceTheSameEvent) {
  test::AccountStory story;
  story.Run(Authorized());
  story.Run(Authorized());
  story.Run(test::Seen("login", kNoon + 25h));
  EXPECT_EQ(Found(story), Causes{"w-1"});
}

TEST(StuckTransactionTest, TransfersTooButNoCardPayments) {
  test::AccountStory transfer;
  transfer.Run(Authorized(TransactionKind::kTransfer));
  transfer.Run(test::Seen("login", kNoon + 25h));
  EXPECT_EQ(Found(transfer), Causes{"w-1"});
  EXPECT_EQ(transfer.Only("stuck_transaction").reasons.front().code, "stuck_transfer");
  test::AccountStory payment;
  payment.Run(Authorized(TransactionKind::kPayment));
  payment.Run(test::Seen("login", kNoon + 25h));
  EXPECT_EQ(Found(payment), Causes{});
}

TEST(StuckTransactionTest, ManyAtOnceAreBounded) {
  test::AccountStory story;
  for (int i = 0; i < 1000; ++i) {
    Pay pay = Withdrawal(TransactionStatus::kAuthorized, kNoon + i * 1s);
    pay.id = pay.event_id = "w" + std::to_string(i);
    story.Run(Build(pay));
  }
  EXPECT_EQ(story.state().ledger().open.size(), Ledger::kOpenMax);
  story.Run(test::Seen("login", kNoon + 48h));
  EXPECT_EQ(Found(story).size(), Ledger::kOpenMax);
}

}  // namespace
}  // namespace tocsin::detectors
