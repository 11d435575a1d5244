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

// The change does not say what the limit was; the profile with the new one overtakes it.
TEST(LimitRaisedThenSpentTest, ARaiseIsFromWhatTheProfileSaidThen) {
  const auto profile = [](std::string_view id, Timestamp at, std::string_view max) {
    return test::ProfileOf(id, at, {.limits = {{.name = "rolling", .max = test::MoneyOf(max)}}});
  };
  schemas::Event raised = Raised();
  std::get<schemas::AccountChange>(raised.payload).limit->previous_minor.reset();
  for (const bool late : {false, true}) {
    With story(test::Rolling("CNY 1000"));
    story.Run(profile("before", kNoon - 24h, "CNY 1000"));
    if (!late) story.Run(raised);
    story.Run(profile("after", kNoon + 1s, "CNY 2000"));
    if (late) story.Run(raised);
    story.Run(Build(Sent("a", kNoon + 1h, "CNY 1900")));
    EXPECT_EQ(Found(story), Causes{"raise"});
  }
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

// From CNY 1000 to 1500 to 2000: eight tenths of the new part are used from CNY 1800 on, as in one step.
TEST(LimitRaisedThenSpentTest, ARaiseInTwoStepsIsOne) {
  const auto first = LimitChanged("first", kNoon, "single", "CNY 1000", "CNY 1500");
  const auto second = LimitChanged("second", kNoon + 1h, "single", "CNY 1500", "CNY 2000");
  const auto paid = [](std::string amount) { return Build(Sent("a", kNoon + 2h, std::move(amount))); };
  for (const auto& [amount, causes] : {std::pair{"CNY 1799.99", Causes{}}, {"CNY 1800", {"second"}}}) {
    for (std::vector<schemas::Event> events : {std::vector{first, second, paid(amount)},
                                               {second, paid(amount), first},
                                               {first, paid(amount), second},
                                               {paid(amount), second, first}}) {
      With story(test::Single("CNY 1000"));
      for (const schemas::Event& event : events) story.Run(event);
      EXPECT_EQ(Found(story), causes) << amount << ", first came " << events.front().event_id.view();
    }
  }
  With between(test::Single("CNY 1000"));
  between.Run(first);
  between.Run(Build(Sent("a", kNoon + 30min, "CNY 1450")));
  between.Run(second);
  EXPECT_EQ(Found(between), Causes{"first"}) << "what was paid before the second step was the first one's";
}

TEST(LimitRaisedThenSpentTest, StepsOfOneInstant) {
  With story(test::Single("CNY 1000"));
  story.Run(LimitChanged("z", kNoon, "single", "CNY 1000", "CNY 1500"));
  story.Run(LimitChanged("a", kNoon, "single", "CNY 1500", "CNY 2000"));
  story.Run(Build(Sent("t", kNoon, "CNY 1900")));
  EXPECT_EQ(Found(story), Causes{"a"});
}

TEST(LimitRaisedThenSpentTest, WhatIsNoStepOfTheSame) {
  With other(test::Single("CNY 1000"));
  other.Run(LimitChanged("first", kNoon, "single", "CNY 1000", "CNY 1500"));
  other.Run(LimitChanged("other", kNoon + 1h, "no such limit", "CNY 1500", "CNY 9000"));
  other.Run(Build(Sent("a", kNoon + 2h, "CNY 1450")));
  EXPECT_EQ(Found(other), Causes{"first"});
  With later(test::Single("CNY 1000"));
  later.Run(LimitChanged("first", kNoon, "single", "CNY 1000", "CNY 1500"));
  later.Run(LimitChanged("later", kNoon + 24h + 1ms, "single", "CNY 1500", "CNY 2000"));
  later.Run(Build(Sent("a", kNoon + 25h, "CNY 1900")));
  EXPECT_EQ(Found(later), Causes{"later"}) << "CNY 400 of its own 500";
}

TEST(LimitRaisedThenSpentTest, WithoutARateNobodyKnows) {
  With story(test::Rolling("CNY 1000"));
  story.Run(Raised());
  EXPECT_EQ(story.Run(Build(Sent("a", kNoon + 1h, "KES 1"))).Of("limit_raised_then_spent").why(), "no_rate");
}

}  // namespace
}  // namespace tocsin::detectors
