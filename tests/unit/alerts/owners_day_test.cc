#include "alerts/owners_day.h"

#include <gtest/gtest.h>

namespace tocsin::alerts {
namespace {

using schemas::Severity;

CalmConfig Hours(std::string quiet, std::string digest = "08:00") {
  CalmConfig config;
  config.quiet_hours = std::move(quiet);
  config.digest_at = std::move(digest);
  return config;
}

OwnersDay Day(const char* zone, std::string quiet, std::string digest = "08:00") {
  return {*ReadCalmHours(Hours(std::move(quiet), std::move(digest))), *TimeZone::Find(zone)};
}

Timestamp At(std::string_view text) { return *ParseRfc3339(text); }

struct Waits {
  const char* name;
  const char* zone;
  const char* quiet;
  const char* at;
  const char* told;
  Severity severity = Severity::kMedium;
};
class ToldAtTest : public testing::TestWithParam<Waits> {};

TEST_P(ToldAtTest, WhenQuietHoursEnd) {
  const Waits& tested = GetParam();
  EXPECT_EQ(Day(tested.zone, tested.quiet).ToldAt(At(tested.at), tested.severity), At(tested.told))
      << FormatRfc3339(Day(tested.zone, tested.quiet).ToldAt(At(tested.at), tested.severity));
}

constexpr const char* kShanghai = "Asia/Shanghai";
constexpr const char* kBerlin = "Europe/Berlin";
constexpr const char* kNight = "22:00-08:00";

INSTANTIATE_TEST_SUITE_P(
    Nights, ToldAtTest,
    testing::Values(
        Waits{"NoQuietHours", kShanghai, "", "2026-03-01T16:00:00Z", "2026-03-01T16:00:00Z"},
        Waits{"BeforeMidnight", kShanghai, kNight, "2026-03-01T15:00:00Z", "2026-03-02T00:00:00Z"},
        Waits{"AfterMidnight", kShanghai, kNight, "2026-03-01T20:00:00Z", "2026-03-02T00:00:00Z"},
        Waits{"TheFirstMinute", kShanghai, kNight, "2026-03-01T14:00:00Z", "2026-03-02T00:00:00Z"},
        Waits{"AMinuteBefore", kShanghai, kNight, "2026-03-01T13:59:59Z", "2026-03-01T13:59:59Z"},
        Waits{"TheEndIsNotQuiet", kShanghai, kNight, "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z"},
        Waits{"HighNeverWaits", kShanghai, kNight, "2026-03-01T20:00:00Z", "2026-03-01T20:00:00Z",
              Severity::kHigh},
        Waits{"ByTheOwnersClock", kBerlin, kNight, "2026-03-01T15:00:00Z", "2026-03-01T15:00:00Z"},
        Waits{"WithinOneDay", kBerlin, "12:30-14:00", "2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z"},
        Waits{"TheLastDayOfTheYear", kBerlin, kNight, "2026-12-31T22:30:00Z", "2027-01-01T07:00:00Z"},
        Waits{"TheClockIsSetForward", kBerlin, kNight, "2026-03-28T23:00:00Z", "2026-03-29T06:00:00Z"},
        Waits{"TheClockIsSetBack", kBerlin, kNight, "2026-10-24T23:00:00Z", "2026-10-25T07:00:00Z"},
        Waits{"AnEndThatIsSkipped", kBerlin, "22:00-02:30", "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z"}),
    [](const auto& tested) { return tested.param.name; });

TEST(OwnersDayTest, TheDigestIsDueOnceADay) {
  const OwnersDay day = Day(kShanghai, "", "08:00");
  EXPECT_EQ(day.DigestAfter(At("2026-03-01T12:00:00Z")), At("2026-03-02T00:00:00Z"));
  EXPECT_EQ(day.DigestAfter(At("2026-03-01T23:59:59Z")), At("2026-03-02T00:00:00Z"));
  EXPECT_EQ(day.DigestAfter(At("2026-03-02T00:00:00Z")), At("2026-03-03T00:00:00Z")) << "after, not at";
}

TEST(OwnersDayTest, AlwaysInTheFutureAndWithinADayAndTwoHours) {
  for (const char* zone :
       {"UTC", kShanghai, kBerlin, "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"}) {
    const OwnersDay day = Day(zone, "23:30-07:15", "07:15");
    for (Timestamp at = At("2026-01-01T00:00:00Z"); at < At("2027-01-01T00:00:00Z");
         at += std::chrono::minutes(487)) {
      const Timestamp due = day.DigestAfter(at);
      EXPECT_GT(due, at) << zone << " " << FormatRfc3339(at);
      EXPECT_LE(due, at + std::chrono::hours(26)) << zone << " " << FormatRfc3339(at);
      const Timestamp told = day.ToldAt(at, Severity::kLow);
      EXPECT_GE(told, at);
      EXPECT_EQ(day.ToldAt(told, Severity::kLow), told) << "it is not quiet then: " << FormatRfc3339(told);
    }
  }
}

TEST(CalmHoursTest, SaysWhatIsWrong) {
  const auto wrong = [](const CalmConfig& config) {
    const Result<CalmHours> read = ReadCalmHours(config);
    return read ? std::string() : read.error().field;
  };
  EXPECT_EQ(wrong(Hours("22:00-08:00", "08:00")), "");
  EXPECT_EQ(wrong(Hours("")), "");
  for (const char* quiet :
       {"22:00", "22-8", "22:00-22:00", "24:00-08:00", "22:60-08:00", "22:00-08:00 ", "-", "x"})
    EXPECT_EQ(wrong(Hours(quiet)), "quiet_hours") << quiet;
  for (const char* digest : {"", "8:00", "08:0", "24:00", "ab:cd", "22:00-08:00"})
    EXPECT_EQ(wrong(Hours("", digest)), "digest_at") << digest;
  EXPECT_EQ(wrong(Hours("22:00-08:00", "07:59")), "digest_at") << "in the quiet hours";
  EXPECT_EQ(wrong(Hours("22:00-08:00", "22:00")), "digest_at");
}

}  // namespace
}  // namespace tocsin::alerts
