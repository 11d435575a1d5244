#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>

#include "detectors/payments/first_uses.h"
#include "detectors/state/attempts.h"
#include "detectors/state/ledger.h"
#include "detectors/state/payees.h"
#include "tests/support/money_events.h"
#include "tests/support/segment_codec.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::At;

const Timestamp kNoon = At("2026-03-11T12:00:00Z");

// ---- Payees

using Named = Payees::Named;

AccountState WithPayees() {
  AccountState state;
  Payees& payees = state.MutablePayees();
  payees.Insert(7, false, Named::kPaid, kNoon - 60 * 24h, kNoon - 60 * 24h);
  payees.Insert(7, true, Named::kPaid, kNoon - 2h, kNoon);
  payees.Insert(9, false, Named::kAdded, kNoon, kNoon);
  payees.Insert(11, false, Named::kAdded, kNoon - 1h, kNoon);
  payees.Insert(11, false, Named::kPaid, kNoon, kNoon);
  return state;
}

TEST(PayeesTest, AreReadAsTheyAreWritten) {
  const AccountState state = WithPayees();
  test::ExpectRoundTrip(state, Segment::kPayees);
  test::ExpectStrict(state, Segment::kPayees);
  test::ExpectGolden(state, Segment::kPayees,
                     "03040700000002ef9f010700000007808adbe2cd33aba001090000000c80c492e6cd3300aba001"
                     "0b0000000e80e7b6e4cd3300aba001");
}

// As version 2 wrote them: the last was added, at an unknown time, and is taken to be added from the first.
TEST(PayeesTest, VersionTwoIsRead) {
  AccountState read;
  ASSERT_TRUE(
      read.DecodeSegment(Segment::kPayees,
                         test::FromHexText("02040700000002ef9f010700000007808adbe2cd33aba001090000000c"
                                           "80c492e6cd33aba0010b0000000e80e7b6e4cd33aba001"))
          .ok());
  EXPECT_EQ(read.payees(), WithPayees().payees());
}

TEST(PayeesTest, KnowWhenTheyWereAdded) {
  Payees payees;
  payees.Insert(1, false, Named::kPaid, kNoon, kNoon);
  EXPECT_EQ(payees.Find(1, false)->added_at, kTimestampMax);
  payees.Insert(1, false, Named::kAdded, kNoon + 2min, kNoon + 2min);
  payees.Insert(1, false, Named::kAdded, kNoon + 1min, kNoon + 2min);  // Late.
  payees.Insert(1, false, Named::kAdded, kNoon + 3min, kNoon + 3min);
  EXPECT_EQ(payees.Find(1, false)->added_at, kNoon + 1min);
  EXPECT_EQ(payees.Find(1, false)->first_seen, kNoon);
  AccountState state;
  state.MutablePayees() = payees;
  test::ExpectRoundTrip(state, Segment::kPayees);

  // It is not new any more: when does not matter.
  payees.Insert(2, false, Named::kPaid, kNoon + 30 * 24h, kNoon + 30 * 24h);
  EXPECT_EQ(payees.Find(1, false)->added_at, kTimestampMin);
  payees.Insert(1, false, Named::kAdded, kNoon + 30 * 24h, kNoon + 30 * 24h);
  EXPECT_EQ(payees.Find(1, false)->added_at, kTimestampMin);
  state.MutablePayees() = payees;
  test::ExpectRoundTrip(state, Segment::kPayees);
}

// As version 1 wrote the first three: who was paid was not known to have been added.
TEST(PayeesTest, VersionOneIsRead) {
  AccountState expected = WithPayees();
  expected.MutablePayees().known.pop_back();
  AccountState read;
  ASSERT_TRUE(
      read.DecodeSegment(Segment::kPayees,
                         test::FromHexText("01030700000002ef9f010700000007808adbe2cd33aba001090000000480c4"
                                           "92e6cd33aba001"))
          .ok());
  EXPECT_EQ(read.payees(), expected.payees());
  EXPECT_FALSE(read.DecodeSegment(Segment::kPayees, test::FromHexText("010107000000"
                                                                      "0aef9f01"))
                   .ok());
}

