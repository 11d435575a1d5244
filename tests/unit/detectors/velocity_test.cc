#include "detectors/velocity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/account_story.h"
#include "tests/support/money_events.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::TransactionKind;
using test::Build;

const Timestamp kNoon = test::At("2026-03-11T12:00:00Z");

struct Story : test::AccountStory {
  Story() { limits().rates = test::Rates(); }
};
// `count` payments with equal gaps, the last one `span` after noon.
std::vector<std::string> Pays(test::AccountStory& story, int count, Millis span,
                              const std::string& amount = "CNY 1") {
  for (int i = 0; i < count; ++i) {
    story.Run(Build({.id = "v" + std::to_string(i), .at = kNoon + span * i / (count - 1), .amount = amount}));
  }
  return story.ActiveCauses("velocity");
}

TEST(VelocityTest, SixteenInAnHour) {
  Story story;
  EXPECT_TRUE(Pays(story, 15, 1h - 1ms).empty());
  Story fast;
  EXPECT_EQ(Pays(fast, 16, 1h - 1ms), std::vector<std::string>{"v15"});
  Story slow;
  EXPECT_TRUE(Pays(slow, 16, 1h).empty()) << "the first has left the hour";
}

// The first fifteen of a minute are not too many, whichever of them came last.
TEST(VelocityTest, TheOrderOfARunTeachesTheSame) {
  const auto learnt = [](const std::vector<int>& order) {
    Story story;
    story.Run(test::Seen("begin", kNoon - 5h));
    for (int i = 0; i < 6; ++i) story.Run(test::Seen("login" + std::to_string(i), kNoon - 4h + i * 1min));
    for (const int i : order)
      story.Run(Build({.id = "v" + std::to_string(i),
                       .at = kNoon + i * 2s,
                       .amount = "CNY " + std::to_string(10 << (i % 10))}));
    EXPECT_EQ(story.ActiveCauses("velocity"), std::vector<std::string>{"v15"});
    story.Run(Build({.id = "after", .at = kNoon + 2h}));
    EXPECT_EQ(story.state().money().histograms.at(0).seen, 15U);
    return story.state().money().histograms;
  };
  EXPECT_EQ(learnt({0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 12, 3, 19}),
            learnt({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}));
}

TEST(VelocityTest, FortyOneInADay) {
  Story story;
  EXPECT_TRUE(Pays(story, 40, 24h - 1ms).empty());
  Story more;
  EXPECT_EQ(Pays(more, 41, 24h - 1ms), std::vector<std::string>{"v40"});
}

// SGD 20,000 are CNY 100,000.
TEST(VelocityTest, MuchMoneyInADay) {
  Story story;
  EXPECT_TRUE(Pays(story, 4, 20h, "CNY 25000").empty()) << "exactly as much";
  story.Run(Build({.id = "more", .at = kNoon + 20h + 1ms, .amount = "CNY 0.05"}));
  EXPECT_EQ(story.ActiveCauses("velocity"), std::vector<std::string>{"more"});
  const schemas::Reason& reason = story.Only("velocity").reasons.at(0);
  EXPECT_EQ(reason.observed, "CNY 100000.05 in 24 h") << "as the owner counts, not as the threshold does";
  EXPECT_EQ(reason.usual, "") << "what is much for anybody is no habit of theirs";
}

// Three quarters of that are CNY 75,000.
TEST(VelocityTest, MuchMoneyInAnHour) {
  Story story;
  EXPECT_TRUE(Pays(story, 3, 30min, "CNY 25000").empty()) << "exactly as much";
  story.Run(Build({.id = "more", .at = kNoon + 1h - 1ms, .amount = "CNY 0.05"}));
  EXPECT_EQ(story.ActiveCauses("velocity"), std::vector<std::string>{"more"});
  const schemas::Claim& claim = story.Only("velocity");
  ASSERT_EQ(claim.reasons.size(), 1U);
  EXPECT_EQ(claim.reasons[0].code, "velocity_sum");
  EXPECT_EQ(claim.reasons[0].observed, "CNY 75000.05 in 60 min");
  EXPECT_EQ(claim.reasons[0].usual, "");
  EXPECT_EQ(test::EvidenceOf(claim, "sum_1h"), "15000.01");
  EXPECT_EQ(test::EvidenceOf(claim, "sum_1h_max"), "15000.00");
  Story slow;
  EXPECT_TRUE(Pays(slow, 3, 30min, "CNY 25000").empty());
  slow.Run(Build({.id = "more", .at = kNoon + 1h, .amount = "CNY 0.05"}));
  EXPECT_TRUE(slow.ActiveCauses("velocity").empty()) << "the first has left the hour";
}

