// unusual_hour and dormant_reactivation: when the account is used, and whether it is at all.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "detectors/local_hour.h"
#include "detectors/unusual_hour.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::EventBuilder;
using test::kNoon;
using test::SettledAccount;
using Causes = std::vector<std::string>;

// Logins at noon UTC for sixty days, the last one yesterday.
struct AtHour {
  std::string name;
  std::chrono::hours after{0};
  bool unusual = false;
};
class UnusualHourTest : public testing::TestWithParam<AtHour> {};

TEST_P(UnusualHourTest, IsJudged) {
  SettledAccount account;
  const Verdict& verdict = account.Run(EventBuilder("e", kNoon + GetParam().after)).Of("unusual_hour");
  EXPECT_EQ(verdict.alert(), GetParam().unusual);
  if (verdict.alert()) {
    EXPECT_EQ(verdict.claims().front().severity, schemas::Severity::kInfo);
  }
}

INSTANTIATE_TEST_SUITE_P(Hours, UnusualHourTest,
                         testing::Values(AtHour{"TheSame", 0h, false}, AtHour{"TheNext", 1h, false},
                                         AtHour{"TheOneBefore", -1h, false}, AtHour{"TwoLater", 2h, false},
                                         AtHour{"InTheNight", 15h, true}, AtHour{"InTheEvening", 9h, true}),
                         [](const auto& tested) { return tested.param.name; });

TEST(UnusualHour, SpeaksFromTwentyLogins) {
  test::AccountStory story;
  // The event's day and the one before are not counted.
  for (int day = 0; day < 20; ++day)
    story.Run(EventBuilder("e" + std::to_string(day), kNoon + std::chrono::hours(24 * day)));
  EXPECT_EQ(story.Run(EventBuilder("a", kNoon + 24h * 19 + 13h)).Of("unusual_hour").why(), "learning");
  EXPECT_NE(story.Run(EventBuilder("b", kNoon + 24h * 21)).Of("unusual_hour").why(), "learning");
}

TEST(UnusualHour, NineteenAreOneTooFew) {
  for (const int logins : {19, 20}) {
    test::AccountStory story;
    for (int day = 0; day < logins; ++day)
      story.Run(EventBuilder("e" + std::to_string(day), kNoon + std::chrono::hours(24 * day)));
    // Two days after the last of them: all are counted.
    const Verdict& verdict =
        story.Run(EventBuilder("next", kNoon + std::chrono::hours(24 * (logins + 1)))).Of("unusual_hour");
    EXPECT_EQ(verdict.why(), logins == 19 ? kLearning : "");
    EXPECT_EQ(verdict.clear(), logins == 20);
  }
}

// So many eighths of a login at noon, and nothing else. Noon lends to the two hours on either side; each of
// the other 19 is as likely as 0.5 / 24 of a login. Of all logins and a half they hold 19 · 0.5 / 24 =
// 0.39583: two in a hundred at 19.2917 logins, which are 154.33 eighths.
TEST(UnusualHour, TwoInAHundredIsUsual) {
  const UnusualHour detector{{}};
  const Population population;
  const LimitTable limits;
  const LearningConfig learning;
  const Context context{.population = population, .limits = limits, .learning = learning};
  const schemas::Event night = EventBuilder("night", kNoon + 15h);
  for (const auto& [eighths, unusual] : {std::pair(154, false), std::pair(155, true)}) {
    AccountState state;
    HourCounts& hours = state.MutableHabits().hours;
    hours.day = LocalHourOf(night.occurred_at, {}).day;
    ASSERT_NE(hours.day % HourCounts::kWeekDays, 0) << "nothing fades on this day";
    hours.bins[12] = static_cast<uint16_t>(eighths);
    hours.cells = 20;
    const Verdict verdict = detector.Evaluate(night, state, context);
    EXPECT_EQ(verdict.clear(), !unusual) << eighths;
    EXPECT_EQ(verdict.alert(), unusual) << eighths;
  }
}

TEST(UnusualHour, AHundredLoginsOfAnHourAreOne) {
  test::AccountStory story;
  for (int i = 0; i < 100; ++i)
    story.Run(EventBuilder("e" + std::to_string(i), kNoon + std::chrono::seconds(i)));
  story.Run(EventBuilder("later", kNoon + 24h * 5));
  EXPECT_EQ(HoursOn(LocalHourOf(kNoon + 24h * 5, {}).day, story.state()).cells, 1U);
}

