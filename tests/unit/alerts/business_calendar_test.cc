#include "alerts/business_calendar.h"

#include <gtest/gtest.h>

#include <random>

namespace tocsin::alerts {
namespace {

using namespace std::chrono_literals;

Timestamp At(const char* text) { return *ParseRfc3339(text); }

BusinessCalendar Office(std::string zone) {
  BusinessCalendar calendar;
  calendar.timezone = std::move(zone);
  calendar.always_open = false;
  for (size_t day = 1; day <= 5; ++day) calendar.hours[day] = {9 * 60, 18 * 60};
  return calendar;
}

BusinessClock Clock(const BusinessCalendar& calendar) { return *BusinessClock::Make(calendar); }

struct DueCase {
  const char* name;
  const char* start;
  std::chrono::seconds target;
  const char* due;
};

class DueTest : public testing::TestWithParam<DueCase> {};

// Shanghai's office in the weeks of the National Day of 2026: closed 1–7 October, open on Saturday the 10th
// instead.
TEST_P(DueTest, IsWhenTheOfficeHasBeenOpenForTheTarget) {
  BusinessCalendar calendar = Office("Asia/Shanghai");
  for (int day = 1; day <= 7; ++day) calendar.holidays.push_back("2026-10-0" + std::to_string(day));
  calendar.working_days = {"2026-10-10"};
  EXPECT_EQ(FormatRfc3339(Clock(calendar).DueAfter(At(GetParam().start), GetParam().target)),
            FormatRfc3339(At(GetParam().due)));
}

INSTANTIATE_TEST_SUITE_P(
    Calendar, DueTest,
    testing::Values(
        DueCase{"WithinADay", "2026-09-21T09:00:00+08:00", 4h, "2026-09-21T13:00:00+08:00"},
        DueCase{"ToTheMinuteItCloses", "2026-09-21T09:00:00+08:00", 9h, "2026-09-21T18:00:00+08:00"},
        DueCase{"AMillisecondMoreIsTomorrow", "2026-09-21T09:00:00+08:00", 9h + 1s,
                "2026-09-22T09:00:01+08:00"},
        DueCase{"AtNight", "2026-09-21T23:00:00+08:00", 1h, "2026-09-22T10:00:00+08:00"},
        DueCase{"BeforeItOpens", "2026-09-21T03:00:00+08:00", 1h, "2026-09-21T10:00:00+08:00"},
        DueCase{"OverTheWeekend", "2026-09-25T17:00:00+08:00", 2h, "2026-09-28T10:00:00+08:00"},
        DueCase{"OverTheHoliday", "2026-09-30T17:00:00+08:00", 2h, "2026-10-08T10:00:00+08:00"},
        DueCase{"OnAMakeUpSaturday", "2026-10-09T17:00:00+08:00", 2h, "2026-10-10T10:00:00+08:00"},
        DueCase{"TwentyFourHoursOfWork", "2026-09-21T09:00:00+08:00", 24h, "2026-09-23T15:00:00+08:00"},
        DueCase{"Nothing", "2026-09-26T12:00:00+08:00", 0s, "2026-09-26T12:00:00+08:00"}),
    [](const auto& tested) { return tested.param.name; });

TEST(BusinessClockTest, AlwaysOpenCountsPlainTime) {
  EXPECT_EQ(Clock({}).DueAfter(At("2026-10-03T00:00:00Z"), 24h), At("2026-10-04T00:00:00Z"));
}

TEST(BusinessClockTest, AMakeUpDayIsOpenWhereMondayIsNot) {
  BusinessCalendar calendar = Office("Asia/Shanghai");
  calendar.hours[1] = {0, 0};
  calendar.hours[3] = {10 * 60, 12 * 60};
  calendar.working_days = {"2026-10-10"};  // A Saturday.
  EXPECT_EQ(Clock(calendar).DueAfter(At("2026-10-10T08:00:00+08:00"), 2h), At("2026-10-10T11:00:00+08:00"))
      << "as Tuesday";
  calendar.hours[2] = {0, 0};
  EXPECT_EQ(Clock(calendar).DueAfter(At("2026-10-10T08:00:00+08:00"), 2h), At("2026-10-10T12:00:00+08:00"))
      << "as Wednesday";
}

TEST(BusinessClockTest, DaylightSavingChangesTheLengthOfTheNight) {
  BusinessCalendar calendar = Office("Europe/Berlin");
  calendar.hours[0] = {0, 24 * 60};
  // Sunday, 29 March 2026 has 23 hours, Sunday, 25 October 2026 has 25.
  EXPECT_EQ(Clock(calendar).OpenBetween(At("2026-03-28T23:00:00Z"), At("2026-03-29T22:00:00Z")), 23h);
  EXPECT_EQ(Clock(calendar).OpenBetween(At("2026-10-24T22:00:00Z"), At("2026-10-25T23:00:00Z")), 25h);
  EXPECT_EQ(Clock(calendar).DueAfter(At("2026-03-28T23:00:00Z"), 23h), At("2026-03-29T22:00:00Z"));
}

// Laws, on random calendars, starts and targets: the office is open for exactly the target, never less a
// moment earlier; later starts and larger targets are never due earlier.
TEST(BusinessClockTest, Laws) {
  std::mt19937_64 random(20260301);
  const char* zones[] = {"Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"};
  const auto pick = [&](int below) { return static_cast<int>(random() % static_cast<uint64_t>(below)); };
  for (int round = 0; round < 150; ++round) {
    BusinessCalendar calendar;
    calendar.always_open = false;
    calendar.timezone = zones[pick(5)];
    for (auto& [from, to] : calendar.hours) {
      from = pick(1440);
      to = from + pick(1441 - from);
    }
    calendar.hours[static_cast<size_t>(pick(7))] = {8 * 60, 17 * 60};
    calendar.hours[1] = {0, 24 * 60};
    for (int n = pick(6); n > 0; --n)
      calendar.holidays.push_back("2026-0" + std::to_string(1 + pick(9)) + "-1" + std::to_string(pick(10)));
    for (int n = pick(4); n > 0; --n)
      calendar.working_days.push_back("2026-0" + std::to_string(1 + pick(9)) + "-2" +
                                      std::to_string(pick(9)));
    const BusinessClock clock = Clock(calendar);

    const Timestamp start = At("2026-01-01T00:00:00Z") + std::chrono::seconds(pick(300 * 86400));
    const std::chrono::seconds target(1 + pick(60 * 3600));
    const Timestamp due = clock.DueAfter(start, target);
    EXPECT_EQ(clock.OpenBetween(start, due), Millis(target));
    EXPECT_LT(clock.OpenBetween(start, due - Millis(1)), Millis(target));
    EXPECT_GE(clock.DueAfter(start, target + std::chrono::seconds(pick(7200))), due);
    EXPECT_GE(clock.DueAfter(start + std::chrono::seconds(pick(7200)), target), due);
  }
}

TEST(BusinessClockTest, NamesWhatIsWrong) {
  const auto field = [](auto change) {
    BusinessCalendar calendar = Office("UTC");
    change(calendar);
    const auto made = BusinessClock::Make(calendar);
    return made ? std::string("valid") : made.error().field;
  };
  EXPECT_EQ(field([](BusinessCalendar&) {}), "valid");
  EXPECT_EQ(field([](BusinessCalendar& c) { c.timezone = "Mars/Olympus"; }), "timezone");
  EXPECT_EQ(field([](BusinessCalendar& c) { c.hours[2] = {600, 540}; }), "hours[2]");
  EXPECT_EQ(field([](BusinessCalendar& c) { c.hours[6] = {0, 1441}; }), "hours[6]");
  EXPECT_EQ(field([](BusinessCalendar& c) { c.hours = {}; }), "hours");
  EXPECT_EQ(field([](BusinessCalendar& c) { c.holidays = {"2026-10-01", "2026-02-29"}; }), "holidays[1]");
  EXPECT_EQ(field([](BusinessCalendar& c) { c.working_days = {"10 October"}; }), "working_days[0]");
}

}  // namespace
}  // namespace tocsin::alerts