// Two a day of CNY 50,000: four of them in an hour are still usual.
TEST(VelocityTest, WhoPaysLargeAmountsIsUsedToIt) {
  Story story;
  for (int i = 50; i > 0; --i)
    story.Run(Build({.id = "past-" + std::to_string(i), .at = kNoon - 12h * i, .amount = "CNY 50000"}));
  EXPECT_TRUE(story.ActiveCauses("velocity").empty());
  EXPECT_TRUE(Pays(story, 4, 40min, "CNY 50000").empty());
  story.Run(Build({.id = "more", .at = kNoon + 50min, .amount = "CNY 0.05"}));
  EXPECT_EQ(story.ActiveCauses("velocity"), std::vector<std::string>{"more"});
  EXPECT_EQ(story.Only("velocity").reasons.at(0).usual, "CNY 200000.00 in 60 min") << "that is theirs";
  Story stranger;
  EXPECT_EQ(Pays(stranger, 2, 40min, "CNY 50000"), std::vector<std::string>{"v1"});
}

TEST(VelocityTest, WithoutARateNobodyKnowsTheSum) {
  Story story;
  EXPECT_EQ(story.Run(Build({.id = "a", .at = kNoon, .amount = "KES 1"})).Of("velocity").why(), "no_rate");
  EXPECT_EQ(story.Run(Build({.id = "b", .at = kNoon + 23h, .amount = "CNY 1"})).Of("velocity").why(),
            "no_rate");
  EXPECT_TRUE(story.Run(Build({.id = "c", .at = kNoon + 24h, .amount = "CNY 1"})).Of("velocity").clear());
  Story fast;
  EXPECT_EQ(Pays(fast, 16, 1h - 1ms, "KES 1"), std::vector<std::string>{"v15"}) << "but they can be counted";
  const auto has_sum = [](const schemas::Claim& claim) {
    return std::ranges::find(claim.evidence, "sum_24h", &schemas::Evidence::name) != claim.evidence.end();
  };
  EXPECT_EQ(test::EvidenceOf(fast.Only("velocity"), "unconverted"), "16");
  EXPECT_FALSE(has_sum(fast.Only("velocity"))) << "0.00 would be a statement";
  fast.Run(Build({.id = "more", .at = kNoon + 1h, .amount = "CNY 5"}));
  EXPECT_EQ(test::EvidenceOf(fast.Only("velocity"), "unconverted"), "16");
  EXPECT_EQ(test::EvidenceOf(fast.Only("velocity"), "sum_24h"), "1.00") << "a lower bound";
}

TEST(VelocityTest, ManyNewPayees) {
  Story story;
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(story.ActiveCauses("velocity").empty());
    story.Run(Build({.id = "p" + std::to_string(i),
                     .at = kNoon + i * 4h,
                     .kind = TransactionKind::kTransfer,
                     .to = "payee-" + std::to_string(i)}));
  }
  EXPECT_EQ(story.ActiveCauses("velocity"), std::vector<std::string>{"p5"});
  EXPECT_EQ(story.Only("velocity").reasons.at(0).usual, "");
}

// Whoever has the account adds them in one go and waits: the payments tell the pace.
TEST(VelocityTest, PayeesAddedDaysAheadAreNewWhenTheyArePaid) {
  Story story;
  for (int i = 0; i < 6; ++i) {
    const std::string n = std::to_string(i);
    story.Run(test::PayeeAdded("add" + n, kNoon - 48h + i * 1min, "payee-" + n));
  }
  for (int i = 0; i < 6; ++i) {
    const std::string n = std::to_string(i);
    story.Run(
        Build({.id = "p" + n, .at = kNoon + i * 4h, .kind = TransactionKind::kTransfer, .to = "payee-" + n}));
  }
  EXPECT_EQ(story.ActiveCauses("velocity"), std::vector<std::string>{"p5"});
}

