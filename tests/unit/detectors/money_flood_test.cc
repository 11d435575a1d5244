// Thousands of small transactions, which strangers can send, silence no detector of money: what is still
// known is judged, and what is not is said to be unknown.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "detectors/learning/learn_money.h"
#include "detectors/limit_approach.h"
#include "detectors/limit_breach.h"
#include "detectors/limit_raised_then_spent.h"
#include "tests/support/account_story.h"
#include "tests/support/money_events.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::Direction;
using schemas::TransactionKind;
using schemas::TransactionStatus;
using test::Build;
using test::Calendar;
using test::Claimed;
using test::MoneyAccount;
using test::Pay;
using test::Retracted;
using test::Rolling;
using test::Status;
using Names = std::vector<std::string>;

const Timestamp kNoon = test::At("2026-03-11T12:00:00Z");
constexpr int kMoreThanKept = 8200;
constexpr int kMoreThanCompared = 600;
const LimitBreach kBreach{{}};
const LimitApproach kApproach{{}};

Pay Cent(int number, Direction direction, Timestamp from, size_t id_length = 0) {
  Pay pay{.id = "cent-" + std::to_string(number),
          .at = from + number * 1s,
          .amount = "CNY 0.01",
          .kind = TransactionKind::kTransfer,
          .direction = direction};
  if (pay.id.size() < id_length) pay.id.resize(id_length, 'f');
  return pay;
}
void Flood(MoneyAccount& account, int count, Direction direction, Timestamp from, size_t id_length = 0) {
  for (int i = 0; i < count; ++i) account.Learn(Cent(i, direction, from, id_length));
}
void Flood(test::AccountStory& story, int count, Direction direction, Timestamp from) {
  const Context context{
      .population = story.population(), .limits = story.limits(), .learning = story.learning()};
  for (int i = 0; i < count; ++i) LearnMoney(Build(Cent(i, direction, from)), false, context, story.state());
}
Pay Sent(std::string id, Timestamp at, std::string amount) {
  return {.id = std::move(id), .at = at, .amount = std::move(amount), .kind = TransactionKind::kTransfer};
}
Limit Outgoing(Limit limit) {
  limit.direction = Direction::kOut;
  limit.warn_at = 0.8;
  return limit;
}

// ---- Declared limits

TEST(MoneyFloodTest, WhatIsKnownToBeOverALimitIsSaid) {
  for (const auto& [count, id_length] : {std::pair{kMoreThanKept, size_t{0}}, {4300, size_t{128}}}) {
    for (const Limit& limit : {Rolling("CNY 1000"), Calendar(CalendarUnit::kDay, "CNY 1000")}) {
      MoneyAccount account = test::With(Outgoing(limit));
      account.Learn(Sent("before", kNoon - 4h, "CNY 600"));
      Flood(account, count, Direction::kIn, kNoon - 3h, id_length);
      ASSERT_GT(account.state.money().forgotten_until, kNoon - 3h);

      EXPECT_EQ(
          kBreach.Evaluate(Build(Sent("some", kNoon, "CNY 600")), account.state, account.context()).why(),
          "saturated")
          << limit.name;
      EXPECT_EQ(
          kApproach.Evaluate(Build(Sent("some", kNoon, "CNY 900")), account.state, account.context()).why(),
          "saturated");
      const auto much = Build(Sent("much", kNoon, "CNY 1000.01"));
      const Verdict over = kBreach.Evaluate(much, account.state, account.context());
      ASSERT_EQ(Claimed(over), Names{"much " + limit.name});
      EXPECT_EQ(test::EvidenceOf(over.claims()[0], "sum"), "1000.01");
      EXPECT_EQ(test::EvidenceOf(over.claims()[0], "partial_window"), "1");
      EXPECT_TRUE(kApproach.Evaluate(much, account.state, account.context()).clear());
    }
  }
}

