// Limits over time: late events, long windows, and what a claim says.
#include "detectors/limit_breach.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "detectors/limits/judge.h"
#include "tests/support/money_events.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::TransactionStatus;
using test::At;
using test::Calendar;
using test::Claimed;
using test::EvidenceOf;
using test::MoneyAccount;
using test::MoneyOf;
using test::Paid;
using test::Pay;
using test::Retracted;
using test::Rolling;
using test::Single;
using test::Status;
using test::With;
using Names = std::vector<std::string>;

const LimitBreach kBreach{{}};
const Timestamp kNoon = At("2026-03-11T12:00:00Z");  // A Wednesday.

// ---- Late events

TEST(LateTransactionTest, TakesLaterOnesOverTheLimit) {
  MoneyAccount account = With(Rolling("CNY 100"));
  EXPECT_TRUE(account.Judge(kBreach, {.id = "noon", .at = kNoon, .amount = "CNY 60"}).clear());
  EXPECT_TRUE(account.Judge(kBreach, {.id = "evening", .at = kNoon + 6h, .amount = "CNY 30"}).clear());
  EXPECT_TRUE(account.Judge(kBreach, {.id = "next noon", .at = kNoon + 24h, .amount = "CNY 70"}).clear());
  const Verdict late = account.Judge(kBreach, {.id = "late", .at = kNoon - 1h, .amount = "CNY 20"});
  EXPECT_EQ(Claimed(late), Names{"evening rolling"});
  EXPECT_EQ(late.claims()[0].occurred_at, kNoon + 6h);
  EXPECT_EQ(late.claims()[0].transaction_id, "");
  EXPECT_EQ(late.claims()[0].reasons[0].observed, "CNY 110.00 in 24 h");
}

TEST(LateTransactionTest, ALateReversalTakesClaimsBack) {
  MoneyAccount account = With(Rolling("CNY 100"));
  account.Judge(kBreach, {.id = "a", .at = kNoon, .amount = "CNY 60"});
  EXPECT_EQ(Claimed(account.Judge(kBreach, {.id = "b", .at = kNoon + 1h, .amount = "CNY 60"})),
            Names{"b rolling"});
  EXPECT_EQ(Claimed(account.Judge(kBreach, {.id = "c", .at = kNoon + 2h, .amount = "CNY 60"})),
            Names{"c rolling"});
  // At 13:30 the first is given back: b, before, still was over; c, after, is 120 and still over.
  EXPECT_TRUE(
      Retracted(account.Judge(kBreach, Status("a", kNoon + 90min, TransactionStatus::kReversed))).empty());
  EXPECT_EQ(Retracted(account.Judge(kBreach, Status("b", kNoon + 100min, TransactionStatus::kReversed))),
            Names{"c rolling"});
}

TEST(LateTransactionTest, ASmallerCompletedAmountTakesClaimsBack) {
  MoneyAccount account = With(Rolling("CNY 100"));
  EXPECT_EQ(
      Claimed(account.Judge(
          kBreach, {.id = "a", .at = kNoon, .amount = "CNY 101", .status = TransactionStatus::kAuthorized})),
      Names{"a rolling"});
  EXPECT_EQ(
      Retracted(account.Judge(kBreach, Status("a", kNoon + 1h, TransactionStatus::kCompleted, "CNY 99"))),
      Names{"a rolling"});
}

TEST(LateTransactionTest, AnEarlierEventOfTheSameTransactionIsTheCause) {
  MoneyAccount account = With(Single("CNY 100"));
  EXPECT_EQ(
      Claimed(account.Judge(kBreach, {.id = "a", .at = kNoon, .amount = "CNY 101", .event_id = "completed"})),
      Names{"completed single"});
  const Verdict verdict = account.Judge(kBreach, {.id = "a",
                                                  .at = kNoon - 1h,
                                                  .amount = "CNY 101",
                                                  .status = TransactionStatus::kAuthorized,
                                                  .event_id = "authorized"});
  EXPECT_EQ(Claimed(verdict), Names{"authorized single"});
  EXPECT_EQ(Retracted(verdict), Names{"completed single"});
}

TEST(LateTransactionTest, TheSameEventAgainSaysNothing) {
  MoneyAccount account = With(Single("CNY 100"));
  const Pay pay{.id = "a", .at = kNoon, .amount = "CNY 101"};
  EXPECT_TRUE(account.Judge(kBreach, pay).alert());
  EXPECT_TRUE(account.Judge(kBreach, pay).clear());
}

// ---- What is said