TEST(PayeesTest, AFirstUseIsExactWhileItIsRecent) {
  Payees payees;
  payees.Insert(1, false, Named::kPaid, kNoon, kNoon);
  payees.Insert(1, false, Named::kPaid, kNoon - 1h, kNoon);  // Late.
  EXPECT_EQ(payees.Find(1, false)->first_seen, kNoon - 1h);
  payees.Insert(2, false, Named::kPaid, kNoon - 1h + Payees::kRecent, kNoon - 1h + Payees::kRecent);
  EXPECT_EQ(payees.Find(1, false)->first_seen, kNoon - 1h);
  payees.Insert(2, false, Named::kPaid, kNoon + Payees::kRecent, kNoon + Payees::kRecent);
  EXPECT_EQ(payees.Find(1, false)->first_seen, kTimestampMin) << "longer ago";
  EXPECT_EQ(payees.Find(1, true), nullptr) << "who is paid has not paid";
}

TEST(PayeesTest, NewOnesAreCountedOnceMoneyHasMoved) {
  Payees payees;
  payees.Insert(1, false, Named::kPaid, kNoon, kNoon);
  payees.Insert(2, false, Named::kAdded, kNoon, kNoon);
  payees.Insert(3, true, Named::kPaid, kNoon, kNoon);
  EXPECT_EQ(payees.NewBetween(false, kNoon - 1ms, kNoon), 1);
  EXPECT_EQ(payees.NewBetween(false, kNoon, kNoon + 1h), 0);
  EXPECT_EQ(payees.NewBetween(true, kNoon - 1ms, kNoon), 1);
}

TEST(FirstUsesTest, CountAsThePayeesDo) {
  std::mt19937 random(3);
  Payees payees;
  for (uint32_t i = 0; i < 60; ++i) {
    const Timestamp at = kNoon - (random() % 200) * 1h;
    payees.Insert(i % 40, random() % 2 == 0, random() % 3 == 0 ? Named::kAdded : Named::kPaid, at, kNoon);
  }
  for (const bool incoming : {false, true}) {
    const FirstUses uses(payees, {}, incoming, {});
    int counted = 0;
    for (int hour = -200; hour <= 0; ++hour) {
      const Timestamp until = kNoon + hour * 1h;
      for (const Millis length : {0ms, 1ms, Millis(24h), Millis(96h)}) {
        const int expected = payees.NewBetween(incoming, until - length, until);
        ASSERT_EQ(uses.NewBetween(until - length, until), expected) << hour;
        counted = std::max(counted, expected);
      }
    }
    EXPECT_GT(counted, 3);
    EXPECT_EQ(uses.NewBetween(kTimestampMin, kTimestampMax),
              payees.NewBetween(incoming, kTimestampMin, kTimestampMax));
  }
}

// The list of payees is often filled in one go: that is no pace of payments.
TEST(FirstUsesTest, WhoWasAddedIsUsedWhenFirstPaid) {
  Payees payees;
  payees.Insert(1, false, Named::kAdded, kNoon - 48h, kNoon);
  payees.Insert(1, false, Named::kPaid, kNoon, kNoon);
  payees.Insert(2, false, Named::kPaid, kNoon - 30h, kNoon);
  payees.Insert(2, false, Named::kAdded, kNoon - 1h, kNoon);
  MoneyHistory money;
  for (const auto& [at, payee, counted] :
       {std::tuple{kNoon - 50h, 1, true}, std::tuple{kNoon - 40h, 3, true}, std::tuple{kNoon - 30h, 2, true},
        std::tuple{kNoon - 2h, 1, false}, std::tuple{kNoon, 1, true}, std::tuple{kNoon + 1h, 1, true}}) {
    MoneyEntry entry;
    entry.at = at;
    entry.payee_tag = PayeeTag(static_cast<uint32_t>(payee));
    entry.counted = counted;
    money.entries.push_back(entry);
  }
  const FirstUses uses(payees, money, false, {});
  EXPECT_EQ(uses.NewBetween(kNoon - 1ms, kNoon), 1) << "and not when it was added";
  EXPECT_EQ(uses.NewBetween(kNoon - 31h, kNoon - 1ms), 1) << "the other one was paid before";
  EXPECT_EQ(uses.NewBetween(kNoon - 72h, kNoon + 72h), 2);
}

