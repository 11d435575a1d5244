#include "detectors/unusual_amount.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tests/support/money_events.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::Direction;
using schemas::TransactionKind;
using schemas::TransactionStatus;
using test::At;
using test::Build;
using test::EvidenceOf;
using test::MoneyAccount;
using test::Pay;

const UnusualAmount kUnusual{{}};
const Timestamp kNoon = At("2026-03-11T12:00:00Z");

std::string Cny(int64_t minor) { return FormatMoney({minor, *Currency::Find("CNY")}); }

// `amounts`, one a day, the last of them yesterday.
MoneyAccount HavingPaid(const std::vector<int64_t>& amounts) {
  MoneyAccount account;
  const auto days = static_cast<int>(amounts.size());
  for (int i = 0; i < days; ++i) {
    const Pay pay{.id = "past-" + std::to_string(i),
                  .at = kNoon - (days - i) * 24h,
                  .amount = Cny(amounts[static_cast<size_t>(i)])};
    account.Learn(pay);
  }
  return account;
}
Verdict Ask(const MoneyAccount& account, int64_t minor, Pay pay = {}) {
  pay.id = "now";
  if (pay.at == Timestamp{}) pay.at = kNoon;
  pay.amount = Cny(minor);
  return kUnusual.Evaluate(Build(pay), account.state, account.context());
}

// ---- By the account's own habit

