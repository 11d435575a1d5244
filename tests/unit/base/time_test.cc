#include "base/time.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/past_time.h"

namespace tocsin {
namespace {

using namespace std::chrono_literals;

struct Good {
  const char* name;
  const char* text;
  int64_t millis;
};

class ParseRfc3339Good : public testing::TestWithParam<Good> {};

TEST_P(ParseRfc3339Good, GivesTheInstant) {
  const std::optional<Timestamp> at = ParseRfc3339(GetParam().text);
  ASSERT_TRUE(at.has_value());
  EXPECT_EQ(ToMillis(*at), GetParam().millis);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ParseRfc3339Good,
    testing::Values(
        Good{"Epoch", "1970-01-01T00:00:00Z", 0},
        Good{"Billennium", "2001-09-09T01:46:40Z", 1'000'000'000'000},
        Good{"LowerCase", "2001-09-09t01:46:40z", 1'000'000'000'000},
        Good{"OffsetEast", "2001-09-09T09:46:40+08:00", 1'000'000'000'000},
        Good{"OffsetWest", "2001-09-08T20:16:40-05:30", 1'000'000'000'000},
        Good{"OffsetLargestEast", "2001-09-10T01:45:40+23:59", 1'000'000'000'000},
        Good{"OffsetLargestWest", "2001-09-08T01:47:40-23:59", 1'000'000'000'000},
        Good{"OffsetUnknown", "2001-09-09T01:46:40-00:00", 1'000'000'000'000},
        Good{"OneDigit", "1970-01-01T00:00:00.5Z", 500}, Good{"TwoDigits", "1970-01-01T00:00:00.05Z", 50},
        Good{"ThreeDigits", "1970-01-01T00:00:00.005Z", 5},
        Good{"FractionIsCutNotRounded", "1970-01-01T00:00:00.9999Z", 999},
        Good{"FractionVeryLong", "1970-01-01T00:00:00.0019999999999999999999999999999999999999Z", 1},
        Good{"FractionWithOffset", "1970-01-01T08:00:00.123456+08:00", 123},
        Good{"LeapDay", "2024-02-29T00:00:00Z", 1'709'164'800'000},
        Good{"LeapDayOfFourCenturies", "2000-02-29T00:00:00Z", 951'782'400'000},
        Good{"LeapSecond", "1998-12-31T23:59:60Z", 915'148'799'999},
        Good{"LeapSecondWithFraction", "1990-12-31T15:59:60.123-08:00", 662'687'999'999},
        Good{"LeapSecondEast", "1999-01-01T07:59:60+08:00", 915'148'799'999},
        Good{"LastInstant", "9999-12-31T23:59:59.999Z", 253'402'300'799'999},
        Good{"FirstInstantFromTheYearBefore", "1969-12-31T23:00:00-01:00", 0},
        Good{"LastInstantFromTheDayBefore", "9999-12-31T00:00:59.999-23:59", 253'402'300'799'999}),
    [](const auto& tested) { return tested.param.name; });

TEST(ParseRfc3339Bad, IsRefused) {
  const char* const kTable[] = {
      "", "Z", "2026-03-01", "2026-03-01T04:05:06", "2026-03-01T04:05Z", "2026-03-01 04:05:06Z",
      "2026-3-01T04:05:06Z", "26-03-01T04:05:06+00:00", "2026-00-01T04:05:06Z", "2026-13-01T04:05:06Z",
      "2026-03-00T04:05:06Z", "2026-03-32T04:05:06Z", "2026-04-31T04:05:06Z", "2026-02-29T00:00:00Z",
      "2100-02-29T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T04:60:00Z", "2026-03-01T04:05:61Z",
      // A leap second anywhere but at the end of a UTC day.
      "1998-12-31T23:58:60Z", "1998-12-31T22:59:60Z", "1998-12-31T23:59:60+08:00",
      // Fractions.
      "2026-03-01T04:05:06.Z", "2026-03-01T04:05:06.", "2026-03-01T04:05:06.1", "2026-03-01T04:05:06,1Z",
      "2026-03-01T04:05:06.1aZ", "2026-03-01T04:05:06.-1Z",
      // Offsets.
      "2026-03-01T04:05:06+08", "2026-03-01T04:05:06+0800", "2026-03-01T04:05:06+8:00",
      "2026-03-01T04:05:06+24:00", "2026-03-01T04:05:06+08:60", "2026-03-01T04:05:06+08:00Z",
      "2026-03-01T04:05:06Z ", " 2026-03-01T04:05:06Z", "2026-03-01T04:05:06ZZ", "2026-03-01T04:05:06 Z",
      "2026-03-01T04:05:06+-8:00", "2026-03-01T04:05:06x",
      // Outside the accepted range.
      "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
      "10000-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "+2026-03-01T04:05:06Z",
      // Characters next to the digits, and bytes above 127.
      "2026-03-01T04:05:0:Z", "2026-03-01T04:05:/6Z", "202\xb6-03-01T04:05:06Z", "-026-03-01T04:05:06Z"};
  for (const char* const tested : kTable) {
    SCOPED_TRACE(tested);
    EXPECT_EQ(ParseRfc3339(tested), std::nullopt);
  }
}

TEST(ParsePastTimeTest, IsFrom1800OnAndCountsFrom1970) {
  EXPECT_EQ(ParsePastTime("2026-03-01T12:05:06+08:00"), ParseRfc3339("2026-03-01T04:05:06Z"));
  for (const char* const text : {"1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z",
                                 "1970-01-01T00:00:00+08:00", "1965-06-01T00:00:00Z", "1800-01-01T00:00:00Z"})
    EXPECT_EQ(ParsePastTime(text), kTimestampMin) << text;
  for (const char* const text : {"1799-12-31T23:59:59.999Z", "1800-01-01T00:00:00+00:01",
                                 "0001-01-01T00:00:00Z", "1965-02-29T00:00:00Z", "1965-06-01"})
    EXPECT_EQ(ParsePastTime(text), std::nullopt) << text;
}

TEST(ParseRfc3339Test, NulInside) {
  EXPECT_EQ(ParseRfc3339(std::string_view("2026-03-01T04:05:06\0Z", 21)), std::nullopt);
}

TEST(ParseRfc3339Test, EveryPrefixIsRefusedWithoutReadingPastIt) {
  const std::string whole = "2026-03-01T04:05:06.789+08:00";
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::string prefix(whole, 0, size);  // Its own allocation: a read past the end is seen by ASan.
    EXPECT_EQ(ParseRfc3339(std::string_view(prefix.data(), size)), std::nullopt) << prefix;
  }
}

TEST(ParseRfc3339Test, ChangedBytesNeverCrashAndNeverLeaveTheRange) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = "2026-03-01T04:05:06.789+08:00";
    for (int changes = 0; changes < 3; ++changes)
      text[random() % text.size()] = "0123456789-+:.TZtz \xff"[random() % 20];
    if (const auto at = ParseRfc3339(text)) {
      EXPECT_GE(*at, kTimestampMin);
      EXPECT_LE(*at, kTimestampMax);
    }
  }
}

TEST(ParseRfc3339Test, EveryDayOfFourCenturies) {
  for (int64_t day = 0; day < 146'400; ++day) {
    const Timestamp at = FromMillis(day * 86'400'000 + 12'345'678);
    ASSERT_EQ(ParseRfc3339(FormatRfc3339(at)), at);
  }
}

TEST(FormatRfc3339Test, RandomInstantsComeBack) {
  std::mt19937_64 random(2);
  std::uniform_int_distribution<int64_t> any(0, ToMillis(kTimestampMax));
  for (int i = 0; i < 20'000; ++i) {
    const Timestamp at = FromMillis(any(random));
    ASSERT_EQ(ParseRfc3339(FormatRfc3339(at)), at);
  }
}

TEST(FormatRfc3339Test, AlwaysThreeDigitsAndUtc) {
  EXPECT_EQ(FormatRfc3339(FromMillis(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatRfc3339(FromMillis(1)), "1970-01-01T00:00:00.001Z");
  EXPECT_EQ(FormatRfc3339(*ParseRfc3339("2026-03-01T12:05:06.78+08:00")), "2026-03-01T04:05:06.780Z");
  EXPECT_EQ(FormatRfc3339(kTimestampMax), "9999-12-31T23:59:59.999Z");
}

TEST(FormatRfc3339Test, BeforeTheEpoch) {
  EXPECT_EQ(FormatRfc3339(FromMillis(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(FormatRfc3339(FromMillis(-86'400'000)), "1969-12-31T00:00:00.000Z");
}

TEST(FormatRfc3339Test, BeyondFourDigitsOfYearStaysWellFormed) {
  EXPECT_EQ(FormatRfc3339(FromMillis(ToMillis(kTimestampMax) + 1)), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(FormatRfc3339(Timestamp::max()), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(FormatRfc3339(Timestamp::min()), "0000-01-01T00:00:00.000Z");
}

TEST(FormatRfc3339Test, AppendKeepsWhatIsThere) {
  std::string out = "at ";
  AppendRfc3339(out, FromMillis(0));
  EXPECT_EQ(out, "at 1970-01-01T00:00:00.000Z");
}

TEST(AbsDifferenceTest, IsTheSameEitherWay) {
  EXPECT_EQ(AbsDifference(FromMillis(5), FromMillis(2)), 3ms);
  EXPECT_EQ(AbsDifference(FromMillis(2), FromMillis(5)), 3ms);
}

TEST(DecayTest, HalvesEachHalfLife) {
  EXPECT_DOUBLE_EQ(Decay(0ms, 1h), 1.0);
  EXPECT_DOUBLE_EQ(Decay(1h, 1h), 0.5);
  EXPECT_DOUBLE_EQ(Decay(3h, 1h), 0.125);
  EXPECT_DOUBLE_EQ(Decay(30min, 1h), std::sqrt(0.5));
}

TEST(DecayTest, ALateEventIsNotWorthMoreThanOne) { EXPECT_DOUBLE_EQ(Decay(-1h, 1h), 1.0); }

TEST(DecayTest, VeryOldIsNothing) { EXPECT_EQ(Decay(kTimestampMax - kTimestampMin, 1ms), 0.0); }

TEST(DecayDeathTest, NeedsAHalfLife) { EXPECT_DEATH(static_cast<void>(Decay(1h, 0ms)), "CHECK failed"); }

}  // namespace
}  // namespace tocsin