// The first payee is paid when the day begins, and again two minutes later, or that payment is completed
// then: the day has six new ones only while the later of the two is known alone.
TEST(VelocityTest, TheFirstPaymentToSomebodyCountsWheneverItArrives) {
  const auto pay = [](const std::string& id, Millis after, int payee) {
    return Build({.id = id,
                  .at = kNoon + after,
                  .kind = TransactionKind::kTransfer,
                  .to = "payee-" + std::to_string(payee)});
  };
  const auto first = pay("first", 0min, 0);
  const auto again = pay("again", 2min, 0);
  const auto found = [&](const std::vector<schemas::Event>& begin) {
    Story story;
    story.RunAll(begin);
    for (int i = 1; i < 5; ++i) story.Run(pay("p" + std::to_string(i), i * 4h, i));
    story.Run(pay("p5", 24h + 1min, 5));
    return story.ActiveCauses("velocity");
  };
  EXPECT_EQ(found({again}), std::vector<std::string>{"p5"});
  EXPECT_TRUE(found({first, again}).empty());
  EXPECT_TRUE(found({again, first}).empty());
  // And the other way: the sixth payee is paid while the first is of the day, and then again.
  const auto sixth = [&](const std::vector<schemas::Event>& end) {
    Story story;
    for (int i = 0; i < 5; ++i) story.Run(pay("p" + std::to_string(i), i * 1h, i));
    story.RunAll(end);
    return story.ActiveCauses("velocity");
  };
  const auto one = pay("one", 24h - 1min, 5);
  const auto two = pay("two", 24h + 1min, 5);
  EXPECT_EQ(sixth({one, two}), std::vector<std::string>{"one"});
  EXPECT_TRUE(sixth({two}).empty()) << "the first has left the day";
  EXPECT_EQ(sixth({two, one}), sixth({one, two}));
}

TEST(VelocityTest, ShopsAreNoPayees) {
  Story story;
  for (int i = 0; i < 12; ++i)
    story.Run(Build({.id = "p" + std::to_string(i),
                     .at = kNoon + i * 10min,
                     .to = "shop-" + std::to_string(i),
                     .to_type = schemas::CounterpartyType::kMerchant}));
  EXPECT_TRUE(story.ActiveCauses("velocity").empty());
}

TEST(VelocityTest, ABusyShopIsUsedToIt) {
  Story story;
  for (int day = 25; day > 0; --day) {
    for (int i = 0; i < 30; ++i)
      story.Run(Build(
          {.id = "d" + std::to_string(day) + "-" + std::to_string(i), .at = kNoon - day * 24h + i * 10min}));
  }
  EXPECT_TRUE(Pays(story, 41, 24h - 1ms).empty());
  for (int i = 0; i < 200; ++i)
    story.Run(Build({.id = "more" + std::to_string(i), .at = kNoon + 24h + i * 1min}));
  const std::vector<schemas::Reason>& reasons = story.Only("velocity").reasons;
  ASSERT_EQ(reasons.size(), 2U);
  EXPECT_EQ(reasons[0].usual, "") << "four times its busiest hour is below what is set for all";
  EXPECT_EQ(reasons[1].usual, "< 121 in 24 h") << "four times its busiest day is not";
}

// Four times the 95th percentile, exactly. What the account paid in the thirty days before the five of the
// event (they begin on 2026-03-08), with equal gaps.
test::MoneyAccount HavingPaid(int payments, const std::string& amount) {
  test::MoneyAccount account;
  account.limits.rates = test::Rates();
  const Timestamp end = test::At("2026-03-08T00:00:00Z");
  for (int i = payments; i > 0; --i)
    account.Learn(
        {.id = "past-" + std::to_string(i), .at = end - Millis(720h) * i / payments, .amount = amount});
  return account;
}
// Which of `count` payments with these gaps from noon on were too many.
std::vector<int> TooMany(test::MoneyAccount account, int count, Millis gap, const std::string& amount) {
  const Velocity velocity{{}};
  std::vector<int> found;
  for (int i = 1; i <= count; ++i) {
    const Verdict verdict = account.Judge(
        velocity, {.id = "v" + std::to_string(i), .at = kNoon + gap * (i - 1), .amount = amount});
    EXPECT_NE(verdict.kind(), Verdict::Kind::kNotEvaluable);
    if (verdict.alert()) found.push_back(i);
  }
  return found;
}