// The completion may arrive before the authorization, the second payment before the first.
TEST(FirstUsesTest, TheEventsOwnIsTheFirstWhereItComesBefore) {
  Payees payees;
  payees.Insert(1, false, Named::kPaid, kNoon, kNoon);
  payees.Insert(2, false, Named::kAdded, kNoon, kNoon);
  const auto uses_of = [&](uint32_t key, Timestamp at) {
    return FirstUses(payees, {}, false, FirstUse{.key = key, .at = at});
  };
  const FirstUses earlier = uses_of(1, kNoon - 3min);
  EXPECT_EQ(earlier.NewBetween(kNoon - 4min, kNoon - 3min), 1);
  EXPECT_EQ(earlier.NewBetween(kNoon - 3min, kNoon + 1h), 0);
  const FirstUses later = uses_of(1, kNoon + 3min);
  EXPECT_EQ(later.NewBetween(kNoon - 1ms, kNoon), 1);
  EXPECT_EQ(later.NewBetween(kNoon, kNoon + 1h), 0);
  EXPECT_EQ(uses_of(2, kNoon + 3min).NewBetween(kNoon, kNoon + 1h), 1) << "added, and paid now";
  EXPECT_EQ(uses_of(3, kNoon + 3min).NewBetween(kNoon, kNoon + 1h), 1) << "a stranger";
}

TEST(PayeesTest, WhoIsForgottenIsNewAgain) {
  Payees payees;
  payees.Insert(1, false, Named::kPaid, kNoon, kNoon);
  payees.Insert(2, false, Named::kPaid, kNoon + 400 * 24h, kNoon + 400 * 24h);
  EXPECT_NE(payees.Find(1, false), nullptr);
  payees.Insert(2, false, Named::kPaid, kNoon + 401 * 24h, kNoon + 401 * 24h);
  EXPECT_EQ(payees.Find(1, false), nullptr);
}

