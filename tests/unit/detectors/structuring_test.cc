#include "detectors/structuring.h"

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

Pay Sent(std::string id, Timestamp at, std::string amount = "CNY 900") {
  return {.id = std::move(id), .at = at, .amount = std::move(amount), .kind = TransactionKind::kTransfer};
}
struct Story : test::AccountStory {
  Story() {
    limits().limits = {test::Single("CNY 1000")};
    limits().rates = test::Rates();
  }
};

struct BandCase {
  std::string name;
  std::vector<Pay> pays;
  std::vector<std::string> causes;
};
class StructuringTest : public testing::TestWithParam<BandCase> {};

TEST_P(StructuringTest, IsJudged) {
  Story story;
  for (const Pay& pay : GetParam().pays) story.Run(Build(pay));
  EXPECT_EQ(story.ActiveCauses("structuring"), GetParam().causes);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, StructuringTest,
    testing::Values(
        BandCase{
            "ThreeInADay", {Sent("a", kNoon), Sent("b", kNoon + 9h), Sent("c", kNoon + 24h - 1ms)}, {"c"}},
        BandCase{"ThreeInExactlyADay", {Sent("a", kNoon), Sent("b", kNoon + 9h), Sent("c", kNoon + 24h)}, {}},
        BandCase{"FiveInAWeek",
                 {Sent("a", kNoon), Sent("b", kNoon + 40h), Sent("c", kNoon + 80h), Sent("d", kNoon + 120h),
                  Sent("e", kNoon + 168h - 1ms)},
                 {"e"}},
        BandCase{"FourInAWeek",
                 {Sent("a", kNoon), Sent("b", kNoon + 40h), Sent("c", kNoon + 80h), Sent("d", kNoon + 120h)},
                 {}},
        BandCase{"TheEdges",
                 {Sent("a", kNoon, "CNY 800"), Sent("b", kNoon + 1h, "CNY 800"),
                  Sent("c", kNoon + 2h, "CNY 999.99")},
                 {"c"}},
        BandCase{"BelowTheBand",
                 {Sent("a", kNoon, "CNY 799.99"), Sent("b", kNoon + 1h), Sent("c", kNoon + 2h)},
                 {}},
        BandCase{
            "AtTheLimit", {Sent("a", kNoon, "CNY 1000"), Sent("b", kNoon + 1h), Sent("c", kNoon + 2h)}, {}},
        BandCase{
            "InDollars",
            {Sent("a", kNoon, "USD 120"), Sent("b", kNoon + 1h, "USD 130"), Sent("c", kNoon + 2h, "USD 140")},
            {"c"}},
        BandCase{
            "TheFirstArrivesLast", {Sent("b", kNoon + 9h), Sent("c", kNoon + 10h), Sent("a", kNoon)}, {"c"}}),
    [](const auto& tested) { return tested.param.name; });

TEST(StructuringTest, WhatWasNeverPaidDoesNotCount) {
  Story story;
  Pay declined = Sent("a", kNoon);
  declined.status = TransactionStatus::kDeclined;
  story.Run(Build(declined));
  story.Run(Build(Sent("b", kNoon + 1h)));
  story.Run(Build(Sent("c", kNoon + 2h)));
  EXPECT_TRUE(story.ActiveCauses("structuring").empty());
}

TEST(StructuringTest, RentIsAHabit) {
  Story story;
  for (int i = 20; i > 0; --i) story.Run(Build(Sent("rent" + std::to_string(i), kNoon - i * 15 * 24h)));
  story.Run(Build(Sent("a", kNoon)));
  story.Run(Build(Sent("b", kNoon + 1h)));
  story.Run(Build(Sent("c", kNoon + 2h)));
  EXPECT_TRUE(story.ActiveCauses("structuring").empty());
}

TEST(StructuringTest, TheAccountsOwnLimitIsTheOneThatCounts) {
  Story story;
  story.Run(test::ProfileOf("profile", kNoon - 1h, {.limits = {{"single", test::MoneyOf("CNY 5000")}}}));
  for (int i = 0; i < 3; ++i) story.Run(Build(Sent("a" + std::to_string(i), kNoon + i * 1h)));
  EXPECT_TRUE(story.ActiveCauses("structuring").empty());
  for (int i = 0; i < 3; ++i) story.Run(Build(Sent("b" + std::to_string(i), kNoon + i * 1h, "CNY 4500")));
  EXPECT_EQ(story.ActiveCauses("structuring"), std::vector<std::string>{"b2"});
}

TEST(StructuringTest, ManySmallPaymentsOfTheDayHideNothing) {
  for (const bool suspicious : {false, true}) {
    for (const int small : {10, 60, 300}) {
      Story story;
      for (int i = 0; i < small; ++i) {
        const Timestamp at = kNoon + i * (suspicious ? 1s : 2min);
        story.Run(Build(Sent("s" + std::to_string(i), at, "CNY 2")));
      }
      for (int i = 0; i < 3; ++i) story.Run(Build(Sent("m" + std::to_string(i), kNoon + 11h + i * 1min)));
      EXPECT_EQ(story.ActiveCauses("structuring"), std::vector<std::string>{"m2"}) << small << suspicious;
    }
  }
}

TEST(StructuringTest, WithoutARateNobodyKnows) {
  Story story;
  EXPECT_EQ(story.Run(Build(Sent("a", kNoon, "KES 900"))).Of("structuring").why(), "no_rate");
  EXPECT_TRUE(story.Run(Build(Sent("b", kNoon + 1s, "CNY 900"))).Of("structuring").clear());
}

TEST(StructuringTest, WithoutALimitOnOneTransactionNobodyKnows) {
  test::AccountStory story;
  EXPECT_EQ(story.Run(Build(Sent("a", kNoon))).Of("structuring").why(), "no_limits");
  story.limits().limits = {test::Rolling("CNY 1000")};
  EXPECT_EQ(story.Run(Build(Sent("b", kNoon))).Of("structuring").why(), "no_limits");
}

}  // namespace
}  // namespace tocsin::detectors