TEST(LimitClaimTest, SaysEveryNumber) {
  MoneyAccount account = With(Calendar(CalendarUnit::kMonth, "CNY 100"));
  account.limits.limits[0].max_count = 2;
  account.limits.limits[0].weight = 2.5;
  account.limits.rates = {{.base = *Currency::Find("USD"),
                           .quote = *Currency::Find("CNY"),
                           .mantissa = 7,
                           .as_of = "2026-03-01"}};
  account.state.MutableProfile().owner.timezone = "Asia/Shanghai";
  account.Learn({.id = "a", .at = kNoon - 48h, .amount = "CNY 30"});
  account.Learn({.id = "b", .at = kNoon - 24h, .amount = "USD 10"});
  const Verdict verdict = account.Judge(kBreach, {.id = "c", .at = kNoon, .amount = "CNY 0.50"});
  ASSERT_EQ(Claimed(verdict), Names{"c calendar"});
  const Claim& claim = verdict.claims()[0];
  EXPECT_EQ(claim.weight, 2.5);
  EXPECT_EQ(claim.confidence, 100);
  EXPECT_EQ(claim.transaction_id, "c");
  ASSERT_EQ(claim.reasons.size(), 2U);
  EXPECT_EQ(claim.reasons[0].code, "limit_breach");
  EXPECT_EQ(claim.reasons[0].observed, "CNY 100.50 in 2026-03");
  EXPECT_EQ(claim.reasons[0].usual, "limit calendar: CNY 100.00");
  EXPECT_EQ(claim.reasons[1].code, "limit_breach_count");
  EXPECT_EQ(claim.reasons[1].observed, "3 in 2026-03");
  EXPECT_EQ(claim.reasons[1].usual, "limit calendar: 2");
  const std::vector<std::pair<std::string, std::string>> wanted = {
      {"limit", "calendar"},
      {"window", "month"},
      {"window_begin", "2026-02-28T16:00:00.000Z"},
      {"timezone", "Asia/Shanghai"},
      {"currency", "CNY"},
      {"sum", "100.50"},
      {"max", "100.00"},
      {"count", "3"},
      {"max_count", "2"},
      {"converted", "1"},
      {"rate_as_of", "2026-03-01"}};
  for (const auto& [name, value] : wanted) EXPECT_EQ(EvidenceOf(claim, name), value) << name;
  EXPECT_EQ(claim.evidence.size(), wanted.size());
}

TEST(LimitClaimTest, NamesWindowsByIso8601) {
  const auto observed = [](Limit limit, Timestamp at) {
    MoneyAccount account = With(std::move(limit));
    return account.Judge(kBreach, {.id = "a", .at = at, .amount = "CNY 101"})
        .claims()
        .at(0)
        .reasons.at(0)
        .observed;
  };
  EXPECT_EQ(observed(Single("CNY 100"), kNoon), "CNY 101.00");
  EXPECT_EQ(observed(Rolling("CNY 100"), kNoon), "CNY 101.00 in 24 h");
  EXPECT_EQ(observed(Rolling("CNY 100", 90min), kNoon), "CNY 101.00 in 90 min");
  EXPECT_EQ(observed(Rolling("CNY 100", 45s), kNoon), "CNY 101.00 in 45 s");
  EXPECT_EQ(observed(Calendar(CalendarUnit::kDay, "CNY 100"), kNoon), "CNY 101.00 in 2026-03-11");
  EXPECT_EQ(observed(Calendar(CalendarUnit::kYear, "CNY 100"), kNoon), "CNY 101.00 in 2026");
  EXPECT_EQ(observed(Calendar(CalendarUnit::kWeek, "CNY 100"), kNoon), "CNY 101.00 in 2026-W11");
  // The week belongs to the year of its Thursday.
  EXPECT_EQ(observed(Calendar(CalendarUnit::kWeek, "CNY 100"), At("2027-01-01T12:00:00Z")),
            "CNY 101.00 in 2026-W53");
  EXPECT_EQ(observed(Calendar(CalendarUnit::kWeek, "CNY 100"), At("2024-12-31T12:00:00Z")),
            "CNY 101.00 in 2025-W01");
}

TEST(OverrideTest, ReplacesTheMaximumByName) {
  const auto breaches = [](const std::string& override_max, std::string amount) {
    MoneyAccount account = With(Single("CNY 100"));
    account.limits.rates = {{.base = *Currency::Find("USD"), .quote = *Currency::Find("CNY"), .mantissa = 7}};
    account.state.MutableProfile().owner.limits = {{"other", MoneyOf("CNY 1")},
                                                   {"single", MoneyOf(override_max)}};
    return account.Judge(kBreach, {.id = "a", .at = kNoon, .amount = std::move(amount)});
  };
  EXPECT_TRUE(breaches("CNY 200", "CNY 200").clear());
  EXPECT_TRUE(breaches("CNY 200", "CNY 200.01").alert());
  EXPECT_TRUE(breaches("CNY 50", "CNY 50.01").alert());
  EXPECT_TRUE(breaches("USD 10", "CNY 70").clear());
  EXPECT_TRUE(breaches("USD 10", "CNY 70.01").alert());
  EXPECT_EQ(breaches("SEK 10", "CNY 1000").why(), kNoRate);
}

