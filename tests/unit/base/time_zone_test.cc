#include "base/time_zone.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <random>
#include <thread>
#include <vector>

namespace tocsin {
namespace {

using namespace std::chrono_literals;
using enum CalendarUnit;

// Zones with something special, and a few that many people live in.
const char* const kZones[] = {
    "UTC",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Asia/Kathmandu",  // +05:45.
    "Europe/Berlin",
    "Europe/London",
    "Europe/Dublin",  // Negative daylight saving.
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",   // Changed at 00:01: the hour before midnight came twice, across the date.
    "America/Sao_Paulo",  // Skipped midnight.
    "America/Asuncion",
    "America/Havana",  // 00:00 skipped, 01:00 set back to 00:00.
    "America/Caracas",
    "Asia/Beirut",
    "Asia/Tehran",
    "Asia/Gaza",
    "Asia/Pyongyang",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/Monrovia",      // -00:44:30 until 1972.
    "Antarctica/Troll",     // Two hours of daylight saving.
    "Australia/Lord_Howe",  // Half an hour of daylight saving.
    "Pacific/Apia",         // No 30 December 2011.
    "Pacific/Kwajalein",    // No 21 August 1993.
    "Pacific/Chatham",
    "Pacific/Kiritimati",  // +14.
    "+08:00",
    "-09:30",
};

TimeZone Zone(std::string_view name) {
  const std::optional<TimeZone> zone = TimeZone::Find(name);
  EXPECT_TRUE(zone.has_value()) << name << ": is the package tzdata installed?";
  return zone.value_or(TimeZone());
}

Timestamp At(std::string_view text) {
  const std::optional<Timestamp> at = ParseRfc3339(text);
  EXPECT_TRUE(at.has_value()) << text;
  return at.value_or(Timestamp());
}

TEST(TimeZoneFindTest, KnownNames) {
  EXPECT_EQ(Zone("Asia/Shanghai").name(), "Asia/Shanghai");
  EXPECT_EQ(Zone("UTC").name(), "UTC");
  EXPECT_EQ(TimeZone().name(), "UTC");
  EXPECT_EQ(Zone("America/Argentina/Buenos_Aires").name(), "America/Argentina/Buenos_Aires");
}

struct Offset {
  const char* text;
  const char* name;
  int minutes;
};

TEST(TimeZoneOffsetTest, IsFixed) {
  const Offset kTable[] = {Offset{"+08:00", "+08:00", 480},  Offset{"480", "+08:00", 480},
                           Offset{"+480", "+08:00", 480},    Offset{"-300", "-05:00", -300},
                           Offset{"-05:30", "-05:30", -330}, Offset{"0", "UTC", 0},
                           Offset{"+00:00", "UTC", 0},       Offset{"-00:00", "UTC", 0},
                           Offset{"+23:59", "+23:59", 1439}, Offset{"-1439", "-23:59", -1439}};
  for (const Offset& tested : kTable) {
    SCOPED_TRACE(tested.text);
    const TimeZone zone = Zone(tested.text);
    EXPECT_EQ(zone.name(), tested.name);
    EXPECT_EQ(zone.ToLocal(At("2026-07-01T00:00:00Z")).offset, std::chrono::minutes(tested.minutes));
  }
}

TEST(TimeZoneUnknownTest, IsNotFound) {
  const char* const kTable[] = {"",
                                " ",
                                "Mars/Olympus",
                                "asia/shanghai",
                                "Asia/Shanghai ",
                                "Asia",
                                "Asia/",
                                "../../../etc/passwd",
                                "/etc/localtime",
                                "localtime",
                                "+24:00",
                                "+08:60",
                                "+8:00",
                                "+0800x",
                                "1440",
                                "-1440",
                                "99999",
                                "+",
                                "-",
                                "+-8:00",
                                "8.5",
                                "+08-00",
                                "0x10"};
  for (const char* const tested : kTable) {
    SCOPED_TRACE(tested);
    EXPECT_FALSE(TimeZone::Find(tested).has_value());
  }
}

TEST(TimeZoneFindTest, HostileNamesLeaveNothingBehind) {
  for (int i = 0; i < 10'000; ++i) EXPECT_FALSE(TimeZone::Find("Nowhere/" + std::to_string(i)).has_value());
  EXPECT_FALSE(TimeZone::Find(std::string(1'000'000, 'A')).has_value());
  EXPECT_FALSE(TimeZone::Find(std::string_view("Asia/Shanghai\0", 14)).has_value());
}

TEST(TimeZoneFindTest, ManyThreadsGetTheSameZone) {
  std::vector<std::vector<TimeZone>> found(8);
  std::vector<std::thread> threads;
  for (std::vector<TimeZone>& mine : found) {
    threads.emplace_back([&mine] {
      for (const char* name : kZones) mine.push_back(*TimeZone::Find(name));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<TimeZone>& mine : found) EXPECT_EQ(mine, found.front());
}

TEST(TimeZoneEqualityTest, IsByName) {
  EXPECT_EQ(Zone("480"), Zone("+08:00"));
  EXPECT_EQ(TimeZone(), Zone("UTC"));
  EXPECT_NE(Zone("Asia/Shanghai"), Zone("+08:00"));
}

struct Local {
  const char* name;
  const char* zone;
  const char* at;
  LocalTime local;
};

class ToLocalTest : public testing::TestWithParam<Local> {};

TEST_P(ToLocalTest, ShowsWhatTheOwnerSees) {
  const LocalTime got = Zone(GetParam().zone).ToLocal(At(GetParam().at));
  const LocalTime& want = GetParam().local;
  EXPECT_EQ(got.year, want.year);
  EXPECT_EQ(got.month, want.month);
  EXPECT_EQ(got.day, want.day);
  EXPECT_EQ(got.hour, want.hour);
  EXPECT_EQ(got.minute, want.minute);
  EXPECT_EQ(got.second, want.second);
  EXPECT_EQ(got.weekday, want.weekday);
  EXPECT_EQ(got.offset, want.offset);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ToLocalTest,
    testing::Values(
        Local{"Epoch", "UTC", "1970-01-01T00:00:00Z", {1970, 1, 1, 0, 0, 0, 4, 0min}},
        Local{"NewYearInShanghai", "Asia/Shanghai", "2025-12-31T16:00:00Z", {2026, 1, 1, 0, 0, 0, 4, 480min}},
        Local{"Sunday", "Asia/Shanghai", "2026-02-28T20:05:06.999Z", {2026, 3, 1, 4, 5, 6, 0, 480min}},
        Local{"BeforeTheEpochInTheWest",
              "America/New_York",
              "1970-01-01T00:00:00Z",
              {1969, 12, 31, 19, 0, 0, 3, -300min}},
        Local{"LastSecondOfWinter",
              "Europe/Berlin",
              "2026-03-29T00:59:59Z",
              {2026, 3, 29, 1, 59, 59, 0, 60min}},
        Local{"FirstSecondOfSummer",
              "Europe/Berlin",
              "2026-03-29T01:00:00Z",
              {2026, 3, 29, 3, 0, 0, 0, 120min}},
        Local{"FarFuture", "Asia/Shanghai", "9999-12-31T23:59:59.999Z", {10000, 1, 1, 7, 59, 59, 6, 480min}},
        Local{"SkippedDate", "Pacific/Apia", "2011-12-30T10:00:00Z", {2011, 12, 31, 0, 0, 0, 6, 840min}}),
    [](const auto& tested) { return tested.param.name; });

struct Window {
  const char* name;
  const char* zone;
  CalendarUnit unit;
  const char* at;
  const char* begin;
  const char* end;
};

class WindowTest : public testing::TestWithParam<Window> {};

TEST_P(WindowTest, HasTheseEnds) {
  const TimeZone zone = Zone(GetParam().zone);
  EXPECT_EQ(FormatRfc3339(zone.BeginOf(GetParam().unit, At(GetParam().at))), GetParam().begin);
  EXPECT_EQ(FormatRfc3339(zone.EndOf(GetParam().unit, At(GetParam().at))), GetParam().end);
}

INSTANTIATE_TEST_SUITE_P(
    Table, WindowTest,
    testing::Values(Window{"UtcDay", "UTC", kDay, "2026-03-01T23:59:59.999Z", "2026-03-01T00:00:00.000Z",
                           "2026-03-02T00:00:00.000Z"},
                    Window{"FirstInstantOfADay", "UTC", kDay, "2026-03-01T00:00:00Z",
                           "2026-03-01T00:00:00.000Z", "2026-03-02T00:00:00.000Z"},
                    Window{"ShanghaiDay", "Asia/Shanghai", kDay, "2026-03-01T15:59:59.999Z",
                           "2026-02-28T16:00:00.000Z", "2026-03-01T16:00:00.000Z"},
                    Window{"SundayIsTheEndOfAWeek", "UTC", kWeek, "2026-03-01T12:00:00Z",
                           "2026-02-23T00:00:00.000Z", "2026-03-02T00:00:00.000Z"},
                    Window{"MondayIsTheBeginning", "UTC", kWeek, "2026-03-02T00:00:00Z",
                           "2026-03-02T00:00:00.000Z", "2026-03-09T00:00:00.000Z"},
                    Window{"WeekAcrossTheYear", "UTC", kWeek, "2026-01-01T00:00:00Z",
                           "2025-12-29T00:00:00.000Z", "2026-01-05T00:00:00.000Z"},
                    Window{"LeapFebruary", "UTC", kMonth, "2024-02-10T00:00:00Z", "2024-02-01T00:00:00.000Z",
                           "2024-03-01T00:00:00.000Z"},
                    Window{"MonthOfThirty", "UTC", kMonth, "2026-04-30T23:59:59Z", "2026-04-01T00:00:00.000Z",
                           "2026-05-01T00:00:00.000Z"},
                    Window{"December", "UTC", kMonth, "2026-12-31T23:59:59Z", "2026-12-01T00:00:00.000Z",
                           "2027-01-01T00:00:00.000Z"},
                    Window{"Year", "Asia/Shanghai", kYear, "2026-06-01T00:00:00Z", "2025-12-31T16:00:00.000Z",
                           "2026-12-31T16:00:00.000Z"},
                    Window{"LeapYear", "UTC", kYear, "2024-12-31T23:59:59Z", "2024-01-01T00:00:00.000Z",
                           "2025-01-01T00:00:00.000Z"},
                    Window{"DayOf23Hours", "Europe/Berlin", kDay, "2026-03-29T12:00:00Z",
                           "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"},
                    Window{"DayOf25Hours", "Europe/Berlin", kDay, "2026-10-25T12:00:00Z",
                           "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"},
                    Window{"SkippedMidnight", "America/Sao_Paulo", kDay, "2018-11-04T12:00:00Z",
                           "2018-11-04T03:00:00.000Z", "2018-11-05T02:00:00.000Z"},
                    Window{"DayBeforeSkippedMidnight", "America/Sao_Paulo", kDay, "2018-11-04T02:59:59.999Z",
                           "2018-11-03T03:00:00.000Z", "2018-11-04T03:00:00.000Z"},
                    Window{"HourBeforeMidnightTwice", "America/Sao_Paulo", kDay, "2018-02-18T02:30:00Z",
                           "2018-02-17T02:00:00.000Z", "2018-02-18T03:00:00.000Z"},
                    // At 00:01 on 7 November the clock went back to 23:01: the second 23:30 of the 6th comes
                    // after the 7th began.
                    Window{"OldDateAgainBelongsToTheNewDay", "America/St_Johns", kDay, "2010-11-07T03:00:00Z",
                           "2010-11-07T02:30:00.000Z", "2010-11-08T03:30:00.000Z"},
                    Window{"SameHourTheFirstTime", "America/St_Johns", kDay, "2010-11-07T02:00:00Z",
                           "2010-11-06T02:30:00.000Z", "2010-11-07T02:30:00.000Z"},
                    Window{"MidnightTwice", "America/Havana", kDay, "2026-11-01T05:30:00Z",
                           "2026-11-01T04:00:00.000Z", "2026-11-02T05:00:00.000Z"},
                    Window{"DayBeforeTheSkippedDate", "Pacific/Apia", kDay, "2011-12-30T09:59:59Z",
                           "2011-12-29T10:00:00.000Z", "2011-12-30T10:00:00.000Z"},
                    Window{"WeekWithASkippedDate", "Pacific/Apia", kWeek, "2011-12-31T12:00:00Z",
                           "2011-12-26T10:00:00.000Z", "2012-01-01T10:00:00.000Z"},
                    Window{"FirstDayOfAll", "Asia/Shanghai", kYear, "1970-01-01T00:00:00Z",
                           "1969-12-31T16:00:00.000Z", "1970-12-31T16:00:00.000Z"}),
    [](const auto& tested) { return tested.param.name; });

TEST(EveryZoneTest, UnitsFollowOneAnotherWithoutGapOrOverlap) {
  for (const char* const name : kZones) {
    SCOPED_TRACE(name);
    const TimeZone zone = Zone(name);
    std::mt19937_64 random(3);
    std::uniform_int_distribution<int64_t> any(0, 2'500'000'000'000);
    for (int i = 0; i < 2'000; ++i) {
      const Timestamp at = FromMillis(any(random));
      for (const CalendarUnit unit : {kDay, kWeek, kMonth, kYear}) {
        const Timestamp begin = zone.BeginOf(unit, at);
        const Timestamp end = zone.EndOf(unit, at);
        ASSERT_LE(begin, at);
        ASSERT_LT(at, end);
        ASSERT_EQ(zone.BeginOf(unit, begin), begin);
        ASSERT_EQ(zone.EndOf(unit, begin), end);
        ASSERT_EQ(zone.BeginOf(unit, end - 1ms), begin);
        ASSERT_EQ(zone.BeginOf(unit, end), end);
      }
    }
  }
}

TEST(EveryZoneTest, EveryDayOfAllYearsOfTrouble) {
  for (const char* const name : kZones) {
    SCOPED_TRACE(name);
    const TimeZone zone = Zone(name);
    Timestamp begin = zone.BeginOf(kDay, At("1990-01-01T00:00:00Z"));
    Timestamp end = zone.EndOf(kDay, begin);
    for (Timestamp at = begin; at < At("2027-01-01T00:00:00Z"); at += 97min) {
      while (at >= end) {
        begin = end;
        end = zone.EndOf(kDay, begin);
        ASSERT_LE(end - begin, 26h);
      }
      ASSERT_EQ(zone.BeginOf(kDay, at), begin);
      ASSERT_EQ(zone.EndOf(kDay, at), end);
    }
  }
}

TEST(EveryZoneTest, LocalComesBackUnlessItIsDoubled) {
  for (const char* const name : kZones) {
    SCOPED_TRACE(name);
    const TimeZone zone = Zone(name);
    std::mt19937_64 random(4);
    std::uniform_int_distribution<int64_t> any(0, 2'100'000'000 / 60);
    for (int i = 0; i < 5'000; ++i) {
      const Timestamp at = FromMillis(any(random) * 60'000);
      const LocalTime local = zone.ToLocal(at);
      if (local.second != 0) continue;  // An offset with seconds.
      const Timestamp back = zone.FromLocal(local.year, local.month, local.day, local.hour, local.minute);
      ASSERT_LE(back, at);
      if (back != at) {
        const LocalTime earlier = zone.ToLocal(back);
        ASSERT_EQ(earlier.hour, local.hour);
        ASSERT_EQ(earlier.minute, local.minute);
        ASSERT_NE(earlier.offset, local.offset);
      }
    }
  }
}

// The C library reads the same files by its own code.
TEST(TimeZoneOracleTest, AgreesWithTheCLibrary) {
  const char* const before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  std::mt19937_64 random(5);
  std::uniform_int_distribution<time_t> any(0, 2'100'000'000);
  for (const char* name : kZones) {
    if (*name == '+' || *name == '-') continue;
    const TimeZone zone = Zone(name);
    setenv("TZ", name, 1);
    tzset();
    for (int i = 0; i < 1'000; ++i) {
      const time_t at = any(random);
      tm want{};
      localtime_r(&at, &want);
      const LocalTime got = zone.ToLocal(FromMillis(at * 1000));
      ASSERT_EQ(got.year, want.tm_year + 1900) << name << ' ' << at;
      ASSERT_EQ(got.month, want.tm_mon + 1) << name << ' ' << at;
      ASSERT_EQ(got.day, want.tm_mday) << name << ' ' << at;
      ASSERT_EQ(got.hour, want.tm_hour) << name << ' ' << at;
      ASSERT_EQ(got.minute, want.tm_min) << name << ' ' << at;
      ASSERT_EQ(got.second, want.tm_sec) << name << ' ' << at;
      ASSERT_EQ(got.weekday, want.tm_wday) << name << ' ' << at;
    }
  }
  if (before == nullptr) {
    unsetenv("TZ");
  } else {
    setenv("TZ", kept.c_str(), 1);
  }
  tzset();
}

TEST(FromLocalTest, SkippedTimesMoveToTheFirstThatIsThere) {
  EXPECT_EQ(FormatRfc3339(Zone("Europe/Berlin").FromLocal(2026, 3, 29, 2, 30)), "2026-03-29T01:00:00.000Z");
  EXPECT_EQ(FormatRfc3339(Zone("America/Sao_Paulo").FromLocal(2018, 11, 4, 0, 0)),
            "2018-11-04T03:00:00.000Z");
  EXPECT_EQ(FormatRfc3339(Zone("Pacific/Apia").FromLocal(2011, 12, 30, 12, 0)), "2011-12-30T10:00:00.000Z");
}

TEST(FromLocalTest, DoubledTimesAreTheEarlier) {
  EXPECT_EQ(FormatRfc3339(Zone("Europe/Berlin").FromLocal(2026, 10, 25, 2, 30)), "2026-10-25T00:30:00.000Z");
}

TEST(FromLocalTest, ValuesBeyondTheirRangeCarryOver) {
  const TimeZone zone = Zone("Asia/Shanghai");
  EXPECT_EQ(zone.FromLocal(2026, 2, 29, 0, 0), zone.FromLocal(2026, 3, 1, 0, 0));
  EXPECT_EQ(zone.FromLocal(2026, 3, 0, 24, 0), zone.FromLocal(2026, 3, 1, 0, 0));
  EXPECT_EQ(zone.FromLocal(2026, 3, 1, -1, 60), zone.FromLocal(2026, 3, 1, 0, 0));
}

TEST(EveryTimeTest, TheEndsOfTheAcceptedRangeHaveWindows) {
  for (const char* name : kZones) {
    const TimeZone zone = Zone(name);
    for (const Timestamp at : {kTimestampMin, kTimestampMax}) {
      for (const CalendarUnit unit : {kDay, kWeek, kMonth, kYear}) {
        EXPECT_LE(zone.BeginOf(unit, at), at);
        EXPECT_GT(zone.EndOf(unit, at), at);
      }
    }
  }
}

}  // namespace
}  // namespace tocsin