TEST(PayeesTest, AMillionStrangersDoNotPushOutWhatIsRecent) {
  Payees payees;
  for (uint32_t i = 0; i < 40; ++i) payees.Insert(i, false, Named::kPaid, kNoon - 30 * 24h, kNoon - 30 * 24h);
  for (uint32_t i = 1000; i < 1010; ++i) payees.Insert(i, false, Named::kPaid, kNoon, kNoon);
  EXPECT_EQ(payees.known.size(), Payees::kKnownMax);
  for (uint32_t i = 1000; i < 1010; ++i) EXPECT_NE(payees.Find(i, false), nullptr) << i;
  for (uint32_t i = 2000; i < 100'000; ++i) payees.Insert(i, false, Named::kPaid, kNoon, kNoon);
  EXPECT_EQ(payees.known.size(), Payees::kKnownMax);
}

// A seller's customers: each pays once, and the landlord is paid each month.
TEST(PayeesTest, SendersDoNotPushOutWhoIsPaid) {
  Payees payees;
  payees.Insert(1, false, Named::kPaid, kNoon, kNoon);
  for (uint32_t i = 0; i < 1000; ++i) {
    const Timestamp at = kNoon + (i + 1) * 2h;
    payees.Insert(1000 + i, true, Named::kPaid, at, at);
    ASSERT_NE(payees.Find(1, false), nullptr) << i;
    ASSERT_NE(payees.Find(1000 + i, true), nullptr) << i;
  }
  EXPECT_EQ(payees.known.size(), Payees::kKnownMax);
  // Nor while all of them are recent.
  const Timestamp rush = kNoon + 120 * 24h;
  for (uint32_t i = 0; i < 1000; ++i)
    payees.Insert(9000 + i, true, Named::kPaid, rush + i * 1s, rush + i * 1s);
  EXPECT_NE(payees.Find(1, false), nullptr);
  EXPECT_NE(payees.Find(9999, true), nullptr);
  EXPECT_EQ(payees.Find(9000, true), nullptr);
}

// Senders are asked for while they are new: an account with many payees sees them all the same.
TEST(PayeesTest, NewSendersHavePlacesOfTheirOwn) {
  Payees payees;
  for (uint32_t i = 0; i < 100; ++i) payees.Insert(i, false, Named::kPaid, kNoon + i * 1s, kNoon + i * 1s);
  const Timestamp then = kNoon + 1h;
  for (uint32_t i = 0; i < 100; ++i)
    payees.Insert(1000 + i, true, Named::kPaid, then + i * 1s, then + i * 1s);
  EXPECT_EQ(payees.NewBetween(true, kNoon, then + 1h), static_cast<int>(Payees::kSendersKept));
  EXPECT_EQ(payees.NewBetween(false, kNoon - 1h, then),
            static_cast<int>(Payees::kKnownMax - Payees::kSendersKept));
  EXPECT_NE(payees.Find(99, false), nullptr);
  // Once they are old, payees take their places.
  const Timestamp later = then + 10 * 24h;
  for (uint32_t i = 0; i < 100; ++i) payees.Insert(2000 + i, false, Named::kPaid, later, later);
  EXPECT_TRUE(std::ranges::none_of(payees.known, &Payee::incoming));
}

TEST(PayeesTest, WhoStaysDoesNotDependOnTheOrder) {
  std::mt19937 random(7);
  struct Use {
    uint32_t key;
    bool incoming;
    Timestamp at;
  };
  for (int round = 0; round < 50; ++round) {
    std::vector<Use> uses;
    const size_t incoming_in = 2 + random() % 4;
    for (int i = 0; i < 90; ++i)
      uses.push_back({static_cast<uint32_t>(random()), random() % incoming_in == 0, kNoon + i * 3s});
    Payees before;
    for (uint32_t i = 0; i < 48; ++i)
      before.Insert(i, i % 3 == 0, Named::kPaid, kNoon - (240 - 4 * i) * 1h - 30min, kNoon - 1h);
    const auto after = [&] {
      Payees payees = before;
      Timestamp newest = kNoon;
      for (const Use& use : uses) {
        newest = std::max(newest, use.at);
        payees.Insert(use.key, use.incoming, Named::kPaid, use.at, newest);
      }
      return payees;
    };
    const Payees expected = after();
    std::ranges::shuffle(uses, random);
    ASSERT_EQ(after(), expected) << round;
  }
}

// ---- PaymentAttempts

Attempt Refused(std::string_view id, Timestamp at) {
  return {.at = at,
          .event_id = id,
          .amount = test::MoneyOf("CNY 12"),
          .kind = schemas::TransactionKind::kPayment,
          .direction = schemas::Direction::kOut,
          .reason = schemas::DeclineReason::kOther,
          .instrument_type = schemas::InstrumentType::kCard,
          .instrument = 5,
          .transaction_key = 0x123456789a};
}

TEST(AttemptsTest, AreReadAsTheyAreWritten) {
  AccountState state;
  state.MutableAttempts().Insert(Refused("b", kNoon), kNoon);
  state.MutableAttempts().Insert(Refused("0b9c5a52-6f3e-4a3f-9d6c-0123456789ab", kNoon - 1h), kNoon);
  EXPECT_EQ(state.attempts().list.front().at, kNoon - 1h);
  test::ExpectRoundTrip(state, Segment::kAttempts);
  test::ExpectStrict(state, Segment::kAttempts);
}

AccountState WithAttempts() {
  AccountState state;
  state.MutableAttempts().Insert(Refused("b", kNoon), kNoon);
  Attempt other = Refused("a", kNoon - 1h);
  other.transaction_key = 0;
  state.MutableAttempts().Insert(std::move(other), kNoon);
  return state;
}

TEST(AttemptsTest, TheirBytes) {
  test::ExpectGolden(WithAttempts(), Segment::kAttempts,
                     "020280e7b6e4cd330261b009d91b910505000000000080dddb010262b009d91b9105059a78563412");
}

// As version 1 wrote them: of what transaction was not kept.
TEST(AttemptsTest, VersionOneIsRead) {
  AccountState expected = WithAttempts();
  for (Attempt& attempt : expected.MutableAttempts().list) attempt.transaction_key = 0;
  AccountState read;
  ASSERT_TRUE(
      read.DecodeSegment(Segment::kAttempts,
                         test::FromHexText("010280e7b6e4cd330261b009d91b91050580dddb010262b009d91b910505"))
          .ok());
  EXPECT_EQ(read.attempts(), expected.attempts());
}

TEST(AttemptsTest, KnowTheirTransaction) {
  test::Pay pay{.id = "one", .at = kNoon, .status = schemas::TransactionStatus::kDeclined};
  const Attempt declined = ReadAttempt(test::Build(pay));
  pay.event_id = "two";
  pay.status = schemas::TransactionStatus::kFailed;
  EXPECT_EQ(ReadAttempt(test::Build(pay)).transaction_key, declined.transaction_key);
  EXPECT_NE(declined.transaction_key, 0U);
  EXPECT_LT(declined.transaction_key, uint64_t{1} << 40U);
  pay.id = "";
  EXPECT_EQ(ReadAttempt(test::Build(pay)).transaction_key, 0U) << "nobody says";
}

TEST(AttemptsTest, ABurstKeepsItsBeginning) {
  PaymentAttempts attempts;
  for (int i = 0; i < 1000; ++i) attempts.Insert(Refused(std::to_string(i), kNoon + i * 1s), kNoon + i * 1s);
  EXPECT_EQ(attempts.list.size(), PaymentAttempts::kMax);
  EXPECT_EQ(attempts.list.front().event_id, "0");
  EXPECT_EQ(attempts.list.back().event_id, "999");
  const Timestamp later = kNoon + 999s + PaymentAttempts::kKept;
  EXPECT_TRUE(attempts.CanPrune(later));
  attempts.Prune(later);
  EXPECT_EQ(attempts.list.size(), 1U) << "exactly as old is kept";
  attempts.Prune(later + 1ms);
  EXPECT_TRUE(attempts.empty());
}

// ---- Ledger

AccountState WithLedger() {
  AccountState state;
  Ledger& ledger = state.MutableLedger();
  ledger.raises = {{.at = kNoon - 1h,
                    .event_id = "raise",
                    .limit = "daily-out",
                    .previous = test::MoneyOf("CNY 100"),
                    .value = test::MoneyOf("CNY 300")}};
  ledger.open = {{.at = kNoon,
                  .event_id = "open",
                  .transaction_key = 7,
                  .amount = test::MoneyOf("CNY 5"),
                  .withdrawal = true}};
  ledger.currency = *Currency::Find("CNY");
  ledger.settled_at = kNoon - 2h;
  ledger.known = true;
  ledger.balance_minor = -500;
  ledger.mismatch_at = kNoon - 24h;
  ledger.statements = {{.at = kNoon - 1h, .event_id = "one", .change_minor = -7, .sure = true},
                       {.at = kNoon,
                        .event_id = "two",
                        .change_minor = 9,
                        .unknown = true,
                        .has_balance = true,
                        .balance_minor = 12}};
  return state;
}

TEST(LedgerTest, IsReadAsItIsWritten) {
  const AccountState state = WithLedger();
  test::ExpectRoundTrip(state, Segment::kLedger);
  test::ExpectStrict(state, Segment::kLedger);
  AccountState only_open;
  only_open.MutableLedger().open = state.ledger().open;
  test::ExpectRoundTrip(only_open, Segment::kLedger);
}

}  // namespace
}  // namespace tocsin::detectors
