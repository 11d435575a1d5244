#include "detectors/balance_mismatch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/support/account_story.h"
#include "tests/support/money_events.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::Direction;
using schemas::TransactionKind;
using schemas::TransactionStatus;
using test::Build;
using test::Pay;

const Timestamp kNoon = test::At("2026-03-11T12:00:00Z");
using Causes = std::vector<std::string>;

Pay Paid(const std::string& id, Millis after, std::string amount, std::string balance,
         TransactionStatus status = TransactionStatus::kCompleted) {
  return {.id = id,
          .at = kNoon + after,
          .amount = std::move(amount),
          .status = status,
          .event_id = id + "-" + std::to_string(static_cast<int>(status)),
          .balance_after = std::move(balance)};
}

struct BalanceCase {
  std::string name;
  std::vector<Pay> pays;
  Causes causes;
};
class BalanceMismatchTest : public testing::TestWithParam<BalanceCase> {};

// The first balance ever told is where the account's ledger begins.
struct Begun : test::AccountStory {
  Begun() { Run(Build(Paid("begin", -1h, "CNY 1", "CNY 100"))); }
};

TEST_P(BalanceMismatchTest, IsJudgedOnceItHasSettled) {
  Begun story;
  for (const Pay& pay : GetParam().pays) story.Run(Build(pay));
  story.Run(test::Seen("later", kNoon + 48h));
  EXPECT_EQ(story.ActiveCauses("balance_mismatch"), GetParam().causes);
}

constexpr auto kAuthorized = TransactionStatus::kAuthorized;
constexpr auto kCompleted = TransactionStatus::kCompleted;
constexpr auto kReversed = TransactionStatus::kReversed;

Pay ByCard(Pay pay) {
  pay.card = "card-1";
  return pay;
}
Pay Incoming(Pay pay) {
  pay.kind = TransactionKind::kTopUp;
  pay.direction = Direction::kIn;
  return pay;
}
Pay Exchanged(Pay pay) {
  pay.kind = TransactionKind::kExchange;
  return pay;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, BalanceMismatchTest,
    testing::Values(
        BalanceCase{
            "ItFollows", {Paid("a", 0min, "CNY 10", "CNY 90"), Paid("b", 1min, "CNY 10", "CNY 80")}, {}},
        BalanceCase{"ACentIsMissing",
                    {Paid("a", 0min, "CNY 10", "CNY 90"), Paid("b", 1min, "CNY 10", "CNY 79.99")},
                    {"b-2"}},
        BalanceCase{"OneWithoutABalanceBetween",
                    {Paid("a", 0min, "CNY 10", "CNY 90"), Paid("x", 1min, "CNY 5", ""),
                     Paid("b", 2min, "CNY 10", "CNY 75")},
                    {}},
        BalanceCase{"OneWithoutABalanceIsNotForgotten",
                    {Paid("a", 0min, "CNY 10", "CNY 90"), Paid("x", 1min, "CNY 5", ""),
                     Paid("b", 24h, "CNY 10", "CNY 80")},
                    {"b-2"}},
        BalanceCase{"ATopUp",
                    {Paid("a", 0min, "CNY 10", "CNY 90"), Incoming(Paid("b", 1min, "CNY 30", "CNY 120"))},
                    {}},
        BalanceCase{"HeldWhenAuthorized",
                    {Paid("a", 0min, "CNY 10", "CNY 90"), Paid("b", 1min, "CNY 10", "CNY 80", kAuthorized),
                     Paid("b", 2min, "CNY 10", "CNY 80", kCompleted)},
                    {}},
        BalanceCase{"TakenWhenCompleted",
                    {Paid("a", 0min, "CNY 10", "CNY 90"), Paid("b", 1min, "CNY 10", "CNY 90", kAuthorized),
                     Paid("b", 2min, "CNY 10", "CNY 80", kCompleted)},
                    {}},
        BalanceCase{"CompletedLongAfter",
                    {Paid("a", 0min, "CNY 10", "CNY 90"), Paid("b", 1min, "CNY 10", "CNY 80", kAuthorized),
                     Paid("b", 20h, "CNY 10", "CNY 80", kCompleted)},
                    {}},
        BalanceCase{"TheAuthorizationArrivesLast",
                    {Paid("a", 0min, "CNY 10", "CNY 90"), Paid("b", 2min, "CNY 10", "", kCompleted),
                     Paid("b", 1min, "CNY 10", "CNY 80", kAuthorized), Paid("c", 3min, "CNY 10", "CNY 70")},
                    {}},
        BalanceCase{"GivenBack",
                    {Paid("a", 0min, "CNY 10", "CNY 90"), Paid("b", 1min, "CNY 10", "CNY 80", kAuthorized),
                     Paid("b", 2min, "CNY 10", "CNY 90", kReversed)},
                    {}},
        BalanceCase{"ByCardOrNot",
                    {Paid("a", 0min, "CNY 10", "CNY 90"), ByCard(Paid("b", 1min, "CNY 10", "CNY 90")),
                     ByCard(Paid("c", 2min, "CNY 10", "CNY 80"))},
                    {}},
        BalanceCase{"AnExchangeMayBeAnything",
                    {Paid("a", 0min, "CNY 10", "CNY 90"), Exchanged(Paid("b", 1min, "USD 7", "")),
                     Paid("c", 2min, "CNY 10", "CNY 1000")},
                    {}},
        BalanceCase{"AnotherCurrency",
                    {Paid("a", 0min, "CNY 10", "CNY 90"), Paid("b", 1min, "USD 7", "USD 5000"),
                     Paid("c", 2min, "CNY 10", "CNY 80")},
                    {}},
        BalanceCase{"ALateOneFindsItsPlace",
                    {Paid("a", 0min, "CNY 10", "CNY 90"), Paid("c", 20min, "CNY 10", "CNY 70"),
                     Paid("b", 10min, "CNY 10", "CNY 80")},
                    {}},
        BalanceCase{"AtTheSameInstant",
                    {Paid("a", 0min, "CNY 10", "CNY 90"), Paid("b", 1min, "CNY 10", "CNY 70"),
                     Paid("c", 1min, "CNY 10", "CNY 80")},
                    {}},
        BalanceCase{
            "BelowZero", {Paid("a", 0min, "CNY 10", "CNY 5"), Paid("b", 1min, "CNY 10", "CNY -5")}, {}}),
    [](const auto& tested) { return tested.param.name; });