TEST(MoneyFloodTest, WhatMayStillBeOverALimitIsNotTakenBack) {
  MoneyAccount account = test::With(Outgoing(Rolling("CNY 1000")));
  account.Learn(Sent("before", kNoon - 4h, "CNY 600"));
  Flood(account, kMoreThanKept, Direction::kIn, kNoon - 3h);
  account.Learn(Sent("a", kNoon, "CNY 600"));
  EXPECT_EQ(Claimed(account.Judge(kBreach, Sent("b", kNoon + 2h, "CNY 600"))), Names{"b rolling"});
  const Verdict back = account.Judge(kBreach, Status("a", kNoon + 1h, TransactionStatus::kReversed));
  EXPECT_TRUE(back.retractions().empty()) << "with what was before it is";

  Pay authorized = Sent("c", kNoon + 3h, "CNY 1100");
  authorized.status = TransactionStatus::kAuthorized;
  EXPECT_EQ(Claimed(account.Judge(kBreach, authorized)), Names{"c rolling"});
  Pay completed = Sent("c", kNoon + 4h, "CNY 300");
  completed.event_id = "completed";
  const Verdict less = account.Judge(kBreach, completed);
  EXPECT_TRUE(less.retractions().empty());
  EXPECT_EQ(less.why(), "saturated");

  // What is given back at once was over nothing.
  EXPECT_EQ(Retracted(account.Judge(kBreach, Status("b", kNoon + 2h, TransactionStatus::kReversed))),
            Names{"b rolling"});
}

TEST(MoneyFloodTest, ALateOneTakesLaterOnesOverALimitForSure) {
  MoneyAccount account = test::With(Outgoing(Rolling("CNY 1000")));
  Flood(account, kMoreThanKept, Direction::kIn, kNoon - 3h);
  account.Learn(Sent("a", kNoon, "CNY 600"));
  EXPECT_EQ(Claimed(account.Judge(kBreach, Sent("late", kNoon - 1min, "CNY 600"))), Names{"a rolling"});
}

// The sum of a month's forgotten days says nothing of one of these days.
TEST(MoneyFloodTest, WhatIsForgottenIsNotAddedToWhatWasBefore) {
  MoneyAccount account = test::With(Calendar(CalendarUnit::kMonth, "CNY 10"));
  Flood(account, kMoreThanKept, Direction::kIn, kNoon - 3h);
  ASSERT_GT(account.state.money().buckets.at(0).sum_minor, 1000);
  const Verdict late = account.Judge(kBreach, Sent("late", kNoon - 3h + 1ms, "CNY 0.01"));
  EXPECT_EQ(Claimed(late), Names{});
  EXPECT_EQ(late.why(), "saturated");
  EXPECT_EQ(Claimed(account.Judge(kBreach, Sent("later", kNoon - 3h + 2ms, "CNY 10"))),
            Names{"later calendar"});
}

// ---- A raised limit

struct Raised : test::AccountStory {
  Raised() {
    limits().limits = {Outgoing(Rolling("CNY 1000"))};
    limits().rates = test::Rates();
  }
  void Raise(Timestamp at) { Run(test::LimitChanged("raise", at, "rolling", "CNY 1000", "CNY 2000")); }
  std::string_view Why(const Pay& pay) { return Run(Build(pay)).Of("limit_raised_then_spent").why(); }
  [[nodiscard]] Names Found() const { return ActiveCauses("limit_raised_then_spent"); }
};

TEST(MoneyFloodTest, ARaisedLimitIsSpentAllTheSame) {
  for (const int count : {kMoreThanCompared, kMoreThanKept}) {
    for (const bool after : {false, true}) {
      Raised story;
      story.Raise(after ? kNoon - 4h : kNoon - 1min);
      Flood(story, count, Direction::kIn, kNoon - 3h);
      story.Run(Build(Sent("spent", kNoon, "CNY 1800")));
      EXPECT_EQ(story.Found(), Names{"raise"}) << count << after;
    }
  }
}

TEST(MoneyFloodTest, OfManyPaymentsAfterARaiseEachCounts) {
  Raised story;
  story.Raise(kNoon - 4h);
  Flood(story, kMoreThanCompared, Direction::kOut, kNoon - 3h);
  EXPECT_EQ(story.Why(Sent("some", kNoon, "CNY 1793.99")), "");
  EXPECT_EQ(story.Found(), Names{});
  story.Run(Build(Sent("more", kNoon + 1min, "CNY 0.01")));
  EXPECT_EQ(story.Found(), Names{"raise"});
}