schemas::Event InShanghai(Timestamp at) {
  schemas::Event event = EventBuilder("profile", at).Nowhere().WithoutDevice();
  event.type = schemas::EventType::kAccountProfile;
  event.payload = schemas::AccountProfile{.timezone = "Asia/Shanghai"};
  return event;
}

// Of an account's first login the profile often comes moments later, or before it by mistake.
TEST(UnusualHour, IsOfTheZoneThatTheProfileNamesWithinTheSitting) {
  test::AccountStory right;
  right.RunAll({EventBuilder("first", kNoon), InShanghai(kNoon + 20s), EventBuilder("later", kNoon + 2h)});
  test::AccountStory wrong;
  wrong.RunAll({InShanghai(kNoon + 20s), EventBuilder("first", kNoon), EventBuilder("later", kNoon + 2h)});
  EXPECT_EQ(right.state().habits().hours.today, 1U << 20U) << "noon in UTC";
  EXPECT_EQ(wrong.state().habits(), right.state().habits());
  EXPECT_EQ(wrong.state().profile(), right.state().profile());
}

TEST(UnusualHour, OfAnEarlierZoneIsTheHourOfWhatCameBeforeTheChange) {
  test::AccountStory story;
  story.RunAll({EventBuilder("first", kNoon), InShanghai(kNoon + 61min), EventBuilder("later", kNoon + 2h)});
  EXPECT_EQ(story.state().habits().hours.today, 1U << 12U);
}

// The list of logins is full before any of them is old enough.
TEST(UnusualHour, IsLearntOfManyLoginsAtOnceToo) {
  test::AccountStory story;
  for (int i = 0; i < 2 * static_cast<int>(SignIns::kRecentMax); ++i)
    story.Run(EventBuilder("e" + std::to_string(i), kNoon + 59min + 50s + std::chrono::seconds(i)));
  story.Run(EventBuilder("later", kNoon + 24h));
  EXPECT_EQ(story.state().habits().hours.today, 3U << 12U);
}

TEST(UnusualHour, MidnightIsNoEdge) {
  test::AccountStory story;
  for (int day = 0; day < 30; ++day)
    story.Run(EventBuilder("e" + std::to_string(day), kNoon + std::chrono::hours(24 * day) + 11h + 30min));
  EXPECT_TRUE(story.Run(EventBuilder("after", kNoon + 24h * 30 + 12h + 30min)).Of("unusual_hour").clear());
}

TEST(UnusualHour, DaylightSavingMovesNobodysHabits) {
  Profile profile;
  profile.owner.timezone = "Europe/Berlin";
  EXPECT_EQ(LocalHourOf(*ParseRfc3339("2026-03-28T06:30:00Z"), profile.owner).hour, 7);
  EXPECT_EQ(LocalHourOf(*ParseRfc3339("2026-03-30T05:30:00Z"), profile.owner).hour, 7);
  profile.owner.timezone = "Nowhere/Land";
  profile.owner.country = "JP";
  EXPECT_EQ(LocalHourOf(*ParseRfc3339("2026-03-30T20:30:00Z"), profile.owner).hour, 5);
  EXPECT_EQ(LocalHourOf(*ParseRfc3339("2026-03-30T20:30:00Z"), profile.owner).day,
            LocalHourOf(*ParseRfc3339("2026-03-30T15:00:00Z"), profile.owner).day);
  profile.owner.country = "US";
  EXPECT_EQ(LocalHourOf(*ParseRfc3339("2026-03-30T20:30:00Z"), profile.owner).hour, 20);
}