// A calendar window longer than the list: what left it is in the bucket, exactly.
TEST(LongWindowTest, CountsEveryDayOfTheYear) {
  MoneyAccount account = With(Calendar(CalendarUnit::kYear, "CNY 365"));
  account.limits.limits.push_back(Calendar(CalendarUnit::kMonth, "CNY 30"));
  account.limits.limits.back().name = "month";
  Names claimed;
  for (int day = 0; day < 400; ++day) {
    const Timestamp at = At("2026-01-01T08:00:00Z") + day * 24h;
    for (const std::string& name :
         Claimed(account.Judge(kBreach, {.id = std::to_string(day), .at = at, .amount = "CNY 1"}))) {
      claimed.push_back(name);
    }
    ASSERT_LT(account.state.money().entries.size(), 12U);
    ASSERT_LE(account.state.money().buckets.size(), 4U);
  }
  // Every 31st, and never the year: 365 is not over 365.
  EXPECT_EQ(claimed, (Names{"30 month", "89 month", "150 month", "211 month", "242 month", "303 month",
                            "364 month", "395 month"}));
}

TEST(LongWindowTest, ALimitDeclaredWithinItsWindowSaysSo) {
  MoneyAccount account = With(Calendar(CalendarUnit::kMonth, "CNY 100"));
  const std::vector<Limit> later = account.limits.limits;
  account.limits.limits.clear();
  for (int day = 1; day <= 20; ++day)
    account.Learn({.id = std::to_string(day), .at = At("2026-03-01T08:00:00Z") + day * 24h});
  account.limits.limits = later;
  const Verdict verdict = account.Judge(kBreach, {.id = "a", .at = At("2026-03-22T08:00:00Z")});
  ASSERT_TRUE(verdict.alert());
  EXPECT_EQ(EvidenceOf(verdict.claims()[0], "partial_window"), "1");
  // From the next month on it is whole.
  account.Learn({.id = "b", .at = At("2026-04-01T08:00:00Z"), .amount = "CNY 60"});
  const Verdict whole =
      account.Judge(kBreach, {.id = "c", .at = At("2026-04-02T08:00:00Z"), .amount = "CNY 60"});
  ASSERT_TRUE(whole.alert());
  EXPECT_EQ(EvidenceOf(whole.claims()[0], "partial_window"), "");
}

TEST(LongWindowTest, AMoveToAnotherZoneKeepsTheSum) {
  MoneyAccount account = With(Calendar(CalendarUnit::kMonth, "CNY 1000"));
  account.state.MutableProfile().owner.timezone = "Asia/Shanghai";
  for (int day = 0; day < 12; ++day)
    account.Learn({.id = std::to_string(day), .at = At("2026-03-02T08:00:00Z") + day * 24h});
  ASSERT_FALSE(account.state.money().buckets.empty());
  account.state.MutableProfile().owner.timezone = "America/New_York";
  const Verdict verdict = account.Judge(kBreach, {.id = "a", .at = At("2026-03-14T08:00:00Z")});
  ASSERT_TRUE(verdict.alert());
  EXPECT_EQ(EvidenceOf(verdict.claims()[0], "sum"), "1300.00");
  EXPECT_EQ(EvidenceOf(verdict.claims()[0], "partial_window"), "1");
}

TEST(NoLimitsTest, IsNotEvaluable) {
  MoneyAccount account;
  EXPECT_EQ(account.Judge(kBreach, Paid(kNoon, "CNY 1")).why(), kNoLimits);
}

// More limits than are summed at once.
TEST(ManyLimitsTest, EachIsJudged) {
  MoneyAccount account;
  for (int i = 0; i < 200; ++i) {
    Limit limit = i % 2 == 0 ? Rolling("CNY 100") : Single("CNY 1000");
    limit.name = std::to_string(i);
    account.limits.limits.push_back(limit);
  }
  account.Learn(Paid(kNoon - 1h, "CNY 60"));
  EXPECT_EQ(account.Judge(kBreach, Paid(kNoon, "CNY 60")).claims().size(), 100U);
}

}  // namespace
}  // namespace tocsin::detectors