TEST(MoneyFloodTest, WhatMayStillBeSpentOfARaiseIsNotTakenBack) {
  Raised story;
  story.Raise(kNoon - 5h);
  story.Run(Build(Sent("before", kNoon - 4h, "CNY 900")));
  Flood(story, kMoreThanKept, Direction::kIn, kNoon - 3h);
  EXPECT_EQ(story.Why(Sent("a", kNoon, "CNY 900")), "saturated");
  story.Run(Build(Sent("b", kNoon + 1h, "CNY 900")));
  EXPECT_EQ(story.Found(), Names{"raise"});
  EXPECT_EQ(story.Why(Status("a", kNoon + 30min, TransactionStatus::kReversed)), "saturated");
  EXPECT_EQ(story.Found(), Names{"raise"});
}

// The least processor time of judging one more payment after eight raises and so many payments.
double CostAfter(int payments) {
  Raised story;
  for (int i = 0; i < 8; ++i) {
    const std::string number = std::to_string(i);
    story.Run(test::LimitChanged("raise" + number, kNoon - 4h, "other" + number, "CNY 1", "CNY 2"));
  }
  Flood(story, payments, Direction::kOut, kNoon - 3h);
  const Context context{
      .population = story.population(), .limits = story.limits(), .learning = story.learning()};
  const LimitRaisedThenSpent detector{{}};
  const schemas::Event event = Build(Sent("more", kNoon, "CNY 5"));
  double least = 1e9;
  for (int i = 0; i < 20; ++i) {
    const std::clock_t before = std::clock();
    EXPECT_EQ(detector.Evaluate(event, story.state(), context).claims().size(), 8U);
    least = std::min(least, static_cast<double>(std::clock() - before));
  }
  return least;
}

// Each payment compared with each other would cost sixteen times as much.
TEST(MoneyFloodTest, FourTimesAsManyPaymentsAfterARaiseCostNoMoreThanThat) {
  EXPECT_LT(CostAfter(500), 8 * CostAfter(125));
}