TEST(UnusualAmountTest, RegularPaymentsAreFreeUpToFourTimes) {
  const MoneyAccount account = HavingPaid(std::vector<int64_t>(40, 10'000));
  EXPECT_TRUE(Ask(account, 10'000).clear());
  EXPECT_TRUE(Ask(account, 39'000).clear());
  EXPECT_TRUE(Ask(account, 45'000).alert());
  EXPECT_TRUE(Ask(account, 1).clear());  // Small is not unusual money out.
}

TEST(UnusualAmountTest, AWideHabitAllowsMore) {
  // A factor of 16 either way.
  std::vector<int64_t> amounts;
  for (int i = 0; i < 41; ++i) amounts.push_back(static_cast<int64_t>(10'000 * std::exp2((i % 9) - 4)));
  const MoneyAccount account = HavingPaid(amounts);
  EXPECT_TRUE(Ask(account, 160'000).clear());
  EXPECT_TRUE(Ask(account, 100'000'000).alert());
}

// Asked when the payments are too old for the mean of the month, which would find 40,001 already. Their
// median is the middle of the bin from 2^13.25 to 2^13.5: 2^13.375 = 10,623.71. The smallest deviation is
// 0.4, so z is 3.5 at e^1.4 times that: 43,081.27.
TEST(UnusualAmountTest, ThreeAndAHalfDeviationsAreUsual) {
  const MoneyAccount account = HavingPaid(std::vector<int64_t>(40, 10'000));
  const Pay later{.at = kNoon + 40 * 24h};
  EXPECT_TRUE(Ask(account, 43'081, later).clear());
  const Verdict verdict = Ask(account, 43'082, later);
  ASSERT_TRUE(verdict.alert());
  EXPECT_EQ(EvidenceOf(verdict.claims()[0], "payments_30d"), "") << "by habit alone";
  EXPECT_NEAR(std::stod(EvidenceOf(verdict.claims()[0], "z")), 3.5, 1e-4);
}

// Half of all lie within four bins, an octave, of the same median: a deviation of 1.4826 octaves, and z
// is 3.5 at 2^(13.375 + 3.5 · 1.4826) = 2^18.5641 = 387,570.7.
TEST(UnusualAmountTest, OfAWideHabitTheyAreWider) {
  std::vector<int64_t> amounts;
  for (int i = 0; i < 40; ++i) amounts.push_back(i % 3 == 0 ? 10'000 : i % 3 == 1 ? 20'000 : 5'000);
  const MoneyAccount account = HavingPaid(amounts);
  const Pay later{.at = kNoon + 40 * 24h};
  EXPECT_TRUE(Ask(account, 387'570, later).clear());
  EXPECT_TRUE(Ask(account, 387'571, later).alert());
}

TEST(UnusualAmountTest, TheTenthPaymentMakesAHabit) {
  const Pay later{.at = kNoon + 40 * 24h};
  EXPECT_EQ(Ask(HavingPaid(std::vector<int64_t>(9, 10'000)), 43'082, later).why(), kLearning);
  const MoneyAccount ten = HavingPaid(std::vector<int64_t>(10, 10'000));
  EXPECT_TRUE(Ask(ten, 43'081, later).clear());
  EXPECT_TRUE(Ask(ten, 43'082, later).alert());
  EXPECT_EQ(EvidenceOf(Ask(ten, 43'082, later).claims()[0], "payments"), "10");
}

TEST(UnusualAmountTest, SaysEveryNumber) {
  const Verdict verdict = Ask(HavingPaid(std::vector<int64_t>(40, 10'000)), 6'800'000);
  ASSERT_EQ(verdict.claims().size(), 1U);
  const Claim& claim = verdict.claims()[0];
  EXPECT_EQ(claim.cause, std::vector<std::string>{"now"});
  EXPECT_EQ(claim.transaction_id, "now");
  EXPECT_EQ(claim.occurred_at, kNoon);
  ASSERT_EQ(claim.reasons.size(), 1U);
  EXPECT_EQ(claim.reasons[0].code, "unusual_amount");
  EXPECT_EQ(claim.reasons[0].observed, "CNY 68000.00");
  // The middle of a bin: within 9 % of the true median.
  const double usual = std::stod(claim.reasons[0].usual.substr(4));
  EXPECT_NEAR(usual, 100, 9);
  EXPECT_EQ(EvidenceOf(claim, "amount"), "68000.00");
  EXPECT_EQ(EvidenceOf(claim, "currency"), "CNY");
  EXPECT_EQ(EvidenceOf(claim, "kind"), "payment");
  EXPECT_EQ(EvidenceOf(claim, "payments"), "40");
  EXPECT_EQ(EvidenceOf(claim, "mean_30d"), "100.00");
  EXPECT_NEAR(std::stod(EvidenceOf(claim, "z")), std::log(680) / 0.4, 0.3);
  EXPECT_EQ(EvidenceOf(claim, "population_amount"), "");
}

TEST(UnusualAmountTest, WhatHasBeenPaidBeforeIsNotUnusual) {
  std::vector<int64_t> amounts(40, 1'000);
  amounts[20] = 500'000;  // The rent.
  const MoneyAccount account = HavingPaid(amounts);
  EXPECT_TRUE(Ask(account, 500'000).clear());
  EXPECT_TRUE(Ask(account, 480'000).clear());
  EXPECT_TRUE(Ask(account, 2'000'000).alert());
  // Months later it is forgotten.
  EXPECT_TRUE(Ask(account, 500'000, {.at = kNoon + 200 * 24h}).alert());
}

TEST(UnusualAmountTest, OtherKindsAndCurrenciesAreNoMeasure) {
  const MoneyAccount account = HavingPaid(std::vector<int64_t>(40, 10'000));
  EXPECT_EQ(Ask(account, 10'000, {.kind = TransactionKind::kWithdrawal}).why(), kLearning);
  const Pay dollars{.id = "now", .at = kNoon, .amount = "USD 100000"};
  EXPECT_EQ(kUnusual.Evaluate(Build(dollars), account.state, account.context()).why(), kLearning);
}

// ---- With little history

TEST(UnusualAmountTest, TheMeanOfThirtyDaysNeedsFive) {
  EXPECT_EQ(Ask(HavingPaid({100, 100, 100, 100}), 1'000).why(), kLearning);
  const MoneyAccount account = HavingPaid({100, 110, 90, 80, 120});
  EXPECT_TRUE(Ask(account, 400).clear());  // Exactly four times.
  const Verdict verdict = Ask(account, 401);
  ASSERT_TRUE(verdict.alert());
  EXPECT_EQ(verdict.claims()[0].reasons[0].usual, "CNY 1.00");
  EXPECT_EQ(EvidenceOf(verdict.claims()[0], "payments_30d"), "5");
  EXPECT_EQ(EvidenceOf(verdict.claims()[0], "z"), "");
  // When they are more than 35 days ago they are no measure.
  EXPECT_EQ(Ask(account, 401, {.at = kNoon + 36 * 24h}).why(), kLearning);
}

TEST(UnusualAmountTest, ThePopulationMeasuresNewAccounts) {
  MoneyAccount account = HavingPaid({100});
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> amounts(9.2, 0.5);  // About 100.00.
  for (int i = 0; i < 3000; ++i) {
    const Pay pay{
        .id = std::to_string(i), .at = kNoon - 1h, .amount = Cny(static_cast<int64_t>(amounts(random)))};
    account.population.Learn(Build(pay), "");
  }
  EXPECT_TRUE(Ask(account, 20'000).clear());
  const Verdict verdict = Ask(account, 1'000'000);
  ASSERT_TRUE(verdict.alert());
  EXPECT_EQ(verdict.claims()[0].reasons[0].code, "unusual_amount_population");
  EXPECT_EQ(EvidenceOf(verdict.claims()[0], "population_quantile"), "0.999000");
  EXPECT_EQ(Ask(account, 1'000'000, {.kind = TransactionKind::kTransfer}).why(), kLearning);
  account.state.MutableProfile().owner.tier = "gold";
  EXPECT_EQ(Ask(account, 1'000'000).why(), kLearning);
}

// ---- How far

TEST(UnusualAmountTest, FarBeyondTheUsualIsMedium) {
  // The median is the middle of the bin of CNY 100.
  const MoneyAccount account = HavingPaid(std::vector<int64_t>(40, 10'000));
  const auto severity = [&](int64_t minor) { return Ask(account, minor).claims().at(0).severity; };
  EXPECT_EQ(severity(110'000), schemas::Severity::kLow);
  EXPECT_EQ(severity(140'000), schemas::Severity::kMedium);
}

TEST(UnusualAmountTest, WithFewPaymentsTheMonthSaysHowFar) {
  const MoneyAccount account = HavingPaid(std::vector<int64_t>(6, 10'000));
  const auto severity = [&](int64_t minor) { return Ask(account, minor).claims().at(0).severity; };
  EXPECT_EQ(severity(119'999), schemas::Severity::kLow);
  EXPECT_EQ(severity(120'000), schemas::Severity::kMedium);
}

// ---- What is judged

TEST(UnusualAmountTest, OnlyMoneyThatLeavesIsJudged) {
  const MoneyAccount account = HavingPaid(std::vector<int64_t>(40, 10'000));
  EXPECT_EQ(Ask(account, 9'000'000, {.direction = Direction::kIn}).why(), "money_in");
  for (const TransactionStatus status :
       {TransactionStatus::kDeclined, TransactionStatus::kFailed, TransactionStatus::kReversed}) {
    EXPECT_EQ(Ask(account, 9'000'000, {.status = status}).why(), "not_counted");
  }
  EXPECT_TRUE(Ask(account, 0).clear());
}

TEST(UnusualAmountTest, ASettlementInAnotherCurrencyIsJudged) {
  MoneyAccount account = HavingPaid(std::vector<int64_t>(40, 10'000));
  Pay pay{.id = "a",
          .at = kNoon,
          .amount = "USD 1",
          .status = TransactionStatus::kAuthorized,
          .event_id = "auth"};
  account.Learn(Build(pay), false);
  pay = {.id = "a", .at = kNoon + 1h, .amount = Cny(9'000'000), .event_id = "completed"};
  const Verdict verdict = kUnusual.Evaluate(Build(pay), account.state, account.context());
  ASSERT_TRUE(verdict.alert());
  EXPECT_EQ(verdict.claims()[0].cause, std::vector<std::string>{"auth"});
  account.Learn(Build(pay), true);
  // Another authorization of it, in the first currency and between the two, says nothing new.
  pay = {.id = "a",
         .at = kNoon + 1min,
         .amount = "USD 2",
         .status = TransactionStatus::kAuthorized,
         .event_id = "late"};
  EXPECT_TRUE(kUnusual.Evaluate(Build(pay), account.state, account.context()).clear());
}

TEST(UnusualAmountTest, ATransactionIsJudgedOnce) {
  MoneyAccount account = HavingPaid(std::vector<int64_t>(40, 10'000));
  Pay pay{.id = "a",
          .at = kNoon,
          .amount = Cny(9'000'000),
          .status = TransactionStatus::kAuthorized,
          .event_id = "authorized"};
  const Verdict first = kUnusual.Evaluate(Build(pay), account.state, account.context());
  EXPECT_TRUE(first.alert());
  account.Learn(Build(pay), true);
  pay.status = TransactionStatus::kCompleted;
  pay.event_id = "completed";
  EXPECT_TRUE(kUnusual.Evaluate(Build(pay), account.state, account.context()).clear());
  // Completed for more than authorized: the same finding, with the new amount.
  pay.amount = Cny(9'500'000);
  const Verdict more = kUnusual.Evaluate(Build(pay), account.state, account.context());
  ASSERT_TRUE(more.alert());
  EXPECT_EQ(more.claims()[0].cause, first.claims()[0].cause);
  EXPECT_EQ(EvidenceOf(more.claims()[0], "amount"), "95000.00");
}

TEST(UnusualAmountTest, WhatIsUnderSuspicionDoesNotTeach) {
  MoneyAccount account = HavingPaid(std::vector<int64_t>(40, 10'000));
  for (int i = 0; i < 30; ++i) {
    account.Learn({.id = "stolen" + std::to_string(i), .at = kNoon + i * 1min, .amount = Cny(9'000'000)},
                  true);
  }
  EXPECT_TRUE(Ask(account, 9'000'000, {.at = kNoon + 1h}).alert());
}

TEST(UnusualAmountTest, TheOrderOfArrivalDoesNotChangeTheHabit) {
  std::mt19937_64 random(7);
  std::vector<Pay> pays;
  for (int i = 0; i < 60; ++i) {
    pays.push_back({.id = std::to_string(i),
                    .at = kNoon + i * 1h,
                    .amount = Cny(static_cast<int64_t>(random() % 100'000 + 1))});
  }
  MoneyAccount in_order;
  for (const Pay& pay : pays) in_order.Learn(pay);
  std::ranges::shuffle(pays, random);
  MoneyAccount shuffled;
  for (const Pay& pay : pays) shuffled.Learn(pay);
  const AmountHistogram& a = in_order.state.money().histograms.at(0);
  const AmountHistogram& b = shuffled.state.money().histograms.at(0);
  EXPECT_EQ(a.blocks, b.blocks);
  EXPECT_EQ(a.seen, b.seen);
  ASSERT_EQ(a.bins.size(), b.bins.size());
  for (size_t i = 0; i < a.bins.size(); ++i) {
    EXPECT_EQ(a.bins[i].index, b.bins[i].index);
    EXPECT_NEAR(a.bins[i].count, b.bins[i].count, 1e-4);
  }
}

// Nor does it change what waits to be learnt: payments of two events each, some of them under suspicion.
TEST(UnusualAmountTest, WhatWaitsIsTheSameInAnyOrderOfArrival) {
  struct Arrival {
    Timestamp at;
    Pay pay;
    bool suspicious = false;
  };
  std::mt19937_64 random(8);
  const auto below = [&](int64_t bound) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(bound));
  };
  std::vector<Arrival> arrivals;
  Timestamp at = kNoon;
  for (int i = 0; i < 300; ++i) {
    at += Millis(1 + below(below(8) == 0 ? 4'000'000 : 600'000));
    const std::string id = std::to_string(i);
    const std::string amount = Cny(1 + below(100'000));
    arrivals.push_back({at, {.id = id, .at = at, .amount = amount, .event_id = id + "c"}, below(8) == 0});
    if (below(2) == 0) {
      Pay authorized = arrivals.back().pay;
      authorized.at -= Millis(1 + below(200'000));
      authorized.status = TransactionStatus::kAuthorized;
      authorized.event_id = id + "a";
      arrivals.push_back({authorized.at, authorized, below(8) == 0});
    }
  }
  arrivals.push_back({at + 6min, {.id = "last", .at = at + 6min, .amount = Cny(1)}});
  const auto learn = [&] {
    std::ranges::stable_sort(arrivals, {}, &Arrival::at);
    MoneyAccount account;
    for (const Arrival& arrival : arrivals) account.Learn(arrival.pay, arrival.suspicious);
    return account.state.money();
  };
  const MoneyHistory in_order = learn();
  ASSERT_GT(in_order.histograms.at(0).seen, 200U);
  ASSERT_TRUE(std::ranges::any_of(in_order.entries, [](const MoneyEntry& entry) { return entry.waits; }));
  ASSERT_TRUE(std::ranges::any_of(in_order.entries, [](const MoneyEntry& entry) { return entry.held; }));
  for (Arrival& arrival : arrivals) {
    if (arrival.pay.id != "last") arrival.at += Millis(below(300'000));
  }
  EXPECT_EQ(learn(), in_order);
}

TEST(UnusualAmountTest, ASittingDoesNotTeachItself) {
  MoneyAccount account = HavingPaid(std::vector<int64_t>(4, 10'000));
  account.Learn({.id = "fifth", .at = kNoon, .amount = Cny(10'000)});
  EXPECT_FALSE(Ask(account, 9'000'000, {.at = kNoon + 1h - 1ms}).alert());
  EXPECT_TRUE(Ask(account, 9'000'000, {.at = kNoon + 1h}).alert());
}

}  // namespace
}  // namespace tocsin::detectors
