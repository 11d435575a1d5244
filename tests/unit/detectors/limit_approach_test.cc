#include "detectors/limit_approach.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "detectors/limits/judge.h"
#include "tests/support/money_events.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::TransactionStatus;
using test::At;
using test::Claimed;
using test::EvidenceOf;
using test::MoneyAccount;
using test::MoneyOf;
using test::Pay;
using test::Retracted;
using Names = std::vector<std::string>;

const LimitApproach kApproach{{}};
const Timestamp kNoon = At("2026-03-11T12:00:00Z");

MoneyAccount WithWarning(Limit limit) {
  MoneyAccount account;
  limit.name = "limit";
  limit.max = MoneyOf("CNY 100");
  limit.warn_at = 0.8;
  account.limits.limits = {limit};
  return account;
}
MoneyAccount WithRolling() { return WithWarning({.window = Limit::Window::kRolling, .rolling = 24h}); }
MoneyAccount WithMonth() {
  return WithWarning({.window = Limit::Window::kCalendar, .unit = CalendarUnit::kMonth});
}

// Events that are not named are clear or have been warned of.
Names Tell(MoneyAccount& account, const std::vector<Pay>& pays) {
  Names all;
  for (const Pay& pay : pays) {
    const Verdict verdict = account.Judge(kApproach, pay);
    for (const std::string& name : Claimed(verdict)) all.push_back(name);
    for (const std::string& name : Retracted(verdict)) all.push_back("not " + name);
  }
  return all;
}

TEST(LimitApproachTest, SpeaksFromWarnAtToTheLimit) {
  const auto speaks = [](std::string amount) {
    MoneyAccount account = WithWarning({});
    return account.Judge(kApproach, {.id = "a", .at = kNoon, .amount = std::move(amount)}).alert();
  };
  EXPECT_FALSE(speaks("CNY 79.99"));
  EXPECT_TRUE(speaks("CNY 80.00"));
  EXPECT_TRUE(speaks("CNY 100.00"));
  EXPECT_FALSE(speaks("CNY 100.01"));  // That is a breach.
}

TEST(LimitApproachTest, WarnsOfEachSingleTransaction) {
  MoneyAccount account = WithWarning({});
  EXPECT_EQ(Tell(account, {{.id = "a", .at = kNoon, .amount = "CNY 90"},
                           {.id = "b", .at = kNoon + 1s, .amount = "CNY 90"}}),
            (Names{"a limit", "b limit"}));
}

TEST(LimitApproachTest, SpeaksOnceInACalendarWindow) {
  MoneyAccount account = WithMonth();
  EXPECT_EQ(Tell(account, {{.id = "a", .at = At("2026-03-01T12:00:00Z"), .amount = "CNY 79.99"},
                           {.id = "b", .at = At("2026-03-02T12:00:00Z"), .amount = "CNY 0.01"},
                           {.id = "c", .at = At("2026-03-03T12:00:00Z"), .amount = "CNY 1"},
                           // Weeks later, when the list no longer holds the one that was near.
                           {.id = "d", .at = At("2026-03-30T12:00:00Z"), .amount = "CNY 1"},
                           {.id = "e", .at = At("2026-04-01T12:00:00Z"), .amount = "CNY 85"}}),
            (Names{"b limit", "e limit"}));
}

// What was near stays so when what made it near is given back, and when all of it has left the list.
TEST(LimitApproachTest, RemembersInTheWindowWhatIsNoLongerListed) {
  MoneyAccount account = WithMonth();
  const Timestamp first = At("2026-03-01T12:00:00Z");
  EXPECT_EQ(Tell(account, {{.id = "a", .at = first, .amount = "CNY 60"},
                           {.id = "b", .at = first + 10min, .amount = "CNY 30"},
                           {.id = "a",
                            .at = first + 30min,
                            .amount = "CNY 60",
                            .status = TransactionStatus::kReversed,
                            .event_id = "r"},
                           {.id = "c", .at = first + 12 * 24h, .amount = "CNY 1"},
                           {.id = "d", .at = first + 20 * 24h, .amount = "CNY 54"}}),
            Names{"b limit"});
  EXPECT_LE(account.state.money().entries.size(), 2U);
}