// The definition, over the whole list, for every kind of window.
TEST(MoneyFloodTest, WhatIsUsedOfARaiseIsByTheDefinition) {
  std::mt19937 random(1);
  const auto upto = [&](int most) { return std::uniform_int_distribution<>(0, most)(random); };
  int found = 0;
  for (int round = 0; round < 60; ++round) {
    const int kind = round % 4;
    Raised story;
    Limit limit = kind == 0   ? Rolling("CNY 1000", 3h)
                  : kind == 1 ? test::Single("CNY 1000")
                              : Calendar(kind == 2 ? CalendarUnit::kDay : CalendarUnit::kWeek, "CNY 1000");
    limit.name = "rolling";
    story.limits().limits = {limit};
    struct One {
      Timestamp at;
      Timestamp gone = kTimestampMax;
      int64_t minor = 0;
    };
    std::vector<One> all;
    story.Raise(kNoon);
    for (int i = 0; i < 25; ++i) {
      One one{.at = kNoon - 6h + i * 70min, .minor = 100 * int64_t{1 + upto(kind == 1 ? 2500 : 600)}};
      const std::string id = std::to_string(i);
      story.Run(Build(Sent(id, one.at, FormatMoney({one.minor, *Currency::Find("CNY")}))));
      if (upto(3) == 0) {
        one.gone = one.at + upto(300) * 1min;
        story.Run(Build(Status(id, one.gone, TransactionStatus::kReversed)));
      }
      all.push_back(one);
    }
    int64_t most = 0;
    for (const One& end : all) {
      if (end.at < kNoon || end.at > kNoon + 24h || end.gone <= end.at) continue;
      const Timestamp begin = kind == 0   ? end.at - 3h + 1ms
                              : kind == 1 ? end.at
                              : kind == 2 ? TimeZone{}.BeginOf(CalendarUnit::kDay, end.at)
                                          : kNoon;
      int64_t sum = 0;
      for (const One& one : all) {
        if (one.at >= begin && one.at <= end.at && one.gone > end.at) sum += one.minor;
      }
      most = std::max(most, kind == 3 ? sum : sum - 100'000);
    }
    ASSERT_EQ(story.Found(), most >= 80'000 ? Names{"raise"} : Names{}) << round;
    if (most < 80'000) continue;
    ++found;
    EXPECT_EQ(test::EvidenceOf(story.Only("limit_raised_then_spent"), "used_of_new_part"),
              FormatAmount({most, *Currency::Find("CNY")}))
        << round;
  }
  EXPECT_GT(found, 20);
  EXPECT_LT(found, 60);
}

// ---- Money that is passed on, and payments just under a limit

struct Young : test::AccountStory {
  Young() {
    limits().rates = test::Rates();
    Run(test::ProfileOf("profile", kNoon - 5h, {.opened_at = kNoon - 30 * 24h}));
    for (const std::string from : {"a", "b", "c"}) {
      Pay pay = Sent("in-" + from, kNoon - 4h, "CNY 2000");
      pay.direction = Direction::kIn;
      pay.to = from;
      Run(Build(pay));
    }
  }
};

TEST(MoneyFloodTest, WhatStrangersPayInIsPassedOnAllTheSame) {
  Young story;
  Flood(story, kMoreThanCompared, Direction::kIn, kNoon - 3h);
  story.Run(Build(Sent("out", kNoon, "CNY 5990")));
  EXPECT_EQ(story.ActiveCauses("pass_through"), Names{"out"});
  EXPECT_EQ(test::EvidenceOf(story.Only("pass_through"), "received"), "1200.00");

  Young more;
  Flood(more, kMoreThanKept, Direction::kIn, kNoon - 3h);
  EXPECT_EQ(more.Run(Build(Sent("out", kNoon, "CNY 5990"))).Of("pass_through").why(), "saturated");
}

// What a receipt that is given back, or a day old, leaves behind was sent before the next one came.
TEST(MoneyFloodTest, WhatWasSentCountsFromTheFirstReceiptThatIsLeft) {
  Young story;
  story.Run(Build(Sent("early", kNoon - 3h, "CNY 5000")));
  Pay received = Sent("in-d", kNoon, "CNY 9000");
  received.direction = Direction::kIn;
  received.to = "d";
  story.Run(Build(received));
  for (const std::string from : {"a", "b", "c"})
    story.Run(Build(Status("in-" + from, kNoon + 1min, TransactionStatus::kReversed)));
  story.Run(Build(Sent("late", kNoon + 1h, "CNY 4000")));
  EXPECT_EQ(story.ActiveCauses("pass_through"), Names{}) << "4000 of 9000, not 9000";
  story.Run(Build(Sent("later", kNoon + 2h, "CNY 4100")));
  EXPECT_EQ(story.ActiveCauses("pass_through"), Names{"later"});
  EXPECT_EQ(test::EvidenceOf(story.Only("pass_through"), "sent"), "1620.00");
}

TEST(MoneyFloodTest, PaymentsJustUnderALimitAreSeenAmongManySmallOnes) {
  const auto single = [](test::AccountStory& story) { story.limits().limits = {test::Single("CNY 1000")}; };
  test::AccountStory story;
  single(story);
  Flood(story, kMoreThanCompared, Direction::kOut, kNoon - 3h);
  for (int i = 0; i < 3; ++i) story.Run(Build(Sent("m" + std::to_string(i), kNoon + i * 1min, "CNY 900")));
  EXPECT_EQ(story.ActiveCauses("structuring"), Names{"m2"});
  EXPECT_EQ(test::EvidenceOf(story.Only("structuring"), "payments"), std::to_string(kMoreThanCompared + 3));

  test::AccountStory more;
  single(more);
  for (int i = 0; i < 2; ++i) more.Run(Build(Sent("m" + std::to_string(i), kNoon - 4h, "CNY 900")));
  Flood(more, kMoreThanKept, Direction::kIn, kNoon - 3h);
  EXPECT_EQ(more.Run(Build(Sent("m2", kNoon, "CNY 900"))).Of("structuring").why(), "saturated");
}

}  // namespace
}  // namespace tocsin::detectors