TEST(HourCounts, FadeAndAreForgotten) {
  HourCounts hours;
  for (int day = 0; day < 30; ++day) hours.Note(20'000 + day, 9);
  const int then = hours.bins[9];
  hours.Note(20'000 + 90, 9);
  EXPECT_LT(hours.bins[9], then * 6 / 10);
  hours.Note(20'000 + 4000, 9);
  EXPECT_EQ(hours.bins[9], 0);
}

TEST(HourCounts, TheOrderOfADayIsNone) {
  HourCounts in_order;
  HourCounts shuffled;
  for (int day = 0; day < 40; ++day) {
    for (const int hour : {8, 13, 20}) in_order.Note(20'000 + day, hour);
    for (const int hour : {20, 8}) shuffled.Note(20'000 + day, hour);
    if (day > 0) shuffled.Note(20'000 + day - 1, 13);  // A day late.
  }
  shuffled.Note(20'000 + 39, 13);
  EXPECT_EQ(in_order, shuffled);
}

// The first login of the next day has come: what a late one of the day before is compared with is the same.
TEST(HourCounts, AreAsOfTheDayThatIsAskedAbout) {
  HourCounts hours;
  for (int64_t day = 20'000; day < 20'030; ++day) {
    hours.Note(day, 8 + static_cast<int>(day % 3));
    const HourCounts then = hours.On(day);
    hours.Note(day + 1, 0);
    const HourCounts late = hours.On(day);
    EXPECT_EQ(late.bins, then.bins) << day;
    EXPECT_EQ(late.cells, then.cells) << day;
    EXPECT_GE(hours.On(day + 1).cells, then.cells);
  }
  EXPECT_EQ(hours.On(20'040).cells, 60U) << "each day's own hour, and its midnight";
}

// Back after so many days.
Timestamp After(int days) { return kNoon - 24h + std::chrono::hours(24 * days); }

schemas::Event NewDevice(std::string_view id, Timestamp at) {
  return EventBuilder(id, at).With(test::kStranger);
}

TEST(DormantReactivation, ExactlyNinetyDays) {
  for (const Millis less : {Millis(0), Millis(1)}) {
    SettledAccount account;
    EXPECT_EQ(account.Run(NewDevice("back", After(90) - less)).Of("dormant_reactivation").alert(),
              less == Millis(0));
  }
}

TEST(DormantReactivation, TheOwnersDeviceIsClear) {
  SettledAccount account;
  EXPECT_TRUE(account.Run(EventBuilder("back", After(120))).Of("dormant_reactivation").clear());
}

TEST(DormantReactivation, AStrangerSoonAfterwards) {
  for (const auto& [hours, alerts] : {std::pair(72, true), std::pair(73, false)}) {
    SettledAccount account;
    account.Run(EventBuilder("back", After(120)));
    const auto& result = account.Run(NewDevice("new", After(120) + std::chrono::hours(hours)));
    EXPECT_EQ(result.Of("dormant_reactivation").alert(), alerts);
  }
}

TEST(DormantReactivation, OneDeviceIsOneFindingInAnyOrder) {
  SettledAccount account;
  account.Run(NewDevice("second", After(120) + 3min));
  account.Run(NewDevice("first", After(120)));
  account.Run(NewDevice("third", After(120) + 1h));
  EXPECT_EQ(account.ActiveCauses("dormant_reactivation"), Causes{"first"});
}

// A use in the midst of the silence, two days late: there was no dormant account.
TEST(DormantReactivation, ALateUseTakesBackWhatTheSilenceMadeStrange) {
  SettledAccount account;
  const Currency eur = *Currency::Find("EUR");
  for (int i = 0; i < 20; ++i) {
    const std::string id = "p" + std::to_string(i);
    account.Run(EventBuilder(id, kNoon - 24h - std::chrono::minutes(i)).Paid(id, {2'000 + i, eur}));
  }
  account.Run(NewDevice("new", After(91)));
  account.Run(EventBuilder("paid", After(91) + 3min).Paid("large", {90'000, eur}));
  EXPECT_EQ(account.ActiveCauses("dormant_reactivation"), (Causes{"new", "paid"}));
  account.Run(EventBuilder("late", After(89) + 1h));
  EXPECT_EQ(account.ActiveCauses("dormant_reactivation"), Causes{});
}

// Completed first, authorized afterwards: one payment, whose beginning arrived last.
TEST(DormantReactivation, APaymentIsNamedAfterItsBeginning) {
  SettledAccount account;
  const Currency eur = *Currency::Find("EUR");
  for (int i = 0; i < 20; ++i) {
    const std::string id = "p" + std::to_string(i);
    account.Run(EventBuilder(id, kNoon - 24h - std::chrono::minutes(i)).Paid(id, {2'000 + i, eur}));
  }
  account.Run(EventBuilder("completed", After(120) + 3min).Paid("large", {90'000, eur}));
  account.Run(EventBuilder("authorized", After(120))
                  .Paid("large", {90'000, eur}, schemas::TransactionStatus::kAuthorized));
  EXPECT_EQ(account.ActiveCauses("dormant_reactivation"), Causes{"authorized"});
  EXPECT_EQ(account.ActiveCauses("unusual_amount"), Causes{"authorized"});
}

TEST(DormantReactivation, ALateUseThatStillEndsASilenceTakesNothingBack) {
  SettledAccount account;
  account.Run(NewDevice("new", After(93)));
  account.Run(EventBuilder("late", After(91)));
  EXPECT_EQ(account.ActiveCauses("dormant_reactivation"), Causes{"new"});
}

TEST(NewNetwork, TheHomeLineAfterALongSilenceIsStillHome) {
  SettledAccount account;
  EXPECT_TRUE(account.Run(EventBuilder("back", After(120))).Of("new_network").clear());
  // Used all the time from elsewhere, it is new again.
  SettledAccount moved;
  for (int day = 1; day <= 100; ++day)
    moved.Run(EventBuilder("m" + std::to_string(day), After(day)).Via(test::kMobile));
  EXPECT_TRUE(moved.Run(EventBuilder("back", After(101))).Of("new_network").alert());
}

TEST(DormantReactivation, WhatCannotBeMeasuredIsNotClear) {
  const Currency eur = *Currency::Find("EUR");
  SettledAccount account;
  const auto why = [&](const schemas::Event& event) {
    return account.Run(event).Of("dormant_reactivation").why();
  };
  EXPECT_EQ(why(EventBuilder("bare", After(120)).WithoutDevice()), kNoDevice);
  EXPECT_EQ(why(EventBuilder("pay", After(120) + 1h).Paid("t", {90'000, eur})), kLearning);
  EXPECT_TRUE(account.Run(EventBuilder("back", After(120) + 2h)).Of("dormant_reactivation").clear());
}

TEST(DormantReactivation, MoneyAboveWhatWasAlwaysPaid) {
  for (const auto& [minor, alerts] : {std::pair(2'000, false), std::pair(90'000, true)}) {
    for (const bool late : {false, true}) {
      SettledAccount account;
      const Currency eur = *Currency::Find("EUR");
      for (int i = 0; i < 20; ++i) {
        const std::string id = "p" + std::to_string(i);
        account.Run(EventBuilder(id, kNoon - 23h + std::chrono::minutes(i * 30)).Paid(id, {2'000 + i, eur}));
      }
      const schemas::Event back = EventBuilder("back", After(120));
      const schemas::Event paid = EventBuilder("paid", After(120) + 3min).Paid("large", {minor, eur});
      account.Run(late ? paid : back);
      account.Run(late ? back : paid);
      EXPECT_EQ(account.ActiveCauses("dormant_reactivation"), alerts ? Causes{"paid"} : Causes{});
    }
  }
}

TEST(Sessions, AWakingMovesWithWhatArrivesLate) {
  Sessions sessions;
  EXPECT_TRUE(sessions.NoteUse(kNoon));
  EXPECT_TRUE(sessions.NoteUse(kNoon + 24h * 100));
  EXPECT_EQ(sessions.waking, (Waking{.slept_since = kNoon, .woke_at = kNoon + 24h * 100}));
  EXPECT_FALSE(sessions.NoteUse(kNoon - 1h));
  EXPECT_TRUE(sessions.NoteUse(kNoon + 24h * 99));
  EXPECT_EQ(sessions.waking.woke_at, kNoon + 24h * 99);
  EXPECT_TRUE(sessions.NoteUse(kNoon + 24h * 20));
  EXPECT_EQ(sessions.waking.slept_since, kNoon + 24h * 20);
  EXPECT_TRUE(sessions.NoteUse(kNoon + 24h * 60));
  EXPECT_EQ(sessions.waking, (Waking{.slept_since = kNoon + 24h * 20, .woke_at = kNoon + 24h * 60}));
  EXPECT_EQ(sessions.last_use, kNoon + 24h * 100);
}

}  // namespace
}  // namespace tocsin::detectors