TEST(BalanceMismatchTest, TheFirstIsInfoTheSecondATicketAndNeitherSuspicion) {
  Begun story;
  story.Run(Build(Paid("a", 0min, "CNY 10", "CNY 90")));
  story.Run(Build(Paid("b", 1min, "CNY 10", "CNY 10")));
  const DetectionResult& first = story.Run(Build(Paid("c", 2h, "CNY 10", "CNY 0")));
  EXPECT_EQ(first.Of("balance_mismatch").claims().at(0).severity, schemas::Severity::kInfo);
  story.Run(Build(Paid("d", 3h, "CNY 10", "CNY 500")));
  const DetectionResult& second = story.Run(test::Seen("later", kNoon + 5h));
  ASSERT_TRUE(second.Of("balance_mismatch").alert());
  EXPECT_EQ(second.Of("balance_mismatch").claims().at(0).severity, schemas::Severity::kLow);
  EXPECT_FALSE(IsSuspicious(second, true));
}

TEST(BalanceMismatchTest, AMonthLaterTheFirstIsForgotten) {
  Begun story;
  story.Run(Build(Paid("a", 0min, "CNY 10", "CNY 90")));
  story.Run(Build(Paid("b", 1min, "CNY 10", "CNY 10")));
  story.Run(Build(Paid("c", 31 * 24h, "CNY 10", "CNY 500")));
  const DetectionResult& later = story.Run(test::Seen("later", kNoon + 32 * 24h));
  EXPECT_EQ(later.Of("balance_mismatch").claims().at(0).severity, schemas::Severity::kInfo);
}

TEST(BalanceMismatchTest, WithoutABalanceNobodyKnows) {
  test::AccountStory story;
  EXPECT_EQ(story.Run(Build(Paid("a", 0min, "CNY 10", ""))).Of("balance_mismatch").why(), "no_balance");
}

