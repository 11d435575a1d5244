#include "detectors/limit_raised_then_spent.h"

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
using test::LimitChanged;
using test::Pay;

const Timestamp kNoon = test::At("2026-03-11T12:00:00Z");
using Causes = std::vector<std::string>;

Pay Sent(std::string id, Timestamp at, std::string amount) {
  return {.id = std::move(id), .at = at, .amount = std::move(amount), .kind = TransactionKind::kTransfer};
}
// The raise: from CNY 1000 to CNY 2000. Eight tenths of the new part are used from CNY 1800 on.
schemas::Event Raised(Timestamp at = kNoon, std::string name = "rolling") {
  return LimitChanged("raise", at, std::move(name), "CNY 1000", "CNY 2000");
}
struct With : test::AccountStory {
  explicit With(Limit limit) {
    limits().limits = {std::move(limit)};
    limits().rates = test::Rates();
  }
};
Causes Found(const test::AccountStory& story) { return story.ActiveCauses("limit_raised_then_spent"); }

TEST(LimitRaisedThenSpentTest, EightTenthsOfTheNewPart) {
  With story(test::Rolling("CNY 1000"));
  story.Run(Raised());
  story.Run(Build(Sent("a", kNoon + 1h, "CNY 1000")));
  story.Run(Build(Sent("b", kNoon + 2h, "CNY 799.99")));
  EXPECT_EQ(Found(story), Causes{});
  story.Run(Build(Sent("c", kNoon + 3h, "CNY 0.01")));
  EXPECT_EQ(Found(story), Causes{"raise"});
  EXPECT_EQ(story.Only("limit_raised_then_spent").transaction_id, "c");
}

TEST(LimitRaisedThenSpentTest, WithinADay) {
  With story(test::Rolling("CNY 1000"));
  story.Run(Raised());
  story.Run(Build(Sent("a", kNoon + 24h + 1ms, "CNY 2000")));
  EXPECT_EQ(Found(story), Causes{});
  With just(test::Rolling("CNY 1000"));
  just.Run(Raised());
  just.Run(Build(Sent("a", kNoon + 24h, "CNY 2000")));
  EXPECT_EQ(Found(just), Causes{"raise"});
}

TEST(LimitRaisedThenSpentTest, ARaiseThatArrivesLate) {
  With story(test::Rolling("CNY 1000"));
  story.Run(Build(Sent("a", kNoon + 1h, "CNY 1900")));
  EXPECT_EQ(Found(story), Causes{});
  story.Run(Raised());
  EXPECT_EQ(Found(story), Causes{"raise"});
}

TEST(LimitRaisedThenSpentTest, WhatIsGivenBackAtOnceWasNotUsed) {
  With story(test::Rolling("CNY 1000"));
  story.Run(Raised());
  story.Run(Build(Sent("a", kNoon + 2h, "CNY 1900")));
  EXPECT_EQ(Found(story), Causes{"raise"});
  Pay back = Sent("a", kNoon + 2h, "CNY 1900");
  back.status = TransactionStatus::kReversed;
  back.event_id = "back";
  story.Run(Build(back));
  EXPECT_EQ(Found(story), Causes{});
}

TEST(LimitRaisedThenSpentTest, OneTransactionAgainstALimitOnOne) {
  With story(test::Single("CNY 1000"));
  story.Run(Raised(kNoon, "single"));
  story.Run(Build(Sent("a", kNoon + 1h, "CNY 1000")));
  story.Run(Build(Sent("b", kNoon + 2h, "CNY 1000")));
  EXPECT_EQ(Found(story), Causes{});
  story.Run(Build(Sent("c", kNoon + 3h, "CNY 1800")));
  EXPECT_EQ(Found(story), Causes{"raise"});
}

TEST(LimitRaisedThenSpentTest, OfAMonthOnlyWhatCameAfterCounts) {
  With story(test::Calendar(CalendarUnit::kMonth, "CNY 1000"));
  story.Run(Build(Sent("before", kNoon - 1h, "CNY 1000")));
  story.Run(Raised(kNoon, "calendar"));
  story.Run(Build(Sent("a", kNoon + 1h, "CNY 799.99")));
  EXPECT_EQ(Found(story), Causes{});
  story.Run(Build(Sent("b", kNoon + 2h, "CNY 0.01")));
  EXPECT_EQ(Found(story), Causes{"raise"});
}

TEST(LimitRaisedThenSpentTest, ALimitNobodyDeclaredCountsADay) {
  With story(test::Single("CNY 90000"));
  story.Run(Raised(kNoon, "no such limit"));
  story.Run(Build(Sent("a", kNoon + 1h, "CNY 1799.99")));
  EXPECT_EQ(Found(story), Causes{});
  story.Run(Build(Sent("b", kNoon + 2h, "CNY 1")));
  EXPECT_EQ(Found(story), Causes{"raise"});
}

TEST(LimitRaisedThenSpentTest, WhatIsNoRaise) {
  With story(test::Rolling("CNY 1000"));
  story.Run(LimitChanged("lowered", kNoon, "rolling", "CNY 1000", "CNY 500"));
  story.Run(LimitChanged("same", kNoon, "rolling", "CNY 1000", "CNY 1000"));
  story.Run(Build(Sent("a", kNoon + 1h, "CNY 90000")));
  EXPECT_EQ(Found(story), Causes{});
}

TEST(LimitRaisedThenSpentTest, ARaiseFromNothingIsARaise) {
  With story(test::Rolling("CNY 1000"));
  story.Run(LimitChanged("opened", kNoon, "rolling", "CNY 0", "CNY 2000"));
  story.Run(Build(Sent("a", kNoon + 1h, "CNY 1599.99")));
  EXPECT_EQ(Found(story), Causes{});
  story.Run(Build(Sent("b", kNoon + 1h, "CNY 0.01")));
  EXPECT_EQ(Found(story), Causes{"opened"});
}

TEST(LimitRaisedThenSpentTest, WhatTheChangeDoesNotSayTheProfileDoes) {
  for (const bool profile : {false, true}) {
    With story(test::Rolling("CNY 1000"));
    if (profile) {
      story.Run(test::ProfileOf("profile", kNoon - 1h,
                                {.limits = {{.name = "rolling", .max = test::MoneyOf("CNY 1000")}}}));
    }
    schemas::Event raised = Raised();
    std::get<schemas::AccountChange>(raised.payload).limit->previous_minor.reset();
    story.Run(raised);
    story.Run(Build(Sent("a", kNoon + 1h, "CNY 1900")));
    EXPECT_EQ(Found(story), profile ? Causes{"raise"} : Causes{});
  }
}

TEST(LimitRaisedThenSpentTest, ARemovedLimitIsARaise) {
  With story(test::Rolling("CNY 1000"));
  story.Run(LimitChanged("removed", kNoon, "rolling", "CNY 1000", ""));
  story.Run(Build(Sent("a", kNoon + 1h, "CNY 1799.99")));
  EXPECT_EQ(Found(story), Causes{});
  story.Run(Build(Sent("b", kNoon + 1h, "CNY 0.01")));
  EXPECT_EQ(Found(story), Causes{"removed"});
}

TEST(LimitRaisedThenSpentTest, WithoutARateNobodyKnows) {
  With story(test::Rolling("CNY 1000"));
  story.Run(Raised());
  EXPECT_EQ(story.Run(Build(Sent("a", kNoon + 1h, "KES 1"))).Of("limit_raised_then_spent").why(), "no_rate");
}

}  // namespace
}  // namespace tocsin::detectors