// 210 in thirty days are seven a day. Poisson: no more than 11 in 94.67 of 100 days, than 12 in 97.30. So 48.
TEST(VelocityTest, FourTimesABusyDayIsUsual) {
  EXPECT_EQ(TooMany(HavingPaid(210, "CNY 1"), 49, 29min, "CNY 1"), std::vector<int>{49});
  EXPECT_EQ(TooMany(HavingPaid(0, "CNY 1"), 41, 29min, "CNY 1"), std::vector<int>{41}) << "of others";
}

// 1,080 are one and a half an hour. Poisson: no more than 3 in 93.44 of 100 hours, than 4 in 98.14. So 16.
TEST(VelocityTest, FourTimesABusyHourIsUsual) {
  EXPECT_EQ(TooMany(HavingPaid(1080, "CNY 1"), 17, 3min, "CNY 1"), std::vector<int>{17});
  EXPECT_EQ(TooMany(HavingPaid(0, "CNY 1"), 16, 3min, "CNY 1"), std::vector<int>{16}) << "of others";
}

// 60 are two a day. Poisson: no more than 4 in 94.73 of 100 days, than 5 in 98.34. So twenty payments of
// their mean, CNY 50,000, come to exactly what is usual; an hour's four, of one in 99.67 of 100 hours, are
// never reached.
TEST(VelocityTest, TheSumOfFourBusyDaysIsUsual) {
  test::MoneyAccount account = HavingPaid(60, "CNY 50000");
  EXPECT_TRUE(TooMany(account, 20, 70min, "CNY 50000").empty());
  const Velocity velocity{{}};
  for (int i = 0; i < 20; ++i)
    account.Learn({.id = "v" + std::to_string(i), .at = kNoon + i * 70min, .amount = "CNY 50000"});
  const Verdict verdict =
      account.Judge(velocity, {.id = "more", .at = kNoon + 24h - 1ms, .amount = "CNY 0.05"});
  ASSERT_TRUE(verdict.alert());
  EXPECT_EQ(verdict.claims()[0].reasons.at(0).observed, "CNY 1000000.05 in 24 h");
  EXPECT_EQ(verdict.claims()[0].reasons.at(0).usual, "CNY 1000000.00 in 24 h");
}

TEST(VelocityTest, WhatIsFastForAnybodyIsNobodysHabit) {
  Story story;
  Pays(story, 41, 30min, "CNY 1");
  const std::vector<schemas::Reason>& reasons = story.Only("velocity").reasons;
  ASSERT_EQ(reasons.size(), 2U);
  EXPECT_EQ(reasons[0].usual, "");
  EXPECT_EQ(reasons[1].usual, "");
}

TEST(VelocityTest, OnlyMoneyThatLeaves) {
  Story story;
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(
        story
            .Run(Build(
                {.id = "i" + std::to_string(i), .at = kNoon + i * 1s, .direction = schemas::Direction::kIn}))
            .Of("velocity")
            .why(),
        "money_in");
  }
}

TEST(VelocityTest, IsOneFindingThatGrowsInAnyOrder) {
  Story story;
  for (int i = 39; i >= 0; --i)
    story.Run(Build({.id = "v" + std::to_string(i), .at = kNoon + i * 1min, .amount = "CNY 1"}));
  const Claim& claim = story.Only("velocity");
  EXPECT_EQ(claim.cause, std::vector<std::string>{"v15"});
  EXPECT_EQ(test::EvidenceOf(claim, "payments_1h"), "40");
}

}  // namespace
}  // namespace tocsin::detectors