// The ledger begins with the earliest balance, and so with its currency, whichever arrives first.
TEST(BalanceMismatchTest, BeginsWithTheEarliestBalanceInAnyOrder) {
  const Pay first = Paid("first", 0min, "CNY 10", "CNY 100");
  const Pay dollars = Paid("dollars", 3min, "USD 10", "USD 40");
  const std::vector<Pay> rest = {Paid("a", 6min, "CNY 10", "CNY 90"), Paid("b", 7min, "CNY 10", "CNY 20")};
  const auto found = [&](std::vector<Pay> pays) {
    pays.insert(pays.end(), rest.begin(), rest.end());
    test::AccountStory story;
    for (const Pay& pay : pays) story.Run(Build(pay));
    story.Run(test::Seen("later", kNoon + 48h));
    return story.ActiveCauses("balance_mismatch");
  };
  EXPECT_EQ(found({first, dollars}), Causes{"b-2"});
  EXPECT_EQ(found({dollars, first}), found({first, dollars}));
  EXPECT_EQ(found({dollars}), Causes{}) << "another currency";
}

// What happened in its first five minutes may have arrived before it: only what comes after must follow.
TEST(BalanceMismatchTest, TheFirstFiveMinutesProveNothing) {
  const auto found = [](Millis second) {
    test::AccountStory story;
    story.Run(Build(Paid("first", 0min, "CNY 10", "CNY 100")));
    story.Run(Build(Paid("a", second, "CNY 10", "CNY 90")));
    story.Run(Build(Paid("b", second + 1min, "CNY 10", "CNY 20")));
    story.Run(test::Seen("later", kNoon + 48h));
    return story.ActiveCauses("balance_mismatch");
  };
  EXPECT_EQ(found(5min), Causes{}) << "\"a\" is still of the beginning";
  EXPECT_EQ(found(5min + 1ms), Causes{"b-2"});
}

// A life that adds up never alerts, whatever arrives when (within the hour) and whatever is not told.
TEST(BalanceMismatchTest, AnHonestLedgerIsNeverDoubted) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](uint32_t bound) { return random() % bound; };
    const bool holds = below(2) == 0;
    int64_t balance = 100'000;
    std::vector<std::pair<Timestamp, Pay>> arrivals;
    Timestamp at = kNoon;
    const auto tell = [&](Pay pay) {
      pay.at = at;
      if (below(4) != 0) pay.balance_after = FormatMoney({balance, *Currency::Find("CNY")});
      arrivals.emplace_back(at + Millis(below(300'000)), std::move(pay));
      at += Millis(1 + below(below(3) == 0 ? 40'000'000 : 100'000));
    };
    for (int i = 0; i < 40; ++i) {
      const auto minor = static_cast<int64_t>(1 + below(5000));
      const bool in = below(4) == 0;
      Pay pay{.id = "tx" + std::to_string(i), .amount = FormatMoney({minor, *Currency::Find("CNY")})};
      if (in) pay = Incoming(pay);
      const int64_t change = in ? minor : -minor;
      if (below(3) != 0) {
        balance += change;
        pay.event_id = pay.id + "-c";
        tell(pay);
        continue;
      }
      pay.status = kAuthorized;
      pay.event_id = pay.id + "-a";
      if (holds) balance += change;
      tell(pay);
      const bool back = below(4) == 0;
      pay.status = back ? kReversed : kCompleted;
      pay.event_id = pay.id + "-b";
      if (back && holds) balance -= change;
      if (!back && !holds) balance += change;
      tell(pay);
    }
    std::ranges::stable_sort(arrivals, {}, [](const auto& one) { return one.first; });
    test::AccountStory story;
    for (const auto& [when, pay] : arrivals) story.Run(Build(pay));
    story.Run(test::Seen("later", at + 24h));
    EXPECT_EQ(story.ActiveCauses("balance_mismatch"), Causes{}) << "seed " << seed;
  }
}

}  // namespace
}  // namespace tocsin::detectors