TEST(LimitApproachTest, SpeaksOnceWhileARollingSumStaysHigh) {
  MoneyAccount account = WithRolling();
  EXPECT_EQ(Tell(account, {{.id = "a", .at = kNoon, .amount = "CNY 80"},
                           {.id = "b", .at = kNoon + 12h, .amount = "CNY 10"},
                           // 24 h after the first, 12 h after one that saw 90: 80 + 10.
                           {.id = "c", .at = kNoon + 24h, .amount = "CNY 80"},
                           // A day of quiet.
                           {.id = "d", .at = kNoon + 49h, .amount = "CNY 80"}}),
            (Names{"a limit", "d limit"}));
}

TEST(LimitApproachTest, SaysNothingAfterABreachInTheSameWindow) {
  MoneyAccount account = WithRolling();
  EXPECT_EQ(
      Tell(account,
           {{.id = "a", .at = kNoon, .amount = "CNY 101"},
            {.id = "b", .at = kNoon + 1min, .amount = "CNY 101", .status = TransactionStatus::kDeclined},
            {.id = "a",
             .at = kNoon + 1h,
             .amount = "CNY 101",
             .status = TransactionStatus::kReversed,
             .event_id = "r"},
            {.id = "c", .at = kNoon + 2h, .amount = "CNY 85"}}),
      Names{});
}

TEST(LimitApproachTest, ALateFirstOneTakesTheClaimOver) {
  MoneyAccount account = WithRolling();
  EXPECT_EQ(Tell(account, {{.id = "b", .at = kNoon + 2h, .amount = "CNY 10"},
                           {.id = "c", .at = kNoon + 3h, .amount = "CNY 5"},
                           {.id = "a", .at = kNoon, .amount = "CNY 72"}}),
            Names{"b limit"});
  EXPECT_EQ(Tell(account, {{.id = "late", .at = kNoon - 1h, .amount = "CNY 8"}}),
            (Names{"a limit", "not b limit"}));
  // A reversal at 13:00 takes it from those after.
  EXPECT_EQ(Tell(account, {{.id = "late",
                            .at = kNoon + 1h,
                            .amount = "CNY 8",
                            .status = TransactionStatus::kReversed,
                            .event_id = "r"}}),
            Names{});
  EXPECT_EQ(Tell(account, {{.id = "a", .at = kNoon + 1h, .amount = "CNY 71", .event_id = "less"}}),
            (Names{"b limit", "not a limit"}));
}

TEST(LimitApproachTest, SaysWhy) {
  MoneyAccount account = WithRolling();
  account.limits.limits[0].max_count = 1;
  const Verdict verdict = account.Judge(kApproach, {.id = "a", .at = kNoon, .amount = "CNY 85"});
  ASSERT_TRUE(verdict.alert());
  const Claim& claim = verdict.claims()[0];
  ASSERT_EQ(claim.reasons.size(), 2U);
  EXPECT_EQ(claim.reasons[0].code, "limit_approach");
  EXPECT_EQ(claim.reasons[0].observed, "CNY 85.00 in 24 h");
  EXPECT_EQ(claim.reasons[0].usual, "limit limit: CNY 100.00");
  EXPECT_EQ(claim.reasons[1].observed, "1 in 24 h");
  EXPECT_EQ(EvidenceOf(claim, "warn_at"), "0.800000");
  EXPECT_EQ(claim.weight, LimitApproach::kInfo.weight) << "a limit's own weight is for its breach";
}

TEST(LimitApproachTest, NeedsALimitThatWarns) {
  MoneyAccount account = WithRolling();
  account.limits.limits[0].warn_at = 0;
  EXPECT_EQ(account.Judge(kApproach, {.id = "a", .at = kNoon, .amount = "CNY 85"}).why(), kNoLimits);
}

}  // namespace
}  // namespace tocsin::detectors
